/*  emit.h - writes msgpack into a caller's buffer, in its shortest forms

    The counterpart of scan.h. Once something does not fit, nothing more is written: write all, then ask once.
*/
#ifndef EMIT_H_INCLUDED
#define EMIT_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *out;
    size_t room;
    size_t size;  //  bytes written; more than room: it did not fit
} emit_t;

//  Bytes as they are.
void emit_raw (emit_t *self, const void *data, size_t size);

void emit_uint (emit_t *self, uint64_t value);
//  Texts and byte strings are at most UINT32_MAX bytes long.
void emit_str (emit_t *self, const char *text, size_t size);
void emit_bin (emit_t *self, const void *data, size_t size);

//  What was written, or 0 if it did not fit.
size_t emit_size (const emit_t *self);

#endif
