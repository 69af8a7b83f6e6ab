/*  packing.h - frames that wait to travel together, and those that came together (bundle.h); no socket
*/
#ifndef PACKING_H_INCLUDED
#define PACKING_H_INCLUDED

#include <zmq.h>

#include "bundle.h"

//  What is to go.
typedef struct {
    bundle_t bundle;  //  its data: NULL until outbound_init
} outbound_t;

//  False if memory is short. May be called again: what waited is forgotten.
bool outbound_init (outbound_t *self);
void outbound_clear (outbound_t *self);

static inline bool outbound_is_empty (const outbound_t *self)
{
    return self->bundle.count == 0;
}

//  Adds a frame; false if there is no room for it, which there is once what waits was taken.
static inline bool outbound_add (outbound_t *self, const uint8_t *frame, size_t size)
{
    return bundle_add (&self->bundle, frame, size);
}

//  All of it as one message, which is initialised. False if memory is short: it is lost.
bool outbound_take (outbound_t *self, zmq_msg_t *message);

//  A frame that came. Its bytes stay until the next one is received into the same place, whatever is received into others: who
//  handles one may wait for another meanwhile.
typedef struct {
    uint8_t *data;
    size_t size;
    uint64_t bundle;    //  the number of the bundle that it came in; 0: none
    zmq_msg_t message;  //  that bundle, or the frame alone
} received_t;

static inline void received_init (received_t *self)
{
    *self = (received_t){ .bundle = 0 };
    zmq_msg_init (&self->message);
}

static inline void received_clear (received_t *self)
{
    zmq_msg_close (&self->message);
}

//  The message that holds this frame alone, to be taken; NULL if it came with others.
static inline zmq_msg_t *received_own (received_t *self)
{
    return self->bundle ? NULL : &self->message;
}

//  A bundle that came.
typedef struct {
    bool is_open;
    zmq_msg_t message;
    bundle_reader_t reader;
    uint64_t number;
} inbound_t;

//  Takes a message that was received if it is a bundle; false if it is none: then it is the frame.
bool inbound_open (inbound_t *self, received_t *in);
//  The next frame. False if there is none: then it is closed. What cannot be read is dropped.
bool inbound_next (inbound_t *self, received_t *in);
void inbound_close (inbound_t *self);

#endif
