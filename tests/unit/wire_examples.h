/*  wire_examples.h - one frame of every kind and form, with its bytes */
#ifndef WIRE_EXAMPLES_H_INCLUDED
#define WIRE_EXAMPLES_H_INCLUDED

#include "hex.h"
#include "wire.h"

#define COUNT(list) (sizeof (list) / sizeof (list) [0])

//  Bytes of a block: token 1.2, session 3, remaining 4, and its flags.
#define BLOCK(flags) "c4 18 00 00 00 01 00 00 00 02 00x7 03 00 00 00 04 00 00 00 " flags
#define TOKEN        .token = { 1, 2 }, .session = 3, .remaining_ms = 4
#define SPAN_OF(text)                                                                                                \
    {                                                                                                                \
        text, sizeof text - 1                                                                                        \
    }

//  One frame of every kind and form, with the bytes of its header. Each has the body 91 c0.
static const struct {
    const char *bytes;
    wire_frame_t frame;
} examples [] = {
    { "96 01 " BLOCK ("00") " 01 a4 'test' c4 10 'sixteen bytes it' 05",
      { .kind = WIRE_HELLO,
        .block = { TOKEN },
        .version = 1,
        .library = SPAN_OF ("test"),
        .instance = SPAN_OF ("sixteen bytes it"),
        .sessions = 5 } },
    { "97 01 " BLOCK ("00") " cd 01 00 a0 c4 10 00x16 cf ffx8 81 a1 'k' 07",
      { .kind = WIRE_HELLO,
        .block = { TOKEN },
        .version = 256,
        .library = SPAN_OF (""),
        .instance = SPAN_OF ("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        .sessions = UINT64_MAX,
        .options = SPAN_OF ("\x81\xa1k\x07") } },
    { "95 02 " BLOCK ("00") " 01 cf 00 00 01 23 45 67 89 ab ae ':0123456789ab.'",
      { .kind = WIRE_WELCOME,
        .block = { TOKEN },
        .version = 1,
        .epoch = 0x0123456789ab,
        .name = SPAN_OF (":0123456789ab.") } },
    { "93 03 " BLOCK ("00") " 00", { .kind = WIRE_GOODBYE, .block = { TOKEN } } },
    { "93 03 " BLOCK ("00") " 09", { .kind = WIRE_GOODBYE, .block = { TOKEN }, .code = 9 } },
    { "94 04 " BLOCK ("00") " ab 'echo.server' a4 'echo'",
      { .kind = WIRE_REQUEST, .block = { TOKEN }, .name = SPAN_OF ("echo.server"), .method = SPAN_OF ("echo") } },
    { "95 04 " BLOCK ("04") " a1 's' a1 'm' 81 a4 'wait' cd 03 e8",
      { .kind = WIRE_REQUEST,
        .block = { TOKEN, .flags = WIRE_WAIT },
        .name = SPAN_OF ("s"),
        .method = SPAN_OF ("m"),
        .options = SPAN_OF ("\x81\xa4wait\xcd\x03\xe8") } },
    { "94 04 " BLOCK ("03") " d9 20 '0123456789abcdef0123456789abcdef' a1 'm'",
      { .kind = WIRE_REQUEST,
        .block = { TOKEN, .flags = WIRE_ONEWAY | WIRE_NOACK },
        .name = SPAN_OF ("0123456789abcdef0123456789abcdef"),
        .method = SPAN_OF ("m") } },
    { "94 05 " BLOCK ("00") " 00 00", { .kind = WIRE_REPLY, .block = { TOKEN } } },
    { "94 05 " BLOCK ("08") " 0e 02",
      { .kind = WIRE_REPLY, .block = { TOKEN, .flags = WIRE_IDEMPOTENT }, .code = 14, .mark = 2 } },
    { "93 06 " BLOCK ("00") " 02", { .kind = WIRE_CANCEL, .block = { TOKEN }, .reason = WIRE_CANCEL_GONE } },
    { "94 07 " BLOCK ("02") " a1 's' a4 'said'",
      { .kind = WIRE_PUBLISH,
        .block = { TOKEN, .flags = WIRE_NOACK },
        .name = SPAN_OF ("s"),
        .method = SPAN_OF ("said") } },
    { "95 07 " BLOCK ("00") " a1 's' a4 'said' 80",
      { .kind = WIRE_PUBLISH,
        .block = { TOKEN },
        .name = SPAN_OF ("s"),
        .method = SPAN_OF ("said"),
        .options = SPAN_OF ("\x80") } },
    { "92 08 " BLOCK ("00"), { .kind = WIRE_PROBE, .block = { TOKEN } } },
    { "95 04 " BLOCK ("10") " a1 's' a1 'm' 81 a6 'credit' 92 07 cd 04 00",
      { .kind = WIRE_REQUEST,
        .block = { TOKEN, .flags = WIRE_STREAM },
        .name = SPAN_OF ("s"),
        .method = SPAN_OF ("m"),
        .options = SPAN_OF ("\x81\xa6"
                            "credit\x92\x07\xcd\x04\x00") } },
    { "92 09 " BLOCK ("00"), { .kind = WIRE_ITEM, .block = { TOKEN } } },
    { "92 09 " BLOCK ("40"), { .kind = WIRE_ITEM, .block = { TOKEN, .flags = WIRE_UP } } },
    { "92 09 " BLOCK ("60"), { .kind = WIRE_ITEM, .block = { TOKEN, .flags = WIRE_END | WIRE_UP } } },
    { "94 0a " BLOCK ("00") " 07 cd 04 00", { .kind = WIRE_CREDIT, .block = { TOKEN }, .items = 7, .bytes = 1024 } },
    { "94 0a " BLOCK ("40") " 00 ce ff ff ff ff",
      { .kind = WIRE_CREDIT, .block = { TOKEN, .flags = WIRE_UP }, .items = 0, .bytes = UINT32_MAX } },
};

#define BODY      " 91 c0"
#define BODY_SIZE 2

//  The frame of an example, with its body.
static inline bytes_t frame_bytes (size_t example)
{
    bytes_t header = hex (examples [example].bytes);
    bytes_add (&header, 0x91, 1);
    bytes_add (&header, 0xc0, 1);
    return header;
}

static inline wire_result_t read_hex (wire_frame_t *frame, const char *text)
{
    bytes_t bytes = hex (text);
    return wire_read (frame, bytes.data, bytes.size);
}

static inline void assert_same_block (const wire_block_t *one, const wire_block_t *other)
{
    cr_assert_eq (one->token.slot, other->token.slot);
    cr_assert_eq (one->token.generation, other->token.generation);
    cr_assert_eq (one->session, other->session);
    cr_assert_eq (one->remaining_ms, other->remaining_ms);
    cr_assert_eq (one->flags, other->flags);
}

#endif
