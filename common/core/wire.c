/*  wire.c - the layout of frames: reading, patching and writing headers

    Owns the header and its block (docs/protocol.md, sections 3 and 4); wire_body.c knows the bodies, wire_note.c what is published.
    Refuses to know what a frame is for: who may send it, and whether its names are names.
*/
#include "wire.h"
#include "bytes.h"
#include "emit.h"
#include "scan.h"

#define BLOCK_AT   WIRE_BLOCK_AT
#define BLOCK_SIZE 24
#define BLOCK_END  (BLOCK_AT + BLOCK_SIZE)

#define MOST_TEXT 255  //  bytes of a name, and of a library's name
#define MOST_CODE 16
#define MOST_MARK 3

typedef enum { NUMBER, SMALL, TEXT, BYTES } field_type_t;

//  An element of a header and the member of wire_frame_t that it is: uint64_t, unsigned, span_t, span_t.
typedef struct {
    field_type_t type;
    size_t offset;
    uint64_t most;  //  of a number; a text's longest size; a byte string's only size
} field_t;

#define FIELD(type, member, most)                                                                                    \
    {                                                                                                                \
        type, offsetof (wire_frame_t, member), most                                                                  \
    }

//  What a kind defines; reading and writing both go by it.
typedef struct {
    bool is_defined;
    bool has_options;
    uint32_t flags;
    unsigned count;
    field_t fields [4];
} layout_t;

// clang-format off
static const layout_t layouts [WIRE_KINDS] = {
    [WIRE_HELLO] = { true, true, 0, 4, {
        FIELD (NUMBER, version, UINT64_MAX), FIELD (TEXT, library, MOST_TEXT),
        FIELD (BYTES, instance, WIRE_INSTANCE_SIZE), FIELD (NUMBER, sessions, UINT64_MAX) } },
    [WIRE_WELCOME] = { true, false, 0, 3, {
        FIELD (NUMBER, version, UINT64_MAX), FIELD (NUMBER, epoch, UINT64_MAX), FIELD (TEXT, name, MOST_TEXT) } },
    [WIRE_GOODBYE] = { true, false, 0, 1, { FIELD (SMALL, code, MOST_CODE) } },
    [WIRE_REQUEST] = { true, true, WIRE_ONEWAY | WIRE_NOACK | WIRE_WAIT | WIRE_STREAM, 2, {
        FIELD (TEXT, name, MOST_TEXT), FIELD (TEXT, method, MOST_TEXT) } },
    [WIRE_REPLY] = { true, false, WIRE_IDEMPOTENT, 2, {
        FIELD (SMALL, code, MOST_CODE), FIELD (SMALL, mark, MOST_MARK) } },
    [WIRE_CANCEL] = { true, false, 0, 1, { FIELD (SMALL, reason, WIRE_CANCEL_GONE) } },
    [WIRE_PUBLISH] = { true, true, WIRE_NOACK, 2, {
        FIELD (TEXT, name, MOST_TEXT), FIELD (TEXT, method, MOST_TEXT) } },
    [WIRE_PROBE] = { true, false, 0, 0, { { 0 } } },
    [WIRE_ITEM] = { true, false, WIRE_END | WIRE_UP, 0, { { 0 } } },
    [WIRE_CREDIT] = { true, false, WIRE_UP, 2, {
        FIELD (NUMBER, items, WIRE_CREDIT_MOST), FIELD (NUMBER, bytes, WIRE_CREDIT_MOST) } }
};
// clang-format on

static wire_block_t load_block (const uint8_t *data)
{
    return (wire_block_t){ .token = { load32 (data), load32 (data + 4) },
                           .session = load64 (data + 8),
                           .remaining_ms = load32 (data + 16),
                           .flags = load32 (data + 20) };
}

static inline bool has_its_flags (const wire_frame_t *frame, const layout_t *layout)
{
    uint32_t flags = frame->block.flags;
    if (flags & ~layout->flags)
        return false;
    if (frame->kind == WIRE_ITEM)
        return !(flags & WIRE_END) || flags & WIRE_UP;
    if (frame->kind != WIRE_REQUEST || !flags)
        return true;
    return flags & WIRE_ONEWAY ? !(flags & WIRE_STREAM) : !(flags & WIRE_NOACK);
}

//  NULL: no such kind is defined.
static const layout_t *layout_of (wire_kind_t kind)
{
    return kind < WIRE_KINDS && layouts [kind].is_defined ? &layouts [kind] : NULL;
}

//  What the fields do not tell one by one: a result has no mark, and an error has one.
static inline bool is_consistent (const wire_frame_t *frame)
{
    return frame->kind != WIRE_REPLY || (frame->code == 0) == (frame->mark == 0);
}

//  What reads and writes a layout is in line, so that the compiler makes straight code of it where the layout is known.
#define IN_LINE static inline __attribute__ ((always_inline))

IN_LINE bool read_number (wire_frame_t *frame, const field_t *field, const uint8_t *data, size_t size, size_t *at)
{
    void *member = (char *) frame + field->offset;
    uint64_t number;
    if (!scan_uint (data, size, at, &number) || number > field->most)
        return false;
    if (field->type == NUMBER)
        *(uint64_t *) member = number;
    else
        *(unsigned *) member = (unsigned) number;
    return true;
}

IN_LINE bool read_text (wire_frame_t *frame, const field_t *field, const uint8_t *data, size_t size, size_t *at)
{
    span_t *member = (span_t *) (void *) ((char *) frame + field->offset);
    return scan_str (data, size, at, &member->data, &member->size) && member->size <= field->most;
}

IN_LINE bool read_bytes (wire_frame_t *frame, const field_t *field, const uint8_t *data, size_t size, size_t *at)
{
    const uint8_t *bytes;
    size_t length;
    if (!scan_bin (data, size, at, &bytes, &length) || length != field->most)
        return false;
    *(span_t *) (void *) ((char *) frame + field->offset) = (span_t){ (const char *) bytes, length };
    return true;
}

IN_LINE bool read_field (wire_frame_t *frame, const field_t *field, const uint8_t *data, size_t size, size_t *at)
{
    if (field->type == TEXT)
        return read_text (frame, field, data, size, at);
    if (field->type == BYTES)
        return read_bytes (frame, field, data, size, at);
    return read_number (frame, field, data, size, at);
}

static inline bool is_map (uint8_t lead)
{
    return (lead & 0xf0) == 0x80 || lead == 0xde || lead == 0xdf;
}

//  Skips the elements after those that are defined; the first one may be the options.
static bool read_rest (wire_frame_t *frame, const layout_t *layout, size_t count, const uint8_t *data, size_t size,
                       size_t *at)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = *at < size ? scan_value (data + *at, size - *at, SCAN_NESTING) : 0;
        if (length == 0)
            return false;
        if (i == 0 && layout->has_options && is_map (data [*at]))
            frame->options = (span_t){ (const char *) data + *at, length };
        *at += length;
    }
    return true;
}

//  Reads what follows the block.
IN_LINE bool read_elements (wire_frame_t *frame, const layout_t *layout, const uint8_t *data, size_t size)
{
    size_t elements = (data [0] & 0x0fu) - 2u;
    size_t at = BLOCK_END;
    if (elements < layout->count)
        return false;
#pragma GCC unroll 4
    for (size_t i = 0; i < layout->count; i++)
        if (!read_field (frame, &layout->fields [i], data, size, &at))
            return false;
    if (elements > layout->count && !read_rest (frame, layout, elements - layout->count, data, size, &at))
        return false;

    frame->body = data + at;
    frame->body_size = size - at;
    return frame->body_size > 0 && is_consistent (frame);
}

//  A short list, of two elements at least, whose first is a short number and whose second is a `bin` of the block's size: of
//  the first four bytes only the list's count and the number differ.
static inline bool has_block (const uint8_t *data, size_t size)
{
    const uint32_t same = 0xf080ffff, head = 0x9000c400 | BLOCK_SIZE;
    return size >= BLOCK_END && (load32 (data) & same) == head && (data [0] & 0x0f) >= 2;
}

IN_LINE wire_result_t read_as (wire_frame_t *frame, const layout_t *layout, const uint8_t *data, size_t size)
{
    if (has_its_flags (frame, layout) && read_elements (frame, layout, data, size))
        return WIRE_OK;
    frame->body = NULL;
    frame->body_size = 0;
    return WIRE_BAD_FRAME;
}

static wire_result_t read_any (wire_frame_t *frame, const uint8_t *data, size_t size)
{
    const layout_t *layout = layout_of (frame->kind);
    return layout ? read_as (frame, layout, data, size) : WIRE_BAD_FRAME;
}

//  Requests, replies, items and publications are nearly all that is read.
wire_result_t wire_read (wire_frame_t *frame, const uint8_t *data, size_t size)
{
    if (!has_block (data, size)) {
        *frame = (wire_frame_t){ 0 };
        return WIRE_GARBAGE;
    }
    frame->kind = (wire_kind_t) data [1];
    frame->block = load_block (data + BLOCK_AT);
    frame->options = (span_t){ NULL, 0 };
    if (frame->kind == WIRE_REQUEST)
        return read_as (frame, &layouts [WIRE_REQUEST], data, size);
    if (frame->kind == WIRE_REPLY)
        return read_as (frame, &layouts [WIRE_REPLY], data, size);
    if (frame->kind == WIRE_ITEM)
        return read_as (frame, &layouts [WIRE_ITEM], data, size);
    if (frame->kind == WIRE_PUBLISH)
        return read_as (frame, &layouts [WIRE_PUBLISH], data, size);
    frame->body = NULL;
    frame->body_size = 0;
    if (frame->kind == WIRE_PROBE)
        return WIRE_OK;  //  whatever it carries
    return read_any (frame, data, size);
}

wire_result_t wire_check_body (const wire_frame_t *frame, unsigned nesting)
{
    if (frame->body_size == 0 || scan_value (frame->body, frame->body_size, nesting) != frame->body_size)
        return WIRE_BAD_BODY;
    return WIRE_OK;
}

IN_LINE bool write_number (const wire_frame_t *frame, const field_t *field, emit_t *emit)
{
    const void *member = (const char *) frame + field->offset;
    uint64_t number = field->type == NUMBER ? *(const uint64_t *) member : *(const unsigned *) member;
    emit_uint (emit, number);
    return number <= field->most;
}

//  False if the reader would not take it.
IN_LINE bool write_field (const wire_frame_t *frame, const field_t *field, emit_t *emit)
{
    if (field->type == NUMBER || field->type == SMALL)
        return write_number (frame, field, emit);

    const span_t *span = (const span_t *) (const void *) ((const char *) frame + field->offset);
    if (field->type == TEXT) {
        emit_str (emit, span->data, span->size);
        return span->size <= field->most;
    }
    emit_bin (emit, span->data, span->size);
    return span->size == field->most;
}

IN_LINE size_t write_as (const wire_frame_t *frame, const layout_t *layout, uint8_t *out, size_t room)
{
    if (!has_its_flags (frame, layout) || !is_consistent (frame) || room < BLOCK_END)
        return 0;

    bool has_options = layout->has_options && frame->options.size > 0;
    out [0] = (uint8_t) (0x90 | (2 + layout->count + has_options));
    out [1] = (uint8_t) frame->kind;
    out [2] = 0xc4;
    out [3] = BLOCK_SIZE;
    wire_patch (out, &frame->block);

    emit_t emit = { out, room, BLOCK_END };
#pragma GCC unroll 4
    for (size_t i = 0; i < layout->count; i++)
        if (!write_field (frame, &layout->fields [i], &emit))
            return 0;
    if (has_options)
        emit_raw (&emit, frame->options.data, frame->options.size);
    return emit_size (&emit);
}

static size_t write_any (const wire_frame_t *frame, uint8_t *out, size_t room)
{
    const layout_t *layout = layout_of (frame->kind);
    return layout ? write_as (frame, layout, out, room) : 0;
}

//  These are nearly all that is written.
size_t wire_write_header (const wire_frame_t *frame, uint8_t *out, size_t room)
{
    if (frame->kind == WIRE_REQUEST)
        return write_as (frame, &layouts [WIRE_REQUEST], out, room);
    if (frame->kind == WIRE_REPLY)
        return write_as (frame, &layouts [WIRE_REPLY], out, room);
    if (frame->kind == WIRE_ITEM)
        return write_as (frame, &layouts [WIRE_ITEM], out, room);
    if (frame->kind == WIRE_PUBLISH)
        return write_as (frame, &layouts [WIRE_PUBLISH], out, room);
    return write_any (frame, out, room);
}
