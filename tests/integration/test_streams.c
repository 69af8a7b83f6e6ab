/*  test_streams.c - streams as programs see them: items down, up and both ways, and credit
*/
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "streaming.h"

#define MANY 5000

TestSuite (streams, .init = streaming_begin, .fini = streaming_end);

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
