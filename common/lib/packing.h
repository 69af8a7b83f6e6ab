/*  packing.h - messages that wait to travel together, and those that came together (bundle.h); no socket
*/
#ifndef PACKING_H_INCLUDED
#define PACKING_H_INCLUDED

#include <zmq.h>

#include "bundle.h"

//  What is to go. One alone goes as it is, uncopied.
typedef struct {
    bool has_first;
    zmq_msg_t first;
    bundle_t several;  //  its data: NULL until outbound_init
} outbound_t;

//  False if memory is short. May be called again: what waited is forgotten.
bool outbound_init (outbound_t *self);
void outbound_clear (outbound_t *self);

static inline bool outbound_is_empty (const outbound_t *self)
{
    return !self->has_first && self->several.count == 0;
}

//  Takes a message; false if there is no room for it, which there is once what waits was taken.
bool outbound_add (outbound_t *self, zmq_msg_t *message);
//  All of it as one message, which is initialised. False if memory is short: it is lost.
bool outbound_take (outbound_t *self, zmq_msg_t *message);

//  What came. Each frame of a bundle becomes a message of its own: who handles one may wait for another meanwhile.
typedef struct {
    bool is_open;
    zmq_msg_t message;
    bundle_reader_t reader;
} inbound_t;

//  Takes a message if it is a bundle; false if it is none.
bool inbound_open (inbound_t *self, zmq_msg_t *message);
//  The next frame, in a message that was initialised. False if there is none: then it is closed. What cannot be read is dropped.
bool inbound_next (inbound_t *self, zmq_msg_t *message);
void inbound_close (inbound_t *self);

#endif
