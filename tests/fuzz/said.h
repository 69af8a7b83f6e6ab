/*  said.h - what a target says: frames whose fields and bodies are the fuzzer's bytes */
#ifndef SAID_H_INCLUDED
#define SAID_H_INCLUDED

#include "feed.h"
#include "wire.h"

#define SAID_MOST 2048

typedef struct {
    uint8_t bytes [SAID_MOST];
    size_t size;  //  0: it would be too long, and is not said
} said_t;

static inline said_t said_frame (const wire_frame_t *wire, const void *body, size_t size)
{
    said_t self;
    size_t header = wire_write_header (wire, self.bytes, sizeof self.bytes);
    self.size = header && size <= sizeof self.bytes - header ? header + size : 0;
    if (self.size)
        memcpy (self.bytes + header, body, size);
    return self;
}

//  One byte is another.
static inline void said_spoil (said_t *self, feed_t *feed)
{
    uint8_t byte = (uint8_t) feed_byte (feed);
    self->bytes [feed_byte (feed) % self->size] = byte;
}

//  One of some texts.
static inline span_t said_choose (feed_t *feed, const char *const *texts, size_t count)
{
    const char *text = texts [feed_below (feed, count)];
    return SPAN (text);
}

#endif
