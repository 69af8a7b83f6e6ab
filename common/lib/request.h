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

//  A small one, and a large one, which stays the caller's to send.
static inline void request_keep_small (call_request_t *self, const void *data, size_t size)
{
    self->size = (uint32_t) size;
    memcpy (self->in.bytes, data, size);
}

void request_share (call_request_t *self, zmq_msg_t *message);
//  Takes a message.
void request_take (call_request_t *self, zmq_msg_t *message);

static inline void request_drop (call_request_t *self)
{
    if (self->size > REQUEST_SMALL)
        zmq_msg_close (&self->in.message);
    self->size = 0;
}

const uint8_t *request_data (call_request_t *self);
//  A new message of the same frame with another block. False if memory is short.
bool request_write (call_request_t *self, const wire_block_t *block, zmq_msg_t *message);

#endif
