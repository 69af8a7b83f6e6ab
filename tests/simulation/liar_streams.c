/*  liar_streams.c - what a lying peer does to streams: items and credits of every kind in every state, its own, others', and of nobody */
#include <string.h>

#include "raw.h"

static uint32_t s_number (peer_t *self)
{
    static const uint32_t numbers [] = { 0, 1, 1, 2, 5, 100, 9999, 10001, 67108865, 0x7fffffff, WIRE_CREDIT_MOST };
    return numbers [dice_roll (&self->dice, 11)];
}

static void s_send (peer_t *self, wire_token_t token, uint32_t flags)
{
    static const uint8_t bodies [3][5] = { { 0xc0 }, { 0xdd, 0x04, 0x00, 0x00, 0x00 }, { 0xa3, 'l', 'i', 'e' } };
    static const size_t sizes [3] = { 1, 5, 4 };
    unsigned body = dice_chance (&self->dice, 80) ? 0 : dice_roll (&self->dice, 3);
    wire_frame_t frame = { .kind = dice_chance (&self->dice, 60) ? WIRE_ITEM : WIRE_CREDIT,
                           .block = { .token = token, .remaining_ms = dice_roll (&self->dice, 9), .flags = flags },
                           .items = s_number (self),
                           .bytes = s_number (self) };
    uint8_t bytes [WIRE_HEADER_MAX];
    size_t size = wire_write_header (&frame, bytes, sizeof bytes);
    if (dice_chance (&self->dice, 15))
        frame.block.flags |= WIRE_END;  //  also where it is none
    wire_patch (bytes, &frame.block);
    memcpy (bytes + size, bodies [body], sizes [body]);
    raw_send_bytes (self, bytes, size + sizes [body]);
}

static void s_open (peer_t *self)
{
    raw_t *raw = raw_of (self);
    uint8_t body [64];
    pack_t options;
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "credit");
    pack_list (&options, 2);
    pack_uint (&options, s_number (self));
    pack_uint (&options, s_number (self));
    wire_frame_t frame = { .kind = WIRE_REQUEST,
                           .block = { { dice_roll (&self->dice, 8), ++raw->generation },
                                      0,
                                      1 + dice_skewed (&self->dice, 20000),
                                      WIRE_STREAM },
                           .name = raw_span (name_texts [dice_roll (&self->dice, plan.names)]),
                           .method = SPAN ("flow"),
                           .options = { options.buffer.data, options.buffer.size } };
    raw_send (self, &frame, body, raw_write_arguments (body, dice_next (&self->dice), 0));
    pack_clear (&options);
}

//  Of its own calls, of what it was given, and of what it was not.
void liar_stream_act (peer_t *self)
{
    raw_t *raw = raw_of (self);
    unsigned roll = dice_roll (&self->dice, 20);
    uint32_t behind = dice_skewed (&self->dice, 4);
    wire_token_t own = { dice_roll (&self->dice, 8), raw->generation - behind };
    wire_token_t forged = { dice_skewed (&self->dice, 200), dice_skewed (&self->dice, 40) };
    if (roll < 4)
        s_open (self);
    else if (roll < 11)
        for (unsigned count = 1 + dice_roll (&self->dice, 4); count; count--)
            s_send (self, own, WIRE_UP);
    else if (roll < 16)
        s_send (self, raw->served [dice_roll (&self->dice, RAW_SERVED)], 0);
    else
        s_send (self, forged, dice_roll (&self->dice, 2) * WIRE_UP);
}

//  It may be kept for a while, and may be answered at once.
bool liar_stream_request (peer_t *self, const wire_frame_t *frame)
{
    raw_t *raw = raw_of (self);
    raw->served [dice_roll (&self->dice, RAW_SERVED)] = frame->block.token;
    if (!(frame->block.flags & WIRE_STREAM) || dice_chance (&self->dice, 30))
        return false;
    for (unsigned count = dice_roll (&self->dice, 4); count; count--)
        s_send (self, frame->block.token, 0);
    return dice_chance (&self->dice, 70);
}
