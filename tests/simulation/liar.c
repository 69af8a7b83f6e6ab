/*  liar.c - a peer that sends what nobody may send: every kind in every state, with fields changed, and garbage

    It has no calls of its own that anybody keeps an account of. What it does must harm nobody else's.
*/
#include <string.h>

#include "hub.h"
#include "judge.h"
#include "raw.h"

#define FRAME_ROOM (WIRE_HEADER_MAX + 256)

static uint32_t s_small (peer_t *self)
{
    return dice_chance (&self->dice, 90) ? dice_skewed (&self->dice, 20) : (uint32_t) dice_next (&self->dice);
}

static const char *s_any_name (peer_t *self)
{
    static const char *const names [] = { "hearth", "hearth.x",    "",        "n.0", "n.1", "a..b",
                                          ":zz",    "n.2\x1b[31m", "no.such", "*" };
    const char *other = raw_unique_name (&peers [dice_roll (&self->dice, peer_count)]);
    unsigned roll = dice_roll (&self->dice, 14);
    if (roll >= 12)
        return other;
    return roll < 10 ? names [roll] : name_texts [dice_roll (&self->dice, plan.names)];
}

static const char *s_any_method (peer_t *self)
{
    static const char *const words [] = { "register", "unregister", "list", "lookup", "topics", "history", "ping",
                                          "work",     "said",       "",     "state",  "a/b",    "describe" };
    return words [dice_roll (&self->dice, sizeof words / sizeof words [0])];
}

static size_t s_any_body (peer_t *self, uint8_t *out)
{
    static const uint8_t deep [] = { 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91,
                                     0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91,
                                     0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x90 };
    static const uint8_t huge [] = { 0xdd, 0x04, 0x00, 0x00, 0x00 };
    size_t size = 0;
    pack_t pack;
    switch (dice_roll (&self->dice, 6)) {
    case 0: memcpy (out, deep, size = sizeof deep); break;
    case 1: memcpy (out, huge, size = sizeof huge); break;
    case 2: size = raw_write_arguments (out, dice_next (&self->dice), dice_roll (&self->dice, 60)); break;
    case 3: out [size++] = 0xc0; break;
    case 4:
        for (size = dice_roll (&self->dice, 30); size && !out [size - 1];
             out [--size] = 0x80 + (uint8_t) s_small (self))
            continue;
        break;
    default:
        pack_init (&pack);
        raw_pack_registration (self, &pack, s_any_name (self));
        if (pack.buffer.size < 256)
            memcpy (out, pack.buffer.data, size = pack.buffer.size);
        pack_clear (&pack);
    }
    return size;
}

//  A frame of any kind, well-formed as far as its header goes.
static size_t s_any_frame (peer_t *self, uint8_t *out)
{
    raw_t *raw = raw_of (self);
    static const uint8_t options [] = { 0x81, 0xa4, 'w', 'a', 'i', 't', 0xcd, 0x03, 0xe8 };
    wire_frame_t frame = { .kind = 1 + dice_roll (&self->dice, WIRE_KINDS),
                           .block = { { s_small (self), s_small (self) },
                                      dice_roll (&self->dice, 9),
                                      dice_skewed (&self->dice, 30000),
                                      dice_chance (&self->dice, 70) ? 0 : s_small (self) },
                           .version = dice_chance (&self->dice, 80) ? 1 : s_small (self),
                           .library = raw_span (dice_chance (&self->dice, 90) ? "liar/1" : "liar\xff"),
                           .instance = { (const char *) raw->instance, WIRE_INSTANCE_SIZE },
                           .sessions = s_small (self),
                           .epoch = hub_epoch (),
                           .name = raw_span (s_any_name (self)),
                           .method = raw_span (s_any_method (self)),
                           .code = dice_roll (&self->dice, 17),
                           .mark = dice_roll (&self->dice, 4),
                           .reason = dice_roll (&self->dice, 3) };
    if (dice_chance (&self->dice, 10))
        frame.options = (span_t){ (const char *) options, sizeof options };
    size_t size = wire_write_header (&frame, out, WIRE_HEADER_MAX);
    return size ? size + s_any_body (self, out + size) : 0;
}

static void s_mutate (peer_t *self, uint8_t *bytes, size_t *size)
{
    unsigned flips = dice_chance (&self->dice, 50) ? 0 : 1 + dice_roll (&self->dice, 3);
    for (; flips && *size; flips--)
        bytes [dice_skewed (&self->dice, (uint32_t) *size)] = (uint8_t) dice_next (&self->dice);
    if (dice_chance (&self->dice, 10))
        *size = dice_roll (&self->dice, (uint32_t) *size + 1);
}

static void s_any (peer_t *self)
{
    uint8_t bytes [FRAME_ROOM];
    memset (bytes, 0, sizeof bytes);
    size_t size = s_any_frame (self, bytes);
    s_mutate (self, bytes, &size);
    raw_send_bytes (self, bytes, size);
}

static void s_garbage (peer_t *self)
{
    uint8_t bytes [64];
    size_t size = dice_roll (&self->dice, sizeof bytes);
    for (size_t at = 0; at < size; at++)
        bytes [at] = (uint8_t) dice_next (&self->dice);
    raw_send_bytes (self, bytes, size);
}

//  A flag that is not defined, in a frame of any kind.
static void s_bad_flag (peer_t *self)
{
    uint8_t bytes [30] = { 0x92, (uint8_t) (1 + dice_roll (&self->dice, WIRE_KINDS)), 0xc4, 0x18 };
    bytes [27] = 0x80;
    bytes [28] = bytes [29] = 0xc0;
    raw_send_bytes (self, bytes, 29);
}

//  What is no prefix of a topic, and what is one.
static void s_subscribe (peer_t *self)
{
    static const char *const prefixes [] = { "//", "a b/", "n.0/said/x", "n.0/", "\xff", "hearth/name/", "" };
    hub_subscribed (prefixes [dice_roll (&self->dice, sizeof prefixes / sizeof prefixes [0])]);
}

//  Tokens of others are small numbers: they are easily guessed, and must be worth nothing.
static void s_forged_reply (peer_t *self)
{
    wire_frame_t frame = { .kind = WIRE_REPLY,
                           .block.token = { dice_skewed (&self->dice, 200), dice_skewed (&self->dice, 40) } };
    raw_send (self, &frame, "\xc0", 1);
}

//  Another's instance id: nobody can know it, so this is the liar's own, with counts that go up and down.
static void s_hello (peer_t *self)
{
    raw_t *raw = raw_of (self);
    raw_hello (self, raw->sessions + dice_roll (&self->dice, 3) - 1);
}

static void s_register (peer_t *self)
{
    raw_t *raw = raw_of (self);
    wire_frame_t frame = { .kind = WIRE_REQUEST,
                           .block = { { dice_roll (&self->dice, 6), ++raw->generation }, 0, 1000, 0 },
                           .name = SPAN ("hearth"),
                           .method = SPAN ("register") };
    pack_t pack;
    pack_init (&pack);
    raw_pack_registration (self, &pack, s_any_name (self));
    raw_send (self, &frame, pack.buffer.data, pack.buffer.size);
    pack_clear (&pack);
}

static void s_goodbye (peer_t *self)
{
    wire_frame_t frame = { .kind = WIRE_GOODBYE };
    raw_send (self, &frame, "\xc0", 1);
}

void liar_act (peer_t *self)
{
    static const struct {
        void (*act) (peer_t *self);
        unsigned weight;
    } acts [] = { { s_any, 50 },      { s_garbage, 5 }, { s_bad_flag, 5 },  { s_forged_reply, 20 }, { s_hello, 2 },
                  { s_register, 15 }, { s_goodbye, 1 }, { s_subscribe, 2 }, { liar_stream_act, 40 } };
    if (self->is_resting)
        return;
    unsigned at = 0, chosen = dice_roll (&self->dice, 140);
    while (chosen >= acts [at].weight)
        chosen -= acts [at++].weight;
    acts [at].act (self);
}

//  Answers with lies: a name that is the system's, a mark that is none, twice, or not at all.
void liar_request (peer_t *self, const wire_frame_t *frame)
{
    static const char *const names [] = { "hearth.NoSuchService", "hearth.Limit", "bank.Lie", "hearth.Stopping" };
    unsigned way = dice_roll (&self->dice, 5);
    wire_frame_t reply = { .kind = WIRE_REPLY,
                           .block = { frame->block.token, dice_roll (&self->dice, 5), 7,
                                      dice_roll (&self->dice, 2) * WIRE_IDEMPOTENT } };
    uint8_t body [128];
    size_t size = 1;
    body [0] = 0xc0;
    if (liar_stream_request (self, frame) || way == 0)
        return;
    if (way < 3) {
        reply.code = 1 + dice_roll (&self->dice, 16);
        reply.mark = 1 + dice_roll (&self->dice, 3);
        size = wire_write_error (raw_span (names [dice_roll (&self->dice, 4)]), SPAN ("a lie"), body, sizeof body);
    }
    raw_send (self, &reply, body, size);
    if (way == 2)
        raw_send (self, &reply, body, size);
}
