/*  emit.h - writes msgpack into a caller's buffer, in its shortest forms

    The counterpart of scan.h. Once something does not fit, nothing more is written: write all, then ask once.
*/
#ifndef EMIT_H_INCLUDED
#define EMIT_H_INCLUDED

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint8_t *out;
    size_t room;
    size_t size;  //  bytes written; more than room: it did not fit
} emit_t;

//  Bytes as they are.
static inline void emit_raw (emit_t *self, const void *data, size_t size)
{
    if (self->size > self->room || size > self->room - self->size) {
        self->size = SIZE_MAX;
        return;
    }
    if (size > 0)
        memcpy (self->out + self->size, data, size);
    self->size += size;
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
void emit_number (emit_t *self, uint8_t lead, uint64_t number);

static inline void emit_uint (emit_t *self, uint64_t value)
{
    if (value < 0x80)
        emit_byte (self, (uint8_t) value);
    else
        emit_number (self, 0xcc, value);
}

//  Texts and byte strings are at most UINT32_MAX bytes long.
static inline void emit_str (emit_t *self, const char *text, size_t size)
{
    if (size < 32)
        emit_byte (self, (uint8_t) (0xa0 | size));
    else
        emit_number (self, 0xd9, size);
    emit_raw (self, text, size);
}

void emit_bin (emit_t *self, const void *data, size_t size);

//  What was written, or 0 if it did not fit.
static inline size_t emit_size (const emit_t *self)
{
    return self->size <= self->room ? self->size : 0;
}

#endif
