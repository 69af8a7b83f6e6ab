/*  test_core_waiting.c - calls that wait: for room in a queue, for their name, for a session to be settled */

#include "world.h"

static world_t world;
static link_t *service, *caller;

static void s_setup (void)
{
    world_init (&world);
    world_start (&world);
    service = world_peer (&world);
    caller = world_peer (&world);
}

static void s_teardown (void)
{
    world_end (&world);
}

TestSuite (core_waiting, .init = s_setup, .fini = s_teardown);

static void s_serve_one_at_a_time (const char *name)
{
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, name, &options);
}

Test (core_waiting, beyond_the_capacity_calls_wait_in_order)
{
    s_serve_one_at_a_time ("echo");
    wire_token_t tokens [3];
    for (uint32_t slot = 0; slot < 3; slot++)
        tokens [slot] = world_request (caller, slot, "echo", "say", 0, 5000);
    for (int call = 0; call < 3; call++) {
        const mail_t *request = world_take (service, WIRE_REQUEST);
        cr_assert (world_is_quiet (service));
        world_wait (&world, 100);
        world_reply (service, request, call);
        cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), tokens [call]), call);
    }
}

Test (core_waiting, a_waiting_call_is_sent_with_what_is_left_of_its_deadline)
{
    s_serve_one_at_a_time ("echo");
    world_request (caller, 0, "echo", "say", 0, 5000);
    world_request (caller, 1, "echo", "say", 0, 1000);
    const mail_t *first = world_take (service, WIRE_REQUEST);
    world_wait (&world, 400);
    world_reply (service, first, 0);
    world_take (caller, WIRE_REPLY);
    const mail_t *second = world_take (service, WIRE_REQUEST);
    cr_assert_eq (second->wire.block.remaining_ms, 600);
    world_reply (service, second, 0);
    world_take (caller, WIRE_REPLY);
}

Test (core_waiting, a_call_that_expires_or_is_cancelled_in_the_queue_is_never_sent)
{
    s_serve_one_at_a_time ("echo");
    uint64_t held = world_stat (&world, "held_bytes", NULL);
    world_request (caller, 0, "echo", "say", 0, 5000);
    wire_token_t expires = world_request (caller, 1, "echo", "say", 0, 100);
    wire_token_t cancelled = world_request (caller, 2, "echo", "say", 0, 5000);
    world_wait (&world, 100);
    assert_error (caller, expires, STATUS_DEADLINE, HEARTH_NOT_EXECUTED);
    world_cancel (caller, cancelled);
    assert_error (caller, cancelled, STATUS_CANCELLED, HEARTH_NOT_EXECUTED);
    world_reply (service, world_take (service, WIRE_REQUEST), 0);
    world_take (caller, WIRE_REPLY);
    cr_assert (world_is_quiet (service));
    cr_assert_eq (world_stat (&world, "held_bytes", NULL), held + 16 * sizeof (void *),
                  "only the caller's slots stay");
}

Test (core_waiting, a_waiting_call_whose_time_came_unnoticed_is_not_sent)
{
    s_serve_one_at_a_time ("echo");
    world_request (caller, 0, "echo", "say", 0, 5000);
    wire_token_t late = world_request (caller, 1, "echo", "say", 0, 100);
    const mail_t *first = world_take (service, WIRE_REQUEST);
    world.now_ms += 200;  //  the reply is read before the timers
    world_reply (service, first, 0);
    world_take (caller, WIRE_REPLY);
    assert_error (caller, late, STATUS_DEADLINE, HEARTH_NOT_EXECUTED);
    cr_assert (world_is_quiet (service));
}

Test (core_waiting, a_call_may_wait_for_its_name_to_appear)
{
    wire_token_t token = world_request (caller, 0, "late", "say", WIRE_WAIT, 5000);
    world_wait (&world, 900);
    cr_assert (world_is_quiet (caller));
    world_register (service, "late", NULL);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    cr_assert_eq (request->wire.block.remaining_ms, 4100);
    world_reply (service, request, 9);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 9);
}

Test (core_waiting, a_name_that_does_not_appear_in_time_ends_the_wait)
{
    wire_token_t token = world_request (caller, 0, "late", "say", WIRE_WAIT, 5000);
    wire_token_t shorter = world_request (caller, 1, "late", "say", WIRE_WAIT, 300);
    world_wait (&world, 300);
    assert_error (caller, shorter, STATUS_DEADLINE, HEARTH_NOT_EXECUTED);
    world_wait (&world, 700);
    assert_error (caller, token, STATUS_NO_SUCH_SERVICE, HEARTH_NOT_EXECUTED);
    cr_assert_eq (world_stat (&world, "calls", NULL), 0);
}

Test (core_waiting, a_name_that_appears_without_the_method_ends_the_wait)
{
    wire_token_t token = world_request (caller, 0, "late", "say", WIRE_WAIT, 5000);
    pack_t options;
    world_option_methods (&options, "other");
    world_register (service, "late", &options);
    assert_error (caller, token, STATUS_NO_SUCH_METHOD, HEARTH_NOT_EXECUTED);
}

Test (core_waiting, a_call_that_waited_in_a_queue_does_not_wait_for_the_name_beyond_its_deadline)
{
    s_serve_one_at_a_time ("echo");
    wire_token_t first = world_request (caller, 0, "echo", "say", 0, 5000);
    wire_token_t late = world_request (caller, 1, "echo", "say", WIRE_WAIT, 100);
    world_take (service, WIRE_REQUEST);
    world.now_ms += 200;  //  the service's end is noticed before the timer
    world_leave (&world, service);
    assert_error (caller, late, STATUS_DEADLINE, HEARTH_NOT_EXECUTED);
    assert_error (caller, first, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED);
}

Test (core_waiting, an_instance_that_could_not_be_reached_is_tried_again_once_its_session_is_trusted)
{
    world_register (service, "echo", NULL);
    service->is_gone = true;
    wire_token_t token = world_request (caller, 0, "echo", "say", 0, 5000);
    service->is_gone = false;
    core_trust (world.core, service->session, world.now_ms);
    world_reply (service, world_take (service, WIRE_REQUEST), 6);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 6);
}

Test (core_waiting, nothing_that_waited_is_sent_once_the_broker_stops)
{
    s_serve_one_at_a_time ("echo");
    for (int call = 0; call < 2; call++)
        world_request (caller, 0, "echo", "say", WIRE_ONEWAY | WIRE_NOACK, 5000);
    const mail_t *first = world_take (service, WIRE_REQUEST);
    core_stop (world.core, world.now_ms);
    assert_goodbye (caller, STATUS_STOPPING);
    assert_goodbye (service, STATUS_STOPPING);
    world_reply (service, first, 0);
    cr_assert (world_is_quiet (service), "nothing follows a goodbye");
}

Test (core_waiting, a_call_that_found_its_name_parks_no_more)
{
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_PARKED] = 1;
    world_start (&world);
    service = world_peer (&world);
    caller = world_peer (&world);
    static const char *const names [] = { "one", "two", "three" };
    for (int at = 0; at < 3; at++) {
        wire_token_t token = world_request (caller, 0, names [at], "say", WIRE_WAIT, 5000);
        cr_assert (world_is_quiet (caller), "it may wait, since nothing else does");
        world_register (service, names [at], NULL);
        world_reply (service, world_take (service, WIRE_REQUEST), at);
        cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), at);
    }
}
