/*  raw.h - plain libzmq, as little as can be: the frames of the reference programs

    A request is one frame: a header, in whose first bytes the forwarder writes who asked, then the payload. The service
    sends it back, marked as a reply. A service says that it is one by a frame of one byte. The header is as large as the
    product's on average (a request of `bench.echo` has 47 bytes about its payload, a reply 32), so that both move as many
    bytes: below 34 bytes libzmq keeps a message in its own record and allocates nothing, which no protocol with names can
    have.

    All of them wait in a receive that blocks, then take what else is there without waiting: the fewest system calls that a
    message can be waited for with, fewer than zmq_poll makes.
*/
#ifndef RAW_H_INCLUDED
#define RAW_H_INCLUDED

#include <zmq.h>

#include "bench.h"

#define RAW_HEADER  40
#define RAW_ID      5  //  bytes of an id of libzmq's own, at the header's start
#define RAW_SERVICE 5  //  where the header says which service is asked: a number, or RAW_POOL for the next one
#define RAW_KIND    6  //  where it says whether this is a reply
#define RAW_POOL    255

enum { RAW_REQUEST, RAW_REPLY };

static inline void *raw_socket (void *context, int type)
{
    void *socket = zmq_socket (context, type);
    int none = 0;
    bench_check (socket != NULL, "no socket");
    zmq_setsockopt (socket, ZMQ_LINGER, &none, sizeof none);
    zmq_setsockopt (socket, ZMQ_SNDHWM, &none, sizeof none);
    zmq_setsockopt (socket, ZMQ_RCVHWM, &none, sizeof none);
    return socket;
}

//  Binds, and prints the real endpoint.
static inline void raw_bind (void *socket, const char *endpoint)
{
    char last [256];
    size_t size = sizeof last;
    bench_check (zmq_bind (socket, endpoint) == 0, "cannot bind");
    zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, last, &size);
    bench_say (last);
}

#endif
