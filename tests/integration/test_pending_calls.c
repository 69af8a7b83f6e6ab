/*  test_pending_calls.c - calls in flight whose ends a program is told of, or of which it waits for any
*/
#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 20000
#define MANY        2000

static const char *const options [] = { "--settle", "0", NULL };

static hearth_call_t *kept [2];

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

//  Answered by the test.
static void keep (hearth_call_t *call, void *self)
{
    (void) self;
    kept [hearth_arg_int (call, 0)] = hearth_keep (call);
}

static const hearth_method_t methods [] = {
    { "echo", "value: any", NULL, echo, .doc = NULL },
    { "keep", "index: int", NULL, keep, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void begin (void)
{
    broker = fixture_broker_new (options);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (client, "test.service", methods, NULL), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.service");
}

static void end (void)
{
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

TestSuite (pending_calls, .init = begin, .fini = end);

static void answer (int index)
{
    hearth_reply (kept [index], index);
    hearth_call_destroy (&kept [index]);
}

typedef struct {
    unsigned count;
    int64_t sum;
    char name [64];
    hearth_mark_t mark;
} ends_t;

static void note_end (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    ends_t *ends = context;
    ends->count++;
    ends->sum += hearth_result_int (result);
    if (hearth_failed (result)) {
        strcpy (ends->name, hearth_error (result)->name);
        ends->mark = hearth_error (result)->mark;
    }
    hearth_result_destroy (&result);
}

//  Sleeps until there is something to do, and does it.
static void step (void)
{
    struct pollfd item = { .fd = hearth_fd (client), .events = POLLIN };
    cr_assert_geq (poll (&item, 1, (int) hearth_next_timeout_ms (client)), 0);
    cr_assert_eq (hearth_process (client), 0);
}

Test (pending_calls, each_end_is_told_of_once)
{
    ends_t ends = { 0 };
    for (int index = 0; index < MANY; index++)
        cr_assert_eq (hearth_when_done (hearth_start (proxy, "echo", index), note_end, &ends), 0);
    cr_assert_eq (ends.count, 0);
    while (ends.count < MANY)
        step ();
    cr_assert_eq (ends.sum, (int64_t) MANY * (MANY - 1) / 2);
}

Test (pending_calls, an_end_that_has_come_already_is_told_of_in_the_next_turn)
{
    ends_t ends = { 0 };
    hearth_pending_t *call = hearth_start (proxy, "not a method", 1);
    cr_assert_eq (hearth_when_done (call, note_end, &ends), 0);
    cr_assert_eq (ends.count, 0);
    while (!ends.count)
        step ();
    cr_assert_str_eq (ends.name, "hearth.BadArguments");
}

Test (pending_calls, what_is_given_up_is_not_told_of)
{
    ends_t ends = { 0 };
    hearth_pending_t *call = hearth_start (proxy, "keep", 0);
    cr_assert_eq (hearth_when_done (call, note_end, &ends), 0);
    while (!kept [0])
        step ();
    hearth_pending_destroy (&call);
    cr_assert_null (call);
    answer (0);
    hearth_result_t *result = party_good (hearth_call (proxy, "echo", "after"));
    hearth_result_destroy (&result);
    cr_assert_eq (ends.count, 0);
}

static void begin_another (hearth_t *hearth, hearth_result_t *result, void *context)
{
    note_end (hearth, result, context);
    cr_assert_null (hearth_start (proxy, "echo", 1));
    result = hearth_call (proxy, "echo", 1);
    party_expect (result, "hearth.Cancelled", HEARTH_NOT_EXECUTED);
}

Test (pending_calls, a_connection_that_is_destroyed_ends_them_and_begins_nothing)
{
    ends_t ends = { 0 };
    cr_assert_eq (hearth_when_done (hearth_start (proxy, "keep", 0), begin_another, &ends), 0);
    while (!kept [0])
        step ();
    hearth_destroy (&client);
    cr_assert_eq (ends.count, 1);
    cr_assert_str_eq (ends.name, "hearth.Cancelled");
    cr_assert_eq (ends.mark, HEARTH_MAY_HAVE_EXECUTED);
    hearth_call_destroy (&kept [0]);
}

Test (pending_calls, who_is_told_does_not_wait)
{
    ends_t ends = { 0 };
    hearth_pending_t *call = hearth_start (proxy, "echo", 1);
    cr_assert_eq (hearth_when_done (call, note_end, &ends), 0);
    cr_assert_eq (hearth_when_done (call, note_end, &ends), HEARTH_FAILED_PRECONDITION);
    party_expect (hearth_wait (&call, 0), "hearth.InUse", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_eq (hearth_wait_any (&call, 1, 0), -1);
    while (!ends.count)
        step ();
    cr_assert_neq (hearth_when_done (NULL, note_end, &ends), 0);
}

Test (pending_calls, any_of_several_is_waited_for)
{
    hearth_pending_t *calls [] = { hearth_start (proxy, "keep", 0), NULL, hearth_start (proxy, "keep", 1) };
    cr_assert_eq (hearth_wait_any (calls, 3, 0), -1);
    while (!kept [0] || !kept [1])
        step ();
    answer (1);
    cr_assert_eq (hearth_wait_any (calls, 3, -1), 2);
    hearth_result_t *result = party_good (hearth_wait (&calls [2], 0));
    cr_assert_eq (hearth_result_int (result), 1);
    hearth_result_destroy (&result);
    cr_assert_eq (hearth_wait_any (calls, 3, 1), -1);
    answer (0);
    cr_assert_eq (hearth_wait_any (calls, 3, PATIENCE_MS), 0);
    result = party_good (hearth_wait (&calls [0], 0));
    hearth_result_destroy (&result);
    cr_assert_eq (hearth_wait_any (calls, 3, -1), -1);
}
