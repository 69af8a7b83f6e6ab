/*  proxy.c - libzmq's own zmq_proxy: ROUTER and DEALER for calls, XSUB and XPUB for notifications

    Prints both endpoints (clients' or publishers', services' or observers'). usage: proxy calls|notes FRONTEND BACKEND
*/
#include "raw.h"

int main (int argc, char **argv)
{
    bench_check (argc == 4, "usage: calls|notes FRONTEND BACKEND");
    int is_calls = strcmp (argv [1], "calls") == 0;
    void *context = zmq_ctx_new ();
    void *frontend = raw_socket (context, is_calls ? ZMQ_ROUTER : ZMQ_XSUB);
    void *backend = raw_socket (context, is_calls ? ZMQ_DEALER : ZMQ_XPUB);
    raw_bind (frontend, argv [2]);
    raw_bind (backend, argv [3]);
    zmq_proxy (frontend, backend, NULL);
    return 0;
}
