/*  test_late_answers.c - what a broker hears of a call whose handler gives up at its deadline; the broker is the test

    The broker that comes with Hearth mostly looks at the time first, so that no caller hears what the service says.
*/
#include <criterion/criterion.h>
#include <pthread.h>

#include "by_hand.h"

#define REMAINING_MS 20
#define PLENTY_MS    30000
#define EMPTY_LIST   0x90

static bool has_run;

//  Says nothing when nobody waits any more.
static void give_up (hearth_call_t *call, void *self)
{
    (void) self;
    has_run = true;
    while (!hearth_cancelled (call))
        continue;
}

static void give_up_kept (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_call_t *kept = hearth_keep (call);
    has_run = true;
    while (hearth_remaining_ms (kept) > 0)
        continue;
    hearth_call_destroy (&kept);
}

static void forget (hearth_call_t *call, void *self)
{
    (void) call;
    (void) self;
    has_run = true;
}

static void *wait_for_items (void *call_p)
{
    hearth_call_t *call = call_p;
    cr_assert_null (hearth_take (call, -1));
    cr_assert (hearth_cancelled (call));
    cr_assert (hearth_input_ended (call));
    cr_assert_eq (hearth_yield (call, 1), HEARTH_CANCELLED);
    hearth_reply (call, "nobody");
    return NULL;
}

static void take (hearth_call_t *call, void *self)
{
    (void) self;
    has_run = true;
    wait_for_items (call);
}

static void take_in_thread (hearth_call_t *call, void *self)
{
    pthread_t thread;
    hearth_call_t *kept = hearth_keep (call);
    (void) self;
    has_run = true;
    cr_assert_eq (pthread_create (&thread, NULL, wait_for_items, kept), 0);
    pthread_join (thread, NULL);
    hearth_call_destroy (&kept);
}

static const hearth_method_t methods [] = {
    { "take", "", NULL, take, .flags = HEARTH_STREAMING },
    { "take_in_thread", "", NULL, take_in_thread, .flags = HEARTH_STREAMING },
    { "give_up", "", NULL, give_up, .doc = NULL },
    { "give_up_kept", "", NULL, give_up_kept, .doc = NULL },
    { "forget", "", NULL, forget, .doc = NULL },
    { .name = NULL },
};

static void begin (void)
{
    by_hand_begin ();
    cr_assert_eq (hearth_serve (service, "a.name", methods, NULL), 0);
    welcome ();
    cr_assert (span_equals (next_frame ().method, "register"));
}

TestSuite (late_answers, .init = begin, .fini = by_hand_end);

//  Asks until the handler has run: the time may have passed before.
static void expect_answer (const char *method, uint32_t remaining_ms, hearth_code_t code, hearth_mark_t mark)
{
    wire_frame_t reply, request = { .kind = WIRE_REQUEST, .name = SPAN ("a.name"), .method = SPAN (method) };
    request.block = (wire_block_t){ .token = { 3, 7 }, .session = 1, .remaining_ms = remaining_ms };
    do {
        say (&request, EMPTY_LIST);
        reply = next_frame ();
        cr_assert_eq (reply.kind, WIRE_REPLY);
    } while (!has_run);
    cr_assert_eq (reply.block.token.slot, request.block.token.slot);
    cr_assert_eq (reply.code, code);
    cr_assert_eq (reply.mark, mark);
}

Test (late_answers, a_handler_that_gives_up_at_the_deadline_has_not_forgotten_its_answer)
{
    expect_answer ("give_up", REMAINING_MS, HEARTH_DEADLINE_EXCEEDED, HEARTH_MAY_HAVE_EXECUTED);
}

Test (late_answers, nor_has_one_that_gives_a_kept_call_back)
{
    expect_answer ("give_up_kept", REMAINING_MS, HEARTH_DEADLINE_EXCEEDED, HEARTH_MAY_HAVE_EXECUTED);
}

Test (late_answers, one_that_returns_in_time_has)
{
    expect_answer ("forget", PLENTY_MS, HEARTH_INTERNAL, HEARTH_EXECUTED);
}

//  This broker never cancels.
static void expect_streams_end (const char *method)
{
    wire_frame_t request = { .kind = WIRE_REQUEST, .name = SPAN ("a.name"), .method = SPAN (method) };
    request.block =
        (wire_block_t){ .token = { 3, 7 }, .session = 1, .remaining_ms = REMAINING_MS, .flags = WIRE_STREAM };
    wire_frame_t frame;
    do {
        say (&request, EMPTY_LIST);
        frame = next_frame ();
    } while (!has_run);
    while (frame.kind == WIRE_CREDIT)
        frame = next_frame ();
    cr_assert_eq (frame.kind, WIRE_REPLY);
    cr_assert_eq (frame.code, HEARTH_OK);
}

Test (late_answers, a_handler_waits_for_items_no_longer_than_its_call_may_be_silent)
{
    expect_streams_end ("take");
}

Test (late_answers, nor_does_another_thread_that_has_kept_it)
{
    expect_streams_end ("take_in_thread");
}
