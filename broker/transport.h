/*  transport.h - the seam between the core, which decides, and a transport, which moves frames

    It is what an ideal transport would offer. The core calls the functions of transport_ops_t; the transport calls the
    core_* functions of core.h. Neither knows how the other works: the core sees a link as an opaque pointer, the
    transport sees a session as one.
*/
#ifndef TRANSPORT_H_INCLUDED
#define TRANSPORT_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

//  A message as its owner holds it. It is passed by pointer and never copied bit by bit: small messages may lie
//  within `storage` itself. Whoever gets a frame may change its bytes until it is sent.
typedef struct frame frame_t;
struct frame {
    uint8_t *data;
    size_t size;
    void (*release) (frame_t *self);  //  NULL: nothing to release (sent, or borrowed)
    union {
        uint8_t bytes [64];
        void *align;
    } storage;  //  belongs to whoever made the frame
};

static inline void frame_release (frame_t *self)
{
    if (self->release)
        self->release (self);
    self->release = NULL;
}

//  Bytes that are shared between the transport's queues and the core's history; immutable once they are published.
//  Reference counts are atomic, since the transport lets go in a thread of its own.
typedef struct blob blob_t;
blob_t *blob_new (size_t size);  //  one reference; NULL if memory is short
blob_t *blob_ref (blob_t *self);
void blob_unref (blob_t *self);  //  any thread
uint8_t *blob_data (blob_t *self);
size_t blob_size (const blob_t *self);

typedef struct link link_t;  //  the transport's side of a peer

typedef enum {
    SENT_OK,
    SENT_FULL,  //  the peer does not read; the core ends its session
    SENT_GONE   //  the peer is not there any more; core_gone follows, or has been called
} sent_t;

typedef struct {
    //  Takes the frame's content if SENT_OK (and sets frame->release to NULL), else leaves it. Frames that were made by
    //  anybody else than the transport are copied. Never waits, never calls back.
    sent_t (*send) (void *self, link_t *link, frame_t *frame);
    //  Publishes bytes to all who subscribed to a prefix of them. Borrows: takes a reference of its own.
    void (*publish) (void *self, blob_t *blob);
    //  Ends the connection after what was sent to it, as far as that can be done. The transport delivers nothing more
    //  from it and does not call core_gone; the link pointer is invalid for the core from here on.
    void (*kick) (void *self, link_t *link);
} transport_ops_t;

#endif
