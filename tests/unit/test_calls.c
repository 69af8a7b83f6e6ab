/*  test_calls.c - slots and generations, what is held, sent and ended, and what the end of a session does to each
*/
#include <criterion/criterion.h>

#include "calls.h"
#include "result.h"

#define GRACE_MS 250

static calls_t calls;

static void begin (void)
{
    calls_init (&calls, 0);
}

static void end (void)
{
    calls_clear (&calls);
}

TestSuite (calls, .init = begin, .fini = end);

static hearth_pending_t *open_call (int64_t deadline_ms)
{
    hearth_pending_t *call = calls_open (&calls, NULL, deadline_ms);
    cr_assert (call);
    return call;
}

static hearth_pending_t *send_call (int64_t deadline_ms)
{
    hearth_pending_t *call = open_call (deadline_ms);
    cr_assert_neq (call->slot, CALLS_NO_SLOT);
    calls_sent (&calls, call);
    return call;
}

static void hold_call (hearth_pending_t *call, int64_t until_ms)
{
    zmq_msg_t message;
    zmq_msg_init_size (&message, 1000);
    request_take (&call->request, &message);
    calls_hold (&calls, call, until_ms);
}

static void expect_ended (hearth_pending_t *call, const char *name, hearth_mark_t mark)
{
    cr_assert (call->is_ended);
    hearth_result_t *result = calls_take (&calls, call);
    cr_assert_str_eq (hearth_error (result)->name, name);
    cr_assert_eq (hearth_error (result)->mark, mark);
    hearth_result_destroy (&result);
}

static bool same (wire_token_t one, wire_token_t other)
{
    return one.slot == other.slot && one.generation == other.generation;
}

static hearth_result_t *any_result (void)
{
    return result_failed (STATUS_NO_REPLY, HEARTH_EXECUTED, "%s", "made up");
}

Test (calls, an_answer_finds_its_call_once)
{
    hearth_pending_t *call = send_call (1000);
    wire_token_t token = calls_token (&calls, call);
    cr_assert_eq (calls_answered (&calls, token), call);
    calls_end (&calls, call, any_result ());
    cr_assert_null (calls_answered (&calls, token));
    expect_ended (call, "hearth.NoReply", HEARTH_EXECUTED);
}

Test (calls, a_slot_comes_back_with_another_generation)
{
    hearth_pending_t *call = send_call (1000);
    wire_token_t first = calls_token (&calls, call);
    calls_answered (&calls, first);
    calls_end (&calls, call, any_result ());
    expect_ended (call, "hearth.NoReply", HEARTH_EXECUTED);
    call = send_call (1000);
    wire_token_t second = calls_token (&calls, call);
    cr_assert_eq (first.slot, second.slot);
    cr_assert_neq (first.generation, second.generation);
    cr_assert_null (calls_answered (&calls, first), "an answer to the slot's last call");
    cr_assert (calls_abandon (&calls, call));
}

Test (calls, answers_that_nobody_asked_for_are_nobodys)
{
    cr_assert_null (calls_answered (&calls, (wire_token_t){ 0, 0 }));
    cr_assert_null (calls_answered (&calls, (wire_token_t){ UINT32_MAX, 1 }));
    hearth_pending_t *held = open_call (1000);
    hold_call (held, 1000);
    cr_assert_null (calls_answered (&calls, calls_token (&calls, held)), "it was never sent");
    cr_assert_not (calls_abandon (&calls, held));
}

Test (calls, slots_stay_below_the_limit)
{
    calls.limit = 100;
    hearth_pending_t *sent [100];
    for (uint32_t index = 0; index < 100; index++) {
        sent [index] = send_call (1000);
        cr_assert_lt (sent [index]->slot, 100);
    }
    cr_assert (calls_is_full (&calls));
    hearth_pending_t *refused = open_call (1000);
    cr_assert_eq (refused->slot, CALLS_NO_SLOT);
    calls_end (&calls, refused, any_result ());
    expect_ended (refused, "hearth.NoReply", HEARTH_EXECUTED);
    for (uint32_t index = 0; index < 100; index++)
        cr_assert (calls_abandon (&calls, sent [index]));
}

//  The broker would end the session of a peer that uses a slot twice.
Test (calls, a_slot_is_taken_until_the_broker_has_answered)
{
    calls.limit = 1;
    hearth_pending_t *call = send_call (1000);
    wire_token_t token = calls_token (&calls, call);
    cr_assert (calls_abandon (&calls, call));
    cr_assert (calls_is_full (&calls));
    cr_assert_null (calls_answered (&calls, token));
    cr_assert_not (calls_is_full (&calls));

    call = send_call (1000);
    token = calls_token (&calls, call);
    calls_expire (&calls, 1000 + GRACE_MS, 0, "");
    expect_ended (call, "hearth.Deadline", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert (calls_is_full (&calls));
    cr_assert_null (calls_answered (&calls, token));
    cr_assert_not (calls_is_full (&calls));
}

Test (calls, a_call_waits_for_the_brokers_word_a_little_longer_than_its_deadline)
{
    hearth_pending_t *call = send_call (1000);
    calls_expire (&calls, 1000 + GRACE_MS - 1, 0, "");
    cr_assert_not (call->is_ended);
    calls_expire (&calls, 1000 + GRACE_MS, 0, "");
    expect_ended (call, "hearth.Deadline", HEARTH_MAY_HAVE_EXECUTED);
}

Test (calls, what_was_held_is_sent_in_order)
{
    hearth_pending_t *first = open_call (1000), *second = open_call (1000);
    hold_call (first, 1000);
    hold_call (second, 1000);
    cr_assert_eq (calls_next_held (&calls), first);
    cr_assert_eq (calls_next_held (&calls), second);
    cr_assert_null (calls_next_held (&calls));
    calls_sent (&calls, first);
    calls_sent (&calls, second);
    cr_assert (calls_abandon (&calls, first));
    cr_assert (calls_abandon (&calls, second));
}

Test (calls, what_was_held_too_long_was_not_executed)
{
    hearth_pending_t *call = open_call (5000);
    hold_call (call, 1000);
    calls_expire (&calls, 999, 0, "");
    cr_assert_not (call->is_ended);
    calls_expire (&calls, 1000, 0, "no broker");
    expect_ended (call, "hearth.BrokerGone", HEARTH_NOT_EXECUTED);
    cr_assert_eq (calls.taken, 0);
}

Test (calls, the_end_of_a_session_ends_what_was_sent_and_no_more)
{
    hearth_pending_t *sent = send_call (1000), *held = open_call (1000);
    cr_assert (calls_abandon (&calls, send_call (1000)));
    hold_call (held, 1000);
    calls_session_down (&calls, "lost", 0);
    expect_ended (sent, "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_not (held->is_ended);
    cr_assert_eq (calls.taken, 1);
    cr_assert_eq (calls_next_held (&calls), held);
    calls_sent (&calls, held);
    cr_assert (calls_abandon (&calls, held));
}

static void done (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    (void) context;
    hearth_result_destroy (&result);
}

Test (calls, whoever_is_forgotten_is_not_told)
{
    int one, other;
    client_done_fn *told;
    void *context;
    hearth_result_t *result;
    hearth_pending_t *ended = send_call (1000), *sent = send_call (1000), *kept = send_call (1000);
    ended->done = sent->done = kept->done = done;
    ended->context = sent->context = &one;
    kept->context = &other;
    cr_assert (same (calls_token (&calls, ended), calls_token (&calls, ended)));
    calls_answered (&calls, calls_token (&calls, ended));
    calls_end (&calls, ended, any_result ());
    wire_token_t token, expected = calls_token (&calls, sent);
    cr_assert (calls_forget (&calls, &one, &token));
    cr_assert (same (token, expected));
    cr_assert_not (calls_forget (&calls, &one, &token));
    cr_assert_not (calls_next_ended (&calls, &told, &context, &result));
    calls_session_down (&calls, "lost", 0);
    cr_assert (calls_next_ended (&calls, &told, &context, &result));
    cr_assert_eq (context, &other);
    hearth_result_destroy (&result);
    cr_assert_not (calls_next_ended (&calls, &told, &context, &result));
}

Test (calls, many_slots_are_found_again)
{
    enum { COUNT = 1000 };
    static hearth_pending_t *sent [COUNT];
    for (int index = 0; index < COUNT; index++)
        sent [index] = send_call (1000);
    for (int index = COUNT; index-- > 0;) {
        cr_assert_eq (calls_answered (&calls, calls_token (&calls, sent [index])), sent [index]);
        calls_end (&calls, sent [index], any_result ());
        expect_ended (sent [index], "hearth.NoReply", HEARTH_EXECUTED);
    }
    cr_assert_eq (calls.taken, 0);
    cr_assert_eq (calls_deadline (&calls), -1);
}

//  The next call has that slot, which stays taken.
static void expect_slot (uint32_t slot)
{
    hearth_pending_t *call = send_call (1000);
    cr_assert_eq (call->slot, slot);
    calls_abandon (&calls, call);
}

Test (calls, slots_beyond_the_limit_of_another_broker_are_left_aside_until_it_is_raised)
{
    hearth_pending_t *first [10];
    calls_set_limit (&calls, 10);
    for (int index = 0; index < 10; index++)
        first [index] = send_call (1000);
    calls_session_down (&calls, "gone", 0);
    for (int index = 0; index < 10; index++)
        expect_ended (first [index], "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    calls_set_limit (&calls, 2);
    expect_slot (0);
    expect_slot (1);
    cr_assert (calls_is_full (&calls));
    calls_set_limit (&calls, 3);
    expect_slot (2);
    cr_assert (calls_is_full (&calls));
}

Test (calls, no_slot_is_beyond_the_limit_of_another_broker_although_there_is_room_for_it)
{
    hearth_pending_t *sent = send_call (1000);
    calls_set_limit (&calls, 1);
    hearth_pending_t *refused = open_call (1000);
    cr_assert_eq (refused->slot, CALLS_NO_SLOT);
    calls_end (&calls, refused, any_result ());
    expect_ended (refused, "hearth.NoReply", HEARTH_EXECUTED);
    cr_assert (calls_abandon (&calls, sent));
}

Test (calls, a_held_slot_beyond_a_new_limit_is_not_used_again)
{
    calls_set_limit (&calls, 2);
    hearth_pending_t *one = open_call (1000), *two = open_call (1000);
    hold_call (one, 900);
    hold_call (two, 900);
    calls_set_limit (&calls, 1);
    cr_assert_eq (two->slot, 1);
    calls_end (&calls, two, any_result ());
    calls_abandon (&calls, two);
    cr_assert (calls_is_full (&calls));
    calls_end (&calls, one, any_result ());
    calls_abandon (&calls, one);
    expect_slot (0);
}

Test (calls, what_could_not_be_sent_is_held_as_before)
{
    hearth_pending_t *one = open_call (5000), *two = open_call (5000);
    hold_call (one, 1000);
    hold_call (two, 1000);
    cr_assert_eq (calls_next_held (&calls), one);
    calls_hold_again (&calls, one);
    cr_assert_eq (calls_next_held (&calls), one);
    calls_hold_again (&calls, one);
    calls_expire (&calls, 999, 0, "");
    cr_assert_not (one->is_ended);
    calls_expire (&calls, 1000, 0, "no broker");
    expect_ended (one, "hearth.BrokerGone", HEARTH_NOT_EXECUTED);
    expect_ended (two, "hearth.BrokerGone", HEARTH_NOT_EXECUTED);
}

Test (calls, what_is_held_waits_on_while_an_attempt_is_under_way_but_not_beyond_its_deadline)
{
    hearth_pending_t *one = open_call (5000), *two = open_call (1500);
    hold_call (one, 1000);
    hold_call (two, 1000);
    calls_expire (&calls, 1000, 3000, "");
    cr_assert_not (one->is_ended || two->is_ended);
    calls_expire (&calls, 1500, 3000, "no broker");
    expect_ended (two, "hearth.BrokerGone", HEARTH_NOT_EXECUTED);
    calls_expire (&calls, 2999, 3000, "");
    cr_assert_not (one->is_ended);
    calls_expire (&calls, 3000, 0, "no broker");
    expect_ended (one, "hearth.BrokerGone", HEARTH_NOT_EXECUTED);
}
