/*  world_streams.h - what peers of a made-up world send in streams: the request, items, their end, and credit */
#ifndef WORLD_STREAMS_H_INCLUDED
#define WORLD_STREAMS_H_INCLUDED

#include <string.h>

#include "world.h"

//  Options of a request: its first credit.
static inline pack_t world_option_credit (uint64_t items, uint64_t bytes)
{
    pack_t options;
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "credit");
    pack_list (&options, 2);
    pack_uint (&options, items);
    pack_uint (&options, bytes);
    return options;
}

//  A stream's request with a first credit and a generation of its own. Returns its token.
static inline wire_token_t world_stream (link_t *from, uint32_t slot, const char *service, uint32_t remaining_ms,
                                         uint64_t items, uint64_t bytes)
{
    pack_t options = world_option_credit (items, bytes);
    wire_token_t token = { slot, ++from->world->generation };
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .token = token, .remaining_ms = remaining_ms, .flags = WIRE_STREAM },
                          .name = SPAN (service),
                          .method = SPAN ("say"),
                          .options = { options.buffer.data, options.buffer.size } };
    world_send (from, &wire, "\x90", 1);
    pack_clear (&options);
    return token;
}

#define WORLD_ITEM_SIZE(size) (28 + 2 + (size))  //  of the frame of an item, by its bytes; they are less than 256

//  An item of so many bytes of a value. Down: as a service says it; up: as a caller does.
static inline void world_item (link_t *from, uint32_t flags, wire_token_t token, uint8_t value, size_t size)
{
    uint8_t body [2 + 255] = { 0xc4, (uint8_t) size };
    wire_frame_t wire = { .kind = WIRE_ITEM, .block = { .token = token, .flags = flags } };
    cr_assert_lt (size, 256);
    memset (body + 2, value, size);
    world_send (from, &wire, body, 2 + size);
}

static inline void world_item_down (link_t *from, wire_token_t token, uint8_t value, size_t size)
{
    world_item (from, 0, token, value, size);
}

static inline void world_item_up (link_t *from, wire_token_t token, uint8_t value, size_t size)
{
    world_item (from, WIRE_UP, token, value, size);
}

static inline void world_item_end (link_t *from, wire_token_t token)
{
    world_item (from, WIRE_UP | WIRE_END, token, 0, 0);
}

static inline void world_credit (link_t *from, uint32_t flags, wire_token_t token, uint64_t items, uint64_t bytes)
{
    wire_block_t block = { .token = token, .flags = flags };
    world_send (from, &(wire_frame_t){ .kind = WIRE_CREDIT, .block = block, .items = items, .bytes = bytes }, "\xc0",
                1);
}

static inline void world_credit_down (link_t *from, wire_token_t token, uint64_t items, uint64_t bytes)
{
    world_credit (from, 0, token, items, bytes);
}

static inline void world_credit_up (link_t *from, wire_token_t token, uint64_t items, uint64_t bytes)
{
    world_credit (from, WIRE_UP, token, items, bytes);
}

#define assert_block(mail, wanted_token, wanted_session, wanted_remaining, wanted_flags)                             \
    do {                                                                                                             \
        const wire_block_t *block_ = &(mail)->wire.block;                                                            \
        cr_assert_eq (block_->token.slot, (wanted_token).slot);                                                      \
        cr_assert_eq (block_->token.generation, (wanted_token).generation);                                          \
        cr_assert_eq (block_->session, (wanted_session));                                                            \
        cr_assert_eq (block_->remaining_ms, (wanted_remaining), "%u remain", block_->remaining_ms);                  \
        cr_assert_eq (block_->flags, (wanted_flags));                                                                \
    } while (0)

//  The next mail must be an item of that token with that value in all of its bytes.
#define assert_item(link, flags, wanted_token, wanted_session, wanted_remaining, value)                              \
    do {                                                                                                             \
        const mail_t *item_ = world_take ((link), WIRE_ITEM);                                                        \
        assert_block (item_, (wanted_token), (wanted_session), (wanted_remaining), (flags));                         \
        cr_assert_eq (item_->wire.body [2], (value), "%u", item_->wire.body [2]);                                    \
    } while (0)

#define assert_item_down(link, ...) assert_item (link, 0, __VA_ARGS__)
#define assert_item_up(link, ...)   assert_item (link, WIRE_UP, __VA_ARGS__)

#define assert_item_end(link, wanted_token, wanted_session, wanted_remaining)                                        \
    do {                                                                                                             \
        const mail_t *end_ = world_take ((link), WIRE_ITEM);                                                         \
        assert_block (end_, (wanted_token), (wanted_session), (wanted_remaining), WIRE_UP | WIRE_END);               \
        cr_assert_eq (end_->wire.body [0], 0xc0);                                                                    \
    } while (0)

#define assert_credit(link, flags, wanted_token, wanted_session, wanted_remaining, wanted_items, wanted_bytes)       \
    do {                                                                                                             \
        const mail_t *credit_ = world_take ((link), WIRE_CREDIT);                                                    \
        assert_block (credit_, (wanted_token), (wanted_session), (wanted_remaining), (flags));                       \
        cr_assert_eq (credit_->wire.items, (wanted_items));                                                          \
        cr_assert_eq (credit_->wire.bytes, (wanted_bytes));                                                          \
    } while (0)

#define assert_credit_down(link, ...) assert_credit (link, 0, __VA_ARGS__)
#define assert_credit_up(link, ...)   assert_credit (link, WIRE_UP, __VA_ARGS__)

#define assert_cancel(link, wanted_token, wanted_reason)                                                             \
    do {                                                                                                             \
        const mail_t *cancel_ = world_take ((link), WIRE_CANCEL);                                                    \
        cr_assert_eq (cancel_->wire.block.token.slot, (wanted_token).slot);                                          \
        cr_assert_eq (cancel_->wire.block.token.generation, (wanted_token).generation);                              \
        cr_assert_eq (cancel_->wire.reason, (unsigned) (wanted_reason));                                             \
    } while (0)

#endif
