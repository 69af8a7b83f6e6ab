/*  bundle.c - several small frames in one message

    A bundle is a frame of its own kind: a block of zeros, and as its body a list of `bin`, one for each frame. Written with
    heads of a fixed width, so that the list's count can be set last.
*/
#include "bundle.h"

#include <string.h>

#include "scan.h"
#include "wire.h"

#define LIST_AT   (WIRE_BLOCK_AT + 24)
#define COUNT_AT  (LIST_AT + 1)
#define HEAD_SIZE (LIST_AT + 3)  //  header, block, and the list's head
#define LIST_16   0xdc
#define BIN_16    0xc5
#define BIN_HEAD  3

_Static_assert(WIRE_BUNDLE == 11, "docs/protocol.md, section 4");

static const uint8_t head [HEAD_SIZE] = { 0x92, WIRE_BUNDLE, 0xc4, 0x18, [LIST_AT] = LIST_16 };

void bundle_begin (bundle_t *self)
{
    memcpy (self->data, head, HEAD_SIZE);
    self->size = HEAD_SIZE;
    self->count = 0;
}

bool bundle_add (bundle_t *self, const uint8_t *frame, size_t size)
{
    if (size > BUNDLE_MOST || self->size + BIN_HEAD + size > BUNDLE_ROOM)
        return false;
    uint8_t *at = self->data + self->size;
    at [0] = BIN_16;
    at [1] = (uint8_t) (size >> 8);
    at [2] = (uint8_t) size;
    memcpy (at + BIN_HEAD, frame, size);
    self->size += BIN_HEAD + size;
    self->count++;
    return true;
}

const uint8_t *bundle_message (bundle_t *self, size_t *size)
{
    if (self->count == 1) {
        *size = self->size - HEAD_SIZE - BIN_HEAD;
        return self->data + HEAD_SIZE + BIN_HEAD;
    }
    self->data [COUNT_AT] = (uint8_t) (self->count >> 8);
    self->data [COUNT_AT + 1] = (uint8_t) self->count;
    *size = self->size;
    return self->data;
}

bool bundle_is (const uint8_t *message, size_t size)
{
    return size > LIST_AT && memcmp (message, head, WIRE_BLOCK_AT) == 0;
}

bool bundle_open (bundle_reader_t *self, const uint8_t *message, size_t size)
{
    *self = (bundle_reader_t){ .data = message, .size = size, .at = LIST_AT };
    return bundle_is (message, size) && scan_array (message, size, &self->at, &self->left);
}

bool bundle_next (bundle_reader_t *self, const uint8_t **frame, size_t *size)
{
    size_t at = self->at;
    if (self->left == 0 || !scan_bin (self->data, self->size, &at, frame, size))
        return false;
    self->at = at;
    self->left--;
    return true;
}
