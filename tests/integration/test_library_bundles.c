/*  test_library_bundles.c - the library's half of bundles (docs/protocol.md, section 3.1); the broker is the test
*/
#include <criterion/criterion.h>
#include <string.h>

#include "bundle.h"
#include "by_hand.h"

#define PATIENCE_MS 30000
#define MANY        5
#define EMPTY_LIST  0x90
#define COUNT_AT    (WIRE_BLOCK_AT + 25)  //  of the frames, in two bytes: after the block, and the head of a list

static hearth_proxy_t *proxy;
static hearth_pending_t *calls [MANY];
static wire_token_t tokens [MANY];  //  theirs
static int taken;                   //  of them, by the broker

static void answer_at_once (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, 1);
}

static const hearth_method_t methods [] = {
    { "answer", "", "int", answer_at_once, .doc = NULL },
    { .name = NULL },
};

static void begin (void)
{
    by_hand_begin ();
    proxy = hearth_proxy (service, "a.name");
}

static void end (void)
{
    for (int index = 0; index < MANY; index++)
        hearth_pending_destroy (&calls [index]);
    by_hand_end ();
}

TestSuite (library_bundles, .init = begin, .fini = end);

/* ------------------------------------------------------------------------
    What the library sends
*/

static void take_request (span_t message)
{
    wire_frame_t frame = read_frame (message);
    cr_assert_eq (frame.kind, WIRE_REQUEST);
    cr_assert_lt (taken, MANY);
    tokens [taken++] = frame.block.token;
}

//  A bundle of so many requests, in the order of the calls.
static void take_bundle (unsigned count)
{
    span_t message = next_message ();
    bundle_reader_t reader;
    const uint8_t *frame;
    size_t size;
    cr_assert (bundle_open (&reader, (const uint8_t *) message.data, message.size));
    cr_assert_eq (reader.left, count);
    while (bundle_next (&reader, &frame, &size))
        take_request ((span_t){ (const char *) frame, size });
    cr_assert_eq (bundle_rest (&reader), 0);
}

//  Of such a broker a library tells at once that it takes bundles, too.
static void welcome_to_bundles (void)
{
    welcome_with (SPAN ("\x81\xa7"
                        "bundles"
                        "\xc3"));
    take_bundle (0);
}

static void start_calls (int from, int to)
{
    for (int index = from; index < to; index++) {
        calls [index] = hearth_start (proxy, "method", index);
        cr_assert_not_null (calls [index]);
    }
}

static void start_held_calls (int count)
{
    hearth_hold (service);
    start_calls (0, count);
    hearth_flush (service);
}

/* ------------------------------------------------------------------------
    What the broker says
*/

static wire_frame_t reply_to (int index)
{
    return (wire_frame_t){ .kind = WIRE_REPLY, .block.token = tokens [index] };
}

//  Answers a call with its index.
static void answer (int index)
{
    wire_frame_t reply = reply_to (index);
    say (&reply, (uint8_t) index);
}

static void add_answer (bundle_t *bundle, int index)
{
    uint8_t frame [64];
    wire_frame_t reply = reply_to (index);
    size_t size = wire_write_header (&reply, frame, sizeof frame - 1);
    frame [size++] = (uint8_t) index;
    cr_assert (bundle_add (bundle, frame, size));
}

//  Answers to those calls in a bundle that says how many frames it has.
static void say_answers (int from, int to, span_t rest, unsigned said)
{
    uint8_t room [BUNDLE_ROOM];
    bundle_t bundle = { .data = room };
    bundle_begin (&bundle);
    for (int index = from; index < to; index++)
        add_answer (&bundle, index);
    memcpy (room + bundle.size, rest.data, rest.size);
    room [COUNT_AT] = 0;
    room [COUNT_AT + 1] = (uint8_t) said;
    say_message ((span_t){ (const char *) room, bundle.size + rest.size });
}

static void expect_result (int index)
{
    hearth_result_t *result = hearth_wait (&calls [index], -1);
    cr_assert_not (hearth_failed (result), "call %d", index);
    cr_assert_eq (hearth_result_int (result), index);
    hearth_result_destroy (&result);
}

static void expect_none (int index)
{
    hearth_result_t *result = hearth_wait (&calls [index], 0);
    cr_assert_null (result, "call %d", index);
}

/* ------------------------------------------------------------------------
    To the broker
*/

Test (library_bundles, a_broker_that_announces_none_gets_none)
{
    welcome ();
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    start_held_calls (MANY);
    for (int index = 0; index < MANY; index++)
        take_request (next_message ());
    for (int index = 0; index < MANY; index++) {
        answer (index);
        expect_result (index);
    }
}

//  They are given in one turn, as far as the handlers are quick.
Test (library_bundles, nor_does_it_get_one_with_answers)
{
    wire_frame_t request = { .kind = WIRE_REQUEST, .name = SPAN ("a.name"), .method = SPAN ("answer") };
    cr_assert_eq (hearth_serve (service, "a.name", methods, NULL), 0);
    welcome ();
    cr_assert (span_equals (next_frame ().method, "register"));
    for (uint32_t slot = 0; slot < MANY; slot++) {
        request.block = (wire_block_t){ .token = { slot, 7 }, .session = 1, .remaining_ms = PATIENCE_MS };
        say (&request, EMPTY_LIST);
    }
    for (uint32_t slot = 0; slot < MANY; slot++) {
        wire_frame_t reply = next_frame ();
        cr_assert_eq (reply.kind, WIRE_REPLY);
        cr_assert_eq (reply.block.token.slot, slot);
    }
}

Test (library_bundles, one_that_announces_them_gets_small_calls_that_are_held_in_one)
{
    welcome_to_bundles ();
    start_held_calls (MANY);
    take_bundle (MANY);
    say_answers (0, MANY, SPAN (""), MANY);
    for (int index = 0; index < MANY; index++)
        expect_result (index);
}

Test (library_bundles, calls_that_are_not_held_go_each_at_once)
{
    welcome_to_bundles ();
    start_calls (0, MANY);
    for (int index = 0; index < MANY; index++)
        take_request (next_message ());
}

Test (library_bundles, a_large_call_keeps_its_place_among_small_ones)
{
    static const char bytes [BUNDLE_MOST + 1];
    welcome_to_bundles ();
    hearth_hold (service);
    start_calls (0, 2);
    calls [2] = hearth_start (proxy, "method", hearth_bin (bytes, sizeof bytes));
    start_calls (3, MANY);
    hearth_flush (service);
    take_bundle (2);
    take_request (next_message ());
    take_bundle (MANY - 3);
    say_answers (0, MANY, SPAN (""), MANY);
    for (int index = 0; index < MANY; index++)
        expect_result (index);
}

//  What the next broker on the address takes is for it to say.
Test (library_bundles, the_broker_of_the_next_session_is_asked_anew)
{
    wire_frame_t goodbye = { .kind = WIRE_GOODBYE };
    welcome_to_bundles ();
    say (&goodbye, 0xc0);
    welcome ();
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    start_held_calls (MANY);
    for (int index = 0; index < MANY; index++)
        take_request (next_message ());
}

/* ------------------------------------------------------------------------
    From the broker
*/

//  What follows the answers to the first two of three calls, and how many frames it is said to be.
static const struct {
    const char *rest;
    unsigned said;
} malformed [] = {
    { "\xc1", 2 },          //  no msgpack at all
    { "\x01", 2 },          //  no bytes
    { "\xc5\xff\xff", 1 },  //  more bytes than there are
    { "", 1 },              //  a frame that is not there
    { "\x01", 0 },          //  something after the last frame
};

//  An answer to the third one lies within, and behind, the bytes that cannot be read.
static void say_malformed (size_t row)
{
    uint8_t rest [64], frame [BUNDLE_ROOM];
    bundle_t third = { .data = frame };
    size_t size = strlen (malformed [row].rest);
    memcpy (rest, malformed [row].rest, size);
    bundle_begin (&third);
    size_t head = third.size;
    add_answer (&third, 2);
    if (size > 0) {
        memcpy (rest + size, frame + head, third.size - head);
        size += third.size - head;
    }
    say_answers (0, 2, (span_t){ (const char *) rest, size }, 2 + malformed [row].said);
}

Test (library_bundles, a_bundle_with_a_malformed_rest_is_taken_up_to_there)
{
    welcome_to_bundles ();
    for (size_t row = 0; row < sizeof malformed / sizeof *malformed; row++) {
        taken = 0;
        start_held_calls (3);
        take_bundle (3);
        say_malformed (row);
        expect_result (0);
        expect_result (1);
        start_calls (3, 4);
        take_request (next_message ());
        answer (3);
        expect_result (3);
        expect_none (2);
        answer (2);
        expect_result (2);
        cr_assert_str_eq (hearth_unique_name (service), ":000000000005.1");
    }
}

Test (library_bundles, one_within_another_is_passed_over)
{
    uint8_t inner [BUNDLE_ROOM], room [BUNDLE_ROOM];
    bundle_t within = { .data = inner }, bundle = { .data = room };
    size_t size;
    welcome_to_bundles ();
    start_held_calls (4);
    take_bundle (4);
    bundle_begin (&within);
    add_answer (&within, 0);
    add_answer (&within, 1);
    const uint8_t *frame = bundle_message (&within, &size);
    bundle_begin (&bundle);
    cr_assert (bundle_add (&bundle, frame, size));
    add_answer (&bundle, 2);
    const uint8_t *message = bundle_message (&bundle, &size);
    say_message ((span_t){ (const char *) message, size });
    expect_result (2);
    expect_none (0);
    expect_none (1);
    say_answers (0, 2, SPAN (""), 2);
    expect_result (0);
    expect_result (1);
}
