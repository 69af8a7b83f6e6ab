/*  one_stream.c - the world of tests of streams (one_stream.h)
*/
#include "one_stream.h"

#include "audit.h"

world_t world;
link_t *service, *caller;
wire_token_t token, served;

void one_stream_begin_with (uint64_t granted, uint64_t granted_bytes)
{
    world_init (&world);
    world.limits.value [LIMIT_GRANTED] = granted;
    world.limits.value [LIMIT_GRANTED_BYTES] = granted_bytes;
    world_start (&world);
    service = world_peer (&world);
    caller = world_peer (&world);
    pack_t options;
    world_option_int (&options, "capacity", 1);
    world_register (service, "feed", &options);
}

void one_stream_begin (void)
{
    one_stream_begin_with (100, 1000);
}

void one_stream_end (void)
{
    const char *problem = core_audit (world.core);
    cr_assert (!problem, "%s", problem);
    world_end (&world);
}

void one_stream_open (uint64_t items, uint64_t bytes)
{
    token = world_stream (caller, 0, "feed", T, items, bytes);
    served = world_take (service, WIRE_REQUEST)->wire.block.token;
}

void one_stream_answer (void)
{
    world_reply (service, &(mail_t){ .wire.block.token = served }, 7);
    cr_assert_eq (mail_int (world_take (caller, WIRE_REPLY), token), 7);
}

void one_stream_answer_late (void)
{
    world_reply (service, &(mail_t){ .wire.block.token = served }, 0);
    cr_assert (world_is_quiet (caller));
}

void one_stream_has_ended (status_t status, unsigned reason)
{
    assert_error (caller, token, status, HEARTH_MAY_HAVE_EXECUTED);
    assert_cancel (service, served, reason);
    one_stream_answer_late ();
}

const mail_t *one_stream_fill (uint32_t remaining_ms)
{
    world_request (caller, 9, "feed", "say", 0, remaining_ms);
    return world_take (service, WIRE_REQUEST);
}

void one_stream_make_room (const mail_t *request)
{
    world_reply (service, request, 1);
    world_take (caller, WIRE_REPLY);
}
