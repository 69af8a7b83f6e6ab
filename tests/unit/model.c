/*  model.c - the model's memory and its judgement */

#include "model.h"

#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "state.h"

#define CLAIM(self, condition, ...)                                                                                  \
    do {                                                                                                             \
        char what_ [256];                                                                                            \
        snprintf (what_, sizeof what_, __VA_ARGS__);                                                                 \
        cr_assert ((condition), "seed %" PRIu64 ", step %d: %s", (self)->seed, (self)->step, what_);                 \
    } while (0)

static const char *const name_texts [MODEL_NAMES + 1] = { "n0", "n1", "n2", "n3", "" };
static const char *const method_texts [MODEL_METHODS] = { "a", "b", "c" };

void model_init (model_t *self, uint64_t seed)
{
    memset (self, 0, sizeof *self);
    self->seed = seed;
    self->random = seed * 0x9e3779b97f4a7c15 + 1;
    world_init (&self->world);
}

//  xorshift64*
unsigned model_random (model_t *self, unsigned most)
{
    self->random ^= self->random >> 12;
    self->random ^= self->random << 25;
    self->random ^= self->random >> 27;
    return (unsigned) ((self->random * 0x2545f4914f6cdd1d) >> 33) % most;
}

bool model_chance (model_t *self, unsigned percent)
{
    return model_random (self, 100) < percent;
}

//  ---- what peers do ----

int model_peer (model_t *self, uint64_t instance, uint64_t sessions)
{
    int at = self->peer_count++;
    cr_assert_lt (at, MODEL_PEERS);
    model_peer_t *peer = &self->peers [at];
    uint64_t id [2] = { instance ? instance : (uint64_t) at + 1, 99 };
    *peer = (model_peer_t){ .link = world_connect (&self->world), .instance = id [0], .sessions = sessions };
    for (int slot = 0; slot < MODEL_SLOTS; slot++)
        peer->slots [slot] = -1;
    wire_frame_t hello = { .kind = WIRE_HELLO,
                           .version = 1,
                           .library = SPAN ("model"),
                           .instance = { (const char *) id, sizeof id },
                           .sessions = sessions };
    world_send (peer->link, &hello, "\xc0", 1);
    if (peer->link->is_kicked) {
        world_take (peer->link, WIRE_GOODBYE);
        return -1;
    }
    const mail_t *welcome = world_take (peer->link, WIRE_WELCOME);
    snprintf (peer->unique, sizeof peer->unique, "%.*s", (int) welcome->wire.name.size, welcome->wire.name.data);
    peer->number = welcome->wire.block.session;
    peer->is_alive = true;
    return at;
}

int model_any_peer (model_t *self)
{
    int start = self->peer_count ? (int) model_random (self, (unsigned) self->peer_count) : 0;
    for (int at = 0; at < self->peer_count; at++)
        if (self->peers [(start + at) % self->peer_count].is_alive)
            return (start + at) % self->peer_count;
    return -1;
}

int model_find_instance (const model_t *self, uint64_t instance)
{
    for (int at = 0; at < self->peer_count; at++)
        if (self->peers [at].is_alive && self->peers [at].instance == instance)
            return at;
    return -1;
}

//  A call in a free slot; NOACK takes none.
static model_call_t *s_call (model_t *self, int at, call_kind_t kind, int name, uint32_t flags, uint32_t remaining_ms)
{
    model_peer_t *peer = &self->peers [at];
    uint32_t slot = 0;
    while (slot < MODEL_SLOTS && peer->slots [slot] >= 0 && !(flags & WIRE_NOACK))
        slot++;
    if (slot == MODEL_SLOTS || self->call_count == MODEL_CALLS)
        return NULL;
    model_call_t *call = &self->calls [self->call_count++];
    *call = (model_call_t){ .kind = kind,
                            .caller = at,
                            .token = { slot, ++self->generation },
                            .flags = flags,
                            .deadline_ms = self->world.now_ms + remaining_ms,
                            .name = name,
                            .is_open = !(flags & WIRE_NOACK) };
    if (call->is_open)
        peer->slots [slot] = self->call_count - 1;
    return call;
}

static void s_send (model_t *self, const model_call_t *call, wire_kind_t kind, const char *target, const char *method,
                    uint32_t remaining_ms, const pack_t *body)
{
    wire_frame_t wire = { .kind = kind,
                          .block = { .token = call->token, .remaining_ms = remaining_ms, .flags = call->flags },
                          .name = SPAN (target),
                          .method = SPAN (method) };
    if (call->flags & WIRE_WAIT)
        wire.options = (span_t){ "\x81\xa4wait\xcd\x01\x2c", 9 };  //  { "wait": 300 }
    world_send (self->peers [call->caller].link, &wire, body->buffer.data, body->buffer.size);
}

int model_request (model_t *self, int peer, const char *target, int name, unsigned method, uint32_t flags,
                   uint32_t remaining_ms)
{
    model_call_t *call = s_call (self, peer, CALL_PLAIN, name, flags, remaining_ms);
    if (!call)
        return -1;
    call->method = method;
    pack_t body;
    pack_init (&body);
    pack_list (&body, 2);
    pack_int (&body, call - self->calls);
    static const char padding [64] = "";
    pack_bin (&body, padding, model_random (self, sizeof padding));
    s_send (self, call, WIRE_REQUEST, target ? target : name_texts [name], method_texts [method], remaining_ms,
            &body);
    pack_clear (&body);
    return (int) (call - self->calls);
}

static void s_pack_interface (pack_t *pack, unsigned methods)
{
    pack_str (pack, "interface");
    pack_map (pack, 1);
    pack_str (pack, "methods");
    pack_list (pack, (size_t) __builtin_popcount (methods));
    for (int at = 0; at < MODEL_METHODS; at++)
        if (methods & 1u << at) {
            pack_map (pack, 1);
            pack_str (pack, "name");
            pack_str (pack, method_texts [at]);
        }
}

int model_register (model_t *self, int peer, int name, const char *mode, bool replace, uint32_t capacity,
                    unsigned methods)
{
    model_call_t *call = s_call (self, peer, CALL_REGISTER, name, 0, 1000);
    if (!call)
        return -1;
    call->is_shared = strcmp (mode, "shared") == 0;
    call->capacity = capacity;
    call->methods = methods;
    pack_t body;
    pack_init (&body);
    pack_list (&body, 2);
    pack_str (&body, name_texts [name]);
    pack_map (&body, methods ? 4 : 3);
    pack_str (&body, "mode");
    pack_str (&body, mode);
    pack_str (&body, "replace");
    pack_bool (&body, replace);
    pack_str (&body, "capacity");
    pack_uint (&body, capacity);
    if (methods)
        s_pack_interface (&body, methods);
    s_send (self, call, WIRE_REQUEST, "hearth", "register", 1000, &body);
    pack_clear (&body);
    return (int) (call - self->calls);
}

int model_unregister (model_t *self, int peer, int name)
{
    model_call_t *call = s_call (self, peer, CALL_UNREGISTER, name, 0, 1000);
    if (!call)
        return -1;
    pack_t body;
    pack_init (&body);
    pack_list (&body, 1);
    pack_str (&body, name_texts [name]);
    s_send (self, call, WIRE_REQUEST, "hearth", "unregister", 1000, &body);
    pack_clear (&body);
    return (int) (call - self->calls);
}

int model_publish (model_t *self, int peer, int name)
{
    model_call_t *call = s_call (self, peer, CALL_PUBLISH, name, 0, 0);
    if (!call)
        return -1;
    pack_t body;
    pack_init (&body);
    pack_uint (&body, model_random (self, 100000));
    const char *target = name == MODEL_OWN ? self->peers [peer].unique : name_texts [name];
    s_send (self, call, WIRE_PUBLISH, target, method_texts [model_random (self, MODEL_METHODS)], 0, &body);
    pack_clear (&body);
    return (int) (call - self->calls);
}

void model_answer (model_t *self, int at, int place, unsigned mark)
{
    model_peer_t *peer = &self->peers [at];
    model_request_t request = peer->inbox [place];
    peer->inbox [place] = peer->inbox [--peer->inbox_count];
    if (peer->names [request.name].incarnation == request.incarnation)
        peer->names [request.name].outstanding--;
    wire_frame_t wire = {
        .kind = WIRE_REPLY, .block = { .token = request.token }, .code = mark ? HEARTH_ABORTED : 0, .mark = mark
    };
    pack_t body;
    pack_init (&body);
    pack_int (&body, request.call);
    world_send (peer->link, &wire, body.buffer.data, body.buffer.size);
    pack_clear (&body);
}

//  What a session had ends with it.
static void s_end (model_t *self, int at)
{
    model_peer_t *peer = &self->peers [at];
    peer->is_alive = false;
    for (int slot = 0; slot < MODEL_SLOTS; slot++)
        if (peer->slots [slot] >= 0)
            self->calls [peer->slots [slot]].is_open = false;
}

void model_leave (model_t *self, int at)
{
    s_end (self, at);
    world_leave (&self->world, self->peers [at].link);
}

//  ---- what they get ----

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
        CLAIM (self, mail->wire.block.remaining_ms == call->deadline_ms - self->world.now_ms, "what remains is told");
        CLAIM (self, mail->wire.block.session == self->peers [call->caller].number, "the caller is told");
    }
}

static int s_name_of (const model_peer_t *peer, const wire_frame_t *wire)
{
    for (int name = 0; name < MODEL_NAMES; name++)
        if (span_equals (wire->name, name_texts [name]))
            return name;
    return span_equals (wire->name, peer->unique) ? MODEL_OWN : -1;
}

static void s_take_request (model_t *self, model_peer_t *peer, const wire_frame_t *wire)
{
    int place = s_name_of (peer, wire);
    CLAIM (self, place >= 0, "a request goes where its name is");
    model_name_t *name = &peer->names [place];
    const model_call_t *call = &self->calls [s_number_in (wire, 1)];
    CLAIM (self, name->is_mine, "a request for n%d goes to an owner, not to %s", place, peer->unique);
    CLAIM (self, name->outstanding < name->capacity, "an instance has room for a request");
    CLAIM (self, !name->methods || name->methods & 1u << call->method, "an instance declares the method");
    CLAIM (self, peer->inbox_count < MODEL_INBOX, "the inbox is large enough");
    name->outstanding++;
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
    case WIRE_PUBLISH: {
        span_t name = { (const char *) mail->wire.body + 7, 2 };  //  { "name": "n…", … }
        for (int at = 0; at < MODEL_NAMES; at++)
            if (span_equals (name, name_texts [at]))
                s_lose (&peer->names [at]);
        break;
    }
    case WIRE_GOODBYE: CLAIM (self, peer->may_end, "%s got a goodbye", peer->unique); break;
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
        CLAIM (self, peer->may_end || peer->link->is_full, "%s lost its session", peer->unique);
        s_end (self, at);
    }
    s_check_owners (self);
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
