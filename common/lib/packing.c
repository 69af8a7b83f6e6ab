/*  packing.c - frames that wait to travel together, and those that came together
*/
#include "packing.h"

#include <stdlib.h>
#include <string.h>

bool outbound_init (outbound_t *self)
{
    if (!self->bundle.data && !(self->bundle.data = malloc (BUNDLE_ROOM)))
        return false;
    bundle_begin (&self->bundle);
    return true;
}

void outbound_clear (outbound_t *self)
{
    free (self->bundle.data);
    self->bundle = (bundle_t){ NULL, 0, 0 };
}

bool outbound_take (outbound_t *self, zmq_msg_t *message)
{
    size_t size;
    const uint8_t *bytes = bundle_message (&self->bundle, &size);
    bool is_made = zmq_msg_init_size (message, size) == 0;
    if (is_made)
        memcpy (zmq_msg_data (message), bytes, size);
    bundle_begin (&self->bundle);
    return is_made;
}

bool inbound_open (inbound_t *self, received_t *in)
{
    in->bundle = 0;
    in->data = zmq_msg_data (&in->message);
    in->size = zmq_msg_size (&in->message);
    if (!bundle_is (in->data, in->size))
        return false;
    zmq_msg_init (&self->message);
    zmq_msg_move (&self->message, &in->message);
    bundle_open (&self->reader, zmq_msg_data (&self->message), zmq_msg_size (&self->message));
    self->number++;
    return self->is_open = true;
}

void inbound_close (inbound_t *self)
{
    if (self->is_open)
        zmq_msg_close (&self->message);
    self->is_open = false;
}

//  Whoever receives shares the bundle's bytes, so that they stay as long as he wants them, whoever closes it. (Messages that
//  libzmq copies instead are too small to hold a frame.)
static bool share (const inbound_t *self, received_t *in)
{
    if (in->bundle == self->number)
        return true;
    in->bundle = self->number;
    return zmq_msg_copy (&in->message, (zmq_msg_t *) &self->message) == 0;
}

bool inbound_next (inbound_t *self, received_t *in)
{
    const uint8_t *frame;
    if (self->is_open && bundle_next (&self->reader, &frame, &in->size) && share (self, in)) {
        in->data = (uint8_t *) frame;
        return true;
    }
    inbound_close (self);
    return false;
}
