/*  limits_doc.c - prints docs/limits.md: the table of limits, as a page for people

    Knows what happens at a limit where that is not what happens at the others of its kind. Runs when the page is made
    or checked, and is part of no other program.
*/
#include "limits.h"

#include <stdio.h>

static const char introduction [] =
    "# Limits\n"
    "\n"
    "Everything that a peer can make grow has a limit, and none of them is silent. This page is printed\n"
    "from the table in `common/core/limits.h`, which also makes the broker's options, the keys of its\n"
    "configuration file and the sentences that name a limit: change it there, and run\n"
    "`hearth_limits_doc > docs/limits.md`.\n"
    "\n"
    "Sizes are in bytes and may end in `k`, `M` or `G` (powers of 1024), times are in milliseconds or end\n"
    "in `ms`, `s`, `m` or `h`: `--max-message 4M --hello-timeout 2s`. A value out of range is refused when\n"
    "the broker starts. `stats` of the service `hearth` tells how often each limit was hit.\n";

static const char on_protocol [] =
    "Whoever goes beyond one is told so: with `hearth.Limit`, whose message names the limit, its present\n"
    "use and its option. Nothing was executed, unless it was a stream or a result, and the session goes\n"
    "on. Where no error is needed, calls wait or old notifications go.\n";

static const char on_transport [] =
    "Here no answer is possible. The connection is closed, the broker counts it, and writes a line to its\n"
    "log.\n";

static const char on_library [] =
    "What libhearth does by itself. These are fixed: they stand here so that there is one place to look.\n";

typedef struct {
    const char *title;
    const char *introduction;
    const char *at_limit;  //  what happens, unless the row says otherwise; NULL: the rows are no options
} section_t;

static const section_t sections [] = {
    [LIMIT_KIND_PROTOCOL] = { "Protocol limits", on_protocol, "`hearth.Limit`" },
    [LIMIT_KIND_TRANSPORT] = { "Transport limits", on_transport, "the connection is closed" },
    [LIMIT_KIND_LIBRARY] = { "The library's times", on_library, NULL },
};

static const char *const at_limit [LIMIT_COUNT] = {
    [LIMIT_MESSAGE] = "`hearth.Limit`, also for a result that is too large (marked as executed); a message that is "
                      "larger by more than 4 KiB ends the connection",
    [LIMIT_NESTING] = "`hearth.Limit` from the directory; a peer's library refuses others' bodies, which the broker "
                      "forwards unread",
    [LIMIT_CAPACITY] =
        "a registration that asks for more gets `hearth.Limit`; calls beyond what was registered wait in the queue",
    [LIMIT_DISPATCHED] = "calls wait in the name's queue",
    [LIMIT_DISPATCHED_BYTES] = "calls wait in the name's queue",
    [LIMIT_HISTORY] = "the oldest are forgotten; the last value of a retained event stays",
    [LIMIT_HISTORY_BYTES] = "the oldest are forgotten; the last value of a retained event stays",
    [LIMIT_MEMORY] =
        "the oldest notifications are forgotten, then `hearth.Limit`; 0 is half of the machine's memory, or of the "
        "cgroup's",
    [LIMIT_SPARE_FDS] = "a connection that would take one of them is closed",
    [LIMIT_SUBSCRIPTIONS] = "the observer's connection is closed",
};

static void print_range (const limit_row_t *row)
{
    char least [LIMITS_TEXT_SIZE], most [LIMITS_TEXT_SIZE];
    limits_format (least, row->unit, row->least);
    limits_format (most, row->unit, row->most);
    printf (" %s to %s |", least, most);
}

static void print_row (limit_id_t id, const section_t *section)
{
    const limit_row_t *row = &limit_rows [id];
    char value [LIMITS_TEXT_SIZE];
    limits_format (value, row->unit, row->value);
    if (!section->at_limit) {
        printf ("| %s | %s |\n", row->text, value);
        return;
    }
    printf ("| `--%s` | %s | %s |", row->option, row->text, value);
    print_range (row);
    printf (" %s |\n", at_limit [id] ? at_limit [id] : section->at_limit);
}

static void print_section (limit_kind_t kind)
{
    const section_t *section = &sections [kind];
    printf ("\n## %s\n\n%s\n", section->title, section->introduction);
    printf ("%s", section->at_limit ? "| option | bounds | default | range | beyond it |\n|---|---|---|---|---|\n"
                                    : "| time | value |\n|---|---|\n");
    for (int id = 0; id < LIMIT_COUNT; id++)
        if (limit_rows [id].kind == kind)
            print_row ((limit_id_t) id, section);
}

int main (void)
{
    printf ("%s", introduction);
    for (size_t kind = 0; kind < sizeof sections / sizeof sections [0]; kind++)
        print_section ((limit_kind_t) kind);
    return fflush (stdout) == 0 ? 0 : 1;
}
