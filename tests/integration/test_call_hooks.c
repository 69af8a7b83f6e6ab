/*  test_call_hooks.c - hooks hear of each call that a program begins, and of its end, whatever that is
*/
#include <criterion/criterion.h>
#include <string.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 20000
#define CALLS_MOST  64

static const char *const options [] = { "--settle", "0", NULL };

//  What was told of a call, by its number.
typedef struct {
    int started;
    int ended;
    char method [32];
    char error [64];
    hearth_mark_t mark;
} told_t;

static told_t told [CALLS_MOST];
static uint64_t last;  //  that was begun

static void on_started (hearth_t *self, const hearth_call_info_t *call, void *context)
{
    (void) self;
    (void) context;
    cr_assert_lt (call->number, CALLS_MOST);
    last = call->number;
    told [last].started++;
    cr_assert_eq (call->attempt, 1);
    cr_assert_gt (call->started_ms, 0);
    cr_assert_null (call->error);
    cr_assert_str_eq (call->service, "test.service");
    strcpy (told [last].method, call->method);
}

static void on_ended (hearth_t *self, const hearth_call_info_t *call, void *context)
{
    (void) self;
    (void) context;
    told_t *row = &told [call->number];
    cr_assert_str_eq (call->method, row->method);
    cr_assert_str_eq (call->service, "test.service");
    row->ended++;
    strcpy (row->error, call->error ? call->error->name : "");
    row->mark = call->error ? call->error->mark : HEARTH_NO_MARK;
}

static const hearth_hooks_t hooks = { .call_started = on_started, .call_ended = on_ended };

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    *(hearth_call_t **) self = hearth_keep (call);
}

static const hearth_method_t methods [] = {
    { "echo", "value: any", NULL, echo, .doc = NULL },
    { "hold", "", NULL, hold, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static hearth_t *client;
static hearth_proxy_t *proxy;
static hearth_call_t *held;

static void begin (void)
{
    broker = fixture_broker_new (options);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (client, "test.service", methods, &held), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.service");
    hearth_set_hooks (client, &hooks, NULL);
}

static void end (void)
{
    hearth_destroy (&client);
    hearth_call_destroy (&held);
    fixture_broker_destroy (&broker);
}

TestSuite (call_hooks, .init = begin, .fini = end);

static void expect_ended (uint64_t number, const char *error, hearth_mark_t mark)
{
    cr_assert_eq (told [number].started, 1);
    cr_assert_eq (told [number].ended, 1);
    cr_assert_str_eq (told [number].error, error);
    cr_assert_eq (told [number].mark, mark);
}

Test (call_hooks, a_call_and_its_result_are_told_before_the_program_has_it)
{
    hearth_result_t *result = party_good (hearth_call (proxy, "echo", 5));
    cr_assert_str_eq (told [1].method, "echo");
    expect_ended (1, "", HEARTH_NO_MARK);
    hearth_result_destroy (&result);
}

Test (call_hooks, what_fails_is_told_with_its_error_also_if_it_was_never_sent)
{
    party_expect (hearth_call (proxy, "none"), "hearth.NoSuchMethod", HEARTH_NOT_EXECUTED);
    expect_ended (1, "hearth.NoSuchMethod", HEARTH_NOT_EXECUTED);
    party_expect (hearth_call (proxy, "no name!"), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    expect_ended (2, "hearth.BadArguments", HEARTH_NOT_EXECUTED);
}

Test (call_hooks, calls_that_are_given_up_have_ended)
{
    hearth_pending_t *call = hearth_start (proxy, "hold");
    cr_assert_eq (told [1].ended, 0);
    hearth_pending_destroy (&call);
    expect_ended (1, "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
}

Test (call_hooks, calls_in_flight_end_with_the_connection)
{
    hearth_pending_t *call = hearth_start (proxy, "hold");
    cr_assert_null (hearth_wait (&call, 0));
    hearth_destroy (&client);
    expect_ended (1, "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
    party_expect (hearth_wait (&call, -1), "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
}

static void note (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    *(int *) context = told [1].ended;
    hearth_result_destroy (&result);
}

Test (call_hooks, a_hook_hears_of_an_end_before_whoever_asked_to_be_told)
{
    int seen = -1;
    cr_assert_eq (hearth_when_done (hearth_start (proxy, "echo", 1), note, &seen), 0);
    while (seen < 0)
        cr_assert_eq (hearth_process (client), 0);
    cr_assert_eq (seen, 1);
}

//  A hook that uses the connection, and even gives up the call that it is told of.
static hearth_pending_t *given_up;

static void on_ended_busily (hearth_t *self, const hearth_call_info_t *call, void *context)
{
    (void) context;
    hearth_proxy_t *own = hearth_proxy (self, "test.service");
    hearth_result_t *result = party_good (hearth_call (own, "echo", 7));
    cr_assert_eq (hearth_result_int (result), 7);
    hearth_result_destroy (&result);
    hearth_proxy_destroy (&own);
    hearth_pending_destroy (&given_up);
    told [call->number].ended++;
    cr_assert_str_eq (call->method, "echo");
}

Test (call_hooks, a_hook_may_use_the_connection_and_is_not_told_of_what_it_does)
{
    static const hearth_hooks_t busy = { .call_started = on_started, .call_ended = on_ended_busily };
    hearth_set_hooks (client, &busy, NULL);
    given_up = hearth_start (proxy, "echo", 1);
    hearth_pending_t *other = hearth_start (proxy, "echo", 2);
    hearth_result_t *result = party_good (hearth_wait (&other, -1));
    hearth_result_destroy (&result);
    cr_assert_null (given_up);
    cr_assert_eq (last, 2);
    cr_assert_eq (told [1].ended, 1);
    cr_assert_eq (told [2].ended, 1);
}

static void take_off (hearth_t *self, const hearth_call_info_t *call, void *context)
{
    (void) call;
    (void) context;
    hearth_set_hooks (self, NULL, NULL);
}

Test (call_hooks, hooks_may_be_taken_off_at_any_time)
{
    static const hearth_hooks_t brief = { .call_started = take_off, .call_ended = on_ended };
    hearth_set_hooks (client, &brief, NULL);
    party_expect (hearth_call (proxy, "no name!"), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    hearth_set_hooks (client, &hooks, NULL);
    hearth_pending_t *call = hearth_start (proxy, "echo", 1);
    hearth_set_hooks (client, NULL, NULL);
    hearth_result_t *result = party_good (hearth_wait (&call, -1));
    hearth_result_destroy (&result);
    cr_assert_eq (told [2].ended, 0);
}
