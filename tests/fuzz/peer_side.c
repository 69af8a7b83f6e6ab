/*  peer_side.c - what the peers of a broker's core say (peer_side.h)
*/
#include "peer_side.h"

#include "name.h"
#include "registration.h"
#include "said.h"
#include "value.h"

//  ---- fields and bodies ----

static void s_deliver (link_t *link, const void *data, size_t size)
{
    if (!link->session)
        return;
    uint8_t *copy = feed_copy (data, size);
    frame_t frame = { .data = copy, .size = size };
    core_frame (script.core, link->session, &frame, script.now_ms);
    free (copy);
}

//  Writes it, changes a byte of it now and then, and delivers it.
static void s_say (link_t *link, const wire_frame_t *wire, const void *body, size_t size)
{
    said_t said = said_frame (wire, body, size);
    if (!said.size)
        return;
    unsigned how = feed_byte (&script.feed);
    if (how >= 0xf0)
        said_spoil (&said, &script.feed);
    else if (how >= 0xe8)
        said.size = feed_byte (&script.feed) % (said.size + 1);
    s_deliver (link, said.bytes, said.size);
}

static span_t s_name (void)
{
    static const char *const pool [] = {
        "a", "b.c", "a.b", "hearth", "", ":abcdef012345.1", ":abcdef012345.2", "a b"
    };
    static char unique [UNIQUE_NAME_SIZE];
    unsigned at = feed_below (&script.feed, 10);
    if (at < 8)
        return SPAN (pool [at]);
    name_write_unique (unique, PEER_EPOCH, feed_byte (&script.feed));
    return SPAN (unique);
}

static span_t s_member (void)
{
    static const char *const pool [] = { "x", "y", "long", "register", "unregister", "stats", "", "x/y" };
    return said_choose (&script.feed, pool, 8);
}

static wire_token_t s_token (void)
{
    uint32_t slot = feed_below (&script.feed, 24);
    return (wire_token_t){ slot, feed_below (&script.feed, 4) };
}

static uint32_t s_remaining_ms (void)
{
    static const uint32_t pool [] = { 0, 1, 50, 1000, 86400000, UINT32_MAX };
    return pool [feed_below (&script.feed, 6)];
}

static void s_body (link_t *link, const wire_frame_t *wire)
{
    size_t size;
    const uint8_t *bytes = feed_bytes (&script.feed, &size);
    s_say (link, wire, size ? bytes : (const uint8_t *) "\x90", size ? size : 1);
}

//  ---- what is said ----

void say_hello (link_t *link)
{
    char instance [WIRE_INSTANCE_SIZE] = { (char) feed_below (&script.feed, 4) };
    wire_frame_t wire = { .kind = WIRE_HELLO,
                          .version = 1,
                          .library = SPAN ("fuzz"),
                          .instance = { instance, sizeof instance },
                          .sessions = feed_below (&script.feed, 5) };
    s_say (link, &wire, "\xc0", 1);
}

void say_raw (link_t *link)
{
    size_t size;
    const uint8_t *bytes = feed_bytes (&script.feed, &size);
    s_deliver (link, bytes, size);
}

void say_request (link_t *link)
{
    static const char *const options [] = { "",
                                            "\x81\xa4wait\x32",
                                            "\x81\xa4wait\xce\xff\xff\xff\xff",
                                            "\x80",
                                            "\x81\x01",
                                            "\x81\xa6"
                                            "credit\x92\x03\x7f",
                                            "\x82\xa6"
                                            "credit\x92\x02\xcc\xc8\xa4wait\x32" };
    wire_frame_t wire = { .kind = WIRE_REQUEST, .name = s_name (), .method = s_member () };
    wire.block =
        (wire_block_t){ s_token (), feed_below (&script.feed, 2), s_remaining_ms (), feed_below (&script.feed, 8) };
    if (wire.block.flags & WIRE_NOACK && !(wire.block.flags & WIRE_ONEWAY))
        wire.block.flags ^= WIRE_NOACK | WIRE_STREAM;
    wire.options = said_choose (&script.feed, options, 7);
    s_body (link, &wire);
}

void say_register (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_REQUEST, .name = SPAN ("hearth"), .method = SPAN ("register") };
    wire.block = (wire_block_t){ s_token (), 0, 1000, 0 };
    unsigned bits = feed_byte (&script.feed), declared = feed_byte (&script.feed);
    pack_t body;
    pack_init (&body);
    registration_pack (&body, s_name (), bits, declared);
    s_say (link, &wire, body.buffer.data, body.buffer.size);
    pack_clear (&body);
}

void say_ask (link_t *link)
{
    static const char *const methods [] = { "register", "unregister", "list",   "lookup", "describe",
                                            "ping",     "stats",      "topics", "history" };
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .name = SPAN ("hearth"),
                          .method = said_choose (&script.feed, methods, 9) };
    wire.block = (wire_block_t){ s_token (), 0, 1000, feed_below (&script.feed, 4) };
    s_body (link, &wire);
}

void say_reply (link_t *link)
{
    unsigned which = feed_byte (&script.feed), code = feed_below (&script.feed, 18);
    wire_frame_t wire = { .kind = WIRE_REPLY, .code = code, .mark = code ? feed_below (&script.feed, 4) : 0 };
    wire.block.token = which < 0xe0 ? link->asked [which % PEER_ASKED] : s_token ();
    s_body (link, &wire);
}

//  What a caller says, or a service, or anybody of either.
static wire_block_t s_stream_block (const link_t *link)
{
    unsigned which = feed_byte (&script.feed);
    uint32_t flags = which & 1 ? WIRE_UP : 0;
    wire_token_t token = flags || which >= 0xe0 ? s_token () : link->asked [which / 2 % PEER_ASKED];
    return (wire_block_t){ .token = token, .flags = flags };
}

void say_item (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_ITEM, .block = s_stream_block (link) };
    if (wire.block.flags && feed_below (&script.feed, 4) == 0)
        wire.block.flags |= WIRE_END;
    s_body (link, &wire);
}

void say_credit (link_t *link)
{
    static const uint32_t bytes [] = { 0, 1, 40, 200, UINT32_MAX };
    wire_frame_t wire = { .kind = WIRE_CREDIT, .block = s_stream_block (link) };
    wire.items = feed_below (&script.feed, 8);
    wire.bytes = bytes [feed_below (&script.feed, 5)];
    s_say (link, &wire, "\xc0", 1);
}

void say_cancel (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_CANCEL, .block.token = s_token () };
    s_say (link, &wire, "\xc0", 1);
}

void say_publish_event (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_PUBLISH, .name = s_name (), .method = s_member () };
    wire.block = (wire_block_t){ .token = s_token (), .flags = feed_below (&script.feed, 4) };
    s_body (link, &wire);
}

void say_goodbye (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_GOODBYE };
    s_say (link, &wire, "\xc0", 1);
}
