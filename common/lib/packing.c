/*  packing.c - messages that wait to travel together, and those that came together
*/
#include "packing.h"

#include <stdlib.h>
#include <string.h>

static void drop_first (outbound_t *self)
{
    if (self->has_first)
        zmq_msg_close (&self->first);
    self->has_first = false;
}

bool outbound_init (outbound_t *self)
{
    drop_first (self);
    if (!self->several.data && !(self->several.data = malloc (BUNDLE_ROOM)))
        return false;
    bundle_begin (&self->several);
    return true;
}

void outbound_clear (outbound_t *self)
{
    drop_first (self);
    free (self->several.data);
    self->several = (bundle_t){ NULL, 0, 0 };
}

static bool add_bytes (outbound_t *self, zmq_msg_t *message)
{
    if (!bundle_add (&self->several, zmq_msg_data (message), zmq_msg_size (message)))
        return false;
    zmq_msg_close (message);
    return true;
}

bool outbound_add (outbound_t *self, zmq_msg_t *message)
{
    if (outbound_is_empty (self)) {
        zmq_msg_init (&self->first);
        zmq_msg_move (&self->first, message);
        zmq_msg_close (message);
        return self->has_first = true;
    }
    if (self->has_first && add_bytes (self, &self->first))
        self->has_first = false;
    return add_bytes (self, message);
}

bool outbound_take (outbound_t *self, zmq_msg_t *message)
{
    size_t size;
    if (self->has_first) {
        zmq_msg_init (message);
        zmq_msg_move (message, &self->first);
        drop_first (self);
        return true;
    }
    const uint8_t *bytes = bundle_message (&self->several, &size);
    bool is_made = zmq_msg_init_size (message, size) == 0;
    if (is_made)
        memcpy (zmq_msg_data (message), bytes, size);
    bundle_begin (&self->several);
    return is_made;
}

bool inbound_open (inbound_t *self, zmq_msg_t *message)
{
    if (!bundle_is (zmq_msg_data (message), zmq_msg_size (message)))
        return false;
    zmq_msg_init (&self->message);
    zmq_msg_move (&self->message, message);
    bundle_open (&self->reader, zmq_msg_data (&self->message), zmq_msg_size (&self->message));
    return self->is_open = true;
}

void inbound_close (inbound_t *self)
{
    if (self->is_open)
        zmq_msg_close (&self->message);
    self->is_open = false;
}

bool inbound_next (inbound_t *self, zmq_msg_t *message)
{
    const uint8_t *frame;
    size_t size;
    if (self->is_open && bundle_next (&self->reader, &frame, &size)) {
        zmq_msg_close (message);
        if (zmq_msg_init_size (message, size) == 0) {
            memcpy (zmq_msg_data (message), frame, size);
            return true;
        }
        zmq_msg_init (message);
    }
    inbound_close (self);
    return false;
}
