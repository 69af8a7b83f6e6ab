/*  fuzz_core.c - a broker's core and what up to eight peers do to it, one after the other

    The input is a script: each step is a peer's, and its fields come from small pools or are bytes as they stand. The core
    must send well-formed frames to links that are there, stay consistent (audit.h) after each step, and hold nothing once
    everybody has left.
*/
#include "audit.h"
#include "feed.h"
#include "registration.h"
#include "state.h"
#include "value.h"

#define LINKS 8
#define ASKED 16
#define EPOCH 0xabcdef012345

struct link {
    session_t *session;  //  NULL: not connected
    bool is_full;
    bool is_gone;
    wire_token_t asked [ASKED];  //  requests that it was sent
    unsigned asked_count;
};

static link_t links [LINKS];
static core_t *core;
static int64_t now_ms;
static feed_t feed;

//  ---- the transport ----

static sent_t s_send (void *self, link_t *link, frame_t *frame)
{
    wire_frame_t wire;
    (void) self;
    REQUIRE (link->session);
    if (link->is_full)
        return SENT_FULL;
    if (link->is_gone)
        return SENT_GONE;
    REQUIRE (wire_read (&wire, frame->data, frame->size) == WIRE_OK);
    REQUIRE (wire.block.session || wire_check_body (&wire, 32) == WIRE_OK);
    if (wire.kind == WIRE_REQUEST)
        link->asked [link->asked_count++ % ASKED] = wire.block.token;
    frame_release (frame);
    return SENT_OK;
}

static void s_publish (void *self, blob_t *blob)
{
    wire_note_t note;
    (void) self;
    REQUIRE (wire_read_note (&note, blob_data (blob), blob_size (blob)));
}

static void s_kick (void *self, link_t *link)
{
    (void) self;
    REQUIRE (link->session);
    *link = (link_t){ 0 };
}

static const transport_ops_t ops = { s_send, s_publish, s_kick };

//  ---- frames ----

//  One of some texts.
static span_t s_choose (const char *const *texts, size_t count)
{
    const char *text = texts [feed_below (&feed, count)];
    return SPAN (text);
}

static void s_deliver (link_t *link, const void *data, size_t size)
{
    if (!link->session)
        return;
    uint8_t *copy = feed_copy (data, size);
    frame_t frame = { .data = copy, .size = size };
    core_frame (core, link->session, &frame, now_ms);
    free (copy);
}

//  Writes it, changes a byte of it now and then, and delivers it.
static void s_say (link_t *link, const wire_frame_t *wire, const void *body, size_t size)
{
    uint8_t bytes [2048];
    size_t header = wire_write_header (wire, bytes, sizeof bytes);
    if (!header || size > sizeof bytes - header)
        return;
    memcpy (bytes + header, body, size);
    size += header;
    unsigned how = feed_byte (&feed);
    if (how >= 0xf0)
        bytes [feed_byte (&feed) % size] = (uint8_t) feed_byte (&feed);
    else if (how >= 0xe8)
        size = feed_byte (&feed) % (size + 1);
    s_deliver (link, bytes, size);
}

static span_t s_name (void)
{
    static const char *const pool [] = {
        "a", "b.c", "a.b", "hearth", "", ":abcdef012345.1", ":abcdef012345.2", "a b"
    };
    static char unique [UNIQUE_NAME_SIZE];
    unsigned at = feed_below (&feed, 10);
    if (at < 8)
        return SPAN (pool [at]);
    name_write_unique (unique, EPOCH, feed_byte (&feed));
    return SPAN (unique);
}

static span_t s_member (void)
{
    static const char *const pool [] = { "x", "y", "long", "register", "unregister", "stats", "", "x/y" };
    return s_choose (pool, 8);
}

static wire_token_t s_token (void)
{
    uint32_t slot = feed_below (&feed, 24);
    return (wire_token_t){ slot, feed_below (&feed, 4) };
}

static uint32_t s_remaining_ms (void)
{
    static const uint32_t pool [] = { 0, 1, 50, 1000, 86400000, UINT32_MAX };
    return pool [feed_below (&feed, 6)];
}

static void s_body (link_t *link, const wire_frame_t *wire)
{
    size_t size;
    const uint8_t *bytes = feed_bytes (&feed, &size);
    s_say (link, wire, size ? bytes : (const uint8_t *) "\x90", size ? size : 1);
}

//  ---- steps ----

static void s_open (link_t *link)
{
    if (!link->session) {
        *link = (link_t){ 0 };
        link->session = core_opened (core, link, now_ms);
    }
}

static void s_hello (link_t *link)
{
    char instance [WIRE_INSTANCE_SIZE] = { (char) feed_below (&feed, 4) };
    wire_frame_t wire = { .kind = WIRE_HELLO,
                          .version = 1,
                          .library = SPAN ("fuzz"),
                          .instance = { instance, sizeof instance },
                          .sessions = feed_below (&feed, 5) };
    s_open (link);
    s_say (link, &wire, "\xc0", 1);
}

static void s_raw (link_t *link)
{
    size_t size;
    const uint8_t *bytes = feed_bytes (&feed, &size);
    s_deliver (link, bytes, size);
}

static void s_request (link_t *link)
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
    wire.block = (wire_block_t){ s_token (), feed_below (&feed, 2), s_remaining_ms (), feed_below (&feed, 8) };
    if (wire.block.flags & WIRE_NOACK && !(wire.block.flags & WIRE_ONEWAY))
        wire.block.flags ^= WIRE_NOACK | WIRE_STREAM;
    wire.options = s_choose (options, 7);
    s_body (link, &wire);
}

static void s_register (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_REQUEST, .name = SPAN ("hearth"), .method = SPAN ("register") };
    wire.block = (wire_block_t){ s_token (), 0, 1000, 0 };
    unsigned bits = feed_byte (&feed), declared = feed_byte (&feed);
    pack_t body;
    pack_init (&body);
    registration_pack (&body, s_name (), bits, declared);
    s_say (link, &wire, body.buffer.data, body.buffer.size);
    pack_clear (&body);
}

//  The directory's methods with bytes for arguments.
static void s_ask (link_t *link)
{
    static const char *const methods [] = { "register", "unregister", "list",   "lookup", "describe",
                                            "ping",     "stats",      "topics", "history" };
    wire_frame_t wire = { .kind = WIRE_REQUEST, .name = SPAN ("hearth"), .method = s_choose (methods, 9) };
    wire.block = (wire_block_t){ s_token (), 0, 1000, feed_below (&feed, 4) };
    s_body (link, &wire);
}

static void s_reply (link_t *link)
{
    unsigned which = feed_byte (&feed), code = feed_below (&feed, 18);
    wire_frame_t wire = { .kind = WIRE_REPLY, .code = code, .mark = code ? feed_below (&feed, 4) : 0 };
    wire.block.token = which < 0xe0 ? link->asked [which % ASKED] : s_token ();
    s_body (link, &wire);
}

//  What a caller says, or a service, or anybody of either.
static wire_block_t s_stream_block (const link_t *link)
{
    unsigned which = feed_byte (&feed);
    uint32_t flags = which & 1 ? WIRE_UP : 0;
    wire_token_t token = flags || which >= 0xe0 ? s_token () : link->asked [which / 2 % ASKED];
    return (wire_block_t){ .token = token, .flags = flags };
}

static void s_item (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_ITEM, .block = s_stream_block (link) };
    if (wire.block.flags && feed_below (&feed, 4) == 0)
        wire.block.flags |= WIRE_END;
    s_body (link, &wire);
}

static void s_credit (link_t *link)
{
    static const uint32_t bytes [] = { 0, 1, 40, 200, UINT32_MAX };
    wire_frame_t wire = { .kind = WIRE_CREDIT, .block = s_stream_block (link) };
    wire.items = feed_below (&feed, 8);
    wire.bytes = bytes [feed_below (&feed, 5)];
    s_say (link, &wire, "\xc0", 1);
}

static void s_cancel (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_CANCEL, .block.token = s_token () };
    s_say (link, &wire, "\xc0", 1);
}

static void s_publish_event (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_PUBLISH, .name = s_name (), .method = s_member () };
    wire.block = (wire_block_t){ .token = s_token (), .flags = feed_below (&feed, 4) };
    s_body (link, &wire);
}

static void s_goodbye (link_t *link)
{
    wire_frame_t wire = { .kind = WIRE_GOODBYE };
    s_say (link, &wire, "\xc0", 1);
}

static void s_leave (link_t *link)
{
    session_t *session = link->session;
    *link = (link_t){ 0 };
    if (session)
        core_gone (core, session, now_ms);
}

static void s_suspect (link_t *link)
{
    if (link->session)
        core_suspect (core, link->session, now_ms);
}

static void s_trust (link_t *link)
{
    link->is_gone = false;
    if (link->session)
        core_trust (core, link->session, now_ms);
}

static void s_stop_reading (link_t *link)
{
    link->is_full = true;
}

//  Nobody has told the core yet; its verdict follows.
static void s_lose (link_t *link)
{
    if (!link->session)
        return;
    link->is_gone = true;
    core_suspect (core, link->session, now_ms);
}

static void s_wait (link_t *link)
{
    (void) link;
    now_ms += feed_byte (&feed) * 20;
    core_tick (core, now_ms);
}

static void s_subscribe (link_t *link)
{
    size_t size;
    (void) link;
    const uint8_t *prefix = feed_bytes (&feed, &size);
    core_subscribed (core, prefix, size, now_ms);
}

static void s_end_turn (link_t *link)
{
    (void) link;
    core_turn_end (core, now_ms);
}

static void s_stop (link_t *link)
{
    (void) link;
    if (feed_byte (&feed) > 0xf0)
        core_stop (core, now_ms);
}

static void (*const steps [32]) (link_t *link) = {
    s_hello, s_hello, s_request,       s_request,       s_request,  s_request, s_request,      s_register,
    s_reply, s_reply, s_item,          s_register,      s_ask,      s_item,    s_raw,          s_credit,
    s_open,  s_leave, s_publish_event, s_publish_event, s_cancel,   s_goodbye, s_suspect,      s_trust,
    s_lose,  s_wait,  s_wait,          s_subscribe,     s_end_turn, s_stop,    s_stop_reading, s_register,
};

//  ---- the whole ----

static void s_begin (void)
{
    static const char *const publish [] = { "tcp://127.0.0.1:9798", NULL };
    core_config_t config = {
        .epoch = EPOCH, .publish = publish, .version = "fuzz", .settle_ms = feed_below (&feed, 2) * 500
    };
    limits_init (&config.limits);
    uint64_t *limits = config.limits.value;
    if (feed_byte (&feed) & 1) {
        limits [LIMIT_CALLS] = 12;
        limits [LIMIT_QUEUE] = limits [LIMIT_PARKED] = limits [LIMIT_HISTORY] = 2;
        limits [LIMIT_DISPATCHED] = limits [LIMIT_CAPACITY] = limits [LIMIT_NAMES] = 3;
        limits [LIMIT_GRANTED] = 5;
        limits [LIMIT_GRANTED_BYTES] = 300;
        limits [LIMIT_TOPICS] = limits [LIMIT_SESSION_TOPICS] = 4;
        limits [LIMIT_MEMORY] = 6000;
    }
    now_ms = 1000;
    core = core_new (&config, &ops, NULL, now_ms);
    REQUIRE (core);
}

static void s_audit (void)
{
    const char *problem = core_audit (core);
    if (problem)
        fprintf (stderr, "%s\n", problem);
    REQUIRE (!problem);
}

//  Everybody leaves; nothing is left of them.
static void s_end (void)
{
    for (int at = 0; at < LINKS; at++)
        s_leave (&links [at]);
    now_ms += 86400001;
    core_tick (core, now_ms);
    core_turn_end (core, now_ms);
    s_audit ();
    REQUIRE (core->pending.count == 0 && core->waiting_bytes == 0 && core->peers.count == 0
             && core->peers.bytes == 0);
    REQUIRE (core->registry.registered == 0 && core->registry.bytes == 0 && core_deadline (core) == -1);
    core_destroy (&core);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    feed = (feed_t){ data, size };
    s_begin ();
    while (feed.size) {
        unsigned step = feed_byte (&feed);
        steps [step % 32](&links [step / 32]);
        s_audit ();
    }
    s_end ();
    return 0;
}
