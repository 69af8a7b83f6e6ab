/*  bundle.h - several small frames in one message (docs/protocol.md, section 3.1)

    What a message costs on its way does not depend on its size as long as it is small, so frames that are sent at the same
    time travel together. Who handles frames never sees a bundle: it is made and taken apart where the sockets are.
*/
#ifndef BUNDLE_H_INCLUDED
#define BUNDLE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUNDLE_ROOM 8160  //  bytes of a bundle: with its framing as much as libzmq sends at once
#define BUNDLE_MOST                                                                                                  \
    512  //  bytes of a frame in a bundle, or of a notification without its topic; a larger one would lose by the copies
//  Bytes of a bundle that the broker takes: it handles all of it before another peer's message.
#define BUNDLE_TAKEN 8192

//  A bundle that is being made, in the caller's BUNDLE_ROOM bytes.
typedef struct {
    uint8_t *data;
    size_t size;
    unsigned count;  //  frames in it
} bundle_t;

//  Empties it.
void bundle_begin (bundle_t *self);
//  Adds a frame; false if there is no room for it.
bool bundle_add (bundle_t *self, const uint8_t *frame, size_t size);
//  The message to be sent: of one frame, that frame alone.
const uint8_t *bundle_message (bundle_t *self, size_t *size);

//  A bundle that is being taken apart. Borrows the message.
typedef struct {
    const uint8_t *data;
    size_t size;
    size_t at;
    size_t left;  //  frames
} bundle_reader_t;

//  Whether a message is a bundle. What is in it may still be malformed.
bool bundle_is (const uint8_t *message, size_t size);
bool bundle_open (bundle_reader_t *self, const uint8_t *message, size_t size);
//  The next frame. False at the end, also where it is malformed: then bundle_rest is more than 0.
bool bundle_next (bundle_reader_t *self, const uint8_t **frame, size_t *size);
//  Bytes that were not read.
static inline size_t bundle_rest (const bundle_reader_t *self)
{
    return self->size - self->at;
}

#endif
