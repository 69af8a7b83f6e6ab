/*  test_core_limits.c - every protocol limit of the table is reached, named, counted, and recovered from

    The rows of kind TRANSPORT are reached with real sockets (tests/integration); a row that no test knows fails here.
*/

#include <string.h>

#include "world_streams.h"

static world_t world;
static link_t *service, *caller;

static void s_start (limit_id_t limit, uint64_t value)
{
    world_init (&world);
    world.limits.value [limit] = value;
    world_start (&world);
    service = world_peer (&world);
    caller = world_peer (&world);
}

//  The next reply is hearth.Limit, and its message names the limit's option and value.
static void s_assert_limit (link_t *link, limit_id_t limit)
{
    const mail_t *mail = world_take (link, WIRE_REPLY);
    const hearth_value_t *error = mail_value (mail);
    cr_assert_eq (mail->wire.code, HEARTH_RESOURCE_EXHAUSTED);
    cr_assert_str_eq (hearth_value_str (hearth_value_at (error, 0)), "hearth.Limit");
    char option [64];
    snprintf (option, sizeof option, "(--%s)", limit_rows [limit].option);
    cr_assert (strstr (hearth_value_str (hearth_value_at (error, 1)), option), "%s: %s", option,
               hearth_value_str (hearth_value_at (error, 1)));
    cr_assert_eq (world_stat (&world, "limits_hit", limit_rows [limit].option), 1, "%s", option);
}

static pack_t s_registration (const char *name, pack_t *options)
{
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, options ? 2 : 1);
    pack_str (&arguments, name);
    if (options) {
        pack_raw (&arguments, options->buffer.data, options->buffer.size);
        pack_clear (options);
    }
    return arguments;
}

static void s_big_request (link_t *from, uint32_t slot, size_t size)
{
    static uint8_t body [8192];
    memset (body, 0, sizeof body);
    body [0] = 0xc5;
    body [1] = (uint8_t) (size >> 8);
    body [2] = (uint8_t) size;
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .token = { slot, 1 }, .remaining_ms = 1000 },
                          .name = SPAN ("echo"),
                          .method = SPAN ("say") };
    world_send (from, &wire, body, size + 3);
}

static void s_message (void)
{
    s_big_request (caller, 0, 5000);
}

static void s_names (void)
{
    world_register (caller, "one", NULL);
    pack_t arguments = s_registration ("two", NULL);
    world_ask (caller, 0, "register", &arguments);
}

static void s_metadata (void)
{
    pack_t options;
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "metadata");
    pack_map (&options, 1);
    pack_str (&options, "key");
    pack_str (&options, "a value of some length");
    pack_t arguments = s_registration ("one", &options);
    world_ask (caller, 0, "register", &arguments);
}

static void s_interface (void)
{
    pack_t options;
    world_option_methods (&options, "one two three four");
    pack_t arguments = s_registration ("one", &options);
    world_ask (caller, 0, "register", &arguments);
}

static void s_calls (void)
{
    world_request (caller, 1000, "echo", "say", 0, 1000);
}

static void s_capacity (void)
{
    pack_t options;
    world_option_int (&options, "capacity", 3);
    pack_t arguments = s_registration ("one", &options);
    world_ask (caller, 0, "register", &arguments);
}

static void s_queue (void)
{
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, "echo", &options);
    for (uint32_t slot = 0; slot < 4; slot++)
        world_request (caller, slot, "echo", "say", 0, 1000);
}

static void s_parked (void)
{
    for (uint32_t slot = 0; slot < 3; slot++)
        world_request (caller, slot, "nobody", "say", WIRE_WAIT, 1000);
}

static void s_deadline (void)
{
    world_request (caller, 0, "echo", "say", 0, 20001);
}

static void s_granted (void)
{
    world_register (service, "echo", NULL);
    world_stream (caller, 0, "echo", 1000, 101, 5001);
}

static void s_topics (void)
{
    world_register (caller, "source", NULL);
    for (int at = 0; at < 15; at++) {
        char event [16];
        snprintf (event, sizeof event, "event-%d", at);
        world_publish (caller, 0, "source", event, at);
        if (at < 14)
            cr_assert_eq (world_take (caller, WIRE_REPLY)->wire.code, 0);
    }
}

static void s_memory (void)
{
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, "echo", &options);
    world_request (caller, 0, "echo", "say", 0, 1000);
    for (uint32_t slot = 1; slot < 3; slot++)
        s_big_request (caller, slot, 4000);
}

//  How each row is reached, and with which value. Those that the core meets in silence have tests of their own below.
static const struct {
    limit_id_t limit;
    uint64_t value;
    void (*reach) (void);
} rows [] = {
    { LIMIT_MESSAGE, 4096, s_message }, { LIMIT_NAMES, 1, s_names },
    { LIMIT_METADATA, 8, s_metadata },  { LIMIT_INTERFACE, 16, s_interface },
    { LIMIT_CALLS, 1000, s_calls },     { LIMIT_CAPACITY, 2, s_capacity },
    { LIMIT_QUEUE, 2, s_queue },        { LIMIT_QUEUE_BYTES, 90, s_queue },
    { LIMIT_PARKED, 2, s_parked },      { LIMIT_DEADLINE, 20000, s_deadline },
    { LIMIT_TOPICS, 16, s_topics },     { LIMIT_SESSION_TOPICS, 14, s_topics },
    { LIMIT_GRANTED, 100, s_granted },  { LIMIT_GRANTED_BYTES, 5000, s_granted },
    { LIMIT_MEMORY, 6000, s_memory },
};

Test (core_limits, each_row_that_refuses_names_itself)
{
    for (size_t at = 0; at < sizeof rows / sizeof rows [0]; at++) {
        s_start (rows [at].limit, rows [at].value);
        rows [at].reach ();
        s_assert_limit (caller, rows [at].limit);
        world_forget (&world);
        world_end (&world);
    }
}

Test (core_limits, each_protocol_row_has_a_test)
{
    static const limit_id_t elsewhere [] = { LIMIT_NESTING, LIMIT_DISPATCHED, LIMIT_DISPATCHED_BYTES, LIMIT_HISTORY,
                                             LIMIT_HISTORY_BYTES };
    for (int limit = 0; limit < LIMIT_COUNT; limit++) {
        bool is_tested = limit_rows [limit].kind != LIMIT_KIND_PROTOCOL;
        for (size_t at = 0; at < sizeof rows / sizeof rows [0]; at++)
            is_tested |= rows [at].limit == (limit_id_t) limit;
        for (size_t at = 0; at < sizeof elsewhere / sizeof elsewhere [0]; at++)
            is_tested |= elsewhere [at] == (limit_id_t) limit;
        cr_assert (is_tested, "%s", limit_rows [limit].option);
    }
}

Test (core_limits, deeper_nesting_than_allowed_is_no_argument)
{
    s_start (LIMIT_NESTING, 32);
    uint8_t body [64];
    memset (body, 0x91, sizeof body);
    body [40] = 0xc0;
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .token = { 0, 1 }, .remaining_ms = 1000 },
                          .name = SPAN ("hearth"),
                          .method = SPAN ("ping") };
    world_send (caller, &wire, body, 41);
    assert_error (caller, ((wire_token_t){ 0, 1 }), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
    world_end (&world);
}

//  Two names of one session: what is dispatched to it counts together, and what cannot be waits.
static void s_overload (limit_id_t limit, uint64_t value)
{
    s_start (limit, value);
    world_register (service, "one", NULL);
    world_register (service, "two", NULL);
    wire_token_t tokens [6];
    for (uint32_t slot = 0; slot < 6; slot++)
        tokens [slot] = world_request (caller, slot, slot % 2 ? "two" : "one", "say", 0, 5000);
    for (int round = 0; round < 3; round++) {
        const mail_t *a = world_take (service, WIRE_REQUEST), *b = world_take (service, WIRE_REQUEST);
        cr_assert (world_is_quiet (service), "at most two at once");
        world_reply (service, b, 1);
        world_reply (service, a, 1);
    }
    for (int at = 0; at < 6; at++)
        cr_assert_eq (world_take (caller, WIRE_REPLY)->wire.code, 0);
    (void) tokens;
    cr_assert_eq (world_stat (&world, "calls", NULL), 0);
    world_end (&world);
}

Test (core_limits, calls_beyond_what_a_session_takes_wait_until_it_answers)
{
    s_overload (LIMIT_DISPATCHED, 2);
}

Test (core_limits, bytes_beyond_what_a_session_takes_wait_until_it_answers)
{
    s_overload (LIMIT_DISPATCHED_BYTES, 80);
}

static uint64_t s_history_size (void)
{
    world_register (caller, "source", NULL);
    for (int at = 0; at < 10; at++) {
        world_publish (caller, 0, "source", "event", at);
        cr_assert_eq (world_take (caller, WIRE_REPLY)->wire.code, 0);
    }
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 3);
    pack_str (&arguments, "source/event/");
    pack_int (&arguments, 0);
    pack_int (&arguments, 1000000);
    world_ask (caller, 0, "history", &arguments);
    return hearth_value_size (hearth_value_get (mail_value (world_take (caller, WIRE_REPLY)), "items"));
}

Test (core_limits, a_topic_keeps_as_many_notifications_as_it_may)
{
    s_start (LIMIT_HISTORY, 3);
    cr_assert_eq (s_history_size (), 3);
    world_end (&world);
    s_start (LIMIT_HISTORY, 0);
    cr_assert_eq (s_history_size (), 0);
    world_end (&world);
}

Test (core_limits, a_topic_keeps_as_many_bytes_as_it_may)
{
    s_start (LIMIT_HISTORY_BYTES, 4 * (13 + 1 + 40 + 1) + 5);
    cr_assert_eq (s_history_size (), 4);
    world_end (&world);
}

Test (core_limits, history_goes_before_calls_are_refused)
{
    s_start (LIMIT_MEMORY, 7500);
    cr_assert_eq (s_history_size (), 10);
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, "echo", &options);
    world_request (caller, 0, "echo", "say", 0, 1000);
    world_take (service, WIRE_REQUEST);
    s_big_request (caller, 1, 5500);
    cr_assert (world_is_quiet (caller), "it waits");
    cr_assert_lt (world_stat (&world, "history_bytes", NULL), 500);
    world_end (&world);
}

Test (core_limits, a_refused_call_takes_no_room_for_its_slot)
{
    s_start (LIMIT_MEMORY, 0);
    uint64_t held = world_stat (&world, "held_bytes", NULL);
    assert_error (caller, world_request (caller, 9999, "nobody", "say", 0, 1000), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
    cr_assert_eq (world_stat (&world, "held_bytes", NULL), held);
    world_end (&world);
}

Test (core_limits, room_for_slots_counts_as_memory)
{
    s_start (LIMIT_MEMORY, 20000);
    world_register (service, "echo", NULL);
    world_request (caller, 9999, "echo", "say", 0, 1000);
    s_assert_limit (caller, LIMIT_MEMORY);
    cr_assert (world_is_quiet (service));
    world_end (&world);
}

Test (core_limits, what_can_never_fit_leaves_the_history_alone)
{
    s_start (LIMIT_MEMORY, 7500);
    cr_assert_eq (s_history_size (), 10);
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, "echo", &options);
    uint64_t history = world_stat (&world, "history_bytes", NULL);
    world_request (caller, 0, "echo", "say", 0, 1000);
    world_take (service, WIRE_REQUEST);
    s_big_request (caller, 1, 7500);
    s_assert_limit (caller, LIMIT_MEMORY);
    cr_assert_eq (world_stat (&world, "history_bytes", NULL), history);
    world_end (&world);
}
