/*  test_core_oneway.c - methods that are declared one-way: each call of them is, and holds its place like any other */

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

TestSuite (core_oneway, .init = s_setup, .fini = s_teardown);

static void s_serve (link_t *link, const char *methods, int capacity)
{
    pack_t options;
    world_option_methods (&options, methods);
    if (capacity) {
        options.buffer.data [0] = (char) 0x83;
        pack_str (&options, "capacity");
        pack_int (&options, capacity);
        pack_str (&options, "mode");
        pack_str (&options, "shared");
    }
    world_register (link, "journal", &options);
}

static void s_expect_acknowledgement (void)
{
    const mail_t *reply = world_take (caller, WIRE_REPLY);
    cr_assert_eq (reply->wire.code, HEARTH_OK);
    cr_assert_eq (reply->wire.block.session, 0);
    cr_assert_eq (hearth_value_type (mail_value (reply)), HEARTH_TYPE_NIL);
}

Test (core_oneway, a_plain_request_to_a_method_that_is_declared_oneway_is_acknowledged_and_goes_on_as_one)
{
    s_serve (service, "note~ ask", 0);
    world_request (caller, 0, "journal", "note", 0, 5000);
    const mail_t *request = world_take (service, WIRE_REQUEST);
    cr_assert_eq (request->wire.block.flags, WIRE_ONEWAY);
    s_expect_acknowledgement ();
    world_reply (service, request, 1);
    cr_assert (world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "dropped", "late_replies"), 0);

    wire_token_t token = world_request (caller, 0, "journal", "ask", 0, 5000);
    request = world_take (service, WIRE_REQUEST);
    cr_assert_eq (request->wire.block.flags, 0);
    world_reply (service, request, 7);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 7);
}

Test (core_oneway, who_declines_the_acknowledgement_of_such_a_method_gets_none)
{
    s_serve (service, "note~", 0);
    world_request (caller, 0, "journal", "note", WIRE_ONEWAY | WIRE_NOACK, 5000);
    cr_assert_eq (world_take (service, WIRE_REQUEST)->wire.block.flags, WIRE_ONEWAY | WIRE_NOACK);
    cr_assert (world_is_quiet (caller));
}

Test (core_oneway, calls_of_such_a_method_wait_for_room_and_are_acknowledged_when_they_are_sent)
{
    s_serve (service, "note~", 1);
    world_request (caller, 0, "journal", "note", 0, 5000);
    world_request (caller, 1, "journal", "note", 0, 5000);
    const mail_t *first = world_take (service, WIRE_REQUEST);
    cr_assert (world_is_quiet (service));
    s_expect_acknowledgement ();
    cr_assert (world_is_quiet (caller));
    world_reply (service, first, 1);
    cr_assert_eq (world_take (service, WIRE_REQUEST)->wire.block.flags, WIRE_ONEWAY);
    s_expect_acknowledgement ();
}

//  A call that could not be sent to one instance is still a call like any other to the next one.
Test (core_oneway, of_a_pool_the_instance_that_is_called_says_what_the_method_is)
{
    link_t *other = world_peer (&world);
    s_serve (service, "note~", 1);
    s_serve (other, "note", 1);
    world_request (caller, 0, "journal", "note", 0, 5000);
    wire_token_t token = world_request (caller, 1, "journal", "note", 0, 5000);
    const mail_t *oneway = world_take (service, WIRE_REQUEST), *plain = world_take (other, WIRE_REQUEST);
    cr_assert_eq (oneway->wire.block.flags, WIRE_ONEWAY);
    cr_assert_eq (plain->wire.block.flags, 0);
    s_expect_acknowledgement ();
    world_reply (other, plain, 3);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 3);
}

Test (core_oneway, one_that_is_never_sent_is_refused_like_any_other)
{
    s_serve (service, "note~", 1);
    world_request (caller, 0, "journal", "note", 0, 5000);
    world_request (caller, 1, "journal", "note", 0, 500);
    world_take (service, WIRE_REQUEST);
    s_expect_acknowledgement ();
    world_wait (&world, 500);
    const mail_t *refused = world_take (caller, WIRE_REPLY);
    cr_assert_eq (refused->wire.code, HEARTH_DEADLINE_EXCEEDED);
    cr_assert_eq (refused->wire.mark, HEARTH_NOT_EXECUTED);
}
