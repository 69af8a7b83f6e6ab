/*  model_peers.c - what the model's peers do, and what it remembers of that */

#include "model.h"

#include <string.h>

const char *const model_names [MODEL_NAMES + 1] = { "n0", "n1", "n2", "n3", "" };
static const char *const methods [MODEL_METHODS] = { "a", "b", "c" };

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
    if (!peer->link->session) {
        if (!self->is_short || peer->link->mails)
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

static void s_pack_options (pack_t *pack, const model_call_t *call)
{
    pack_init (pack);
    pack_map (pack, 2);
    pack_str (pack, "wait");
    pack_int (pack, 300);
    pack_str (pack, "credit");
    pack_list (pack, 2);
    pack_int (pack, call->down.items);
    pack_int (pack, call->down.bytes);
}

static void s_send (model_t *self, const model_call_t *call, wire_kind_t kind, const char *target, const char *method,
                    uint32_t remaining_ms, const pack_t *body)
{
    wire_frame_t wire = { .kind = kind,
                          .block = { .token = call->token, .remaining_ms = remaining_ms, .flags = call->flags },
                          .name = SPAN (target),
                          .method = SPAN (method) };
    pack_t options;
    s_pack_options (&options, call);
    if (call->flags & (WIRE_WAIT | WIRE_STREAM))
        wire.options = (span_t){ options.buffer.data, options.buffer.size };
    world_send (self->peers [call->caller].link, &wire, body->buffer.data, body->buffer.size);
    pack_clear (&options);
}

int model_request (model_t *self, int peer, const char *target, int name, unsigned method, uint32_t flags,
                   uint32_t remaining_ms)
{
    model_call_t *call = s_call (self, peer, CALL_PLAIN, name, flags, remaining_ms);
    if (!call)
        return -1;
    call->method = method;
    call->silence_ms = remaining_ms;
    if (flags & WIRE_STREAM) {
        call->down.items = model_random (self, 5);
        call->down.bytes = model_random (self, 300);
    }
    pack_t body;
    pack_init (&body);
    pack_list (&body, 2);
    pack_int (&body, call - self->calls);
    static const char padding [64] = "";
    pack_bin (&body, padding, model_random (self, sizeof padding));
    s_send (self, call, WIRE_REQUEST, target ? target : model_names [name], methods [method], remaining_ms, &body);
    pack_clear (&body);
    return (int) (call - self->calls);
}

static void s_pack_interface (pack_t *pack, unsigned declared)
{
    pack_str (pack, "interface");
    pack_map (pack, 1);
    pack_str (pack, "methods");
    pack_list (pack, (size_t) __builtin_popcount (declared));
    for (int at = 0; at < MODEL_METHODS; at++)
        if (declared & 1u << at) {
            pack_map (pack, 1);
            pack_str (pack, "name");
            pack_str (pack, methods [at]);
        }
}

int model_register (model_t *self, int peer, int name, const char *mode, bool replace, uint32_t capacity,
                    unsigned declared)
{
    model_call_t *call = s_call (self, peer, CALL_REGISTER, name, 0, 1000);
    if (!call)
        return -1;
    call->is_shared = strcmp (mode, "shared") == 0;
    call->capacity = capacity;
    call->methods = declared;
    pack_t body;
    pack_init (&body);
    pack_list (&body, 2);
    pack_str (&body, model_names [name]);
    pack_map (&body, declared ? 4 : 3);
    pack_str (&body, "mode");
    pack_str (&body, mode);
    pack_str (&body, "replace");
    pack_bool (&body, replace);
    pack_str (&body, "capacity");
    pack_uint (&body, capacity);
    if (declared)
        s_pack_interface (&body, declared);
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
    pack_str (&body, model_names [name]);
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
    const char *target = name == MODEL_OWN ? self->peers [peer].unique : model_names [name];
    s_send (self, call, WIRE_PUBLISH, target, methods [model_random (self, MODEL_METHODS)], 0, &body);
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

void model_end (model_t *self, int at)
{
    model_peer_t *peer = &self->peers [at];
    peer->is_alive = false;
    for (int slot = 0; slot < MODEL_SLOTS; slot++)
        if (peer->slots [slot] >= 0)
            self->calls [peer->slots [slot]].is_open = false;
}

void model_leave (model_t *self, int at)
{
    model_end (self, at);
    world_leave (&self->world, self->peers [at].link);
}
