/*  fuzz_core.c - a broker's core and what up to eight peers do to it, one after the other

    The input is a script: each step is a peer's, who says something (peer_side.h) or to whom something happens. The core
    must send well-formed frames to links that are there, stay consistent (audit.h) after each step, and hold nothing once
    everybody has left.
*/
#include "audit.h"
#include "peer_side.h"
#include "state.h"

#define LINKS 8

static link_t links [LINKS];
script_t script;

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
        link->asked [link->asked_count++ % PEER_ASKED] = wire.block.token;
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

//  ---- what happens to a link ----

static void s_open (link_t *link)
{
    if (!link->session) {
        *link = (link_t){ 0 };
        link->session = core_opened (script.core, link, script.now_ms);
    }
}

static void s_leave (link_t *link)
{
    session_t *session = link->session;
    *link = (link_t){ 0 };
    if (session)
        core_gone (script.core, session, script.now_ms);
}

static void s_suspect (link_t *link)
{
    if (link->session)
        core_suspect (script.core, link->session, script.now_ms);
}

static void s_trust (link_t *link)
{
    link->is_gone = false;
    if (link->session)
        core_trust (script.core, link->session, script.now_ms);
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
    core_suspect (script.core, link->session, script.now_ms);
}

static void s_wait (link_t *link)
{
    (void) link;
    script.now_ms += feed_byte (&script.feed) * 20;
    core_tick (script.core, script.now_ms);
}

static void s_subscribe (link_t *link)
{
    size_t size;
    (void) link;
    const uint8_t *prefix = feed_bytes (&script.feed, &size);
    core_subscribed (script.core, prefix, size, script.now_ms);
}

static void s_end_turn (link_t *link)
{
    (void) link;
    core_turn_end (script.core, script.now_ms);
}

static void s_stop (link_t *link)
{
    (void) link;
    if (feed_byte (&script.feed) > 0xf0)
        core_stop (script.core, script.now_ms);
}

static void s_hello (link_t *link)
{
    s_open (link);
    say_hello (link);
}

static void (*const steps [32]) (link_t *link) = {
    s_hello,        s_hello,      say_request,  say_request,       say_request,
    say_request,    say_request,  say_register, say_reply,         say_reply,
    say_item,       say_register, say_ask,      say_item,          say_raw,
    say_credit,     s_open,       s_leave,      say_publish_event, say_publish_event,
    say_cancel,     say_goodbye,  s_suspect,    s_trust,           s_lose,
    s_wait,         s_wait,       s_subscribe,  s_end_turn,        s_stop,
    s_stop_reading, say_register,
};

//  ---- the whole ----

static void s_begin (void)
{
    static const char *const publish [] = { "tcp://127.0.0.1:9798", NULL };
    core_config_t config = {
        .epoch = PEER_EPOCH, .publish = publish, .version = "fuzz", .settle_ms = feed_below (&script.feed, 2) * 500
    };
    limits_init (&config.limits);
    uint64_t *limits = config.limits.value;
    if (feed_byte (&script.feed) & 1) {
        limits [LIMIT_CALLS] = 12;
        limits [LIMIT_QUEUE] = limits [LIMIT_PARKED] = limits [LIMIT_HISTORY] = 2;
        limits [LIMIT_DISPATCHED] = limits [LIMIT_CAPACITY] = limits [LIMIT_NAMES] = 3;
        limits [LIMIT_GRANTED] = 5;
        limits [LIMIT_GRANTED_BYTES] = 300;
        limits [LIMIT_TOPICS] = limits [LIMIT_SESSION_TOPICS] = 4;
        limits [LIMIT_MEMORY] = 6000;
    }
    script.now_ms = 1000;
    script.core = core_new (&config, &ops, NULL, script.now_ms);
    REQUIRE (script.core);
}

static void s_audit (void)
{
    const char *problem = core_audit (script.core);
    if (problem)
        fprintf (stderr, "%s\n", problem);
    REQUIRE (!problem);
}

//  Everybody leaves; nothing is left of them.
static void s_end (void)
{
    for (int at = 0; at < LINKS; at++)
        s_leave (&links [at]);
    script.now_ms += 86400001;
    core_tick (script.core, script.now_ms);
    core_turn_end (script.core, script.now_ms);
    s_audit ();
    REQUIRE (script.core->pending.count == 0 && script.core->waiting_bytes == 0 && script.core->peers.count == 0
             && script.core->peers.bytes == 0);
    REQUIRE (script.core->registry.registered == 0 && script.core->registry.bytes == 0
             && core_deadline (script.core) == -1);
    core_destroy (&script.core);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    script.feed = (feed_t){ data, size };
    s_begin ();
    while (script.feed.size) {
        unsigned step = feed_byte (&script.feed);
        steps [step % 32](&links [step / 32]);
        s_audit ();
    }
    s_end ();
    return 0;
}
