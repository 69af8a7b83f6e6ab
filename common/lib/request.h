/*  request.h - the request of a call, kept until the call has ended, so that it can be sent later or once more

    A small one is copied. A large one shares its bytes with the message that was sent, which libzmq may still be reading:
    they are never changed, and what is sent once more is a copy.
*/
#ifndef REQUEST_H_INCLUDED
#define REQUEST_H_INCLUDED

#include <zmq.h>

#include "value.h"
#include "wire.h"

#define REQUEST_SMALL 128  //  bytes that are copied

typedef struct {
    uint32_t size;  //  0: nothing is kept
    union {
        uint8_t bytes [REQUEST_SMALL];
        zmq_msg_t message;
    } in;  //  last, since it is not cleared
} call_request_t;

//  Keeps the frame that is in a buffer and in a message, which stays the caller's.
static inline void request_keep (call_request_t *self, const pack_t *frame, zmq_msg_t *message)
{
    size_t size = zmq_msg_size (message);
    self->size = (uint32_t) size;
    if (size <= REQUEST_SMALL) {
        memcpy (self->in.bytes, frame->buffer.data, size);
        return;
    }
    zmq_msg_init (&self->in.message);
    zmq_msg_copy (&self->in.message, message);
}

//  Takes a message.
void request_take (call_request_t *self, zmq_msg_t *message);
void request_drop (call_request_t *self);

const uint8_t *request_data (call_request_t *self);
//  A new message of the same frame with another block. False if memory is short.
bool request_write (call_request_t *self, const wire_block_t *block, zmq_msg_t *message);

#endif
