/*  fuzz_stream.c - streams of the library, and what a broker (or whoever says that it is one) sends for them

    The input is a script of items, credits, replies, cancels and losses, and of what a program and a handler do with their
    streams, on made-up sockets (broker_side.h). The library sends no more items than it was granted, nothing waits without
    an end, and every stream ends once.
*/
#include "broker_side.h"
#include "feed.h"
#include "hearth.h"
#include "said.h"
#include "value.h"

#define OPEN  4
#define EPOCH 0x123456

static feed_t feed;
static hearth_t *hearth;
static hearth_proxy_t *proxy;
static hearth_pending_t *streams [OPEN];
static hearth_call_t *kept;

static void s_expect_end (hearth_result_t *result)
{
    REQUIRE (result);
    const hearth_error_t *error = hearth_error (result);
    if (error)
        REQUIRE (error->mark >= HEARTH_NOT_EXECUTED && error->mark <= HEARTH_EXECUTED && *error->name);
    hearth_result_destroy (&result);
}

static void s_look_at (const hearth_value_t *value)
{
    char *text = value ? hearth_value_text (value) : NULL;
    free (text);
}

//  A handler's wait without a time ends when the broker cancels the call, and this one need not.
static int64_t s_timeout_ms (bool is_handler)
{
    static const int64_t pool [] = { 0, 0, 0, 20, -1 };
    return pool [feed_below (&feed, is_handler ? 4 : 5)];
}

//  ---- what a handler does ----

//  A kept call that has outlived its connection waits by the machine's clock, which is not made up: it does not wait here.
static void s_move (hearth_call_t *call, int64_t timeout_ms)
{
    if (feed_byte (&feed) & 1)
        hearth_yield_arg (call, hearth_int (feed_byte (&feed)), timeout_ms);
    else
        s_look_at (hearth_take (call, timeout_ms));
    hearth_input_ended (call);
    hearth_cancelled (call);
}

static void s_flow (hearth_call_t *call, void *self)
{
    (void) self;
    for (unsigned steps = feed_below (&feed, 8); steps && feed.size; steps--)
        s_move (call, s_timeout_ms (true));
    unsigned how = feed_below (&feed, 4);
    if (how == 0)
        hearth_reply (call, 1);
    else if (how == 1)
        hearth_fail (call, HEARTH_ABORTED, "fuzz.Failed", "it failed");
    else if (how == 2 && !kept)
        kept = hearth_keep (call);
}

static const hearth_method_t methods [] = { { "flow", "...", NULL, s_flow, .flags = HEARTH_STREAMING }, { 0 } };

static void s_move_kept (void)
{
    if (!kept)
        return;
    s_move (kept, 0);
    unsigned how = feed_below (&feed, 6);
    if (how == 0)
        hearth_reply (kept, 1);
    if (how <= 1)
        hearth_call_destroy (&kept);
}

//  ---- what a program does ----

static hearth_pending_t **s_place (void)
{
    return &streams [feed_below (&feed, OPEN)];
}

static void s_open (void)
{
    static const uint32_t windows [] = { 0, 1, 2, 100 };
    hearth_pending_t **place = s_place ();
    if (*place)
        return;
    hearth_proxy_set_window (proxy, windows [feed_below (&feed, 4)], windows [feed_below (&feed, 4)]);
    *place = hearth_open (proxy, "flow", 1);
}

static void s_next (void)
{
    hearth_pending_t *stream = *s_place ();
    int64_t timeout_ms = s_timeout_ms (false);
    if (!stream)
        return;
    uint64_t before = hearth_received (stream);
    const hearth_value_t *item = hearth_next (stream, timeout_ms);
    s_look_at (item);
    REQUIRE (hearth_received (stream) >= before);
    REQUIRE (!item || hearth_received (stream) > 0);
}

static void s_put (void)
{
    hearth_pending_t *stream = *s_place ();
    int64_t timeout_ms = s_timeout_ms (false);
    if (stream)
        hearth_put_arg (stream, hearth_int (feed_byte (&feed)), timeout_ms);
}

static void s_put_end (void)
{
    hearth_pending_t *stream = *s_place ();
    if (stream)
        hearth_put_end (stream);
}

static void s_wait_for (void)
{
    hearth_pending_t **place = s_place ();
    hearth_result_t *result = *place ? hearth_wait (place, feed_byte (&feed) & 1 ? 0 : -1) : NULL;
    if (result)
        s_expect_end (result);
}

static void s_abandon (void)
{
    hearth_pending_destroy (s_place ());
}

static void s_process (void)
{
    hearth_process (hearth);
}

//  ---- what the broker says ----

static void s_say (const wire_frame_t *wire, const void *body, size_t size)
{
    said_t said = said_frame (wire, body, size);
    if (said.size)
        side_put (said.bytes, said.size);
}

static void s_say_bytes (const wire_frame_t *wire)
{
    size_t size;
    const uint8_t *bytes = feed_bytes (&feed, &size);
    s_say (wire, size ? bytes : (const uint8_t *) "\xc0", size ? size : 1);
}

//  Of a call of the library's, or of a request that it was sent.
static wire_block_t s_block (void)
{
    unsigned which = feed_byte (&feed);
    uint32_t flags = which & 1 ? WIRE_UP : 0;
    wire_token_t token = flags ? (wire_token_t){ 1, which >> 1 & 3 } : side.asked [(which >> 1 & 7) % SIDE_TOKENS];
    return (wire_block_t){ token, 1, feed_below (&feed, 4) * 20, flags };
}

static void s_item (void)
{
    wire_frame_t wire = { .kind = WIRE_ITEM, .block = s_block () };
    if (wire.block.flags && feed_below (&feed, 4) == 0)
        wire.block.flags |= WIRE_END;
    s_say_bytes (&wire);
}

static void s_credit (void)
{
    static const uint32_t bytes [] = { 0, 1, 40, 1000, UINT32_MAX };
    static const uint32_t items [] = { 0, 1, 2, 10, UINT32_MAX };
    wire_frame_t wire = { .kind = WIRE_CREDIT, .block = s_block () };
    wire.items = items [feed_below (&feed, 5)];
    wire.bytes = bytes [feed_below (&feed, 5)];
    side.granted += wire.items;
    s_say (&wire, "\xc0", 1);
}

static void s_request (void)
{
    static const char credit [] = "\x81\xa6"
                                  "credit\x92\x02\x64";
    wire_frame_t wire = { .kind = WIRE_REQUEST, .name = SPAN ("served"), .method = SPAN ("flow") };
    wire.block = (wire_block_t){ { 1, feed_below (&feed, 4) }, 1, 100, feed_byte (&feed) & 7 ? WIRE_STREAM : 0 };
    wire.options = (span_t){ credit, sizeof credit - 1 };
    side.granted += 2;
    s_say (&wire, "\x90", 1);
}

static void s_answer (void)
{
    wire_frame_t wire = { .kind = WIRE_REPLY, .block.token = side.asked [feed_below (&feed, 8)] };
    s_say_bytes (&wire);
}

static void s_cancel (void)
{
    wire_frame_t wire = { .kind = WIRE_CANCEL,
                          .block.token = { 1, feed_below (&feed, 4) },
                          .reason = feed_below (&feed, 3) };
    s_say (&wire, "\xc0", 1);
}

static void s_welcome (void)
{
    static const char body [] = "\x81\xa6limits\x81\xa5"
                                "calls\x10";
    wire_frame_t wire = {
        .kind = WIRE_WELCOME, .block.session = 1, .version = 1, .epoch = EPOCH, .name = SPAN (":000000123456.1")
    };
    side.is_connected = true;
    s_say (&wire, body, sizeof body - 1);
}

static void s_lose (void)
{
    side.is_lost = feed_byte (&feed) > 0xc0;
}

static void s_wait (void)
{
    side.now_ms += feed_byte (&feed);
}

static void (*const broker_steps [8]) (void) = { s_item,   s_item, s_credit, s_request,
                                                 s_answer, s_wait, s_cancel, s_lose };
static void (*const program_steps [8]) (void) = { s_open,     s_next,    s_put,     s_put_end,
                                                  s_wait_for, s_abandon, s_process, s_move_kept };

bool side_has_session (void)
{
    return hearth && hearth_unique_name (hearth);
}

bool side_step (void)
{
    if (!feed.size)
        return false;
    broker_steps [feed_byte (&feed) % 8]();
    return true;
}

//  ---- the whole ----

static void s_begin (void)
{
    side_reset ();
    hearth = hearth_connect ("tcp://127.0.0.1:1");
    proxy = hearth ? hearth_proxy (hearth, "called") : NULL;
    REQUIRE (proxy && hearth_serve (hearth, "served", methods, NULL) == 0);
    hearth_proxy_set_timeout (proxy, 50);
    side.is_connected = true;
    hearth_process (hearth);
    s_welcome ();
    hearth_process (hearth);
}

static void s_end (void)
{
    side.now_ms += 1000;
    hearth_process (hearth);
    for (int at = 0; at < OPEN; at++)
        if (streams [at])
            s_expect_end (hearth_wait (&streams [at], -1));
    hearth_call_destroy (&kept);
    hearth_destroy (&hearth);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    feed = (feed_t){ data, size };
    s_begin ();
    while (feed.size) {
        unsigned step = feed_byte (&feed);
        (step & 8 ? program_steps : broker_steps) [step & 7]();
        if (!side.is_connected && !side.is_lost) {
            hearth_process (hearth);
            s_welcome ();
        }
        REQUIRE (side.items <= side.granted);
    }
    s_end ();
    return 0;
}
