/*  raw_streams.c - streams of honest raw peers: opened, granted, filled and ended frame by frame, as their caller and as their service */
#include "coverage.h"
#include "flows.h"
#include "judge.h"
#include "log.h"
#include "raw.h"

//  ---- credit ----

static void s_draw_credit (peer_t *self, uint64_t *items, uint64_t *bytes)
{
    static const uint32_t some_items [] = { 1, 1, 2, 5, 20, 100 }, some_bytes [] = { 1, 100, 1000, 5000, 100000, 0 };
    *items = some_items [dice_roll (&self->dice, 6)];
    *bytes = some_bytes [dice_roll (&self->dice, 6)];
    if (dice_chance (&self->dice, 2))
        *items = dice_chance (&self->dice, 50) ? WIRE_CREDIT_MOST : 10001;
    if (dice_chance (&self->dice, 2))
        *bytes = dice_chance (&self->dice, 50) ? WIRE_CREDIT_MOST : 67108865;
}

static void s_grant (peer_t *self, wire_token_t token, uint32_t flags)
{
    wire_frame_t frame = { .kind = WIRE_CREDIT, .block = { .token = token, .flags = flags } };
    s_draw_credit (self, &frame.items, &frame.bytes);
    raw_send (self, &frame, "\xc0", 1);
}

static void s_pack_options (peer_t *self, pack_t *options, uint32_t flags)
{
    uint64_t items, bytes;
    bool has_credit = dice_chance (&self->dice, 80), is_right = dice_chance (&self->dice, 95);
    s_draw_credit (self, &items, &bytes);
    pack_map (options, (size_t) has_credit + (flags & WIRE_WAIT ? 1 : 0));
    if (flags & WIRE_WAIT) {
        pack_str (options, "wait");
        pack_uint (options, 1 + dice_skewed (&self->dice, 3000));
    }
    if (!has_credit)
        return;
    pack_str (options, "credit");
    pack_list (options, is_right ? 2 : 1);
    pack_uint (options, items);
    if (is_right)
        pack_uint (options, bytes);
}

//  ---- items ----

//  False if it has no credit.
static bool s_send_item (peer_t *self, raw_flow_t *flow, wire_token_t token, uint64_t id, way_t way)
{
    uint8_t body [FLOW_ITEM_MOST + 3] = { 0xc5 };
    if (flow->items <= 0 || flow->bytes <= 0)
        return false;
    wire_frame_t frame = { .kind = WIRE_ITEM, .block = { .token = token, .flags = way == FLOW_UP ? WIRE_UP : 0 } };
    size_t size = flow_write (id, way, body + 3, dice_chance (&self->dice, 80) ? 0 : dice_skewed (&self->dice, 800));
    body [1] = (uint8_t) (size >> 8);
    body [2] = (uint8_t) size;
    raw_send (self, &frame, body, size + 3);
    uint8_t head [WIRE_HEADER_MAX];
    flow->items--;
    flow->bytes -= (int64_t) (wire_write_header (&frame, head, sizeof head) + size + 3);
    flow_sent (id, way);
    return true;
}

static void s_send_end (peer_t *self, raw_flow_t *flow, wire_token_t token)
{
    wire_frame_t frame = { .kind = WIRE_ITEM, .block = { .token = token, .flags = WIRE_UP | WIRE_END } };
    flow->has_ended = true;
    raw_send (self, &frame, "\xc0", 1);
}

//  ---- as a caller ----

void raw_stream_open (peer_t *self)
{
    raw_t *raw = raw_of (self);
    int slot = raw_free_slot (raw);
    if (slot < 0)
        return;
    uint8_t body [RAW_ARGUMENTS_MOST];
    uint32_t remaining_ms = raw_deadline (self);
    uint32_t flags = WIRE_STREAM | (dice_chance (&self->dice, 30) ? WIRE_WAIT : 0);
    uint64_t id = judge_call (self->index, false, now_ms () + remaining_ms);
    pack_t options;
    pack_init (&options);
    s_pack_options (self, &options, flags);
    wire_frame_t frame = { .kind = WIRE_REQUEST,
                           .block = { .flags = flags, .remaining_ms = remaining_ms },
                           .name = raw_span (raw_callee (self)),
                           .method = raw_span (dice_chance (&self->dice, 85) ? "flow" : "work"),
                           .options = { options.buffer.data, options.buffer.size } };
    judge_sent (id, remaining_ms);
    flow_open (id, self->index, remaining_ms, 0, 0);
    raw_ask (self, slot, ASKED_CALL, &frame, body, raw_write_arguments (body, id, dice_skewed (&self->dice, 200)));
    flow_asked (id, self->link, &frame);
    raw->slots [slot].id = id;
    raw->slots [slot].flow.is_stream = true;
    pack_clear (&options);
}

static void s_act_caller (peer_t *self, raw_slot_t *slot, uint32_t at)
{
    wire_token_t token = { at, slot->generation };
    unsigned roll = dice_roll (&self->dice, 10);
    if (roll < 4)
        s_grant (self, token, WIRE_UP);
    else if (roll == 4 && !slot->flow.has_ended)
        s_send_end (self, &slot->flow, token);
    else if (!slot->flow.has_ended)
        for (unsigned count = 1 + dice_roll (&self->dice, 6); count; count--)
            if (s_send_item (self, &slot->flow, token, slot->id, FLOW_UP))
                COVER (COVER_STREAM_RAW_UP);
}

//  ---- as a service ----

static void s_act_service (peer_t *self, raw_request_t *request)
{
    if (dice_chance (&self->dice, 30)) {
        s_grant (self, request->token, 0);
        return;
    }
    for (unsigned count = 1 + dice_roll (&self->dice, 6); count; count--)
        if (s_send_item (self, &request->flow, request->token, request->id, FLOW_DOWN))
            COVER (COVER_STREAM_RAW_DOWN);
    request->deadline_ms = now_ms () + request->flow.silence_ms;
}

static bool s_act_slots (peer_t *self, raw_t *raw)
{
    uint32_t from = dice_roll (&self->dice, RAW_SLOTS);
    for (uint32_t at = 0; at < RAW_SLOTS; at++) {
        uint32_t slot = (from + at) % RAW_SLOTS;
        if (!raw->slots [slot].flow.is_stream)
            continue;
        s_act_caller (self, &raw->slots [slot], slot);
        return true;
    }
    return false;
}

static bool s_act_inbox (peer_t *self, raw_t *raw)
{
    unsigned from = raw->inbox_count ? dice_roll (&self->dice, raw->inbox_count) : 0;
    for (unsigned at = 0; at < raw->inbox_count; at++) {
        raw_request_t *request = &raw->inbox [(from + at) % raw->inbox_count];
        if (!request->flow.is_stream)
            continue;
        s_act_service (self, request);
        return true;
    }
    return false;
}

void raw_stream_act (peer_t *self)
{
    raw_t *raw = raw_of (self);
    if (dice_chance (&self->dice, 50))
        s_act_slots (self, raw);
    else
        s_act_inbox (self, raw);
}

//  ---- what comes ----

void raw_stream_request (raw_request_t *request, const wire_frame_t *frame)
{
    uint64_t items, bytes;
    if (!(frame->block.flags & WIRE_STREAM))
        return;
    request->flow = (raw_flow_t){ .is_stream = true, .silence_ms = frame->block.remaining_ms };
    if (!wire_option_credit (frame->options, &items, &bytes))
        return;
    request->flow.items = (int64_t) items;
    request->flow.bytes = (int64_t) bytes;
}

static void s_come (raw_flow_t *flow, const wire_frame_t *frame, uint64_t id, way_t way)
{
    flow->silence_ms = frame->block.remaining_ms;
    if (frame->kind == WIRE_CREDIT) {
        flow->items += (int64_t) frame->items;
        flow->bytes += (int64_t) frame->bytes;
    } else if (!(frame->block.flags & WIRE_END)) {
        size_t head = frame->body_size > 3 && frame->body [0] == 0xc5 ? 3 : 2;
        flow_took (id, way, frame->body + head, frame->body_size > head ? frame->body_size - head : 0);
    }
}

void raw_stream_come (peer_t *self, const wire_frame_t *frame)
{
    raw_t *raw = raw_of (self);
    wire_token_t token = frame->block.token;
    if (!(frame->block.flags & WIRE_UP)) {
        raw_slot_t *slot = token.slot < RAW_SLOTS ? &raw->slots [token.slot] : NULL;
        if (slot && slot->flow.is_stream && slot->generation == token.generation)
            s_come (&slot->flow, frame, slot->id, FLOW_DOWN);
        return;
    }
    for (unsigned at = 0; at < raw->inbox_count; at++) {
        raw_request_t *request = &raw->inbox [at];
        if (request->token.slot != token.slot || request->token.generation != token.generation)
            continue;
        s_come (&request->flow, frame, request->id, FLOW_UP);
        request->deadline_ms = now_ms () + frame->block.remaining_ms;
    }
}
