/*  proxy.c - libzmq's own zmq_proxy between a ROUTER and a DEALER, against which the forwarder is judged

    Prints both endpoints (clients', services'). usage: proxy FRONTEND BACKEND
*/
#include "raw.h"

static void *s_bind (void *context, int type, const char *endpoint)
{
    void *socket = raw_socket (context, type);
    bench_check (zmq_bind (socket, endpoint) == 0, "cannot bind");
    char last [256];
    size_t size = sizeof last;
    zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, last, &size);
    puts (last);
    fflush (stdout);
    return socket;
}

int main (int argc, char **argv)
{
    bench_check (argc == 3, "usage: FRONTEND BACKEND");
    void *context = zmq_ctx_new ();
    void *frontend = s_bind (context, ZMQ_ROUTER, argv [1]);
    void *backend = s_bind (context, ZMQ_DEALER, argv [2]);
    zmq_proxy (frontend, backend, NULL);
    return 0;
}
