/*  test_core_stream_ends.c - how streams end: silence, cancel, loss, stop; each once, with a true mark

    What ends them for a fault is test_core_stream_limits.c.
 */

#include "one_stream.h"

TestSuite (core_stream_ends, .init = one_stream_begin, .fini = one_stream_end);

//  ---- silence ----

Test (core_stream_ends, a_silent_stream_ends_at_its_deadline)
{
    one_stream_open (10, 1000);
    world_wait (&world, T - 1);
    cr_assert (world_is_quiet (caller));
    world_wait (&world, 1);
    one_stream_has_ended (STATUS_DEADLINE, WIRE_CANCEL_DEADLINE);
}

//  Each way, items, credits and the end: whatever passes gives it its time again.
Test (core_stream_ends, whatever_passes_ends_the_silence)
{
    one_stream_open (10, 500);
    world_wait (&world, T - 1);
    world_item_down (service, served, 1, 1);
    assert_item_down (caller, token, 1, T, 1);
    world_wait (&world, T - 1);
    world_credit_down (service, served, 1, 100);
    assert_credit_down (caller, token, 1, T, 1, 100);
    world_wait (&world, T - 1);
    world_credit_up (caller, token, 1, 100);
    assert_credit_up (service, served, 2, T, 1, 100);
    world_wait (&world, T - 1);
    world_item_up (caller, token, 1, 1);
    assert_item_up (service, served, 2, T, 1);
    world_wait (&world, T - 1);
    world_item_end (caller, token);
    assert_item_end (service, served, 2, T);
    world_wait (&world, T - 1);
    cr_assert (world_is_quiet (caller) && world_is_quiet (service));
    world_wait (&world, 1);
    one_stream_has_ended (STATUS_DEADLINE, WIRE_CANCEL_DEADLINE);
}

Test (core_stream_ends, what_is_dropped_does_not_end_the_silence)
{
    one_stream_open (10, 1000);
    world_item_end (caller, token);
    assert_item_end (service, served, 2, T);
    world_wait (&world, T - 1);
    world_item_end (caller, token);
    world_credit_up (caller, token, 0, 1);
    world_credit_down (service, served, 1, 1);
    world_wait (&world, 1);
    one_stream_has_ended (STATUS_DEADLINE, WIRE_CANCEL_DEADLINE);
}

Test (core_stream_ends, a_stream_that_waits_has_the_deadline_of_a_call)
{
    const mail_t *first = one_stream_fill (2 * T);
    wire_token_t waiting = world_stream (caller, 0, "feed", T, 1, 100);
    world_wait (&world, T - 1);
    world_credit_up (caller, waiting, 1, 100);
    world_item_end (caller, waiting);
    world_wait (&world, 1);
    assert_error (caller, waiting, STATUS_DEADLINE, HEARTH_NOT_EXECUTED);
    one_stream_make_room (first);
}

//  From the request's arrival until something passes; then T from there.
Test (core_stream_ends, a_dispatch_gives_no_time)
{
    const mail_t *first = one_stream_fill (2 * T);
    token = world_stream (caller, 0, "feed", T, 1, 100);
    world_wait (&world, 1000);
    one_stream_make_room (first);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    served = request->wire.block.token;
    cr_assert_eq (request->wire.block.remaining_ms, T, "how long it may be silent, whatever it has waited");
    world_wait (&world, T - 1001);
    cr_assert (world_is_quiet (caller));
    world_wait (&world, 1);
    one_stream_has_ended (STATUS_DEADLINE, WIRE_CANCEL_DEADLINE);
}

//  ---- cancel, loss, stop ----

Test (core_stream_ends, a_cancelled_stream_ends_and_its_service_answers_when_it_likes)
{
    one_stream_open (10, 1000);
    world_credit_down (service, served, 1, 100);
    assert_credit_down (caller, token, 1, T, 1, 100);
    world_cancel (caller, token);
    assert_error (caller, token, STATUS_CANCELLED, HEARTH_MAY_HAVE_EXECUTED);
    assert_cancel (service, served, WIRE_CANCEL_CALLER);
    world_item_down (service, served, 1, 1);
    world_credit_down (service, served, 1, 1);
    world_item_up (caller, token, 1, 1);
    world_credit_up (caller, token, 1, 1);
    cr_assert (world_is_quiet (caller) && world_is_quiet (service));
    cr_assert_eq (world_stat (&world, "dropped", "late_items"), 2);
    one_stream_answer_late ();
    one_stream_open (100, 1000);
    one_stream_answer ();
}

Test (core_stream_ends, a_stream_that_waits_is_cancelled_and_gives_back_its_credit)
{
    const mail_t *first = one_stream_fill (T);
    wire_token_t waiting = world_stream (caller, 0, "feed", T, 50, 500);
    world_credit_up (caller, waiting, 50, 500);
    world_cancel (caller, waiting);
    assert_error (caller, waiting, STATUS_CANCELLED, HEARTH_NOT_EXECUTED);
    one_stream_make_room (first);
    one_stream_open (100, 1000);
    one_stream_answer ();
}

Test (core_stream_ends, a_lost_service_ends_the_stream)
{
    one_stream_open (10, 1000);
    world_item_down (service, served, 1, 1);
    assert_item_down (caller, token, 1, T, 1);
    world_leave (&world, service);
    assert_error (caller, token, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED);
    service = world_peer (&world);
    world_register (service, "feed", NULL);
    world_stream (caller, 0, "feed", T, 100, 1000);
    served = world_take (service, WIRE_REQUEST)->wire.block.token;
    world_reply (service, &(mail_t){ .wire.block.token = served }, 7);
    world_take (caller, WIRE_REPLY);
}

Test (core_stream_ends, a_lost_caller_gives_its_service_back_what_that_granted)
{
    link_t *lost = world_peer (&world);
    world_stream (lost, 0, "feed", T, 1, 100);
    served = world_take (service, WIRE_REQUEST)->wire.block.token;
    world_credit_down (service, served, 100, 1000);
    world_take (lost, WIRE_CREDIT);
    world_leave (&world, lost);
    assert_cancel (service, served, WIRE_CANCEL_GONE);
    world_item_down (service, served, 1, 1);
    world_reply (service, &(mail_t){ .wire.block.token = served }, 0);
    one_stream_open (0, 0);
    world_credit_down (service, served, 100, 1000);
    assert_credit_down (caller, token, 1, T, 100, 1000);
    one_stream_answer ();
}

Test (core_stream_ends, a_peer_that_does_not_read_its_items_loses_its_session)
{
    one_stream_open (10, 1000);
    caller->is_full = true;
    world_item_down (service, served, 1, 1);
    cr_assert (caller->is_kicked);
    assert_cancel (service, served, WIRE_CANCEL_GONE);
    world_reply (service, &(mail_t){ .wire.block.token = served }, 0);
}

Test (core_stream_ends, a_service_that_does_not_read_its_items_loses_its_session)
{
    one_stream_open (10, 1000);
    world_credit_down (service, served, 10, 1000);
    assert_credit_down (caller, token, 1, T, 10, 1000);
    service->is_full = true;
    world_item_up (caller, token, 1, 1);
    cr_assert (service->is_kicked);
    assert_error (caller, token, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED);
}

Test (core_stream_ends, a_broker_that_stops_ends_streams_and_drops_what_they_carry)
{
    one_stream_open (10, 1000);
    core_stop (world.core, world.now_ms);
    assert_error (caller, token, STATUS_STOPPING, HEARTH_MAY_HAVE_EXECUTED);
    assert_goodbye (caller, STATUS_STOPPING);
    assert_goodbye (service, STATUS_STOPPING);
    world_item_down (service, served, 1, 1);
    world_credit_up (caller, token, 1, 1);
    cr_assert (world_is_quiet (caller) && world_is_quiet (service));
}

Test (core_stream_ends, an_item_before_the_hello_is_told_so)
{
    link_t *link = world_connect (&world);
    world_item_up (link, (wire_token_t){ 0, 1 }, 1, 1);
    assert_goodbye (link, STATUS_HELLO_FIRST);
    world_credit_down (link, (wire_token_t){ 0, 1 }, 1, 1);
    assert_goodbye (link, STATUS_HELLO_FIRST);
}
