/*  fuzz_client.c - the library's logic, and what a broker (or whoever says that it is one) sends to it

    The input is a script of frames, notifications, losses and the program's own calls, on made-up sockets
    (broker_side.h). Nothing waits without an end, every call ends once with an error that can be read, and every request
    that is taken in is answered.
*/
#include "broker_side.h"
#include "feed.h"
#include "hearth.h"
#include "listing.h"
#include "name.h"
#include "said.h"
#include "value.h"
#include "wire_note.h"

#define KEPT  4
#define EPOCH 0x123456

static feed_t feed;
static hearth_t *hearth;
static hearth_proxy_t *proxy;
static hearth_pending_t *kept [KEPT];
static hearth_observation_t *observation;
static hearth_watch_t *watch;

//  ---- what the program has ----

static void s_expect_end (hearth_result_t *result)
{
    const hearth_error_t *error = hearth_error (result);
    REQUIRE (result);
    if (error) {
        REQUIRE (error->code > HEARTH_OK && error->code <= HEARTH_UNAUTHENTICATED && *error->name);
        REQUIRE (error->mark >= HEARTH_NOT_EXECUTED && error->mark <= HEARTH_EXECUTED);
    }
    char *text = hearth_value_text (error ? error->details : hearth_result_value (result));
    free (text);
    hearth_result_destroy (&result);
}

static void s_echo (hearth_call_t *call, void *self)
{
    (void) self;
    REQUIRE (hearth_caller (call) && hearth_remaining_ms (call) >= 0);
    hearth_cancelled (call);
    hearth_reply (call, hearth_arg (call, 0));
}

static void s_call_back (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *within = hearth_proxy_within (call, hearth_caller (call));
    if (within) {
        hearth_proxy_set_timeout (within, 20);
        s_expect_end (hearth_call (within, "echo", 1));
    }
    hearth_fail (call, HEARTH_ABORTED, "fuzz.Failed", "%s", hearth_arg_str (call, 0));
}

static void s_say_nothing (hearth_call_t *call, void *self)
{
    (void) self;
    (void) call;
}

static const hearth_method_t methods [] = { { "echo", "value: any = nil", "any", s_echo, .doc = NULL },
                                            { "back", "text: str = \"\", ...", NULL, s_call_back, .doc = NULL },
                                            { "none", "a: int?, b: list<map<str>> = []", "int", s_say_nothing,
                                              .doc = NULL },
                                            { .name = NULL } };

static void s_note (const hearth_notification_t *notification, void *context)
{
    (void) context;
    char *text = hearth_value_text (notification->value);
    free (text);
}

static void s_watched (const char *name, hearth_change_t change, void *context)
{
    (void) context;
    REQUIRE (strcmp (name, "a.name") == 0 && change <= HEARTH_CHANGED);
}

//  ---- what the broker says ----

static void s_say (const wire_frame_t *wire, const void *body, size_t size)
{
    said_t said = said_frame (wire, body, size);
    if (!said.size)
        return;
    if (feed_byte (&feed) >= 0xf0)
        said_spoil (&said, &feed);
    side_put (said.bytes, said.size);
}

static void s_say_bytes (const wire_frame_t *wire)
{
    size_t size;
    const uint8_t *bytes = feed_bytes (&feed, &size);
    s_say (wire, size ? bytes : (const uint8_t *) "\xc0", size ? size : 1);
}

static void s_connect (void)
{
    side.is_connected = true;
}

static void s_welcome (void)
{
    static const char body [] = "\x82\xa6limits\x82\xa5"
                                "calls\x04\xa7message\xcd\x08\x00\xa7publish\x91\xb4tcp://127.0.0.1:9798";
    char unique [UNIQUE_NAME_SIZE];
    uint64_t epoch = EPOCH + feed_below (&feed, 2), number = 1 + feed_below (&feed, 3);
    name_write_unique (unique, epoch, number);
    wire_frame_t wire = {
        .kind = WIRE_WELCOME, .block.session = number, .version = 1, .epoch = epoch, .name = SPAN (unique)
    };
    side.is_connected = true;
    if (hearth)
        hearth_process (hearth);
    if (feed_byte (&feed) < 0xe0)
        s_say (&wire, body, sizeof body - 1);
    else
        s_say_bytes (&wire);
}

static void s_goodbye (void)
{
    wire_frame_t wire = { .kind = WIRE_GOODBYE, .code = feed_below (&feed, 17) };
    s_say_bytes (&wire);
}

static void s_lose (void)
{
    side.is_lost = true;
}

static void s_refuse (void)
{
    side.refuses = true;
}

static wire_token_t s_token (void)
{
    unsigned which = feed_byte (&feed);
    return which < 0xe0 ? side.asked [which % SIDE_TOKENS] : (wire_token_t){ which & 7, which >> 3 & 3 };
}

static void s_answer (void)
{
    static const char *const names [] = { "hearth.ServiceGone", "a.b", "hearth.Limit", "hearth.Deadline", "x" };
    unsigned code = feed_below (&feed, 17);
    wire_frame_t wire = { .kind = WIRE_REPLY, .code = code, .mark = code ? 1 + feed_below (&feed, 3) : 0 };
    wire.block = (wire_block_t){ s_token (), feed_below (&feed, 2), 0, feed_below (&feed, 2) * 8 };
    uint8_t body [128];
    if (code && feed_byte (&feed) < 0xc0)
        s_say (&wire, body, wire_write_error (said_choose (&feed, names, 5), SPAN ("why"), body, sizeof body));
    else
        s_say_bytes (&wire);
}

//  What the directory answers to topics, history, register, lookup.
static void s_answer_as_directory (void)
{
    wire_frame_t wire = { .kind = WIRE_REPLY };
    wire.block.token = side.asked [side.asked_count ? (side.asked_count - 1) % SIDE_TOKENS : 0];
    pack_t body;
    pack_init (&body);
    listing_pack (&feed, &body);
    s_say (&wire, body.buffer.data, body.buffer.size);
    pack_clear (&body);
}

static void s_request (void)
{
    static const char *const names [] = { "served", ":000000123456.1", "other", "" };
    static const char *const called [] = { "echo", "back", "none", "other" };
    static const char via [] = "\x81\xa3via\x91\xc4\x10\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01";
    static const uint32_t remaining [] = { 0, 1, 1000, UINT32_MAX };
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .name = said_choose (&feed, names, 4),
                          .method = said_choose (&feed, called, 4) };
    wire.block = (wire_block_t){ { 1, feed_below (&feed, 3) },
                                 1 + feed_below (&feed, 2),
                                 remaining [feed_below (&feed, 4)],
                                 feed_below (&feed, 8) };
    if (feed_byte (&feed) & 1)
        wire.options = (span_t){ via, sizeof via - 1 };
    s_say_bytes (&wire);
}

static void s_cancel (void)
{
    wire_frame_t wire = { .kind = WIRE_CANCEL,
                          .block.token = { 1, feed_below (&feed, 3) },
                          .reason = feed_below (&feed, 3) };
    s_say (&wire, "\xc0", 1);
}

static void s_notice (void)
{
    static const char body [] = "\x82\xa4name\xa6served\xa7session\xa2:1";
    wire_frame_t wire = { .kind = WIRE_PUBLISH, .name = SPAN ("hearth"), .method = SPAN ("replaced") };
    if (feed_byte (&feed) & 1)
        s_say (&wire, body, sizeof body - 1);
    else
        s_say_bytes (&wire);
}

static void s_raw (void)
{
    size_t size;
    const uint8_t *bytes = feed_bytes (&feed, &size);
    side_put (bytes, size);
}

//  One as it travels, in a place for it; its size, 0 if it is too large.
static size_t s_write_note (span_t topic, uint64_t epoch, uint8_t bytes [512])
{
    wire_note_t note = { .topic = topic, .epoch = epoch, .number = feed_byte (&feed) };
    note.topic_number = feed_byte (&feed);
    note.topic_first = feed_byte (&feed);
    note.body = feed_bytes (&feed, &note.body_size);
    if (wire_note_size (&note) > 512)
        return 0;
    wire_write_note (&note, bytes);
    return wire_note_size (&note);
}

static void s_notify (void)
{
    static const char *const topics [] = { "s/e/", "s/", "hearth/name/", "s/f/" };
    uint8_t bytes [512];
    span_t topic = said_choose (&feed, topics, 4);
    size_t size = s_write_note (topic, EPOCH + feed_below (&feed, 2), bytes);
    if (size)
        side_put_note (bytes, size);
}

//  Several in one message.
static void s_notify_together (void)
{
    static uint8_t room [BUNDLE_ROOM], bytes [512];
    note_bundle_t bundle = { .data = room };
    for (unsigned count = 2 + feed_below (&feed, 4); count > 0; count--) {
        size_t size = s_write_note (SPAN ("s/e/"), EPOCH, bytes);
        if (!size || !(bundle.count ? note_bundle_add : note_bundle_begin) (&bundle, bytes, size))
            return;
    }
    side_put_note (room, bundle.size);
}

static void s_notify_raw (void)
{
    size_t size;
    const uint8_t *bytes = feed_bytes (&feed, &size);
    side_put_note (bytes, size);
}

static void s_wait (void)
{
    side.now_ms += feed_byte (&feed) * 8;
}

//  ---- what the program does ----

static void s_process (void)
{
    hearth_process (hearth);
}

static void s_call (void)
{
    s_expect_end (hearth_call (proxy, "echo", "text", feed_byte (&feed)));
}

static void s_start (void)
{
    hearth_pending_t **place = &kept [feed_below (&feed, KEPT)];
    if (!*place)
        *place = hearth_start (proxy, "echo", 1);
}

static void s_take (void)
{
    hearth_pending_t **place = &kept [feed_below (&feed, KEPT)];
    hearth_result_t *result = *place ? hearth_wait (place, feed_byte (&feed)) : NULL;
    if (result)
        s_expect_end (result);
}

static void s_abandon (void)
{
    hearth_pending_destroy (&kept [feed_below (&feed, KEPT)]);
}

static void s_oneway (void)
{
    s_expect_end (hearth_oneway (proxy, "echo"));
}

static void s_serve (void)
{
    if (feed_byte (&feed) & 1)
        hearth_unserve (hearth, "served");
    else
        hearth_serve (hearth, feed_byte (&feed) & 1 ? "served" : "", methods, NULL);
}

static void s_observe (void)
{
    hearth_observation_destroy (&observation);
    if (feed_byte (&feed) & 1)
        observation = hearth_observe (hearth, "s", feed_byte (&feed) & 1 ? "e" : "", 40, s_note, NULL);
}

static void s_watch (void)
{
    hearth_watch_destroy (&watch);
    if (feed_byte (&feed) & 1)
        watch = hearth_watch (hearth, "a.name", s_watched, NULL);
}

static void s_publish (void)
{
    hearth_publish (hearth, "served", "e", feed_byte (&feed));
}

static void (*const broker_steps [16]) (void) = {
    s_welcome, s_answer, s_answer, s_answer_as_directory, s_answer_as_directory, s_request, s_request, s_cancel,
    s_notice,  s_raw,    s_notify, s_notify_together,     s_notify_raw,          s_goodbye, s_lose,    s_wait
};
static void (*const program_steps [16]) (void) = { s_process, s_process, s_process, s_call,   s_start, s_start,
                                                   s_take,    s_take,    s_abandon, s_oneway, s_serve, s_observe,
                                                   s_watch,   s_publish, s_refuse,  s_connect };

bool side_has_session (void)
{
    return hearth && hearth_unique_name (hearth);
}

bool side_step (void)
{
    if (!feed.size)
        return false;
    unsigned at = feed_byte (&feed) % 16;
    if (broker_steps [at] != s_welcome || side.is_connected)
        broker_steps [at]();
    return true;
}

static void s_begin (void)
{
    side_reset ();
    hearth = hearth_connect ("tcp://127.0.0.1:1");
    proxy = hearth ? hearth_proxy (hearth, "called") : NULL;
    REQUIRE (proxy);
    hearth_proxy_set_timeout (proxy, 50);
}

//  Whatever was started ends, at the latest with its deadline; whatever was asked is answered.
static void s_end (void)
{
    for (int turn = 0; turn < 8; turn++)
        hearth_process (hearth);
    if (hearth_unique_name (hearth) && side_is_empty ())
        REQUIRE (side.replies == side.requests);
    side.now_ms += 1000;
    hearth_process (hearth);
    for (int at = 0; at < KEPT; at++)
        if (kept [at])
            s_expect_end (hearth_wait (&kept [at], 0));
    hearth_observation_destroy (&observation);
    hearth_destroy (&hearth);
    watch = NULL;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    feed = (feed_t){ data, size };
    s_begin ();
    while (feed.size) {
        unsigned step = feed_byte (&feed);
        (step & 0x10 ? program_steps : broker_steps) [step & 15]();
    }
    s_end ();
    return 0;
}
