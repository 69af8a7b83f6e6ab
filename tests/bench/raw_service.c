/*  raw_service.c - echoes frames: to the forwarder as a DEALER, to the proxy (`proxy` as second argument) as a ROUTER

    Prints `ready` once the forwarder knows it. usage: raw_service ENDPOINT [proxy]
*/
#include "raw.h"

//  Echoes one message; flags 0 waits for one, ZMQ_DONTWAIT answers 0 if there is none.
static int s_echo (void *socket, int parts, int flags)
{
    zmq_msg_t part;
    for (int at = 0; at < parts; at++) {
        zmq_msg_init (&part);
        if (zmq_msg_recv (&part, socket, flags) < 0)
            return 0;
        zmq_msg_send (&part, socket, at < parts - 1 ? ZMQ_SNDMORE : 0);
    }
    return 1;
}

int main (int argc, char **argv)
{
    bench_check (argc >= 2, "usage: ENDPOINT [proxy]");
    int is_proxied = argc > 2;
    void *socket = raw_socket (zmq_ctx_new (), is_proxied ? ZMQ_ROUTER : ZMQ_DEALER);
    bench_check (zmq_connect (socket, argv [1]) == 0, "cannot connect");
    if (!is_proxied) {
        char answer;
        zmq_send (socket, "S", 1, 0);
        zmq_recv (socket, &answer, 1, 0);
    }
    puts ("ready");
    fflush (stdout);
    int parts = is_proxied ? 3 : 1;
    for (;;) {
        s_echo (socket, parts, 0);
        while (s_echo (socket, parts, ZMQ_DONTWAIT))
            ;
    }
}
