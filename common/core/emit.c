/*  emit.c - writes msgpack into a caller's buffer, in its shortest forms

    Owns the forms that headers and errors are made of. Values of users are packed elsewhere.
*/
#include "emit.h"
#include "bytes.h"

void emit_number (emit_t *self, uint8_t lead, uint64_t number)
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

void emit_bin (emit_t *self, const void *data, size_t size)
{
    emit_number (self, 0xc4, size);
    emit_raw (self, data, size);
}
