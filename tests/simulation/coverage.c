/*  coverage.c - counters, the table, and what cannot happen here */
#include "coverage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "plan.h"
#include "state.h"

enum { MARKS = HEARTH_EXECUTED + 1, REASONS = WIRE_CANCEL_GONE + 1 };

#define METHODS_TABLE(X)                                                                                             \
    X (register) X (unregister) X (list) X (lookup) X (describe) X (ping) X (stats) X (topics) X (history)

static const char *const methods [] = {
#define X(name) #name,
    METHODS_TABLE (X)
#undef X
};
enum { METHODS = sizeof methods / sizeof methods [0] };

typedef struct {
    uint64_t counts [COVER_COUNT];
    uint64_t faults [FAULT_COUNT];
    uint64_t kinds_in [WIRE_KINDS][2][2];
    uint64_t kinds_out [WIRE_KINDS];
    uint64_t statuses [STATUS_COUNT];
    uint64_t told [STATUS_COUNT];
    uint64_t reasons [REASONS];
    uint64_t marks [MARKS];
    uint64_t limits [LIMIT_COUNT];
    uint64_t drops [DROP_COUNT];
    uint64_t methods [METHODS];
} cover_table_t;

static cover_table_t *cover;
uint64_t *cover_counts;

static const char *const kind_names [WIRE_KINDS] = { "garbage", "hello",   "welcome", "goodbye", "request", "reply",
                                                     "cancel",  "publish", "probe",   "item",    "credit" };
static const char *const reason_names [REASONS] = { "cancel: the caller's", "cancel: the deadline's",
                                                    "cancel: the caller is gone" };

static const char *const texts [COVER_COUNT] = {
#define X(id, text) text,
    COVER_TABLE (X)
#undef X
};

static const char *const drop_names [DROP_COUNT] = {
#define X(id, name) name,
    DROPS_TABLE (X)
#undef X
};

void cover_begin (void)
{
    cover = mmap (NULL, sizeof *cover, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (cover == MAP_FAILED)
        abort ();
    cover_counts = cover->counts;
}

void cover_fault (unsigned fault)
{
    cover->faults [fault]++;
}

void cover_kind_in (unsigned kind, bool is_malformed, bool is_greeted)
{
    cover->kinds_in [kind < WIRE_KINDS ? kind : 0][is_malformed][is_greeted]++;
}

void cover_kind_out (unsigned kind)
{
    cover->kinds_out [kind]++;
}

void cover_status (int status)
{
    cover->statuses [status]++;
}

void cover_told (const char *name, size_t size)
{
    int status = status_find (name, size);
    if (status >= 0)
        cover->told [status]++;
}

void cover_reason (unsigned reason)
{
    cover->reasons [reason < REASONS ? reason : 0]++;
}

void cover_method (const char *name, size_t size)
{
    for (unsigned at = 0; at < METHODS; at++)
        cover->methods [at] += strlen (methods [at]) == size && memcmp (methods [at], name, size) == 0;
}

void cover_outcome (unsigned code, unsigned mark)
{
    (void) code;
    cover->marks [mark < MARKS ? mark : 0]++;
}

void cover_core (const core_t *core)
{
    for (unsigned at = 0; at < LIMIT_COUNT; at++)
        cover->limits [at] += core->counters.limits [at];
    for (unsigned at = 0; at < DROP_COUNT; at++)
        cover->drops [at] += core->counters.drops [at];
}

//  ---- the table ----

typedef void row_fn (const char *part, const char *what, uint64_t count, bool may_be_zero);

//  What a broker never sends, and what only a transport or a library can reach.
static bool s_is_sent (unsigned kind)
{
    static const bool sent [WIRE_KINDS] = {
        [WIRE_WELCOME] = true, [WIRE_GOODBYE] = true, [WIRE_REQUEST] = true, [WIRE_REPLY] = true,
        [WIRE_CANCEL] = true,  [WIRE_PUBLISH] = true, [WIRE_ITEM] = true,    [WIRE_CREDIT] = true
    };
    return sent [kind];
}

//  Some are kept without refusing anything: what nests too deep are bad arguments, calls beyond what a session takes wait,
//  histories forget. The others are a transport's or a library's.
static bool s_is_reached (unsigned limit)
{
    static const bool silent [LIMIT_COUNT] = { [LIMIT_NESTING] = true,
                                               [LIMIT_DISPATCHED] = true,
                                               [LIMIT_DISPATCHED_BYTES] = true,
                                               [LIMIT_HISTORY] = true,
                                               [LIMIT_HISTORY_BYTES] = true };
    return limit_rows [limit].kind == LIMIT_KIND_PROTOCOL && !silent [limit];
}

//  What a broker answers itself; the others are a service's or a library's word.
static bool s_is_brokers (unsigned status)
{
    static const bool others [STATUS_COUNT] = { [STATUS_WOULD_DEADLOCK] = true,
                                                [STATUS_BROKER_GONE] = true,
                                                [STATUS_NO_REPLY] = true,
                                                [STATUS_BAD_RESULT] = true };
    return !others [status];
}

//  What only goes into a goodbye never ends a call, and the library sends nothing malformed.
static bool s_is_told (unsigned status)
{
    static const bool never [STATUS_COUNT] = { [STATUS_HELLO_FIRST] = true,
                                               [STATUS_BAD_VERSION] = true,
                                               [STATUS_STALE_SESSION] = true,
                                               [STATUS_MALFORMED] = true };
    return !never [status];
}

static void s_kinds (row_fn *row)
{
    static const char *const ways [2][2] = { { "before the hello", "in a session" },
                                             { "malformed, before the hello", "malformed, in a session" } };
    for (unsigned kind = 0; kind < WIRE_KINDS; kind++)
        for (unsigned way = 0; way < 4; way++) {
            //  Garbage is always malformed, a probe never is, whatever it carries.
            bool never = way < 2 ? kind == 0 : kind == WIRE_PROBE;
            char text [64];
            snprintf (text, sizeof text, "%s, %s", kind_names [kind], ways [way / 2][way % 2]);
            row ("to the broker", text, cover->kinds_in [kind][way / 2][way % 2], never);
        }
    for (unsigned kind = 1; kind < WIRE_KINDS; kind++)
        row ("from the broker", kind_names [kind], cover->kinds_out [kind], !s_is_sent (kind));
}

static void s_rows (row_fn *row)
{
    s_kinds (row);
    for (unsigned at = 0; at < STATUS_COUNT; at++)
        row ("the broker's answer", status_row (at)->name, cover->statuses [at], !s_is_brokers (at));
    for (unsigned at = 0; at < STATUS_COUNT; at++)
        row ("told by the library", status_row (at)->name, cover->told [at], !s_is_told (at));
    for (unsigned at = 0; at < MARKS; at++)
        row ("mark", at ? hearth_mark_name (at) : "none: a result", cover->marks [at], false);
    for (unsigned at = 0; at < REASONS; at++)
        row ("from the broker", reason_names [at], cover->reasons [at], false);
    for (unsigned at = 0; at < LIMIT_COUNT; at++)
        row ("limit", limit_rows [at].option, cover->limits [at], !s_is_reached (at));
    for (unsigned at = 0; at < DROP_COUNT; at++)
        row ("dropped", drop_names [at], cover->drops [at], false);
    for (unsigned at = 0; at < METHODS; at++)
        row ("directory", methods [at], cover->methods [at], false);
    for (unsigned at = 0; at < FAULT_COUNT; at++)
        row ("fault", fault_names [at], cover->faults [at], false);
    for (unsigned at = 0; at < COVER_COUNT; at++)
        row ("seen", texts [at], cover_counts [at], at == COVER_FORGOTTEN);  //  one in 10,000 runs
}

static void s_print (const char *part, const char *what, uint64_t count, bool may_be_zero)
{
    printf ("%12" PRIu64 "  %s: %s%s\n", count, part, what, may_be_zero && !count ? " (cannot be)" : "");
}

void cover_print (void)
{
    s_rows (s_print);
}

static unsigned missing;

static void s_count_missing (const char *part, const char *what, uint64_t count, bool may_be_zero)
{
    if (count || may_be_zero)
        return;
    printf ("never hit: %s: %s\n", part, what);
    missing++;
}

unsigned cover_missing (void)
{
    missing = 0;
    s_rows (s_count_missing);
    return missing;
}
