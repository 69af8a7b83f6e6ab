/*  test_stream_silence.c - how long a stream may be silent: what breaks the silence does so on both sides, whoever waits

    Time passes in calls to a name that does not appear: each of them is answered when it has waited.
*/
#include <criterion/criterion.h>
#include <stdatomic.h>

#include "broker.h"
#include "party.h"

#define SILENCE_MS 3000
#define LAPSE_MS   2000  //  twice that is longer, also with what a caller waits beyond a deadline

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void lapse (hearth_t *hearth)
{
    hearth_proxy_t *nobody = hearth_proxy (hearth, "test.nobody");
    hearth_proxy_set_wait (nobody, LAPSE_MS);
    hearth_result_t *result = hearth_call (nobody, "appear");
    party_expect (result, "hearth.NoSuchService", HEARTH_NOT_EXECUTED);
    hearth_proxy_destroy (&nobody);
}

/* ------------------------------------------------------------------------
    The service
*/

//  Asks for items at once, sends one, and is silent until there will be none.
static void yield_one (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_null (hearth_take (call, 0));
    cr_assert_eq (hearth_yield (call, 1), 0);
    cr_assert_null (hearth_take (call, -1));
    hearth_reply (call, hearth_cancelled (call));
}

//  Asks for items late.
static void ask_late (hearth_call_t *call, void *self)
{
    (void) self;
    lapse (hearth_connection (call));
    cr_assert_null (hearth_take (call, 0));
    lapse (hearth_connection (call));
    hearth_reply (call, hearth_cancelled (call));
}

//  Sends two, and then nothing for a while.
static void yield_two (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_eq (hearth_yield (call, 1), 0);
    cr_assert_eq (hearth_yield (call, 2), 0);
    lapse (hearth_connection (call));
    hearth_reply (call, hearth_cancelled (call));
}

//  Answers a while after there are no items any more.
static void end_late (hearth_call_t *call, void *self)
{
    (void) self;
    while (hearth_take (call, -1))
        continue;
    lapse (hearth_connection (call));
    hearth_reply (call, hearth_cancelled (call));
}

static void lapse_twice (hearth_call_t *call, void *self)
{
    (void) self;
    lapse (hearth_connection (call));
    lapse (hearth_connection (call));
    hearth_reply_nil (call);
}

static void is_cancelled (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_cancelled (call));
}

static const hearth_method_t late_methods [] = {
    { "yield_two", "", "bool", yield_two, .flags = HEARTH_STREAMING },
    { .name = NULL },
};

static void appear_late (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_eq (hearth_serve (hearth_connection (call), "test.late", late_methods, NULL), 0);
    hearth_reply_nil (call);
}

static const hearth_method_t methods [] = {
    { "yield_one", "", "bool", yield_one, .flags = HEARTH_STREAMING },
    { "ask_late", "", "bool", ask_late, .flags = HEARTH_STREAMING },
    { "end_late", "", "bool", end_late, .flags = HEARTH_STREAMING },
    { "is_cancelled", "", "bool", is_cancelled, .flags = HEARTH_STREAMING },
    { "lapse_twice", "", "nil", lapse_twice, .flags = 0 },
    { "appear_late", "", "nil", appear_late, .flags = 0 },
    { .name = NULL },
};

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.silence", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.silence");
    hearth_proxy_set_timeout (proxy, SILENCE_MS);
    hearth_proxy_set_window (proxy, 1, 0);
}

static void end (void)
{
    hearth_destroy (&client);
    party_destroy (&service);
    fixture_broker_destroy (&broker);
}

TestSuite (stream_silence, .init = begin, .fini = end);

//  With a result, which tells whether its handler believed that it was cancelled.
static void expect_end (hearth_pending_t *stream)
{
    hearth_result_t *result = hearth_wait (&stream, -1);
    cr_assert_not (hearth_result_bool (party_good (result)),
                   "the handler saw that it was cancelled, which it was not");
    hearth_result_destroy (&result);
}

/* ------------------------------------------------------------------------
    What breaks it
*/

Test (stream_silence, a_caller_that_asks_for_more_breaks_it)
{
    hearth_pending_t *stream = hearth_open (proxy, "yield_one");
    lapse (client);
    cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), 1);
    lapse (client);
    cr_assert_eq (hearth_put_end (stream), 0);
    expect_end (stream);
}

//  Its connection is not used meanwhile, and has not looked at the clock.
Test (stream_silence, a_caller_that_says_late_that_no_item_comes_breaks_it)
{
    hearth_t *other = hearth_connect (fixture_broker_address (broker));
    hearth_pending_t *stream = hearth_open (proxy, "end_late");
    cr_assert_eq (hearth_put (stream, 1), 0);
    lapse (other);
    cr_assert_eq (hearth_put_end (stream), 0);
    expect_end (stream);
    hearth_destroy (&other);
}

Test (stream_silence, a_handler_that_asks_for_items_breaks_it)
{
    hearth_pending_t *stream = hearth_open (proxy, "ask_late");
    cr_assert_null (hearth_next (stream, -1));
    expect_end (stream);
}

//  The object's handler runs meanwhile, for longer than the stream's first silence may last.
Test (stream_silence, what_comes_for_a_request_that_waits_breaks_it)
{
    hearth_proxy_t *other = hearth_proxy (client, "test.silence");
    hearth_pending_t *busy = hearth_start (other, "lapse_twice");
    hearth_pending_t *stream = hearth_open (proxy, "is_cancelled");
    lapse (client);
    cr_assert_eq (hearth_put_end (stream), 0);
    expect_end (stream);
    hearth_result_t *result = hearth_wait (&busy, -1);
    hearth_result_destroy (&result);
}

//  Its request has a third left when it is dispatched; the silence is as long as ever.
Test (stream_silence, a_stream_that_waited_may_be_silent_for_as_long_as_any)
{
    hearth_proxy_t *late = hearth_proxy (client, "test.late");
    hearth_proxy_set_timeout (late, SILENCE_MS);
    hearth_proxy_set_wait (late, SILENCE_MS);
    hearth_proxy_set_window (late, 1, 0);
    hearth_pending_t *stream = hearth_open (late, "yield_two");
    lapse (client);
    hearth_result_t *result = party_good (hearth_call (proxy, "appear_late"));
    hearth_result_destroy (&result);
    cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), 1);
    cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), 2);
    expect_end (stream);
}
