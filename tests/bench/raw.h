/*  raw.h - plain libzmq, as little as can be: the frames of the reference programs

    A request is one frame: a header, in whose first bytes the forwarder writes who asked, then the payload. The service
    sends it back, marked as a reply. A service says that it is one by a frame of one byte. The header is as large as the
    product's on average (a request of `bench.echo` has 47 bytes about its payload, a reply 32), so that both move as many
    bytes: below 34 bytes libzmq keeps a message in its own record and allocates nothing, which no protocol with names can
    have. An item of a stream has as many bytes about it as the product's.

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
#define RAW_STREAM  7  //  where a stream's frames say which of its caller's streams it is
#define RAW_GRANT   8  //  where one that asks for items says how many, and how large
#define RAW_ITEM    30
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

//  ---- services ----

//  What is before a service: the socket that it takes for it, and how many parts a message has (ids before the frame).
typedef struct {
    const char *name;
    int type;
    int parts;
} raw_way_t;

static const raw_way_t raw_ways [] = { { "forwarder", ZMQ_DEALER, 1 },
                                       { "proxy", ZMQ_ROUTER, 3 },
                                       { "direct", ZMQ_ROUTER, 2 } };

static inline const raw_way_t *raw_way (const char *name)
{
    for (size_t at = 0; at < sizeof raw_ways / sizeof *raw_ways; at++)
        if (strcmp (raw_ways [at].name, name) == 0)
            return &raw_ways [at];
    bench_check (0, "usage: forwarder|proxy|direct ENDPOINT");
    return NULL;
}

//  Says to the forwarder that this is a service, and waits until it is known there.
static inline void raw_register (void *socket)
{
    char answer;
    zmq_send (socket, "S", 1, 0);
    zmq_recv (socket, &answer, 1, 0);
}

//  Connects and prints `ready`; without a broker binds and prints the endpoint.
static inline void *raw_serve (const raw_way_t *way, const char *endpoint)
{
    void *socket = raw_socket (zmq_ctx_new (), way->type);
    if (strcmp (way->name, "direct") == 0) {
        raw_bind (socket, endpoint);
        return socket;
    }
    bench_check (zmq_connect (socket, endpoint) == 0, "cannot connect");
    if (way->parts == 1)
        raw_register (socket);
    bench_say ("ready");
    return socket;
}

#endif
