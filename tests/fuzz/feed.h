/*  feed.h - the fuzzer's bytes, taken bit by bit: what is not there any more reads as zero */
#ifndef FEED_H_INCLUDED
#define FEED_H_INCLUDED

#include "fuzz.h"

typedef struct {
    const uint8_t *data;
    size_t size;
} feed_t;

static inline unsigned feed_byte (feed_t *self)
{
    if (!self->size)
        return 0;
    self->size--;
    return *self->data++;
}

static inline unsigned feed_below (feed_t *self, size_t most)
{
    return feed_byte (self) % (unsigned) most;
}

//  As many bytes as the next one says, or as are left.
static inline const uint8_t *feed_bytes (feed_t *self, size_t *size)
{
    *size = feed_byte (self);
    if (*size > self->size)
        *size = self->size;
    const uint8_t *bytes = self->data;
    self->data += *size;
    self->size -= *size;
    return bytes;
}

//  A copy in an allocation of its size, so that whoever reads beyond it is found out. The caller frees it.
static inline uint8_t *feed_copy (const void *data, size_t size)
{
    uint8_t *copy = malloc (size ? size : 1);
    REQUIRE (copy);
    if (size)
        memcpy (copy, data, size);
    return copy;
}

#endif
