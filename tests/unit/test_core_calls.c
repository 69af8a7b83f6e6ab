/*  test_core_calls.c - calls through the core: each ends exactly once, with a true mark */

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

TestSuite (core_calls, .init = s_setup, .fini = s_teardown);

static void s_serve (link_t *link, const char *name, const char *methods)
{
    pack_t options;
    world_option_methods (&options, methods);
    world_register (link, name, &options);
}

Test (core_calls, a_request_reaches_the_service_and_its_reply_the_caller)
{
    s_serve (service, "echo", "say");
    wire_token_t token = world_request (caller, 0, "echo", "say", 0, 5000);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    cr_assert (span_equals (request->wire.name, "echo"));
    cr_assert (span_equals (request->wire.method, "say"));
    cr_assert_eq (request->wire.block.session, 2);
    cr_assert_eq (request->wire.block.remaining_ms, 5000);
    world_reply (service, request, 42);
    const mail_t *reply = world_take (caller, WIRE_REPLY);
    cr_assert_eq (mail_int (reply, token), 42);
    cr_assert_eq (reply->wire.block.session, 1);
}

Test (core_calls, a_service_s_own_error_reaches_the_caller_with_its_mark)
{
    s_serve (service, "echo", "say");
    world_request (caller, 0, "echo", "say", 0, 5000);
    world_reply_error (service, world_take (service, WIRE_REQUEST), 11, HEARTH_EXECUTED, "echo.TooLoud");
    const mail_t *reply = world_take (caller, WIRE_REPLY);
    cr_assert_eq (reply->wire.code, 11);
    cr_assert_eq (reply->wire.mark, HEARTH_EXECUTED);
    cr_assert_eq (reply->wire.block.session, 1);
}

Test (core_calls, an_unknown_service_and_an_unknown_method_are_refused)
{
    s_serve (service, "echo", "say");
    assert_error (caller, world_request (caller, 0, "nobody", "say", 0, 5000), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
    assert_error (caller, world_request (caller, 0, "echo", "shout", 0, 5000), STATUS_NO_SUCH_METHOD,
                  HEARTH_NOT_EXECUTED);
    assert_error (caller, world_request (caller, 0, "not a name!", "say", WIRE_WAIT, 5000), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
}

Test (core_calls, a_registration_without_an_interface_takes_any_method)
{
    world_register (service, "any", NULL);
    world_request (caller, 0, "any", "whatever", 0, 5000);
    world_reply (service, world_take (service, WIRE_REQUEST), 1);
    world_take (caller, WIRE_REPLY);
}

Test (core_calls, a_call_ends_at_its_deadline_and_its_service_is_told)
{
    s_serve (service, "echo", "say");
    wire_token_t token = world_request (caller, 0, "echo", "say", 0, 500);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    world_wait (&world, 499);
    cr_assert (world_is_quiet (caller));
    world_wait (&world, 1);
    assert_error (caller, token, STATUS_DEADLINE, HEARTH_MAY_HAVE_EXECUTED);
    const mail_t *cancel = world_take (service, WIRE_CANCEL);
    cr_assert_eq (cancel->wire.reason, WIRE_CANCEL_DEADLINE);
    cr_assert_eq (cancel->wire.block.token.slot, request->wire.block.token.slot);
    world_reply (service, request, 1);
    cr_assert (world_is_quiet (caller), "a late answer frees the slot and goes nowhere");
    cr_assert_eq (world_stat (&world, "dropped", "late_replies"), 1);
    cr_assert_eq (world_stat (&world, "calls", NULL), 0);
}

Test (core_calls, a_request_that_has_expired_or_lasts_too_long_is_refused)
{
    s_serve (service, "echo", "say");
    assert_error (caller, world_request (caller, 0, "echo", "say", 0, 0), STATUS_DEADLINE, HEARTH_NOT_EXECUTED);
    assert_error (caller, world_request (caller, 0, "echo", "say", 0, 86400001), STATUS_LIMIT, HEARTH_NOT_EXECUTED);
}

Test (core_calls, a_cancel_ends_the_call_once_and_the_slot_lasts_until_the_service_answers)
{
    s_serve (service, "echo", "say");
    wire_token_t token = world_request (caller, 3, "echo", "say", 0, 5000);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    world_cancel (caller, token);
    assert_error (caller, token, STATUS_CANCELLED, HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_eq (world_take (service, WIRE_CANCEL)->wire.reason, WIRE_CANCEL_CALLER);
    world_cancel (caller, token);
    cr_assert (world_is_quiet (caller) && world_is_quiet (service), "a cancel of an ended call is ignored");
    cr_assert_eq (world_stat (&world, "calls", NULL), 1);
    world_reply (service, request, 1);
    cr_assert_eq (world_stat (&world, "calls", NULL), 0);
}

Test (core_calls, a_service_that_goes_ends_its_calls_and_tells_whether_the_method_was_idempotent)
{
    s_serve (service, "echo", "say ask!");
    wire_token_t said = world_request (caller, 0, "echo", "say", 0, 5000);
    wire_token_t asked = world_request (caller, 1, "echo", "ask", 0, 5000);
    world_take (service, WIRE_REQUEST);
    world_take (service, WIRE_REQUEST);
    world_leave (&world, service);
    cr_assert_eq (caller->mails->wire.block.flags, 0);
    assert_error (caller, said, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_eq (caller->mails->wire.block.flags, WIRE_IDEMPOTENT);
    assert_error (caller, asked, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED);
    assert_error (caller, world_request (caller, 0, "echo", "say", 0, 5000), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
}

Test (core_calls, a_caller_that_goes_cancels_its_calls)
{
    s_serve (service, "echo", "say");
    world_request (caller, 0, "echo", "say", 0, 5000);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    world_leave (&world, caller);
    cr_assert_eq (world_take (service, WIRE_CANCEL)->wire.reason, WIRE_CANCEL_GONE);
    world_reply (service, request, 1);
    cr_assert (world_is_quiet (service));
}

Test (core_calls, a_reply_with_a_token_of_somebody_else_is_dropped)
{
    s_serve (service, "echo", "say");
    link_t *thief = world_peer (&world);
    wire_token_t token = world_request (caller, 0, "echo", "say", 0, 5000);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    world_reply (thief, request, 666);
    cr_assert (world_is_quiet (caller));
    world_reply (service, request, 1);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 1);
    world_reply (service, request, 2);
    cr_assert (world_is_quiet (caller), "a second reply is dropped");
    cr_assert_eq (world_stat (&world, "dropped", "stray_replies"), 2);
}

Test (core_calls, a_slot_that_is_still_in_use_ends_the_session)
{
    s_serve (service, "echo", "say");
    world_request (caller, 7, "echo", "say", 0, 5000);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    world_request (caller, 7, "echo", "say", 0, 5000);
    assert_goodbye (caller, STATUS_MALFORMED);
    cr_assert (caller->is_kicked);
    world_take (service, WIRE_CANCEL);
    world_reply (service, request, 1);
}

Test (core_calls, a_oneway_call_is_acknowledged_at_dispatch_and_holds_its_place_until_it_is_done)
{
    s_serve (service, "echo", "say");
    wire_token_t token = world_request (caller, 0, "echo", "say", WIRE_ONEWAY, 5000);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    cr_assert_eq (hearth_value_type (mail_value (world_take (caller, WIRE_REPLY))), HEARTH_TYPE_NIL);
    (void) token;
    cr_assert_eq (request->wire.block.flags, WIRE_ONEWAY);
    world_wait (&world, 6000);
    cr_assert (world_is_quiet (service) && world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "calls", NULL), 1);
    world_reply (service, request, 0);
    cr_assert_eq (world_stat (&world, "calls", NULL), 0);
}

Test (core_calls, a_refused_oneway_call_is_told_unless_the_caller_declined)
{
    assert_error (caller, world_request (caller, 0, "echo", "say", WIRE_ONEWAY, 5000), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
    world_request (caller, 0, "echo", "say", WIRE_ONEWAY | WIRE_NOACK, 5000);
    cr_assert (world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "dropped", "unheard"), 1);
}

Test (core_calls, a_declined_call_survives_its_caller_in_the_queue)
{
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, "echo", &options);
    world_request (caller, 0, "echo", "first", WIRE_ONEWAY | WIRE_NOACK, 5000);
    world_request (caller, 0, "echo", "second", WIRE_ONEWAY | WIRE_NOACK, 5000);
    world_leave (&world, caller);
    world_reply (service, world_take (service, WIRE_REQUEST), 0);
    const mail_t *second = world_take (service, WIRE_REQUEST);
    cr_assert (span_equals (second->wire.method, "second"));
    cr_assert_eq (second->wire.block.session, 2);
    world_reply (service, second, 0);
}

Test (core_calls, a_pool_s_least_busy_instance_goes_first_and_equals_take_turns)
{
    link_t *other = world_peer (&world);
    pack_t options;
    world_option_str (&options, "mode", "shared");
    world_register (service, "pool", &options);
    world_option_str (&options, "mode", "shared");
    world_register (other, "pool", &options);
    world_request (caller, 0, "pool", "work", 0, 5000);
    world_request (caller, 1, "pool", "work", 0, 5000);
    const mail_t *a = world_take (service, WIRE_REQUEST), *b = world_take (other, WIRE_REQUEST);
    world_reply (other, b, 0);
    world_request (caller, 2, "pool", "work", 0, 5000);
    b = world_take (other, WIRE_REQUEST);
    world_reply (service, a, 0);
    world_reply (other, b, 0);
    world_request (caller, 3, "pool", "work", 0, 5000);
    world_reply (service, world_take (service, WIRE_REQUEST), 0);
    world_forget (&world);
}

Test (core_calls, when_an_instance_dies_what_was_queued_goes_to_the_others)
{
    link_t *other = world_peer (&world);
    pack_t options;
    for (int at = 0; at < 2; at++) {
        pack_init (&options);
        pack_map (&options, 2);
        pack_str (&options, "mode");
        pack_str (&options, "shared");
        pack_str (&options, "capacity");
        pack_int (&options, 1);
        world_register (at ? other : service, "pool", &options);
    }
    wire_token_t tokens [3];
    for (uint32_t slot = 0; slot < 3; slot++)
        tokens [slot] = world_request (caller, slot, "pool", "work", 0, 5000);
    world_take (service, WIRE_REQUEST);
    world_leave (&world, service);
    assert_error (caller, tokens [0], STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED);
    world_reply (other, world_take (other, WIRE_REQUEST), 1);
    world_reply (other, world_take (other, WIRE_REQUEST), 2);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), tokens [1]), 1);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), tokens [2]), 2);
}

Test (core_calls, when_the_last_owner_goes_what_was_queued_ends_as_not_executed)
{
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, "echo", &options);
    wire_token_t first = world_request (caller, 0, "echo", "say", 0, 5000);
    wire_token_t second = world_request (caller, 1, "echo", "say", 0, 5000);
    world_take (service, WIRE_REQUEST);
    world_leave (&world, service);
    assert_error (caller, second, STATUS_NO_SUCH_SERVICE, HEARTH_NOT_EXECUTED);
    assert_error (caller, first, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED);
}

Test (core_calls, in_a_mixed_pool_a_method_goes_only_to_those_that_have_it)
{
    link_t *other = world_peer (&world);
    pack_t options;
    const char *methods [] = { "both left", "both right" };
    for (int at = 0; at < 2; at++) {
        pack_t with;
        world_option_methods (&with, methods [at]);
        pack_init (&options);
        pack_map (&options, 2);
        pack_str (&options, "mode");
        pack_str (&options, "shared");
        pack_raw (&options, with.buffer.data + 1, with.buffer.size - 1);
        pack_clear (&with);
        world_register (at ? other : service, "pool", &options);
    }
    for (int round = 0; round < 3; round++) {
        world_request (caller, 0, "pool", "left", 0, 5000);
        world_reply (service, world_take (service, WIRE_REQUEST), 0);
        world_request (caller, 0, "pool", "right", 0, 5000);
        world_reply (other, world_take (other, WIRE_REQUEST), 0);
    }
    world_forget (&world);
    assert_error (caller, world_request (caller, 0, "pool", "middle", 0, 5000), STATUS_NO_SUCH_METHOD,
                  HEARTH_NOT_EXECUTED);
    world_leave (&world, other);
    assert_error (caller, world_request (caller, 0, "pool", "right", 0, 5000), STATUS_NO_SUCH_METHOD,
                  HEARTH_NOT_EXECUTED);
}

Test (core_calls, an_object_behind_a_unique_name_takes_calls_until_its_session_ends)
{
    const char *name = world_name (&world, service);
    assert_error (caller, world_request (caller, 0, name, "back", 0, 5000), STATUS_NO_SUCH_METHOD,
                  HEARTH_NOT_EXECUTED);
    s_serve (service, "", "back");
    world_request (caller, 0, name, "back", 0, 5000);
    world_reply (service, world_take (service, WIRE_REQUEST), 0);
    world_take (caller, WIRE_REPLY);
    assert_error (caller, world_request (caller, 0, ":000000000001.1", "back", 0, 5000), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
    world_leave (&world, service);
    assert_error (caller, world_request (caller, 0, name, "back", WIRE_WAIT, 5000), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
}

Test (core_calls, a_service_that_does_not_read_loses_its_session_and_the_call_is_not_executed)
{
    s_serve (service, "echo", "say");
    service->is_full = true;
    assert_error (caller, world_request (caller, 0, "echo", "say", 0, 5000), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
    cr_assert (service->is_kicked);
}

Test (core_calls, a_caller_that_does_not_read_loses_its_session)
{
    s_serve (service, "echo", "say");
    world_request (caller, 0, "echo", "say", 0, 5000);
    caller->is_full = true;
    world_reply (service, world_take (service, WIRE_REQUEST), 0);
    cr_assert (caller->is_kicked);
}

Test (core_calls, a_service_that_is_gone_before_the_broker_knows_keeps_calls_waiting_for_its_successor)
{
    s_serve (service, "echo", "say");
    service->is_gone = true;
    wire_token_t token = world_request (caller, 0, "echo", "say", WIRE_WAIT, 5000);
    cr_assert (world_is_quiet (caller));
    world_leave (&world, service);
    link_t *successor = world_peer (&world);
    s_serve (successor, "echo", "say");
    world_reply (successor, world_take (successor, WIRE_REQUEST), 3);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 3);
}

Test (core_calls, an_unregistered_name_s_dispatched_calls_are_still_answered)
{
    s_serve (service, "echo", "say");
    wire_token_t token = world_request (caller, 0, "echo", "say", 0, 5000);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 1);
    pack_str (&arguments, "echo");
    world_ask (service, 0, "unregister", &arguments);
    cr_assert (hearth_value_bool (mail_value (world_take (service, WIRE_REPLY))));
    world_reply (service, request, 5);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 5);
}

Test (core_calls, stopping_ends_what_is_pending_and_says_goodbye)
{
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, "echo", &options);
    wire_token_t dispatched = world_request (caller, 0, "echo", "say", 0, 5000);
    wire_token_t queued = world_request (caller, 1, "echo", "say", 0, 5000);
    world_take (service, WIRE_REQUEST);
    core_stop (world.core, world.now_ms);
    assert_error (caller, dispatched, STATUS_STOPPING, HEARTH_MAY_HAVE_EXECUTED);
    assert_error (caller, queued, STATUS_STOPPING, HEARTH_NOT_EXECUTED);
    assert_goodbye (caller, STATUS_STOPPING);
    assert_goodbye (service, STATUS_STOPPING);
    assert_error (caller, world_request (caller, 2, "echo", "say", 0, 5000), STATUS_STOPPING, HEARTH_NOT_EXECUTED);
    world_request (caller, 2, "echo", "say", WIRE_ONEWAY | WIRE_NOACK, 5000);
    cr_assert (world_is_quiet (caller), "who declined the answer is refused in silence");
}

Test (core_calls, a_oneway_call_whose_service_goes_after_dispatch_was_not_refused)
{
    s_serve (service, "echo", "say");
    world_request (caller, 0, "echo", "say", WIRE_ONEWAY | WIRE_NOACK, 5000);
    world_take (service, WIRE_REQUEST);
    world_leave (&world, service);
    cr_assert_eq (world_stat (&world, "dropped", "unheard"), 0);
}
