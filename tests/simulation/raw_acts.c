/*  raw_acts.c - what an honest raw peer does: calls, answers, registers, publishes, one thing at a time */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "hub.h"
#include "judge.h"
#include "log.h"
#include "raw.h"

static const char *const methods [] = { "work", "idem", "note", "flow", "none" };
enum { METHODS = 4 };  //  that are declared

//  ---- answers ----

static void s_reply_error (peer_t *self, wire_token_t token, unsigned code, unsigned mark, const char *name)
{
    wire_frame_t frame = { .kind = WIRE_REPLY, .block.token = token, .code = code, .mark = mark };
    uint8_t body [128];
    size_t size = wire_write_error (SPAN (name), SPAN ("it failed"), body, sizeof body);
    raw_send (self, &frame, body, size);
}

static void s_reply_result (peer_t *self, const raw_request_t *request)
{
    wire_frame_t frame = { .kind = WIRE_REPLY, .block.token = request->token };
    uint8_t body [10];
    raw_write_arguments (body, request->id, 0);
    if (request->flags & WIRE_ONEWAY)
        raw_send (self, &frame, "\xc0", 1);
    else
        raw_send (self, &frame, body + 1, 9);
}

void raw_answer (peer_t *self, unsigned at)
{
    raw_t *raw = raw_of (self);
    raw_request_t request = raw->inbox [at];
    raw->inbox [at] = raw->inbox [--raw->inbox_count];
    if (!request.id) {  //  a liar's call
        s_reply_result (self, &request);
        return;
    }
    unsigned way = dice_roll (&self->dice, 100);
    bool is_late = now_ms () >= request.deadline_ms;
    if (request.flags & WIRE_ONEWAY)
        way = 99;
    else if (is_late && way < 70)
        s_reply_error (self, request.token, HEARTH_DEADLINE_EXCEEDED, HEARTH_NOT_EXECUTED, "hearth.Deadline");
    else if (request.is_cancelled && way < 70)
        s_reply_error (self, request.token, HEARTH_CANCELLED, HEARTH_NOT_EXECUTED, "hearth.Cancelled");
    else if (way < 3)
        s_reply_error (self, request.token, HEARTH_INVALID_ARGUMENT, HEARTH_NOT_EXECUTED, "hearth.BadArguments");
    else
        way = 99 - way % 10;
    if (way < 90)
        return;
    judge_executed (request.id, self->index);
    COVER (COVER_EXECUTED);
    if (way == 90)
        s_reply_error (self, request.token, HEARTH_NOT_FOUND, HEARTH_EXECUTED, "bank.NoSuchAccount");
    else if (way == 91)
        s_reply_error (self, request.token, HEARTH_INTERNAL, HEARTH_EXECUTED, "hearth.NoReply");
    else
        s_reply_result (self, &request);
}

static void s_answer (peer_t *self)
{
    raw_t *raw = raw_of (self);
    if (raw->inbox_count)
        raw_answer (self, dice_roll (&self->dice, raw->inbox_count));
}

//  ---- calls ----

void raw_ask (peer_t *self, int slot, asked_t kind, wire_frame_t *frame, const void *body, size_t size)
{
    raw_t *raw = raw_of (self);
    frame->block.token = (wire_token_t){ (uint32_t) slot, ++raw->generation };
    if (!(frame->block.flags & WIRE_NOACK))
        raw->slots [slot] = (raw_slot_t){ .kind = kind,
                                          .generation = raw->generation,
                                          .end_ms = now_ms () + (int64_t) frame->block.remaining_ms };
    raw_send (self, frame, body, size);
}

static const char *s_other_session (peer_t *self)
{
    const char *name = raw_unique_name (&peers [dice_roll (&self->dice, peer_count)]);
    return *name ? name : "n.0";
}

const char *raw_callee (peer_t *self)
{
    unsigned roll = dice_roll (&self->dice, 100);
    return roll < 5   ? s_other_session (self)
           : roll < 6 ? ":000000000001.7"
           : roll < 8 ? "nobody.here"
                      : name_texts [dice_roll (&self->dice, plan.names)];
}

uint32_t raw_deadline (peer_t *self)
{
    unsigned roll = dice_roll (&self->dice, 100);
    return roll < 1    ? 0
           : roll < 2  ? 86400001
           : roll < 70 ? 1 + dice_skewed (&self->dice, 3000)
                       : 1000 + dice_roll (&self->dice, 19000);
}

static size_t s_payload (peer_t *self)
{
    unsigned roll = dice_roll (&self->dice, 200);
    return roll == 0 ? 5000 : roll < 40 ? 1 + dice_skewed (&self->dice, 1000) : 0;
}

static void s_call (peer_t *self)
{
    static const uint32_t flags [] = { 0,
                                       0,
                                       0,
                                       0,
                                       WIRE_WAIT,
                                       WIRE_ONEWAY,
                                       WIRE_ONEWAY | WIRE_WAIT,
                                       WIRE_ONEWAY | WIRE_NOACK,
                                       WIRE_ONEWAY | WIRE_NOACK | WIRE_WAIT };
    raw_t *raw = raw_of (self);
    int slot = raw_free_slot (raw);
    uint32_t flag = flags [dice_roll (&self->dice, sizeof flags / sizeof flags [0])];
    if (slot < 0)
        return;
    uint8_t body [RAW_ARGUMENTS_MOST], options [] = { 0x81, 0xa4, 'w', 'a', 'i', 't', 0xcd, 0, 0 };
    uint32_t remaining_ms = raw_deadline (self);
    uint64_t id = judge_call (self->index, flag & WIRE_ONEWAY, now_ms () + remaining_ms);
    uint32_t wait_ms = 1 + dice_skewed (&self->dice, 3000);
    options [7] = (uint8_t) (wait_ms >> 8);
    options [8] = (uint8_t) wait_ms;
    wire_frame_t frame = { .kind = WIRE_REQUEST,
                           .block = { .flags = flag, .remaining_ms = remaining_ms },
                           .name = raw_span (raw_callee (self)),
                           .method =
                               raw_span (methods [dice_roll (&self->dice, METHODS + dice_chance (&self->dice, 5))]) };
    if (flag & WIRE_WAIT)
        frame.options = (span_t){ (const char *) options, sizeof options };
    judge_sent (id, remaining_ms);
    raw_ask (self, slot, ASKED_CALL, &frame, body, raw_write_arguments (body, id, s_payload (self)));
    if (flag & WIRE_NOACK)
        judge_forgotten (id);
    else
        raw->slots [slot].id = id;
}

static void s_cancel (peer_t *self)
{
    raw_t *raw = raw_of (self);
    unsigned slot = dice_roll (&self->dice, RAW_SLOTS);
    if (raw->slots [slot].kind == ASKED_NOTHING)
        return;
    wire_frame_t frame = { .kind = WIRE_CANCEL, .block.token = { slot, raw->slots [slot].generation } };
    raw_send (self, &frame, "\xc0", 1);
}

//  ---- the directory ----

static void s_pack_methods (peer_t *self, pack_t *pack)
{
    unsigned which = 1 + dice_roll (&self->dice, 15);
    pack_str (pack, "methods");
    pack_list (pack, (size_t) __builtin_popcount (which));
    for (unsigned at = 0; at < METHODS; at++) {
        if (!(which & 1u << at))
            continue;
        pack_map (pack, 2);
        pack_str (pack, "name");
        pack_str (pack, methods [at]);
        pack_str (pack, "flags");
        pack_list (pack, at != 0);
        if (at != 0)
            pack_str (pack, at == 1 ? "idempotent" : at == 2 ? "oneway" : "streaming");
    }
    pack_str (pack, "events");
    pack_list (pack, 1);
    pack_map (pack, 2);
    pack_str (pack, "name");
    pack_str (pack, "state");
    pack_str (pack, "flags");
    pack_list (pack, 1);
    pack_str (pack, "retained");
}

//  Names are of a kind: most pools, so that instances meet; a few that may be taken over.
static const char *s_mode (peer_t *self, const char *name)
{
    static const char *const modes [] = { "shared", "exclusive", "replaceable", "shared" };
    size_t at = strlen (name) > 1 ? (size_t) name [strlen (name) - 1] % 4 : 1;
    return modes [dice_chance (&self->dice, 90) ? at : dice_roll (&self->dice, 4)];
}

void raw_pack_registration (peer_t *self, pack_t *pack, const char *name)
{
    bool has_interface = dice_chance (&self->dice, 60), has_metadata = dice_chance (&self->dice, 10);
    pack_list (pack, 2);
    pack_str (pack, name);
    pack_map (pack, 3u + has_interface + has_metadata);
    pack_str (pack, "mode");
    pack_str (pack, s_mode (self, name));
    pack_str (pack, "replace");
    pack_bool (pack, dice_chance (&self->dice, 50));
    pack_str (pack, "capacity");
    pack_int (pack, 1 + dice_skewed (&self->dice, (uint32_t) plan.limits.value [LIMIT_CAPACITY] + 1));
    if (has_metadata) {
        char text [101];
        memset (text, 'm', sizeof text - 1);
        text [dice_roll (&self->dice, sizeof text)] = text [100] = 0;
        pack_str (pack, "metadata");
        pack_map (pack, 1);
        pack_str (pack, "about");
        pack_str (pack, text);
    }
    if (has_interface) {
        pack_str (pack, "interface");
        pack_map (pack, 2);
        s_pack_methods (self, pack);
    }
}

static void s_directory (peer_t *self, asked_t kind, const char *method, pack_t *arguments)
{
    int slot = raw_free_slot (raw_of (self));
    wire_frame_t frame = {
        .kind = WIRE_REQUEST, .block.remaining_ms = 1000, .name = SPAN ("hearth"), .method = SPAN (method)
    };
    if (slot >= 0 && arguments->buffer.size <= RAW_ARGUMENTS_MOST)
        raw_ask (self, slot, kind, &frame, arguments->buffer.data, arguments->buffer.size);
    pack_clear (arguments);
}

static void s_register (peer_t *self)
{
    unsigned name = dice_roll (&self->dice, plan.names + 1);
    pack_t arguments;
    pack_init (&arguments);
    raw_pack_registration (self, &arguments, name < plan.names ? name_texts [name] : "");
    s_directory (self, ASKED_REGISTER, "register", &arguments);
}

static void s_unregister (peer_t *self)
{
    unsigned name = dice_roll (&self->dice, plan.names + 1);
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 1);
    pack_str (&arguments, name < plan.names ? name_texts [name] : "");
    s_directory (self, ASKED_OTHER, "unregister", &arguments);
}

static void s_look (peer_t *self)
{
    static const char *const asked [] = {
        "list", "lookup", "describe", "ping", "stats", "topics", "history", "none"
    };
    unsigned which = dice_roll (&self->dice, sizeof asked / sizeof asked [0]);
    char topic [32];
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, which == 6 ? 3 : which == 4 ? 0 : 1);
    snprintf (topic, sizeof topic, "%s%s", name_texts [dice_roll (&self->dice, plan.names)],
              which == 6 ? "/said/" : "");
    if (which != 4)
        pack_str (&arguments, which == 0 || which == 5 ? "n" : topic);
    if (which == 6) {
        pack_uint (&arguments, dice_roll (&self->dice, 100));
        pack_uint (&arguments, dice_roll (&self->dice, 300));
    }
    s_directory (self, ASKED_OTHER, asked [which], &arguments);
}

//  ---- the rest ----

static void s_publish (peer_t *self)
{
    static const char *const events [] = { "said", "state", "said", "state", "other", "more" };
    raw_t *raw = raw_of (self);
    int slot = raw_free_slot (raw);
    if (slot < 0)
        return;
    uint8_t body [RAW_ARGUMENTS_MOST];
    bool is_own = dice_chance (&self->dice, 10);
    wire_frame_t frame = { .kind = WIRE_PUBLISH,
                           .block.flags = dice_chance (&self->dice, 20) ? WIRE_NOACK : 0,
                           .name = raw_span (is_own ? raw->unique : name_texts [dice_roll (&self->dice, plan.names)]),
                           .method = raw_span (events [dice_roll (&self->dice, 6)]) };
    size_t size = raw_write_arguments (body, dice_next (&self->dice) | 1ull << 62, s_payload (self));
    raw_ask (self, slot, ASKED_OTHER, &frame, body, size);
}

static void s_probe (peer_t *self)
{
    wire_frame_t frame = { .kind = WIRE_PROBE };
    raw_send (self, &frame, "\xc0", 1);
}

static const struct {
    void (*act) (peer_t *self);
    unsigned weight;
} acts [] = { { s_call, 40 },  { s_answer, 45 }, { s_register, 8 }, { s_unregister, 2 },     { s_publish, 6 },
              { s_cancel, 4 }, { s_look, 3 },    { s_probe, 1 },    { raw_stream_open, 12 }, { raw_stream_act, 40 } };

void raw_act (peer_t *self)
{
    if (self->is_resting) {
        s_answer (self);
        return;
    }
    unsigned sum = 0, at = 0;
    for (size_t row = 0; row < sizeof acts / sizeof acts [0]; row++)
        sum += acts [row].weight;
    unsigned chosen = dice_roll (&self->dice, sum);
    while (chosen >= acts [at].weight)
        chosen -= acts [at++].weight;
    acts [at].act (self);
}
