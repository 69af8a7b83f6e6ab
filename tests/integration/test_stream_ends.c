/*  test_stream_ends.c - ends of streams that nobody wanted: silence, deaths, and wrong uses
*/
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "streaming.h"

TestSuite (stream_ends, .init = streaming_begin, .fini = streaming_end);

/* ------------------------------------------------------------------------
    Ends that nobody wanted
*/

static void expect_end (hearth_pending_t *stream, const char *name, const char *text)
{
    hearth_result_t *result = hearth_wait (&stream, -1);
    cr_assert (strstr (hearth_error (result)->message, text), "%s", hearth_error (result)->message);
    party_expect (result, name, HEARTH_MAY_HAVE_EXECUTED);
}

Test (stream_ends, a_silence_longer_than_the_timeout_ends_it)
{
    hearth_proxy_set_timeout (proxy, 200);
    hearth_pending_t *stream = hearth_open (proxy, "fall_silent");
    cr_assert_str_eq (hearth_value_str (hearth_next (stream, -1)), "one");
    cr_assert_null (hearth_next (stream, -1));
    expect_end (stream, "hearth.Deadline", "after 1 item");
}

Test (stream_ends, a_broker_that_dies_ends_it_and_the_error_tells_how_many_items_came)
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

Test (stream_ends, a_service_that_goes_ends_it)
{
    party_t *other = party_new (fixture_broker_address (broker), "test.leaving", streaming_endless, NULL);
    hearth_pending_t *stream = hearth_open (hearth_proxy (client, "test.leaving"), "endless");
    expect_numbers (stream, 0, 10);
    party_destroy (&other);
    while (hearth_next (stream, -1))
        continue;
    hearth_result_t *result = hearth_wait (&stream, -1);
    cr_assert (hearth_failed (result));
    hearth_result_destroy (&result);
}

Test (stream_ends, a_connection_that_is_destroyed_ends_it_and_what_came_can_still_be_taken)
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

/* ------------------------------------------------------------------------
    Wrong uses
*/

Test (stream_ends, a_streaming_method_is_called_as_a_stream_only)
{
    party_expect (hearth_call (proxy, "range", 3), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
}

Test (stream_ends, any_method_may_be_called_as_a_stream)
{
    hearth_pending_t *stream = hearth_open (proxy, "plain");
    cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), 1);
    cr_assert_null (hearth_next (stream, -1));
    hearth_result_t *result = party_good (hearth_wait (&stream, -1));
    cr_assert_str_eq (hearth_result_str (result), "plain");
    hearth_result_destroy (&result);
}

//  A failure just now, after another one had been the last.
static void expect_last (int code, int expected, const char *text)
{
    const hearth_error_t *error = hearth_last_error (client);
    cr_assert_eq (code, expected);
    cr_assert_eq ((int) error->code, expected);
    cr_assert (strstr (error->message, text), "%s", error->message);
    cr_assert_null (hearth_proxy (client, "no name"));
}

static void expect_no_stream (hearth_pending_t *call)
{
    cr_assert_null (hearth_next (call, -1));
    expect_last (hearth_put (call, 1), HEARTH_FAILED_PRECONDITION, "no stream");
    expect_last (hearth_put_end (call), HEARTH_FAILED_PRECONDITION, "no stream");
    cr_assert_eq (hearth_when_ready (call, NULL, NULL), HEARTH_FAILED_PRECONDITION);
}

static void expect_why (const char *text)
{
    hearth_result_t *why = party_good (hearth_call (proxy, "why"));
    cr_assert (strstr (hearth_result_str (why), text), "%s", hearth_result_str (why));
    hearth_result_destroy (&why);
}

Test (stream_ends, what_is_no_stream_sends_and_takes_nothing)
{
    hearth_pending_t *call = hearth_start (proxy, "plain");
    expect_no_stream (call);
    while (!hearth_is_over (call))
        cr_assert_eq (hearth_process (client), 0);
    expect_no_stream (call);
    hearth_result_t *result = party_good (hearth_wait (&call, -1));
    hearth_result_destroy (&result);
    expect_int (hearth_call (proxy, "code"), HEARTH_FAILED_PRECONDITION);
    expect_why ("no stream");
}

Test (stream_ends, what_cannot_be_sent_any_more_is_the_last_error)
{
    hearth_pending_t *stream = hearth_open (proxy, "sum");
    cr_assert_eq (hearth_put (stream, 5), 0);
    cr_assert_eq (hearth_put_end (stream), 0);
    expect_last (hearth_put (stream, 5), HEARTH_FAILED_PRECONDITION, "hearth_put_end");
    expect_last (hearth_put_end (stream), HEARTH_FAILED_PRECONDITION, "hearth_put_end");
    while (!hearth_is_over (stream))
        cr_assert_eq (hearth_process (client), 0);
    expect_last (hearth_put (stream, 5), HEARTH_CANCELLED, "has ended");
    expect_last (hearth_put_end (stream), HEARTH_CANCELLED, "has ended");
    expect_int (hearth_wait (&stream, -1), 5);
}

Test (stream_ends, a_handler_is_told_why_it_cannot_yield)
{
    hearth_pending_t *stream = hearth_open (proxy, "take_one");
    cr_assert_eq (hearth_put (stream, 5), 0);
    expect_int (hearth_wait (&stream, -1), 5);
    expect_why ("answered");
    hearth_proxy_set_window (proxy, 10, 1000);
    stream = hearth_open (proxy, "fill");
    cr_assert_eq (await_untaken (stream), 10);
    expect_why ("asks for no items yet");
    stream = hearth_open (proxy, "endless");
    expect_numbers (stream, 0, 10);
    hearth_pending_destroy (&stream);
    expect_why ("nobody takes");
    stream = hearth_open (proxy, "yield_list");
    hearth_result_t *result = party_good (hearth_wait (&stream, -1));
    hearth_result_destroy (&result);
    expect_why ("not one complete value");
}

Test (stream_ends, an_item_that_cannot_be_sent_is_refused_and_the_stream_goes_on)
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

Test (stream_ends, a_window_that_is_not_there_is_refused)
{
    hearth_proxy_set_window (proxy, 10000, 1000000);
    hearth_pending_t *all = hearth_open (proxy, "endless");
    hearth_pending_t *more = hearth_open (proxy, "endless");
    party_expect (hearth_wait (&more, -1), "hearth.Limit", HEARTH_NOT_EXECUTED);
    hearth_pending_destroy (&all);
    more = hearth_open (proxy, "fill");
    cr_assert_eq (await_untaken (more), 10000);
}
