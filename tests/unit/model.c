/*  model.c - what peers get, and the judgement about it */

#include "model.h"

#include <string.h>

#include "audit.h"
#include "state.h"

#define CLAIM MODEL_CLAIM

static int s_number_in (const wire_frame_t *wire, size_t skip)
{
    const uint8_t *at = wire->body + skip;
    return *at < 0x80 ? *at : *at == 0xcc ? at [1] : at [1] << 8 | at [2];
}

//  All that was sent in this step is seen before any answer is judged.
static void s_see (model_t *self, const model_peer_t *peer)
{
    for (const mail_t *mail = peer->link->mails; mail; mail = mail->next) {
        if (mail->wire.kind != WIRE_REQUEST)
            continue;
        model_call_t *call = &self->calls [s_number_in (&mail->wire, 1)];
        CLAIM (self, call->kind == CALL_PLAIN && call->seen++ == 0, "a request is sent once");
        CLAIM (self, call->is_open || call->flags & WIRE_NOACK || call->ended_at == self->step,
               "call %d (kind %d, flags %u, ended at %d, caller %d alive %d) has ended and is sent",
               (int) (call - self->calls), call->kind, call->flags, call->ended_at, call->caller,
               self->peers [call->caller].is_alive);
        CLAIM (self, call->deadline_ms > self->world.now_ms, "a call that has expired is sent to nobody");
        int64_t left_ms = call->flags & WIRE_STREAM ? call->silence_ms : call->deadline_ms - self->world.now_ms;
        CLAIM (self, mail->wire.block.remaining_ms == left_ms, "what remains is told");
        CLAIM (self, mail->wire.block.session == self->peers [call->caller].number, "the caller is told");
    }
}

static int s_name_of (const model_peer_t *peer, const wire_frame_t *wire)
{
    for (int name = 0; name < MODEL_NAMES; name++)
        if (span_equals (wire->name, model_names [name]))
            return name;
    return span_equals (wire->name, peer->unique) ? MODEL_OWN : -1;
}

static void s_take_request (model_t *self, model_peer_t *peer, const wire_frame_t *wire)
{
    int place = s_name_of (peer, wire);
    CLAIM (self, place >= 0, "a request goes where its name is");
    model_name_t *name = &peer->names [place];
    model_call_t *call = &self->calls [s_number_in (wire, 1)];
    CLAIM (self, name->is_mine, "a request for n%d goes to an owner, not to %s", place, peer->unique);
    CLAIM (self, name->outstanding < name->capacity, "an instance has room for a request");
    CLAIM (self, !name->methods || name->methods & 1u << call->method, "an instance declares the method");
    CLAIM (self, peer->inbox_count < MODEL_INBOX, "the inbox is large enough");
    name->outstanding++;
    call->callee = (int) (peer - self->peers);
    peer->inbox [peer->inbox_count++] =
        (model_request_t){ s_number_in (wire, 1), place, name->incarnation, wire->block.token };
}

//  What an earlier registration has outstanding does not count against a new one.
static void s_lose (model_name_t *name)
{
    name->is_mine = false;
    name->outstanding = 0;
    name->incarnation++;
}

static void s_apply (model_t *self, model_peer_t *peer, const model_call_t *call, const wire_frame_t *wire)
{
    model_name_t *name = &peer->names [call->name];
    if (call->kind == CALL_PUBLISH)
        CLAIM (self, name->is_mine || call->name == MODEL_OWN, "only owners publish");
    else if (call->kind == CALL_UNREGISTER) {
        CLAIM (self, (wire->body [0] == 0xc3) == name->is_mine, "unregister tells whether the caller had it");
        s_lose (name);
    } else {
        name->is_mine = true;
        name->is_shared = call->is_shared;
        name->capacity = call->capacity;
        name->methods = call->methods;
    }
}

//  The broker's word, or a service's.
static void s_check_mark (model_t *self, const model_call_t *call, const wire_frame_t *wire)
{
    bool is_service = wire->block.session != 0;
    if (call->kind != CALL_PLAIN || (wire->code == 0 && call->name < 0))
        return;
    if (is_service || wire->code == 0)
        CLAIM (self, call->seen == 1, "what was answered was sent");
    else if (wire->mark == HEARTH_NOT_EXECUTED)
        CLAIM (self, call->seen == 0, "a call that was sent is never `not executed` by the broker's word");
    else
        CLAIM (self, call->seen == 1, "a call that was not sent has not executed");
    if (is_service && wire->code == 0)
        CLAIM (self, s_number_in (wire, 0) == call - self->calls, "an answer goes to its call");
}

static void s_take_reply (model_t *self, model_peer_t *peer, const wire_frame_t *wire)
{
    wire_token_t token = wire->block.token;
    CLAIM (self, token.slot < MODEL_SLOTS && peer->slots [token.slot] >= 0, "a reply answers an open call");
    model_call_t *call = &self->calls [peer->slots [token.slot]];
    CLAIM (self, call->token.generation == token.generation, "a reply answers the call in its slot");
    CLAIM (self, call->is_open, "a call ends once");
    CLAIM (self, (wire->code == 0) == (wire->mark == 0), "errors have marks");
    s_check_mark (self, call, wire);
    if (wire->code == 0 && call->kind != CALL_PLAIN)
        s_apply (self, peer, call, wire);
    if (wire->block.session == 0 && wire->code == HEARTH_DEADLINE_EXCEEDED)
        CLAIM (self, call->deadline_ms <= self->world.now_ms || call->may_end,
               "a deadline has passed when it ends a call");
    if (wire->block.session == 0 && wire->code == HEARTH_RESOURCE_EXHAUSTED && wire->mark == HEARTH_MAY_HAVE_EXECUTED)
        CLAIM (self, call->must_end || call->may_end, "who keeps the rules of credit is not ended for them");
    if (wire->code == HEARTH_PERMISSION_DENIED)
        CLAIM (self, !peer->names [call->name].is_mine, "an owner may publish");
    call->is_open = false;
    call->ended_at = self->step;
    peer->slots [token.slot] = -1;
}

static void s_take (model_t *self, model_peer_t *peer)
{
    const mail_t *mail = world_take (peer->link, peer->link->mails->wire.kind);
    switch (mail->wire.kind) {
    case WIRE_REQUEST:
        if (peer->is_alive)
            s_take_request (self, peer, &mail->wire);
        break;
    case WIRE_REPLY:
        if (peer->is_alive)
            s_take_reply (self, peer, &mail->wire);
        break;
    case WIRE_ITEM:
    case WIRE_CREDIT:
        if (peer->is_alive)
            model_take_stream (self, peer, &mail->wire);
        break;
    case WIRE_PUBLISH: {
        span_t name = { (const char *) mail->wire.body + 7, 2 };  //  { "name": "n…", … }
        for (int at = 0; at < MODEL_NAMES; at++)
            if (span_equals (name, model_names [at]))
                s_lose (&peer->names [at]);
        break;
    }
    case WIRE_GOODBYE: CLAIM (self, peer->may_end || self->is_short, "%s got a goodbye", peer->unique); break;
    default: break;
    }
}

static void s_check_owners (model_t *self)
{
    for (int name = 0; name < MODEL_NAMES; name++) {
        int owners = 0, alone = 0;
        for (int at = 0; at < self->peer_count; at++) {
            const model_peer_t *peer = &self->peers [at];
            bool owns = peer->is_alive && !peer->link->has_missed && peer->names [name].is_mine;
            owners += owns;
            alone += owns && !peer->names [name].is_shared;
        }
        CLAIM (self, owners <= 1 || !alone, "a name that is not shared has one owner");
    }
}

void model_check (model_t *self)
{
    for (int at = 0; at < self->peer_count; at++)
        s_see (self, &self->peers [at]);
    for (int at = 0; at < self->peer_count; at++) {
        model_peer_t *peer = &self->peers [at];
        while (peer->link->mails)
            s_take (self, peer);
        if (!peer->is_alive || !peer->link->is_kicked)
            continue;
        CLAIM (self, peer->may_end || peer->link->is_full || self->is_short, "%s lost its session", peer->unique);
        model_end (self, at);
    }
    s_check_owners (self);
    model_check_streams (self);
    const char *problem = core_audit (self->world.core);
    CLAIM (self, !problem, "%s", problem);
}

void model_check_deadlines (model_t *self)
{
    for (int at = 0; at < self->call_count; at++) {
        const model_call_t *call = &self->calls [at];
        bool is_lost = self->peers [call->caller].link->has_missed;
        CLAIM (self, !call->is_open || is_lost || call->deadline_ms > self->world.now_ms,
               "call %d (kind %d, flags %u, seen %d, by %d) outlives its deadline", at, call->kind, call->flags,
               call->seen, call->caller);
    }
}

void model_check_rest (model_t *self)
{
    for (int at = 0; at < self->call_count; at++) {
        const model_call_t *call = &self->calls [at];
        if (!call->is_open)
            continue;
        bool is_owned = false;
        for (int peer = 0; peer < self->peer_count && call->name >= 0; peer++)
            is_owned |= self->peers [peer].is_alive && self->peers [peer].names [call->name].is_mine;
        CLAIM (self, call->flags & WIRE_WAIT && !is_owned, "call %d for n%d waits for nothing", at, call->name);
    }
}

void model_check_empty (model_t *self)
{
    const core_t *core = self->world.core;
    CLAIM (self, core->pending.count == 0 && core->waiting_bytes == 0, "calls are left");
    CLAIM (self, core->peers.count == 0 && core->peers.bytes == 0, "sessions are left");
    CLAIM (self, core->registry.registered == 0 && core->registry.bytes == 0, "names are left");
    CLAIM (self, core_deadline (core) == -1, "a timer is left");
}
