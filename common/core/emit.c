/*  emit.c - writes msgpack into a caller's buffer, in its shortest forms

    Owns the forms that headers and errors are made of. Values of users are packed elsewhere.
*/
#include "emit.h"
#include "bytes.h"

void emit_raw (emit_t *self, const void *data, size_t size)
{
    if (self->size > self->room || size > self->room - self->size) {
        self->size = SIZE_MAX;
        return;
    }
    if (size > 0)
        memcpy (self->out + self->size, data, size);
    self->size += size;
}

size_t emit_size (const emit_t *self)
{
    return self->size <= self->room ? self->size : 0;
}

static inline void emit_byte (emit_t *self, uint8_t byte)
{
    if (self->size < self->room)
        self->out [self->size++] = byte;
    else
        self->size = SIZE_MAX;
}

//  A lead byte, and the number in as few bytes as hold it: 1, 2, 4 or 8. `lead` is that of the form with one byte; the
//  wider ones come right after it.
static void emit_number (emit_t *self, uint8_t lead, uint64_t number)
{
    uint8_t bytes [9];
    if (number <= UINT8_MAX) {
        bytes [0] = lead;
        bytes [1] = (uint8_t) number;
        emit_raw (self, bytes, 2);
    } else if (number <= UINT16_MAX) {
        bytes [0] = (uint8_t) (lead + 1);
        store16 (bytes + 1, (uint16_t) number);
        emit_raw (self, bytes, 3);
    } else if (number <= UINT32_MAX) {
        bytes [0] = (uint8_t) (lead + 2);
        store32 (bytes + 1, (uint32_t) number);
        emit_raw (self, bytes, 5);
    } else {
        bytes [0] = (uint8_t) (lead + 3);
        store64 (bytes + 1, number);
        emit_raw (self, bytes, 9);
    }
}

void emit_uint (emit_t *self, uint64_t value)
{
    if (value < 0x80)
        emit_byte (self, (uint8_t) value);
    else
        emit_number (self, 0xcc, value);
}

void emit_str (emit_t *self, const char *text, size_t size)
{
    if (size < 32)
        emit_byte (self, (uint8_t) (0xa0 | size));
    else
        emit_number (self, 0xd9, size);
    emit_raw (self, text, size);
}

void emit_bin (emit_t *self, const void *data, size_t size)
{
    emit_number (self, 0xc4, size);
    emit_raw (self, data, size);
}
