/*  test_core_sessions.c - how sessions begin and end, and what a peer may do wrong */

#include <stdlib.h>
#include <string.h>

#include "world.h"

static world_t world;

static void s_setup (void)
{
    world_init (&world);
    world_start (&world);
}

static void s_teardown (void)
{
    world_end (&world);
}

TestSuite (core_sessions, .init = s_setup, .fini = s_teardown);

static void s_hello (link_t *link, uint64_t version, uint64_t id, uint64_t sessions)
{
    uint64_t instance [2] = { id, 78 };
    wire_frame_t hello = { .kind = WIRE_HELLO,
                           .version = version,
                           .library = SPAN ("test"),
                           .instance = { (const char *) instance, sizeof instance },
                           .sessions = sessions };
    world_send (link, &hello, "\xc0", 1);
}

Test (core_sessions, a_welcome_tells_the_epoch_the_name_the_limits_and_the_addresses)
{
    link_t *link = world_connect (&world);
    s_hello (link, 1, 1, 1);
    const mail_t *welcome = world_take (link, WIRE_WELCOME);
    cr_assert_eq (welcome->wire.version, 1);
    cr_assert_eq (welcome->wire.epoch, WORLD_EPOCH);
    cr_assert (span_equals (welcome->wire.name, ":abcdef012345.1"));
    cr_assert_eq (welcome->wire.block.session, 1);
    const hearth_value_t *body = mail_value (welcome);
    cr_assert_eq (hearth_value_int (hearth_value_get (hearth_value_get (body, "limits"), "calls")), 10000);
    cr_assert_str_eq (hearth_value_str (hearth_value_at (hearth_value_get (body, "publish"), 0)),
                      "tcp://127.0.0.1:9798");
}

Test (core_sessions, anything_before_the_hello_is_told_so_and_errors_are_not_answered)
{
    link_t *link = world_connect (&world);
    world_request (link, 0, "hearth", "ping", 0, 1000);
    assert_goodbye (link, STATUS_HELLO_FIRST);
    wire_frame_t silent [] = { { .kind = WIRE_PROBE }, { .kind = WIRE_GOODBYE }, { .kind = WIRE_REPLY } };
    for (size_t at = 0; at < 3; at++)
        world_send (link, &silent [at], "\xc0", 1);
    world_bytes (link, "GET / HTTP/1.1", 14);
    cr_assert (world_is_quiet (link));
    s_hello (link, 1, 1, 1);
    world_take (link, WIRE_WELCOME);
    cr_assert_eq (world_stat (&world, "dropped", "before_hello"), 5);
}

Test (core_sessions, another_version_is_refused)
{
    link_t *link = world_connect (&world);
    s_hello (link, 2, 1, 1);
    assert_goodbye (link, STATUS_BAD_VERSION);
    cr_assert (link->is_kicked);
}

Test (core_sessions, a_second_hello_ends_the_session)
{
    link_t *link = world_peer (&world);
    s_hello (link, 1, 9, 1);
    assert_goodbye (link, STATUS_MALFORMED);
    cr_assert (link->is_kicked);
}

Test (core_sessions, a_newer_session_of_an_instance_ends_the_older_one_and_may_have_its_names)
{
    link_t *older = world_connect (&world), *newer = world_connect (&world), *stale = world_connect (&world);
    s_hello (older, 1, 5, 1);
    world_take (older, WIRE_WELCOME);
    world_register (older, "mine", NULL);
    s_hello (newer, 1, 5, 2);
    cr_assert (older->is_kicked);
    world_take (newer, WIRE_WELCOME);
    world_register (newer, "mine", NULL);
    s_hello (stale, 1, 5, 2);
    assert_goodbye (stale, STATUS_STALE_SESSION);
    cr_assert (stale->is_kicked && !newer->is_kicked);
}

Test (core_sessions, a_goodbye_frees_the_names_at_once)
{
    link_t *one = world_peer (&world), *two = world_peer (&world);
    world_register (one, "mine", NULL);
    wire_frame_t goodbye = { .kind = WIRE_GOODBYE };
    world_send (one, &goodbye, "\xc0", 1);
    cr_assert (one->is_kicked);
    world_register (two, "mine", NULL);
}

Test (core_sessions, a_malformed_request_is_answered_and_malformed_others_are_counted)
{
    link_t *link = world_peer (&world);
    wire_frame_t item = { .kind = WIRE_CANCEL, .block = { .token = { 1, 2 } } };
    uint8_t bytes [64];
    size_t size = wire_write_header (&item, bytes, sizeof bytes);
    bytes [size++] = 0xc0;
    for (uint8_t kind = 0; kind < 128; kind++) {
        bool is_answered = kind == WIRE_REQUEST || kind == WIRE_PUBLISH;
        if (kind == WIRE_HELLO || kind == WIRE_GOODBYE || kind == WIRE_CANCEL)
            continue;
        bytes [0] = 0x92;
        bytes [1] = kind;
        bytes [28] = 0xc0;
        world_bytes (link, bytes, 29);
        if (is_answered)
            assert_error (link, ((wire_token_t){ 1, 2 }), STATUS_MALFORMED, HEARTH_NOT_EXECUTED);
        cr_assert (world_is_quiet (link), "kind %d", kind);
    }
    world_bytes (link, "", 0);
    world_bytes (link, "\x92\x04\xc4\x18", 4);
    cr_assert_eq (world_stat (&world, "dropped", "garbage"), 2);
}

//  Its token is ignored, and may be that of a call which is in flight.
Test (core_sessions, a_malformed_frame_that_declines_the_answer_is_counted_and_gets_none)
{
    static const wire_kind_t kinds [] = { WIRE_REQUEST, WIRE_PUBLISH };
    link_t *link = world_peer (&world);
    for (size_t index = 0; index < 2; index++) {
        wire_block_t block = { .token = { 1, 2 }, .flags = WIRE_ONEWAY | WIRE_NOACK };
        uint8_t bytes [29] = { 0x92, (uint8_t) kinds [index], 0xc4, 0x18, [28] = 0xc0 };
        wire_patch (bytes, &block);
        world_bytes (link, bytes, sizeof bytes);
        cr_assert (world_is_quiet (link));
        cr_assert_eq (world_stat (&world, "dropped", "malformed"), index + 1);
    }
}

//  Every byte of well-formed frames of each kind, replaced by several others: the core answers, drops, or ends the session,
//  and an honest pair goes on.
Test (core_sessions, mutated_frames_hurt_nobody_else)
{
    link_t *service = world_peer (&world), *caller = world_peer (&world), *liar = world_peer (&world);
    world_register (service, "echo", NULL);
    static const uint8_t others [] = { 0x00, 0x01, 0x7f, 0x80, 0x90, 0xc1, 0xc4, 0xd9, 0xdd, 0xff };
    uint64_t id [2] = { 4711, 1 };
    wire_frame_t frames [] = {
        { .kind = WIRE_HELLO, .version = 1, .library = SPAN ("x"), .instance = { (char *) id, 16 }, .sessions = 1 },
        { .kind = WIRE_WELCOME, .version = 1, .epoch = 5, .name = SPAN (":abcdef012345.1") },
        { .kind = WIRE_GOODBYE },
        { .kind = WIRE_REQUEST, .block = { { 3, 1 }, 0, 900, 0 }, .name = SPAN ("hearth"), .method = SPAN ("list") },
        { .kind = WIRE_REQUEST, .block = { { 4, 1 }, 0, 900, 0 }, .name = SPAN ("echo"), .method = SPAN ("say") },
        { .kind = WIRE_REPLY, .block = { { 0, 1 }, 0, 0, 0 }, .code = 5, .mark = 1 },
        { .kind = WIRE_CANCEL, .block = { { 3, 1 }, 0, 0, 0 } },
        { .kind = WIRE_PUBLISH, .block = { { 5, 1 }, 0, 0, 0 }, .name = SPAN ("echo"), .method = SPAN ("said") },
        { .kind = WIRE_PROBE },
    };
    for (size_t kind = 0; kind < sizeof frames / sizeof frames [0]; kind++) {
        uint8_t bytes [256], copy [256];
        size_t size = wire_write_header (&frames [kind], bytes, sizeof bytes);
        bytes [size++] = 0x90;
        for (size_t at = 0; at < size; at++)
            for (size_t other = 0; other < sizeof others; other++) {
                if (!liar->session) {
                    liar->is_kicked = false;
                    liar->session = core_opened (world.core, liar, world.now_ms);
                    id [0]++;
                    s_hello (liar, 1, id [0], 1);
                }
                memcpy (copy, bytes, size);
                copy [at] = others [other];
                world_bytes (liar, copy, size);
                while (!world_is_quiet (liar))
                    world_take (liar, liar->mails->wire.kind);
                while (!world_is_quiet (service))
                    world_reply (service, world_take (service, service->mails->wire.kind), 1);
            }
    }
    wire_token_t token = world_request (caller, 0, "echo", "say", 0, 5000);
    world_reply (service, world_take (service, WIRE_REQUEST), 8);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 8);
    world_forget (&world);
}
