/*  raw_service.c - echoes frames, marked as replies, until it is ended

    usage: raw_service forwarder|proxy|direct ENDPOINT. A DEALER of the forwarder and a ROUTER behind zmq_proxy connect and print
    `ready`; a ROUTER that clients connect to without a broker binds and prints its endpoint.
*/
#include "raw.h"

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

int main (int argc, char **argv)
{
    bench_check (argc == 3, "usage: forwarder|proxy|direct ENDPOINT");
    const raw_way_t *way = raw_way (argv [1]);
    void *socket = raw_serve (way, argv [2]);
    for (;;) {
        s_echo (socket, way->parts, 0);
        while (s_echo (socket, way->parts, ZMQ_DONTWAIT))
            ;
    }
}
