/*  test_stream.c - one end of a stream: the queue, the window, the credit
*/
#include <criterion/criterion.h>

#include "stream.h"

static streams_t home;
static stream_t *stream;

static void begin (void)
{
    streams_set_limits (&home, 10000, 1000000);
    stream = stream_new (&home);
    cr_assert (stream);
}

static void end (void)
{
    stream_destroy (&stream);
    cr_assert_eq (home.items, 0);
    cr_assert_eq (home.bytes, 0);
    cr_assert_null (home.due);
}

TestSuite (stream, .init = begin, .fini = end);

static void receive (uint8_t number, size_t size)
{
    wire_frame_t frame = { .kind = WIRE_ITEM, .body = &number, .body_size = 1 };
    stream_receive (stream, &frame, size, NULL);
}

static void expect_grant (uint32_t items, uint32_t bytes)
{
    uint32_t granted_items = 0, granted_bytes = 0;
    cr_assert_eq (stream_owes (stream), items > 0);
    cr_assert_eq (stream_grants (stream, &granted_items, &granted_bytes), items > 0);
    cr_assert_eq (granted_items, items);
    cr_assert_eq (granted_bytes, bytes);
}

Test (stream, items_are_taken_in_order)
{
    cr_assert_not (stream->can_read);
    for (uint8_t number = 0; number < 100; number++)
        receive (number, 29);
    for (int64_t number = 0; number < 100; number++) {
        cr_assert (stream->can_read);
        cr_assert_eq (hearth_value_int (stream_take (stream)), number);
    }
    cr_assert_not (stream->can_read);
    cr_assert_null (stream_take (stream));
    stream_over (stream);
    cr_assert (stream->can_read);
    cr_assert_eq (stream->received, 100);
}

Test (stream, a_large_item_keeps_its_message_and_a_small_one_is_copied)
{
    static uint8_t bytes [20000] = { 0xc5, (sizeof bytes - 3) >> 8, (sizeof bytes - 3) & 0xff, 'x' };
    zmq_msg_t large, small;
    zmq_msg_init_size (&large, sizeof bytes);
    zmq_msg_init_size (&small, 1);
    memcpy (zmq_msg_data (&large), bytes, sizeof bytes);
    *(uint8_t *) zmq_msg_data (&small) = 7;
    const uint8_t *body = zmq_msg_data (&large);
    stream_receive (stream, &(wire_frame_t){ .body = body, .body_size = sizeof bytes }, sizeof bytes, &large);
    stream_receive (stream, &(wire_frame_t){ .body = zmq_msg_data (&small), .body_size = 1 }, 1, &small);
    cr_assert_eq (zmq_msg_size (&large), 0);
    cr_assert_eq (zmq_msg_size (&small), 1);
    zmq_msg_close (&large);
    zmq_msg_close (&small);
    const hearth_value_t *value = stream_take (stream);
    cr_assert_eq (hearth_value_size (value), sizeof bytes - 3);
    cr_assert_eq (hearth_value_bin (value), body + 3);
    cr_assert_eq (hearth_value_int (stream_take (stream)), 7);
}

Test (stream, items_of_all_sizes_are_taken_as_they_came)
{
    static uint8_t bytes [3000] = { 0xc5 };
    for (size_t round = 0; round < 3; round++) {
        for (size_t size = 0; size < sizeof bytes - 3; size += 50) {
            bytes [1] = (uint8_t) (size >> 8);
            bytes [2] = (uint8_t) size;
            memset (bytes + 3, (int) (size + round), size);
            stream_receive (stream, &(wire_frame_t){ .body = bytes, .body_size = size + 3 }, size, NULL);
        }
        for (size_t size = 0; size < sizeof bytes - 3; size += 50) {
            const hearth_value_t *value = stream_take (stream);
            cr_assert_eq (hearth_value_size (value), size);
            const uint8_t *payload = hearth_value_bin (value);
            for (size_t at = 0; at < size; at++)
                cr_assert_eq (payload [at], (uint8_t) (size + round));
        }
    }
}

Test (stream, what_comes_after_the_end_is_none_of_it)
{
    stream_over (stream);
    receive (1, 29);
    cr_assert_null (stream_take (stream));
    cr_assert_eq (stream->received, 0);
}

Test (stream, credit_is_given_in_halves_of_the_window)
{
    stream_open_window (stream, 10, 1000);
    for (uint8_t number = 0; number < 10; number++)
        receive (number, 20);
    for (unsigned taken = 1; taken <= 10; taken++) {
        stream_take (stream);
        expect_grant (taken % 5 == 0 ? 5 : 0, taken % 5 == 0 ? 100 : 0);
    }
}

Test (stream, bytes_alone_make_it_time_to_give_credit)
{
    stream_open_window (stream, 1000, 1000);
    receive (1, 400);
    receive (2, 5000);
    stream_take (stream);
    expect_grant (0, 0);
    stream_take (stream);
    expect_grant (2, 5400);
}

Test (stream, items_that_are_dropped_are_owed_too)
{
    stream_open_window (stream, 4, 1000);
    receive (1, 20);
    stream_drop (stream);
    cr_assert_null (stream_take (stream));
    receive (2, 20);
    cr_assert_null (stream_take (stream));
    expect_grant (2, 40);
    cr_assert_eq (stream->received, 2);
}

Test (stream, nothing_is_granted_without_a_window_or_after_the_end)
{
    receive (1, 20);
    stream_take (stream);
    expect_grant (0, 0);
    stream_open_window (stream, 1, 1);
    stream_over (stream);
    expect_grant (0, 0);
}

Test (stream, an_item_may_be_sent_while_both_credits_are_there)
{
    static const struct {
        uint64_t items, bytes;
        size_t sent;
        bool before, after;
    } cases [] = {
        { 0, 0, 0, false, false }, { 1, 0, 0, false, false }, { 0, 1, 0, false, false }, { 1, 1, 1, true, false },
        { 2, 1, 1, true, false },  { 2, 2, 1, true, true },   { 2, 2, 9, true, false },  { 1, 100, 1, true, false },
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases [0]; index++) {
        stream_t *one = stream_new (&home);
        stream_credit (one, cases [index].items, cases [index].bytes);
        cr_assert_eq (one->can_write, cases [index].before, "case %zu", index);
        if (cases [index].before)
            stream_sent (one, cases [index].sent);
        cr_assert_eq (one->can_write, cases [index].after, "case %zu", index);
        stream_destroy (&one);
    }
}

Test (stream, a_larger_item_than_the_credit_is_paid_back_first)
{
    stream_credit (stream, 10, 10);
    stream_sent (stream, 100);
    stream_credit (stream, 0, 90);
    cr_assert_not (stream->can_write);
    stream_credit (stream, 0, 1);
    cr_assert (stream->can_write);
}

Test (stream, credit_stays_within_what_one_credit_can_be)
{
    for (int round = 0; round < 100; round++)
        stream_credit (stream, UINT64_MAX / 4, WIRE_CREDIT_MOST);
    cr_assert_leq (stream->items, (int64_t) WIRE_CREDIT_MOST);
    cr_assert_leq (stream->bytes, (int64_t) WIRE_CREDIT_MOST);
}

Test (stream, whoever_waits_to_send_is_woken_by_the_end)
{
    stream_end (stream);
    cr_assert (stream->can_write);
    stream_end (stream);
    cr_assert (stream->is_ended);
}

//  ---- telling ----

static unsigned told;

static void count (stream_t *self)
{
    told++;
    if (told == 1)
        stream_moved (self);
}

static void destroy_it (stream_t *self)
{
    stream = self;
    stream_destroy (&stream);
}

Test (stream, whoever_asked_is_told_once_of_what_moved)
{
    receive (1, 20);
    cr_assert_null (home.due);
    stream->tell = count;
    receive (2, 20);
    receive (3, 20);
    cr_assert_eq (home.due, stream);
    streams_tell (&home);
    cr_assert_eq (told, 1);
    cr_assert_eq (home.due, stream, "it is told of what it moved itself the next time");
    streams_tell (&home);
    streams_tell (&home);
    cr_assert_eq (told, 2);
}

Test (stream, a_callback_may_destroy_its_stream)
{
    stream->tell = destroy_it;
    stream_over (stream);
    streams_tell (&home);
    cr_assert_null (stream);
}

Test (stream, those_that_are_destroyed_while_they_are_due_are_not_told)
{
    stream_t *others [3];
    for (int index = 0; index < 3; index++) {
        others [index] = stream_new (&home);
        others [index]->tell = count;
        stream_moved (others [index]);
    }
    told = 1;
    stream_destroy (&others [1]);
    stream_leave (others [2]);
    streams_tell (&home);
    cr_assert_eq (told, 2);
    stream_destroy (&others [0]);
    stream_destroy (&others [2]);
}

//  ---- windows ----

Test (stream, a_window_begins_small_and_grows_with_what_is_read)
{
    uint32_t items, bytes, granted = STREAM_FIRST_ITEMS;
    streams_set_limits (&home, 1000000, 100000000);
    cr_assert (stream_open_window (stream, 0, 0));
    cr_assert_eq (stream->window_items, STREAM_FIRST_ITEMS);
    cr_assert_eq (stream->window_bytes, STREAM_FIRST_BYTES);
    for (uint64_t taken = 0; taken < 10000; taken++) {
        receive (1, 29);
        stream_take (stream);
        if (stream_grants (stream, &items, &bytes))
            granted += items;
        cr_assert_leq (granted - stream->received, STREAM_MOST_ITEMS);
    }
    cr_assert_eq (stream->window_items, STREAM_MOST_ITEMS);
    cr_assert_eq (stream->window_bytes, STREAM_MOST_BYTES);
    cr_assert_eq (home.items, STREAM_MOST_ITEMS);
}

Test (stream, a_window_that_was_asked_for_stays_as_it_is)
{
    cr_assert (stream_open_window (stream, 7, 1000));
    for (uint8_t number = 0; number < 100; number++) {
        uint32_t items, bytes;
        receive (number, 29);
        stream_take (stream);
        stream_grants (stream, &items, &bytes);
    }
    cr_assert_eq (stream->window_items, 7);
    cr_assert_eq (stream->window_bytes, 1000);
}

//  Together they take no more than the limit; many find room, and the last ones are told that there is none.
Test (stream, windows_share_what_a_session_may_grant)
{
    stream_t *others [1000];
    unsigned opened = 0;
    for (unsigned index = 0; index < 1000; index++) {
        others [index] = stream_new (&home);
        opened += stream_open_window (others [index], 0, 1);
        cr_assert_leq (home.items, 10000);
    }
    cr_assert_eq (opened, 10000 / STREAM_FIRST_ITEMS + 1);
    for (unsigned index = 0; index < 1000; index++)
        stream_destroy (&others [index]);
}

Test (stream, one_that_grows_leaves_room_for_others)
{
    streams_set_limits (&home, 1000, 1000000);
    cr_assert (stream_open_window (stream, 0, 0));
    for (unsigned taken = 0; taken < 10000; taken++) {
        uint32_t items, bytes;
        receive (1, 29);
        stream_take (stream);
        stream_grants (stream, &items, &bytes);
    }
    cr_assert_gt (stream->window_items, 500);
    cr_assert_lt (stream->window_items, 1000 - 3);
}
