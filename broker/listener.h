/*  listener.h - the addresses that the broker listens on: what may be bound, and what was

    Guards ipc paths, since libzmq takes over a path that a broker is serving, and removes whatever file is there.
*/
#ifndef LISTENER_H_INCLUDED
#define LISTENER_H_INCLUDED

#include "transport_zmq.h"

typedef struct {
    gate_kind_t kind;
    int lock;               //  descriptor of the ipc path's lock; -1: none
    char bound [512];       //  the real endpoint
    char advertised [512];  //  the same for peers: a host `*` is the one that they dialled
} listener_t;

//  Binds an endpoint. Returns 0; else, with a sentence in `problem` that says what is wrong and what to do about it,
//  LISTENER_TAKEN if somebody has the endpoint, or -1.
enum { LISTENER_TAKEN = 1 };
int listener_open (listener_t *self, transport_zmq_t *transport, gate_kind_t kind, const char *endpoint,
                   char *problem, size_t size);

//  Removes an ipc path, and gives its lock back, once the transport has ended.
void listener_close (listener_t *self);

#endif
