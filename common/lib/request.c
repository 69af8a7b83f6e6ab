/*  request.c - the request of a call, kept until the call has ended, so that it can be sent later or once more
*/
#include "request.h"

void request_share (call_request_t *self, zmq_msg_t *message)
{
    self->size = (uint32_t) zmq_msg_size (message);
    zmq_msg_init (&self->in.message);
    zmq_msg_copy (&self->in.message, message);
}

void request_take (call_request_t *self, zmq_msg_t *message)
{
    size_t size = zmq_msg_size (message);
    if (size <= REQUEST_SMALL) {
        request_keep_small (self, zmq_msg_data (message), size);
        zmq_msg_close (message);
        return;
    }
    self->size = (uint32_t) size;
    zmq_msg_init (&self->in.message);
    zmq_msg_move (&self->in.message, message);
}

const uint8_t *request_data (call_request_t *self)
{
    return self->size > REQUEST_SMALL ? zmq_msg_data (&self->in.message) : self->in.bytes;
}

bool request_write (call_request_t *self, const wire_block_t *block, zmq_msg_t *message)
{
    if (zmq_msg_init_size (message, self->size) != 0)
        return false;
    memcpy (zmq_msg_data (message), request_data (self), self->size);
    wire_patch (zmq_msg_data (message), block);
    return true;
}
