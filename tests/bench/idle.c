/*  idle.c - so many idle connections, with heartbeats as the library has them. usage: idle ENDPOINT COUNT [hello]

    Plain DEALERs in one context; with `hello` each has a session with the broker. Says `ready` when all are there.
*/
#include "raw.h"
#include "wire.h"

#define HEARTBEAT_MS 3000
#define GIVE_UP_MS   10000

static void *s_connect (void *context, const char *endpoint)
{
    void *socket = raw_socket (context, ZMQ_DEALER);
    int interval = HEARTBEAT_MS, limit = GIVE_UP_MS;
    zmq_setsockopt (socket, ZMQ_HEARTBEAT_IVL, &interval, sizeof interval);
    zmq_setsockopt (socket, ZMQ_HEARTBEAT_TTL, &limit, sizeof limit);
    bench_check (zmq_connect (socket, endpoint) == 0, "cannot connect");
    return socket;
}

static void s_greet (void *socket, uint32_t number)
{
    uint8_t instance [WIRE_INSTANCE_SIZE] = { 0 }, frame [WIRE_HEADER_MAX];
    memcpy (instance, &number, sizeof number);
    wire_frame_t hello = { .kind = WIRE_HELLO,
                           .version = WIRE_VERSION,
                           .library = SPAN ("bench"),
                           .instance = { (const char *) instance, sizeof instance },
                           .sessions = 1 };
    size_t size = wire_write_header (&hello, frame, sizeof frame);
    frame [size++] = 0xc0;
    zmq_send (socket, frame, size, 0);
    bench_check (zmq_recv (socket, frame, sizeof frame, 0) > 0 && frame [1] == WIRE_WELCOME, "not welcome");
}

int main (int argc, char **argv)
{
    bench_check (argc == 3 || argc == 4, "usage: ENDPOINT COUNT [hello]");
    int count = atoi (argv [2]);
    void *context = zmq_ctx_new ();
    zmq_ctx_set (context, ZMQ_MAX_SOCKETS, count + 1);
    for (int at = 0; at < count; at++) {
        void *socket = s_connect (context, argv [1]);
        if (argc == 4)
            s_greet (socket, (uint32_t) at);
    }
    bench_say ("ready");
    getchar ();
    return 0;
}
