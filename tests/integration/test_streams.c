/*  test_streams.c - streams as programs see them: items down, up and both ways, credit, silence, and early ends
*/
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "party.h"
#include "repetitions.h"

#define MANY 5000

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;
static hearth_proxy_t *proxy;

/* ------------------------------------------------------------------------
    The service. Its object is serial: what is called next runs when the stream's handler has returned.
*/

static int last_code;
static uint64_t yielded;

static void range (hearth_call_t *call, void *self)
{
    (void) self;
    for (int64_t number = 0; number < hearth_arg_int (call, 0); number++)
        if (hearth_yield (call, number) != 0)
            return;
    hearth_reply (call, hearth_arg (call, 0));
}

static void endless (hearth_call_t *call, void *self)
{
    (void) self;
    for (yielded = 0; (last_code = hearth_yield (call, yielded)) == 0; yielded++)
        continue;
}

static void code (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, last_code);
}

//  As many as the caller has asked for.
static void fill (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t count = 0;
    while ((last_code = hearth_yield_arg (call, hearth_int (count), 0)) == 0)
        count++;
    hearth_reply (call, count);
}

static void sum (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t total = 0;
    for (const hearth_value_t *item; (item = hearth_take (call, -1));)
        total += hearth_value_int (item);
    cr_assert (hearth_input_ended (call));
    hearth_reply (call, total);
}

static void echo_all (hearth_call_t *call, void *self)
{
    (void) self;
    for (const hearth_value_t *item; (item = hearth_take (call, -1));)
        if (hearth_yield (call, item) != 0)
            return;
    hearth_reply_nil (call);
}

static void take_one (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_take (call, -1));
    last_code = hearth_yield (call, 1);
    cr_assert_null (hearth_take (call, 0));
}

static void fail_after (hearth_call_t *call, void *self)
{
    (void) self;
    for (int64_t number = 0; number < hearth_arg_int (call, 0); number++)
        cr_assert_eq (hearth_yield (call, number), 0);
    hearth_fail (call, HEARTH_ABORTED, "test.Enough", "no more");
}

static void fall_silent (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_eq (hearth_yield (call, "one"), 0);
    cr_assert_null (hearth_take (call, -1));
    cr_assert (hearth_cancelled (call));
}

static void plain (hearth_call_t *call, void *self)
{
    (void) self;
    last_code = hearth_yield (call, 1);
    hearth_reply (call, "plain");
}

static const hearth_method_t methods [] = {
    { "range", "end: int", "int", range, .flags = HEARTH_STREAMING },
    { "endless", "", NULL, endless, .flags = HEARTH_STREAMING },
    { "code", "", "int", code, .doc = NULL },
    { "fill", "", "int", fill, .flags = HEARTH_STREAMING },
    { "sum", "", "int", sum, .flags = HEARTH_STREAMING },
    { "echo_all", "", "nil", echo_all, .flags = HEARTH_STREAMING },
    { "take_one", "", "any", take_one, .flags = HEARTH_STREAMING },
    { "fail_after", "count: int", "nil", fail_after, .flags = HEARTH_STREAMING },
    { "fall_silent", "", "nil", fall_silent, .flags = HEARTH_STREAMING },
    { "plain", "", "str", plain, .doc = NULL },
    { .name = NULL },
};

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.streams", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.streams");
}

static void end (void)
{
    hearth_destroy (&client);
    party_destroy (&service);
    fixture_broker_destroy (&broker);
}

TestSuite (streams, .init = begin, .fini = end);

static void expect_int (hearth_result_t *result, int64_t value)
{
    cr_assert_eq (hearth_result_int (party_good (result)), value);
    hearth_result_destroy (&result);
}

static void expect_numbers (hearth_pending_t *stream, int64_t from, int64_t to)
{
    for (int64_t number = from; number < to; number++) {
        const hearth_value_t *item = hearth_next (stream, -1);
        cr_assert (item, "item %lld", (long long) number);
        cr_assert_eq (hearth_value_int (item), number);
    }
}

/* ------------------------------------------------------------------------
    Down
*/

Test (streams, items_come_in_order_and_before_the_result)
{
    hearth_pending_t *stream = hearth_open (proxy, "range", MANY);
    expect_numbers (stream, 0, MANY);
    cr_assert_null (hearth_next (stream, -1));
    cr_assert (hearth_is_over (stream));
    cr_assert_eq (hearth_received (stream), MANY);
    expect_int (hearth_wait (&stream, -1), MANY);
}

Test (streams, several_at_once_do_not_meet)
{
    enum { STREAMS = 8 };
    hearth_pending_t *streams [STREAMS];
    for (int index = 0; index < STREAMS; index++)
        streams [index] = hearth_open (proxy, "range", 100 + index);
    for (int index = 0; index < STREAMS; index++) {
        expect_numbers (streams [index], 0, 100 + index);
        expect_int (hearth_wait (&streams [index], -1), 100 + index);
    }
}

static void remember_int (hearth_t *hearth, hearth_result_t *result, void *number)
{
    (void) hearth;
    *(int64_t *) number = hearth_result_int (party_good (result));
    hearth_result_destroy (&result);
}

//  Its result, with no item taken or dropped before that has come.
static int64_t await_untaken (hearth_pending_t *stream)
{
    int64_t number = -1;
    cr_assert_eq (hearth_when_done (stream, remember_int, &number), 0);
    while (number < 0)
        cr_assert_eq (hearth_process (client), 0);
    return number;
}

Test (streams, a_reader_that_takes_nothing_stops_the_writer_at_its_window)
{
    hearth_proxy_set_window (proxy, 10, 0);
    hearth_pending_t *stream = hearth_open (proxy, "fill");
    cr_assert_eq (await_untaken (stream), 10);
    expect_int (hearth_call (proxy, "code"), HEARTH_DEADLINE_EXCEEDED);
}

Test (streams, a_window_of_bytes_stops_the_writer_too)
{
    hearth_proxy_set_window (proxy, 0, 100);
    hearth_pending_t *stream = hearth_open (proxy, "fill");
    cr_assert_eq (await_untaken (stream), 4);  //  29 bytes each, and the last one may go beyond
}

Test (streams, the_smallest_window_is_enough)
{
    hearth_proxy_set_window (proxy, 1, 1);
    hearth_pending_t *stream = hearth_open (proxy, "range", 500);
    expect_numbers (stream, 0, 500);
    expect_int (hearth_wait (&stream, -1), 500);
}

Test (streams, items_that_are_not_taken_are_dropped_when_the_end_is_waited_for)
{
    hearth_pending_t *stream = hearth_open (proxy, "range", MANY);
    expect_numbers (stream, 0, 3);
    expect_int (hearth_wait (&stream, -1), MANY);
}

Test (streams, one_that_is_given_up_cancels_its_handler)
{
    hearth_pending_t *stream = hearth_open (proxy, "endless");
    expect_numbers (stream, 0, 3000);
    hearth_pending_destroy (&stream);
    expect_int (hearth_call (proxy, "code"), HEARTH_CANCELLED);
}

Test (streams, an_error_comes_after_the_items)
{
    hearth_pending_t *stream = hearth_open (proxy, "fail_after", 3);
    expect_numbers (stream, 0, 3);
    cr_assert_null (hearth_next (stream, -1));
    party_expect (hearth_wait (&stream, -1), "test.Enough", HEARTH_EXECUTED);
}

/* ------------------------------------------------------------------------
    Up, and both ways
*/

Test (streams, items_go_up_as_the_handler_takes_them)
{
    hearth_pending_t *stream = hearth_open (proxy, "sum");
    for (int64_t number = 0; number < MANY; number++)
        cr_assert_eq (hearth_put (stream, number), 0);
    cr_assert_eq (hearth_put_end (stream), 0);
    cr_assert_eq (hearth_put (stream, 1), HEARTH_FAILED_PRECONDITION);
    expect_int (hearth_wait (&stream, -1), (int64_t) MANY * (MANY - 1) / 2);
}

Test (streams, no_items_at_all_may_go_up)
{
    hearth_pending_t *stream = hearth_open (proxy, "sum");
    cr_assert_eq (hearth_put_end (stream), 0);
    expect_int (hearth_wait (&stream, -1), 0);
}

Test (streams, an_end_that_is_said_before_there_is_a_session_is_kept)
{
    hearth_t *other = hearth_connect (fixture_broker_address (broker));
    hearth_pending_t *stream = hearth_open (hearth_proxy (other, "test.streams"), "sum");
    cr_assert_eq (hearth_put_end (stream), 0);
    expect_int (hearth_wait (&stream, -1), 0);
    hearth_destroy (&other);
}

Test (streams, items_go_both_ways_in_step)
{
    hearth_pending_t *stream = hearth_open (proxy, "echo_all");
    for (int64_t number = 0; number < 500; number++) {
        cr_assert_eq (hearth_put (stream, number), 0);
        expect_numbers (stream, number, number + 1);
    }
    cr_assert_eq (hearth_put_end (stream), 0);
    cr_assert_null (hearth_next (stream, -1));
    expect_int (hearth_wait (&stream, -1), 0);
}

//  More than both windows hold: the writer reads what has come before it goes on.
Test (streams, a_writer_that_may_not_send_yet_can_take_meanwhile)
{
    hearth_proxy_set_window (proxy, 50, 0);
    hearth_pending_t *stream = hearth_open (proxy, "echo_all");
    int64_t sent = 0, taken = 0;
    while (taken < MANY) {
        if (sent == taken)
            cr_assert_eq (hearth_put (stream, sent++), 0);
        while (sent < MANY && hearth_put_arg (stream, hearth_int (sent), 0) == 0)
            sent++;
        const hearth_value_t *item = hearth_next (stream, -1);
        cr_assert_eq (hearth_value_int (item), taken);
        taken++;
    }
    hearth_pending_destroy (&stream);
}

Test (streams, large_items_go_through_small_windows)
{
    enum { SIZE = 700000 };
    char *bytes = calloc (1, SIZE);
    hearth_proxy_set_window (proxy, 0, 1000);
    hearth_pending_t *stream = hearth_open (proxy, "echo_all");
    for (int number = 0; number < 20; number++) {
        memset (bytes, number, SIZE);
        cr_assert_eq (hearth_put (stream, hearth_bin (bytes, SIZE)), 0);
        const hearth_value_t *item = hearth_next (stream, -1);
        cr_assert_eq (hearth_value_size (item), SIZE);
        cr_assert_eq (memcmp (hearth_value_bin (item), bytes, SIZE), 0);
    }
    hearth_pending_destroy (&stream);
    free (bytes);
}

Test (streams, a_handler_may_answer_while_items_still_come)
{
    hearth_pending_t *stream = hearth_open (proxy, "take_one");
    int result = 0;
    while (result == 0)
        result = hearth_put (stream, 7);
    cr_assert_eq (result, HEARTH_CANCELLED);
    expect_int (hearth_wait (&stream, -1), 7);
    expect_int (hearth_call (proxy, "code"), HEARTH_FAILED_PRECONDITION);
}

/* ------------------------------------------------------------------------
    Ends that nobody wanted, and wrong uses
*/

static void expect_end (hearth_pending_t *stream, const char *name, const char *text)
{
    hearth_result_t *result = hearth_wait (&stream, -1);
    cr_assert (strstr (hearth_error (result)->message, text), "%s", hearth_error (result)->message);
    party_expect (result, name, HEARTH_MAY_HAVE_EXECUTED);
}

Test (streams, a_silence_longer_than_the_timeout_ends_it)
{
    hearth_proxy_set_timeout (proxy, 200);
    hearth_pending_t *stream = hearth_open (proxy, "fall_silent");
    cr_assert_str_eq (hearth_value_str (hearth_next (stream, -1)), "one");
    cr_assert_null (hearth_next (stream, -1));
    expect_end (stream, "hearth.Deadline", "after 1 item");
}

Test (streams, a_broker_that_dies_ends_it_and_the_error_tells_how_many_items_came)
{
    hearth_pending_t *stream = hearth_open (proxy, "endless");
    expect_numbers (stream, 0, 100);
    fixture_broker_kill (broker);
    int64_t taken = 100;
    while (hearth_next (stream, -1))
        taken++;
    char text [64];
    snprintf (text, sizeof text, "after %lld items", (long long) taken);
    expect_end (stream, "hearth.BrokerGone", text);
    fixture_broker_start (broker);
}

static const hearth_method_t endless_methods [] = {
    { "endless", "", NULL, endless, .flags = HEARTH_STREAMING },
    { .name = NULL },
};

Test (streams, a_service_that_goes_ends_it)
{
    party_t *other = party_new (fixture_broker_address (broker), "test.leaving", endless_methods, NULL);
    hearth_pending_t *stream = hearth_open (hearth_proxy (client, "test.leaving"), "endless");
    expect_numbers (stream, 0, 10);
    party_destroy (&other);
    while (hearth_next (stream, -1))
        continue;
    hearth_result_t *result = hearth_wait (&stream, -1);
    cr_assert (hearth_failed (result));
    hearth_result_destroy (&result);
}

Test (streams, a_connection_that_is_destroyed_ends_it_and_what_came_can_still_be_taken)
{
    hearth_t *other = hearth_connect (fixture_broker_address (broker));
    hearth_pending_t *stream = hearth_open (hearth_proxy (other, "test.streams"), "fill");
    expect_numbers (stream, 0, 1);
    hearth_destroy (&other);
    int64_t number = 1;
    for (const hearth_value_t *item; (item = hearth_next (stream, -1)); number++)
        cr_assert_eq (hearth_value_int (item), number);
    cr_assert (hearth_is_over (stream));
    hearth_result_t *result = hearth_wait (&stream, -1);
    hearth_result_destroy (&result);
    cr_assert_null (stream);
}

Test (streams, a_streaming_method_is_called_as_a_stream_only)
{
    party_expect (hearth_call (proxy, "range", 3), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
}

Test (streams, any_method_may_be_called_as_a_stream)
{
    hearth_pending_t *stream = hearth_open (proxy, "plain");
    cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), 1);
    cr_assert_null (hearth_next (stream, -1));
    hearth_result_t *result = party_good (hearth_wait (&stream, -1));
    cr_assert_str_eq (hearth_result_str (result), "plain");
    hearth_result_destroy (&result);
}

Test (streams, what_is_no_stream_sends_and_takes_nothing)
{
    hearth_pending_t *call = hearth_start (proxy, "plain");
    cr_assert_null (hearth_next (call, -1));
    cr_assert_eq (hearth_put (call, 1), HEARTH_FAILED_PRECONDITION);
    cr_assert_eq (hearth_put_end (call), HEARTH_FAILED_PRECONDITION);
    cr_assert_eq (hearth_when_ready (call, NULL, NULL), HEARTH_FAILED_PRECONDITION);
    hearth_result_t *result = party_good (hearth_wait (&call, -1));
    hearth_result_destroy (&result);
    expect_int (hearth_call (proxy, "code"), HEARTH_FAILED_PRECONDITION);
}

Test (streams, an_item_that_cannot_be_sent_is_refused_and_the_stream_goes_on)
{
    hearth_pending_t *stream = hearth_open (proxy, "sum");
    char *bytes = calloc (1, 2000000);
    hearth_builder_t *list = hearth_builder_new ();
    hearth_builder_open_list (list);
    cr_assert_eq (hearth_put (stream, 5), 0);
    cr_assert_eq (hearth_put (stream, hearth_bin (bytes, 2000000)), HEARTH_RESOURCE_EXHAUSTED);
    cr_assert_eq (hearth_put (stream, list), HEARTH_INVALID_ARGUMENT);
    cr_assert_eq (hearth_put_end (stream), 0);
    expect_int (hearth_wait (&stream, -1), 5);
    hearth_builder_destroy (&list);
    free (bytes);
}

Test (streams, hundreds_of_them_share_what_a_session_may_grant)
{
    enum { STREAMS = 300 };
    hearth_pending_t *streams [STREAMS];
    for (int index = 0; index < STREAMS; index++)
        streams [index] = hearth_open (proxy, "range", 200);
    for (int index = 0; index < STREAMS; index++) {
        expect_numbers (streams [index], 0, 200);
        expect_int (hearth_wait (&streams [index], -1), 200);
    }
}

Test (streams, a_window_that_is_not_there_is_refused)
{
    hearth_proxy_set_window (proxy, 10000, 1000000);
    hearth_pending_t *all = hearth_open (proxy, "endless");
    hearth_pending_t *more = hearth_open (proxy, "endless");
    party_expect (hearth_wait (&more, -1), "hearth.Limit", HEARTH_NOT_EXECUTED);
    hearth_pending_destroy (&all);
    more = hearth_open (proxy, "fill");
    cr_assert_eq (await_untaken (more), 10000);
}
