/*  test_core_stream_limits.c - what ends streams for a fault: overrun, limits, and tokens of others, which end nothing */

#include "one_stream.h"

TestSuite (core_stream_limits, .init = one_stream_begin, .fini = one_stream_end);

//  The next reply names a limit.
static void s_assert_limit (wire_token_t awaited, limit_id_t limit, hearth_mark_t mark)
{
    const mail_t *mail = caller->mails;
    assert_error (caller, awaited, STATUS_LIMIT, mark);
    char option [64];
    snprintf (option, sizeof option, "(--%s)", limit_rows [limit].option);
    const char *message = hearth_value_str (hearth_value_at (mail_value (mail), 1));
    cr_assert (strstr (message, option), "%s", message);
    cr_assert_eq (world_stat (&world, "limits_hit", limit_rows [limit].option), 1);
}

//  Both sides are told that the stream has ended for it.
static void s_ended_by_limit (limit_id_t limit)
{
    s_assert_limit (token, limit, HEARTH_MAY_HAVE_EXECUTED);
    assert_cancel (service, served, WIRE_CANCEL_CALLER);
    one_stream_answer_late ();
}

//  ---- overruns ----

Test (core_stream_limits, a_service_that_overruns_ends_the_call_once)
{
    one_stream_open (1, 1000);
    world_item_down (service, served, 1, 1);
    world_item_down (service, served, 2, 1);
    world_item_down (service, served, 3, 1);
    assert_item_down (caller, token, 1, T, 1);
    assert_error (caller, token, STATUS_LIMIT, HEARTH_MAY_HAVE_EXECUTED);
    assert_cancel (service, served, WIRE_CANCEL_CALLER);
    cr_assert_eq (world_stat (&world, "dropped", "late_items"), 1);
    one_stream_answer_late ();
}

Test (core_stream_limits, a_caller_that_overruns_ends_its_call)
{
    one_stream_open (0, 0);
    world_credit_down (service, served, 1, 100);
    assert_credit_down (caller, token, 1, T, 1, 100);
    world_item_up (caller, token, 1, 1);
    world_item_up (caller, token, 2, 1);
    assert_item_up (service, served, 2, T, 1);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

Test (core_stream_limits, items_without_bytes_are_no_credit)
{
    one_stream_open (10, 0);
    world_item_down (service, served, 1, 1);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

Test (core_stream_limits, bytes_without_items_are_no_credit)
{
    one_stream_open (0, 1000);
    world_item_down (service, served, 1, 1);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

Test (core_stream_limits, an_item_before_the_dispatch_ends_a_call_that_was_not_executed)
{
    const mail_t *first = one_stream_fill (T);
    wire_token_t waiting = world_stream (caller, 0, "feed", T, 1, 100);
    world_item_up (caller, waiting, 1, 1);
    assert_error (caller, waiting, STATUS_LIMIT, HEARTH_NOT_EXECUTED);
    one_stream_make_room (first);
    cr_assert (world_is_quiet (service));
}

Test (core_stream_limits, an_item_larger_than_a_message_may_be_ends_the_call)
{
    static uint8_t body [3 + 4096] = { 0xc5, 0x10, 0x00 };
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_MESSAGE] = 4096;
    world_start (&world);
    service = world_peer (&world);
    caller = world_peer (&world);
    world_register (service, "feed", NULL);
    one_stream_open (10, 100000);
    world_send (service, &(wire_frame_t){ .kind = WIRE_ITEM, .block = { .token = served } }, body, sizeof body);
    s_ended_by_limit (LIMIT_MESSAGE);
    one_stream_open (10, 100000);
    world_credit_down (service, served, 1, 100000);
    assert_credit_down (caller, token, 1, T, 1, 100000);
    world_send (caller, &(wire_frame_t){ .kind = WIRE_ITEM, .block = { .token = token, .flags = WIRE_UP } }, body,
                sizeof body);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

//  ---- limits ----

Test (core_stream_limits, a_first_credit_beyond_the_limit_is_refused)
{
    s_assert_limit (world_stream (caller, 0, "feed", T, 101, 1), LIMIT_GRANTED, HEARTH_NOT_EXECUTED);
    s_assert_limit (world_stream (caller, 0, "feed", T, 1, 1001), LIMIT_GRANTED_BYTES, HEARTH_NOT_EXECUTED);
    cr_assert (world_is_quiet (service));
    one_stream_open (100, 1000);
    one_stream_answer ();
}

Test (core_stream_limits, a_refused_stream_leaves_nothing_when_it_would_have_waited)
{
    const mail_t *first = one_stream_fill (T);
    s_assert_limit (world_stream (caller, 0, "feed", T, 101, 1), LIMIT_GRANTED, HEARTH_NOT_EXECUTED);
    cr_assert_eq (world_stat (&world, "calls", NULL), 1);
    one_stream_make_room (first);
}

Test (core_stream_limits, all_streams_of_a_session_count_together_and_give_back_what_they_had)
{
    one_stream_open (60, 600);
    wire_token_t first = token, first_served = served;
    world_register (service, "second", NULL);
    s_assert_limit (world_stream (caller, 1, "second", T, 41, 1), LIMIT_GRANTED, HEARTH_NOT_EXECUTED);
    world_stream (caller, 1, "second", T, 40, 400);
    served = world_take (service, WIRE_REQUEST)->wire.block.token;
    world_item_down (service, first_served, 1, 1);
    assert_item_down (caller, first, 1, T, 1);
    world_credit_up (caller, first, 1, WORLD_ITEM_SIZE (1));
    assert_credit_up (service, first_served, 2, T, 1, WORLD_ITEM_SIZE (1));
    world_reply (service, &(mail_t){ .wire.block.token = first_served }, 1);
    world_take (caller, WIRE_REPLY);
    world_reply (service, &(mail_t){ .wire.block.token = served }, 1);
    world_take (caller, WIRE_REPLY);
    one_stream_open (100, 1000);
    one_stream_answer ();
}

Test (core_stream_limits, credit_beyond_the_limit_ends_the_stream)
{
    one_stream_open (100, 100);
    world_credit_up (caller, token, 1, 1);
    s_ended_by_limit (LIMIT_GRANTED);
}

Test (core_stream_limits, bytes_beyond_the_limit_end_the_stream)
{
    one_stream_open (1, 1000);
    world_credit_up (caller, token, 1, 1);
    s_ended_by_limit (LIMIT_GRANTED_BYTES);
}

Test (core_stream_limits, credit_beyond_the_limit_ends_a_stream_that_waits)
{
    const mail_t *first = one_stream_fill (T);
    wire_token_t waiting = world_stream (caller, 0, "feed", T, 100, 100);
    world_credit_up (caller, waiting, 1, 1);
    s_assert_limit (waiting, LIMIT_GRANTED, HEARTH_NOT_EXECUTED);
    one_stream_make_room (first);
}

//  The service is at fault, and its caller is told.
Test (core_stream_limits, a_service_may_not_grant_beyond_the_limit_either)
{
    one_stream_open (0, 0);
    world_credit_down (service, served, 100, 1000);
    assert_credit_down (caller, token, 1, T, 100, 1000);
    world_credit_down (service, served, 1, 0);
    s_ended_by_limit (LIMIT_GRANTED);
    one_stream_open (0, 0);
    world_credit_down (service, served, 100, 1000);
    assert_credit_down (caller, token, 1, T, 100, 1000);
    one_stream_answer ();
}

Test (core_stream_limits, what_a_service_granted_is_given_back_at_the_end_of_the_items_up)
{
    one_stream_open (0, 0);
    world_credit_down (service, served, 100, 1000);
    assert_credit_down (caller, token, 1, T, 100, 1000);
    world_item_end (caller, token);
    assert_item_end (service, served, 2, T);
    world_register (service, "second", NULL);
    wire_token_t second = world_stream (caller, 1, "second", T, 0, 0);
    wire_token_t second_served = world_take (service, WIRE_REQUEST)->wire.block.token;
    world_credit_down (service, second_served, 100, 1000);
    assert_credit_down (caller, second, 1, T, 100, 1000);
    world_reply (service, &(mail_t){ .wire.block.token = second_served }, 1);
    world_take (caller, WIRE_REPLY);
    one_stream_answer ();
}

//  Below 0 there is nothing that was granted: the limit counts what may still come.
Test (core_stream_limits, an_item_beyond_its_bytes_gives_back_only_what_there_was)
{
    one_stream_open (4, 1000);
    for (uint8_t at = 0; at < 4; at++) {
        world_item_down (service, served, at, 250);
        assert_item_down (caller, token, 1, T, at);
    }
    world_credit_up (caller, token, 99, 1000);
    assert_credit_up (service, served, 2, T, 99, 1000);
    world_credit_up (caller, token, 1, 4 * WORLD_ITEM_SIZE (250) - 1000);
    assert_credit_up (service, served, 2, T, 1, 4 * WORLD_ITEM_SIZE (250) - 1000);
    one_stream_answer ();
}

Test (core_stream_limits, more_credit_than_there_can_be_ends_the_stream)
{
    world_end (&world);
    one_stream_begin_with (1000000, UINT64_C (17179869184));
    one_stream_open (1, WIRE_CREDIT_MOST);
    world_item_down (service, served, 1, 1);
    assert_item_down (caller, token, 1, T, 1);
    world_credit_up (caller, token, 1, WORLD_ITEM_SIZE (1));
    assert_credit_up (service, served, 2, T, 1, WORLD_ITEM_SIZE (1));
    world_credit_up (caller, token, 1, 1);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

Test (core_stream_limits, the_most_that_a_credit_can_grant_harms_nothing)
{
    one_stream_open (1, 1);
    world_credit_up (caller, token, WIRE_CREDIT_MOST, WIRE_CREDIT_MOST);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

//  ---- tokens of others, and what crosses an end ----

Test (core_stream_limits, a_stranger_s_items_and_credits_are_stray)
{
    link_t *stranger = world_peer (&world);
    one_stream_open (1, 100);
    world_item_down (stranger, served, 1, 1);
    world_credit_down (stranger, served, 1, 1);
    world_item_down (caller, served, 1, 1);
    world_item_down (service, (wire_token_t){ served.slot, served.generation + 1 }, 1, 1);
    world_item_down (service, (wire_token_t){ UINT32_MAX, 1 }, 1, 1);
    cr_assert (world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "dropped", "stray_items"), 5);
    world_item_up (stranger, token, 1, 1);
    world_credit_up (stranger, token, 1, 1);
    world_item_end (stranger, token);
    world_credit_up (caller, (wire_token_t){ token.slot, token.generation + 1 }, 1, 1);
    world_item_up (caller, (wire_token_t){ UINT32_MAX, 1 }, 1, 1);
    cr_assert (world_is_quiet (service) && world_is_quiet (caller) && world_is_quiet (stranger));
    one_stream_answer ();
}

Test (core_stream_limits, what_crosses_the_end_of_a_call_is_ignored)
{
    one_stream_open (10, 1000);
    world_credit_down (service, served, 1, 100);
    assert_credit_down (caller, token, 1, T, 1, 100);
    one_stream_answer ();
    world_item_up (caller, token, 1, 1);
    world_item_end (caller, token);
    world_credit_up (caller, token, 1, 1);
    cr_assert (world_is_quiet (caller) && world_is_quiet (service));
    world_item_down (service, served, 1, 1);
    world_credit_down (service, served, 1, 1);
    cr_assert (world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "dropped", "stray_items"), 2);
}
