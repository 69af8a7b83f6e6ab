/*  test_packing.c - frames that travel together: how long the bytes of one that came stay where they are */
#include "packing.h"

#include <criterion/criterion.h>
#include <string.h>

static inbound_t inbound;

//  A bundle of frames that are long enough for libzmq to share them; each is filled with its letter.
static void open_bundle (received_t *in, const char *letters)
{
    uint8_t frame [50], room [BUNDLE_ROOM];
    bundle_t bundle = { .data = room };
    size_t size;
    bundle_begin (&bundle);
    for (; *letters; letters++) {
        memset (frame, *letters, sizeof frame);
        cr_assert (bundle_add (&bundle, frame, sizeof frame));
    }
    bundle_add (&bundle, (const uint8_t *) "", 0);
    const uint8_t *bytes = bundle_message (&bundle, &size);
    zmq_msg_close (&in->message);
    zmq_msg_init_size (&in->message, size);
    memcpy (zmq_msg_data (&in->message), bytes, size);
    cr_assert (inbound_open (&inbound, in));
}

static void expect (const received_t *in, char letter)
{
    cr_assert_eq (in->size, 50);
    for (size_t at = 0; at < in->size; at++)
        cr_assert_eq (in->data [at], letter);
}

static void expect_next (received_t *in, char letter)
{
    cr_assert (inbound_next (&inbound, in));
    expect (in, letter);
    cr_assert_null (received_own (in));
}

static void expect_end (received_t *in)
{
    cr_assert (inbound_next (&inbound, in));
    cr_assert_eq (in->size, 0);
    cr_assert_not (inbound_next (&inbound, in));
    cr_assert_not (inbound_next (&inbound, in));
}

//  As a handler does that waits for another call.
Test (packing, a_frame_stays_while_others_are_received_elsewhere)
{
    received_t outer, inner;
    received_init (&outer);
    received_init (&inner);
    open_bundle (&outer, "abc");
    expect_next (&outer, 'a');
    expect_next (&inner, 'b');
    expect_next (&inner, 'c');
    expect_end (&inner);
    open_bundle (&inner, "de");
    expect_next (&inner, 'd');
    expect (&outer, 'a');
    received_clear (&inner);
    expect (&outer, 'a');
    expect_next (&outer, 'e');
    expect_end (&outer);
    received_clear (&outer);
}

Test (packing, a_frame_stays_though_its_bundle_is_closed)
{
    received_t in;
    received_init (&in);
    open_bundle (&in, "ab");
    expect_next (&in, 'a');
    inbound_close (&inbound);
    expect (&in, 'a');
    cr_assert_not (inbound_next (&inbound, &in));
    received_clear (&in);
}

Test (packing, a_message_that_is_no_bundle_is_the_frame_alone)
{
    received_t in;
    received_init (&in);
    open_bundle (&in, "a");
    expect_next (&in, 'a');
    expect_end (&in);
    zmq_msg_close (&in.message);
    zmq_msg_init_size (&in.message, 50);
    memset (zmq_msg_data (&in.message), 'x', 50);
    cr_assert_not (inbound_open (&inbound, &in));
    expect (&in, 'x');
    cr_assert_eq (received_own (&in), &in.message);
    received_clear (&in);
}
