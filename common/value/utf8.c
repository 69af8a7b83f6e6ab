/*  utf8.c - reading, writing and checking UTF-8
*/
#include <string.h>

#include "utf8.h"

//  The syntax of RFC 3629, section 4: the first byte decides the length and what the second byte may be; all further ones
//  are 80 to BF.
typedef struct {
    uint8_t first;  //  up to this first byte, from that of the row before
    uint8_t size;   //  0: not the start of a character
    uint8_t second_low;
    uint8_t second_high;
} row_t;

static const row_t rows [] = {
    { 0x7f, 1, 0, 0 },       { 0xc1, 0, 0, 0 },       { 0xdf, 2, 0x80, 0xbf }, { 0xe0, 3, 0xa0, 0xbf },
    { 0xec, 3, 0x80, 0xbf }, { 0xed, 3, 0x80, 0x9f }, { 0xef, 3, 0x80, 0xbf }, { 0xf0, 4, 0x90, 0xbf },
    { 0xf3, 4, 0x80, 0xbf }, { 0xf4, 4, 0x80, 0x8f }, { 0xff, 0, 0, 0 },
};

size_t utf8_read (const char *text, size_t size, uint32_t *code_point)
{
    if (size == 0)
        return 0;
    const uint8_t *bytes = (const uint8_t *) text;
    const row_t *row = rows;
    while (bytes [0] > row->first)
        row++;
    if (row->size == 0 || row->size > size)
        return 0;
    if (row->size == 1) {
        *code_point = bytes [0];
        return 1;
    }
    if (bytes [1] < row->second_low || bytes [1] > row->second_high)
        return 0;
    uint32_t code = bytes [0] & (0x7fu >> row->size);
    for (size_t i = 1; i < row->size; i++) {
        if ((bytes [i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes [i] & 0x3f);
    }
    *code_point = code;
    return row->size;
}

size_t utf8_write (uint32_t code_point, char out [4])
{
    if (code_point < 0x80) {
        out [0] = (char) code_point;
        return 1;
    }
    size_t size = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out [i] = (char) (0x80 | (code_point & 0x3f));
        code_point >>= 6;
    }
    out [0] = (char) ((0xf00u >> size) | code_point);
    return size;
}

//  Most text is ASCII: eight bytes at a time.
static size_t ascii_size (const char *text, size_t size)
{
    size_t at = 0;
    uint64_t block;
    for (; size - at >= sizeof block; at += sizeof block) {
        memcpy (&block, text + at, sizeof block);
        if (block & UINT64_C (0x8080808080808080))
            break;
    }
    return at;
}

bool utf8_is_valid (const char *text, size_t size)
{
    size_t at = 0;
    while (at < size) {
        at += ascii_size (text + at, size - at);
        if (at == size)
            break;
        uint32_t code_point;
        size_t step = utf8_read (text + at, size - at, &code_point);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}
