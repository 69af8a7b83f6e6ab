/*  test_core_streams.c - what streams carry through the core: items and credit both ways, in order and counted

    How streams end is test_core_stream_ends.c.
*/

#include "one_stream.h"

TestSuite (core_streams, .init = one_stream_begin, .fini = one_stream_end);

//  The stream that waited is dispatched.
static void s_make_room (const mail_t *request)
{
    one_stream_make_room (request);
    const mail_t *mail = world_take (service, WIRE_REQUEST);
    cr_assert_eq (mail->wire.block.flags, WIRE_STREAM);
    served = mail->wire.block.token;
}

Test (core_streams, a_request_goes_to_its_service_with_its_flag_and_its_first_credit)
{
    token = world_stream (caller, 0, "feed", T, 7, 1000);
    const mail_t *mail = world_take (service, WIRE_REQUEST);
    uint64_t items, bytes;
    served = mail->wire.block.token;
    assert_block (mail, served, 2, T, WIRE_STREAM);
    cr_assert (wire_option_credit (mail->wire.options, &items, &bytes));
    cr_assert (items == 7 && bytes == 1000);
    one_stream_answer ();
}

//  Nobody would take its items otherwise, or hear of its end.
Test (core_streams, a_stream_stays_one_where_its_method_is_declared_one_way)
{
    pack_t options;
    world_option_methods (&options, "say~");
    world_register (service, "post", &options);
    token = world_stream (caller, 0, "post", T, 1, 100);
    const mail_t *mail = world_take (service, WIRE_REQUEST);
    served = mail->wire.block.token;
    assert_block (mail, served, 2, T, WIRE_STREAM);
    world_item_down (service, served, 1, 10);
    assert_item_down (caller, token, 1, T, 1);
    one_stream_answer ();
}

//  The service calls itself, and its token is the same as the broker's.
Test (core_streams, a_peer_that_calls_itself_has_both_ends_apart)
{
    world.generation = 0;
    token = world_stream (service, 0, "feed", T, 1, 100);
    served = world_take (service, WIRE_REQUEST)->wire.block.token;
    cr_assert (served.slot == token.slot && served.generation == token.generation);
    world_credit_down (service, served, 1, 100);
    assert_credit_down (service, token, 1, T, 1, 100);
    world_item_down (service, served, 3, 1);
    assert_item_down (service, token, 1, T, 3);
    world_item_up (service, token, 4, 1);
    assert_item_up (service, served, 1, T, 4);
    world_item_end (service, token);
    assert_item_end (service, served, 1, T);
    world_reply (service, &(mail_t){ .wire.block.token = served }, 5);
    cr_assert_eq (mail_int (world_take (service, WIRE_REPLY), token), 5);
}

Test (core_streams, items_go_down_in_order_and_before_the_reply)
{
    one_stream_open (3, 1000);
    for (uint8_t at = 0; at < 3; at++)
        world_item_down (service, served, at, 10);
    world_reply (service, &(mail_t){ .wire.block.token = served }, 9);
    for (uint8_t at = 0; at < 3; at++)
        assert_item_down (caller, token, 1, T, at);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 9);
    cr_assert_eq (world_stat (&world, "items", NULL), 3);
}

Test (core_streams, items_go_up_in_order_once_the_service_grants_them)
{
    one_stream_open (0, 0);
    world_credit_down (service, served, 2, 500);
    assert_credit_down (caller, token, 1, T, 2, 500);
    world_item_up (caller, token, 1, 10);
    world_item_up (caller, token, 2, 10);
    assert_item_up (service, served, 2, T, 1);
    assert_item_up (service, served, 2, T, 2);
    one_stream_answer ();
}

Test (core_streams, credits_add_up)
{
    one_stream_open (1, 100);
    world_credit_up (caller, token, 1, 100);
    assert_credit_up (service, served, 2, T, 1, 100);
    world_credit_up (caller, token, 1, 0);
    assert_credit_up (service, served, 2, T, 1, 0);
    for (uint8_t at = 0; at < 3; at++) {
        world_item_down (service, served, at, 10);
        assert_item_down (caller, token, 1, T, at);
    }
    world_item_down (service, served, 9, 10);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

//  One byte of credit lets an item of any size pass; the next needs what the first took, and one more.
Test (core_streams, an_item_may_exceed_the_bytes_that_are_left)
{
    one_stream_open (3, 1);
    world_item_down (service, served, 1, 100);
    assert_item_down (caller, token, 1, T, 1);
    world_credit_up (caller, token, 1, WORLD_ITEM_SIZE (100));
    assert_credit_up (service, served, 2, T, 1, WORLD_ITEM_SIZE (100));
    world_item_down (service, served, 2, 100);
    assert_item_down (caller, token, 1, T, 2);
    world_credit_up (caller, token, 1, WORLD_ITEM_SIZE (100) - 1);
    assert_credit_up (service, served, 2, T, 1, WORLD_ITEM_SIZE (100) - 1);
    world_item_down (service, served, 3, 100);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

Test (core_streams, bytes_are_those_of_whole_frames)
{
    one_stream_open (3, 2 * WORLD_ITEM_SIZE (10));
    world_item_down (service, served, 1, 10);
    world_item_down (service, served, 2, 10);
    assert_item_down (caller, token, 1, T, 1);
    assert_item_down (caller, token, 1, T, 2);
    world_item_down (service, served, 3, 10);
    one_stream_has_ended (STATUS_LIMIT, WIRE_CANCEL_CALLER);
}

Test (core_streams, the_end_of_the_items_up_takes_no_credit_and_comes_after_them)
{
    one_stream_open (0, 0);
    world_credit_down (service, served, 1, 100);
    world_item_up (caller, token, 1, 10);
    world_item_end (caller, token);
    assert_credit_down (caller, token, 1, T, 1, 100);
    assert_item_up (service, served, 2, T, 1);
    assert_item_end (service, served, 2, T);
    one_stream_answer ();
}

//  Whatever its body is: nobody granted it.
Test (core_streams, the_end_of_the_items_up_is_passed_on_with_nil)
{
    uint8_t body [202] = { 0xc4, 200 };
    one_stream_open (0, 0);
    world_send (caller,
                &(wire_frame_t){ .kind = WIRE_ITEM, .block = { .token = token, .flags = WIRE_UP | WIRE_END } }, body,
                sizeof body);
    cr_assert_eq (world_take (service, WIRE_ITEM)->size, 29);
    one_stream_answer ();
}

Test (core_streams, a_credit_is_passed_on_without_what_else_it_carries)
{
    uint8_t body [202] = { 0xc4, 200 };
    one_stream_open (0, 0);
    world_send (
        caller,
        &(wire_frame_t){ .kind = WIRE_CREDIT, .block = { .token = token, .flags = WIRE_UP }, .items = 1, .bytes = 2 },
        body, sizeof body);
    cr_assert_eq (world_take (service, WIRE_CREDIT)->size, 31);
    one_stream_answer ();
}

Test (core_streams, nothing_comes_up_after_the_end)
{
    one_stream_open (0, 0);
    world_item_end (caller, token);
    assert_item_end (service, served, 2, T);
    world_credit_down (service, served, 1, 100);
    cr_assert (world_is_quiet (caller), "what crosses the end is ignored");
    world_item_up (caller, token, 1, 10);
    world_item_end (caller, token);
    cr_assert (world_is_quiet (service) && world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "dropped", "malformed"), 2);
    one_stream_answer ();
}

Test (core_streams, what_a_stream_granted_is_told_to_a_service_that_gets_it_late)
{
    const mail_t *first = one_stream_fill (T);
    token = world_stream (caller, 0, "feed", T, 1, 100);
    world_credit_up (caller, token, 2, 50);
    world_credit_up (caller, token, 1, 7);
    world_item_end (caller, token);
    world_wait (&world, 1000);
    s_make_room (first);
    assert_credit_up (service, served, 2, T, 3, 57);
    assert_item_end (service, served, 2, T);
    for (uint8_t at = 0; at < 4; at++) {
        world_item_down (service, served, at, 1);
        assert_item_down (caller, token, 1, T, at);
    }
    one_stream_answer ();
}

Test (core_streams, a_stream_that_waited_and_granted_nothing_more_is_like_any_other)
{
    const mail_t *first = one_stream_fill (T);
    token = world_stream (caller, 0, "feed", T, 1, 100);
    s_make_room (first);
    cr_assert (world_is_quiet (service));
    world_item_down (service, served, 1, 1);
    assert_item_down (caller, token, 1, T, 1);
    one_stream_answer ();
}

Test (core_streams, a_stream_waits_for_its_name_as_any_call)
{
    pack_t options = world_option_credit (1, 100);
    pack_t both;
    pack_init (&both);
    pack_map (&both, 2);
    pack_raw (&both, options.buffer.data + 1, options.buffer.size - 1);
    pack_str (&both, "wait");
    pack_uint (&both, 1000);
    pack_clear (&options);
    token = (wire_token_t){ 0, 77 };
    wire_frame_t wire = {
        .kind = WIRE_REQUEST,
        .block = { .token = token, .remaining_ms = T, .flags = WIRE_STREAM | WIRE_WAIT },
        .name = SPAN ("later"),
        .method = SPAN ("say"),
        .options = { both.buffer.data, both.buffer.size },
    };
    world_send (caller, &wire, "\x90", 1);
    pack_clear (&both);
    world_credit_up (caller, token, 1, 100);
    world_register (service, "later", NULL);
    served = world_take (service, WIRE_REQUEST)->wire.block.token;
    assert_credit_up (service, served, 2, T, 1, 100);
    world_item_down (service, served, 1, 1);
    world_item_down (service, served, 2, 1);
    assert_item_down (caller, token, 1, T, 1);
    assert_item_down (caller, token, 1, T, 2);
    one_stream_answer ();
}

Test (core_streams, two_streams_do_not_mix)
{
    link_t *other = world_peer (&world);
    one_stream_open (1, 100);
    wire_token_t first = token, first_served = served;
    world_register (service, "second", NULL);
    wire_token_t second = world_stream (other, 0, "second", T, 1, 100);
    wire_token_t second_served = world_take (service, WIRE_REQUEST)->wire.block.token;
    world_item_down (service, second_served, 2, 1);
    world_item_down (service, first_served, 1, 1);
    assert_item_down (caller, first, 1, T, 1);
    assert_item_down (other, second, 1, T, 2);
    world_reply (service, &(mail_t){ .wire.block.token = first_served }, 1);
    world_reply (service, &(mail_t){ .wire.block.token = second_served }, 2);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), first), 1);
    cr_assert_eq (mail_int (world_take (other, WIRE_REPLY), second), 2);
}

Test (core_streams, a_credit_without_items_is_malformed)
{
    one_stream_open (1, 100);
    world_credit_up (caller, token, 0, 100);
    world_credit_down (service, served, 0, 100);
    cr_assert (world_is_quiet (service) && world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "dropped", "malformed"), 2);
    one_stream_answer ();
}

Test (core_streams, items_and_credit_of_a_call_that_is_no_stream_are_malformed)
{
    token = world_request (caller, 0, "feed", "say", 0, T);
    served = world_take (service, WIRE_REQUEST)->wire.block.token;
    world_item_down (service, served, 1, 1);
    world_credit_down (service, served, 1, 1);
    world_item_up (caller, token, 1, 1);
    world_item_end (caller, token);
    world_credit_up (caller, token, 1, 1);
    cr_assert (world_is_quiet (service) && world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "dropped", "malformed"), 5);
    one_stream_answer ();
}

Test (core_streams, only_a_caller_ends_its_items)
{
    one_stream_open (1, 100);
    uint8_t frame [29] = { 0x92, WIRE_ITEM, 0xc4, 0x18, [27] = WIRE_END, [28] = 0xc0 };
    frame [7] = (uint8_t) served.slot;
    frame [11] = (uint8_t) served.generation;
    world_bytes (service, frame, sizeof frame);
    cr_assert (world_is_quiet (caller));
    cr_assert_eq (world_stat (&world, "dropped", "malformed"), 1);
    one_stream_answer ();
}

Test (core_streams, a_stream_of_the_directory_is_a_call_like_any_other)
{
    wire_token_t ping = { 3, 77 };
    pack_t options = world_option_credit (5, 500);
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .token = ping, .remaining_ms = T, .flags = WIRE_STREAM },
                          .name = SPAN ("hearth"),
                          .method = SPAN ("ping"),
                          .options = { options.buffer.data, options.buffer.size } };
    world_send (caller, &wire, "\x91\x05", 2);
    pack_clear (&options);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), ping), 5);
}
