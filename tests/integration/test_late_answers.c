/*  test_late_answers.c - what a broker hears of a call whose handler gives up at its deadline; the broker is the test

    The broker that comes with Hearth mostly looks at the time first, so that no caller hears what the service says.
*/
#include <criterion/criterion.h>

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

static const hearth_method_t methods [] = {
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
