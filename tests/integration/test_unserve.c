/*  test_unserve.c - what a broker hears of an object that is taken away; the broker is the test

    A broker may hold a registration back, until it knows whether the name's owner still lives. Nobody may own a name that
    is served no more.
*/
#include <criterion/criterion.h>

#include "by_hand.h"

#define PATIENCE_MS 30000
#define NIL         0xc0

static const hearth_method_t no_methods [] = { { 0 } };

TestSuite (unserve, .init = by_hand_begin, .fini = by_hand_end);

Test (unserve, a_registration_without_an_answer_is_cancelled_first)
{
    cr_assert_eq (hearth_serve (service, "a.name", no_methods, NULL), 0);
    welcome ();
    wire_frame_t frame = next_frame ();
    cr_assert (frame.kind == WIRE_REQUEST && span_equals (frame.method, "register"));
    wire_token_t token = frame.block.token;
    cr_assert_eq (hearth_unserve (service, "a.name"), 0);
    frame = next_frame ();
    cr_assert_eq (frame.kind, WIRE_CANCEL);
    cr_assert (frame.block.token.slot == token.slot && frame.block.token.generation == token.generation);
    frame = next_frame ();
    cr_assert (frame.kind == WIRE_REQUEST && span_equals (frame.method, "unregister"));
}

//  An object of the same name was served before, and somebody else took the name over when it had just been taken away.
Test (unserve, word_that_comes_before_a_registrations_answer_is_not_about_it)
{
    wire_frame_t notice = { .kind = WIRE_PUBLISH, .name = SPAN ("hearth"), .method = SPAN ("replaced") };
    cr_assert_eq (hearth_serve (service, "a.name", no_methods, NULL), 0);
    welcome ();
    wire_frame_t answer = { .kind = WIRE_REPLY, .block.token = next_frame ().block.token };
    say_body (&notice, SPAN ("\x81\xa4name\xa6"
                             "a.name"));
    say (&answer, NIL);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    cr_assert_eq (hearth_unserve (service, "a.name"), 0);
    wire_frame_t frame = next_frame ();
    cr_assert (frame.kind == WIRE_REQUEST && span_equals (frame.method, "unregister"));
}
