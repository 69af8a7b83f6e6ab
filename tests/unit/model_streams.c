/*  model_streams.c - streams of the model: who may send what, and whether it came

    The model counts credit by itself. Whoever sends without any, or grants too much, must find the call ended; whoever keeps
    the rules must not. Where the broker may have ended a call without the model's knowledge (its caller's link is lost, and
    missed something) neither is claimed.
*/

#include "model.h"
#include "scan.h"

//  ---- who has granted what ----

static bool s_is_stream (const model_call_t *call)
{
    return call->kind == CALL_PLAIN && call->flags & WIRE_STREAM;
}

static int64_t s_positive (int64_t number)
{
    return number > 0 ? number : 0;
}

//  An open stream in a slot of a peer; NULL: there is none.
static model_call_t *s_stream_in (model_t *self, const model_peer_t *peer, int slot)
{
    int at = peer->is_alive ? peer->slots [slot] : -1;
    return at >= 0 && s_is_stream (&self->calls [at]) ? &self->calls [at] : NULL;
}

//  Adds what a peer has granted in a call and not received; false if that is not known for sure.
static bool s_add_granted (const model_t *self, const model_call_t *call, int peer, int64_t *items, int64_t *bytes)
{
    bool is_caller = call->caller == peer, is_callee = call->seen && call->callee == peer;
    *items += is_caller * call->down.items + is_callee * call->up.items;
    *bytes += is_caller * s_positive (call->down.bytes) + is_callee * s_positive (call->up.bytes);
    return !self->peers [call->caller].link->has_missed || !(is_caller || is_callee);
}

static bool s_granted (model_t *self, int peer, int64_t *items, int64_t *bytes)
{
    bool is_sure = true;
    *items = *bytes = 0;
    for (int at = 0; at < self->peer_count; at++)
        for (int slot = 0; slot < MODEL_SLOTS; slot++) {
            const model_call_t *call = s_stream_in (self, &self->peers [at], slot);
            if (call)
                is_sure &= s_add_granted (self, call, peer, items, bytes);
        }
    return is_sure;
}

//  Books a credit, or says that it must end the call.
static void s_grant (model_t *self, model_call_t *call, int peer, model_flow_t *flow, uint64_t items, uint64_t bytes)
{
    int64_t has_items, has_bytes;
    bool is_sure = s_granted (self, peer, &has_items, &has_bytes);
    int64_t more = s_positive (flow->bytes + (int64_t) bytes) - s_positive (flow->bytes);
    bool is_beyond = has_items + (int64_t) items > (int64_t) self->world.limits.value [LIMIT_GRANTED]
                     || has_bytes + more > (int64_t) self->world.limits.value [LIMIT_GRANTED_BYTES];
    call->may_end |= !is_sure;
    call->must_end |= is_sure && is_beyond;
    if (is_beyond)
        return;
    flow->items += (int64_t) items;
    flow->bytes += (int64_t) bytes;
    flow->granted_items += items;
    flow->granted_bytes += bytes;
}

//  ---- what peers send ----

//  Something passes.
static void s_extend (model_t *self, model_call_t *call)
{
    if (call->seen && !call->must_end)
        call->deadline_ms = self->world.now_ms + call->silence_ms;
}

static size_t s_send_item (model_t *self, link_t *link, wire_token_t token, uint32_t flags, int call, uint64_t number)
{
    static const char padding [64] = "";
    wire_frame_t wire = { .kind = WIRE_ITEM, .block = { .token = token, .flags = flags } };
    pack_t body;
    pack_init (&body);
    pack_list (&body, 3);
    pack_int (&body, call);
    pack_uint (&body, number);
    pack_bin (&body, padding, model_random (self, sizeof padding));
    size_t size = 28 + body.buffer.size;
    world_send (link, &wire, body.buffer.data, body.buffer.size);
    pack_clear (&body);
    return size;
}

//  What an item of that size does to its direction, and its call.
static void s_spend (model_t *self, model_call_t *call, model_flow_t *flow, size_t size)
{
    bool has_credit = call->seen && flow->items > 0 && flow->bytes > 0;
    bool is_lost = self->peers [call->caller].link->has_missed;
    call->may_end |= is_lost;
    call->must_end |= !has_credit && !is_lost;
    if (!has_credit)
        return;
    flow->items--;
    flow->bytes -= (int64_t) size;
    flow->sent++;
    s_extend (self, call);
}

void model_item_up (model_t *self, int number)
{
    model_call_t *call = &self->calls [number];
    uint64_t sent = call->up.sent;
    size_t size = s_send_item (self, self->peers [call->caller].link, call->token, WIRE_UP, number, sent);
    if (s_is_stream (call) && !call->has_ended_up)
        s_spend (self, call, &call->up, size);
}

void model_item_end (model_t *self, int number)
{
    model_call_t *call = &self->calls [number];
    s_send_item (self, self->peers [call->caller].link, call->token, WIRE_UP | WIRE_END, number, 0);
    if (!s_is_stream (call) || call->has_ended_up)
        return;
    call->has_ended_up = true;
    call->up.items = call->up.bytes = 0;
    s_extend (self, call);
}

static void s_send_credit (link_t *link, wire_token_t token, uint32_t flags, uint64_t items, uint64_t bytes)
{
    wire_frame_t wire = {
        .kind = WIRE_CREDIT, .block = { .token = token, .flags = flags }, .items = items, .bytes = bytes
    };
    world_send (link, &wire, "\xc0", 1);
}

void model_credit_up (model_t *self, int number, uint64_t items, uint64_t bytes)
{
    model_call_t *call = &self->calls [number];
    if (s_is_stream (call) && items) {
        s_grant (self, call, call->caller, &call->down, items, bytes);
        s_extend (self, call);
    }
    s_send_credit (self->peers [call->caller].link, call->token, WIRE_UP, items, bytes);
}

void model_item_down (model_t *self, int peer, int at)
{
    const model_request_t *request = &self->peers [peer].inbox [at];
    model_call_t *call = &self->calls [request->call];
    uint64_t sent = call->down.sent;
    size_t size = s_send_item (self, self->peers [peer].link, request->token, 0, request->call, sent);
    if (s_is_stream (call) && call->is_open)
        s_spend (self, call, &call->down, size);
}

void model_credit_down (model_t *self, int peer, int at, uint64_t items, uint64_t bytes)
{
    const model_request_t *request = &self->peers [peer].inbox [at];
    model_call_t *call = &self->calls [request->call];
    if (s_is_stream (call) && call->is_open && items && !call->has_ended_up) {
        s_grant (self, call, peer, &call->up, items, bytes);
        s_extend (self, call);
    }
    s_send_credit (self->peers [peer].link, request->token, 0, items, bytes);
}

//  ---- what comes ----

//  The call that a frame belongs to, as its receiver knows it.
static model_call_t *s_find (model_t *self, const model_peer_t *peer, const wire_block_t *block)
{
    if (!(block->flags & WIRE_UP))
        return block->token.slot < MODEL_SLOTS && peer->slots [block->token.slot] >= 0
                   ? &self->calls [peer->slots [block->token.slot]]
                   : NULL;
    for (int at = 0; at < peer->inbox_count; at++)
        if (peer->inbox [at].token.slot == block->token.slot
            && peer->inbox [at].token.generation == block->token.generation)
            return &self->calls [peer->inbox [at].call];
    return NULL;
}

static void s_take_item (model_t *self, const model_call_t *call, model_flow_t *flow, const wire_frame_t *wire)
{
    uint64_t number, sent;
    size_t at = 1;
    MODEL_CLAIM (self, scan_uint (wire->body, wire->body_size, &at, &number), "an item is as it was sent");
    MODEL_CLAIM (self, scan_uint (wire->body, wire->body_size, &at, &sent), "an item is as it was sent");
    MODEL_CLAIM (self, number == (uint64_t) (call - self->calls), "an item goes to its call");
    MODEL_CLAIM (self, sent == flow->received++, "items come in order, each once");
}

void model_take_stream (model_t *self, model_peer_t *peer, const wire_frame_t *wire)
{
    const wire_block_t *block = &wire->block;
    bool is_up = block->flags & WIRE_UP;
    model_call_t *call = s_find (self, peer, block);
    MODEL_CLAIM (self, call && s_is_stream (call), "items and credit are of a stream that is open");
    MODEL_CLAIM (self, is_up || call->token.generation == block->token.generation,
                 "a token is the one that was given");
    model_flow_t *flow = is_up == (wire->kind == WIRE_ITEM) ? &call->up : &call->down;
    MODEL_CLAIM (self, block->session == self->peers [is_up ? call->caller : call->callee].number,
                 "who sent is told");
    MODEL_CLAIM (self, block->remaining_ms == call->silence_ms, "how long the stream may be silent is told");
    call->deadline_ms = self->world.now_ms + call->silence_ms;
    if (block->flags & WIRE_END) {
        MODEL_CLAIM (self, call->has_ended_up && !call->was_told_end, "the end of the items up comes once");
        call->was_told_end = true;
    } else if (wire->kind == WIRE_ITEM) {
        MODEL_CLAIM (self, !is_up || !call->was_told_end, "no item comes behind the end");
        s_take_item (self, call, flow, wire);
    } else {
        flow->told_items += wire->items;
        flow->told_bytes += wire->bytes;
    }
}

static void s_check_flow (model_t *self, const model_call_t *call, const model_flow_t *items,
                          const model_flow_t *credit)
{
    int number = (int) (call - self->calls);
    MODEL_CLAIM (self, items->sent == items->received, "the items of call %d have come", number);
    MODEL_CLAIM (self, credit->granted_items == credit->told_items && credit->granted_bytes == credit->told_bytes,
                 "the credit of call %d is told", number);
}

static bool s_has_all (const model_peer_t *peer)
{
    return peer->is_alive && !peer->link->has_missed && !peer->link->is_full;
}

static void s_check (model_t *self, const model_call_t *call)
{
    const model_peer_t *caller = &self->peers [call->caller], *callee = &self->peers [call->callee];
    MODEL_CLAIM (self, !call->must_end || !s_has_all (caller), "call %d goes on against the rules",
                 (int) (call - self->calls));
    if (!call->seen || call->may_end)
        return;
    if (s_has_all (caller))
        s_check_flow (self, call, &call->down, &call->up);
    if (s_has_all (callee)) {
        s_check_flow (self, call, &call->up, &call->down);
        MODEL_CLAIM (self, call->has_ended_up == call->was_told_end, "the end of the items up is told");
    }
}

void model_check_streams (model_t *self)
{
    for (int at = 0; at < self->peer_count; at++)
        for (int slot = 0; slot < MODEL_SLOTS; slot++) {
            const model_call_t *call = s_stream_in (self, &self->peers [at], slot);
            if (call)
                s_check (self, call);
        }
}
