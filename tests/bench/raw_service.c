/*  raw_service.c - echoes frames, marked as replies, until it is ended

    usage: raw_service forwarder|proxy|direct ENDPOINT. A DEALER of the forwarder and a ROUTER behind zmq_proxy connect and print
    `ready`; a ROUTER that clients connect to without a broker binds and prints its endpoint.
*/
#include "raw.h"

typedef struct {
    const char *name;
    int type;
    int parts;  //  of a message: ids before the frame
} way_t;

static const way_t ways [] = { { "forwarder", ZMQ_DEALER, 1 },
                               { "proxy", ZMQ_ROUTER, 3 },
                               { "direct", ZMQ_ROUTER, 2 } };

//  Echoes one message; flags 0 waits for one, ZMQ_DONTWAIT answers 0 if there is none.
static int s_echo (void *socket, int parts, int flags)
{
    zmq_msg_t part;
    for (int at = 1; at <= parts; at++) {
        zmq_msg_init (&part);
        if (zmq_msg_recv (&part, socket, flags) < 0)
            return 0;
        if (at == parts)
            ((uint8_t *) zmq_msg_data (&part)) [RAW_KIND] = RAW_REPLY;
        zmq_msg_send (&part, socket, at < parts ? ZMQ_SNDMORE : 0);
    }
    return 1;
}

static const way_t *s_way (const char *name)
{
    for (size_t at = 0; at < sizeof ways / sizeof *ways; at++)
        if (strcmp (ways [at].name, name) == 0)
            return &ways [at];
    bench_check (0, "usage: forwarder|proxy|direct ENDPOINT");
    return NULL;
}

//  Says to the forwarder that this is a service, and waits until it is known there.
static void s_register (void *socket)
{
    char answer;
    zmq_send (socket, "S", 1, 0);
    zmq_recv (socket, &answer, 1, 0);
}

int main (int argc, char **argv)
{
    bench_check (argc == 3, "usage: forwarder|proxy|direct ENDPOINT");
    const way_t *way = s_way (argv [1]);
    void *socket = raw_socket (zmq_ctx_new (), way->type);
    if (strcmp (way->name, "direct") == 0)
        raw_bind (socket, argv [2]);
    else {
        bench_check (zmq_connect (socket, argv [2]) == 0, "cannot connect");
        if (way->parts == 1)
            s_register (socket);
        bench_say ("ready");
    }
    for (;;) {
        s_echo (socket, way->parts, 0);
        while (s_echo (socket, way->parts, ZMQ_DONTWAIT))
            ;
    }
}
