/*  forwarder.c - the reference: one ROUTER, no logic, zmq_msg_t, drained before it waits

    Prints its endpoint; forwards until it is ended. usage: forwarder ENDPOINT
*/
#include "raw.h"

static uint8_t service [256];
static size_t service_size;

//  Forwards one message; flags 0 waits for one, ZMQ_DONTWAIT answers 0 if there is none.
static int s_forward (void *router, int flags)
{
    zmq_msg_t id, body;
    zmq_msg_init (&id);
    if (zmq_msg_recv (&id, router, flags) < 0)
        return 0;
    zmq_msg_init (&body);
    zmq_msg_recv (&body, router, 0);
    uint8_t *data = zmq_msg_data (&body);
    size_t size = zmq_msg_size (&body);
    if (size < RAW_HEADER) {
        service_size = zmq_msg_size (&id);
        memcpy (service, zmq_msg_data (&id), service_size);
        zmq_msg_send (&id, router, ZMQ_SNDMORE);
        zmq_msg_send (&body, router, 0);
        return 1;
    }
    if (zmq_msg_size (&id) == service_size && memcmp (zmq_msg_data (&id), service, service_size) == 0) {
        zmq_msg_close (&id);
        zmq_msg_init_size (&id, 5);
        memcpy (zmq_msg_data (&id), data, 5);
    } else {
        memcpy (data, zmq_msg_data (&id), 5);
        zmq_msg_close (&id);
        zmq_msg_init_size (&id, service_size);
        memcpy (zmq_msg_data (&id), service, service_size);
    }
    zmq_msg_send (&id, router, ZMQ_SNDMORE);
    zmq_msg_send (&body, router, 0);
    return 1;
}

int main (int argc, char **argv)
{
    bench_check (argc == 2, "usage: ENDPOINT");
    void *router = raw_socket (zmq_ctx_new (), ZMQ_ROUTER);
    bench_check (zmq_bind (router, argv [1]) == 0, "cannot bind");
    char endpoint [256];
    size_t size = sizeof endpoint;
    zmq_getsockopt (router, ZMQ_LAST_ENDPOINT, endpoint, &size);
    puts (endpoint);
    fflush (stdout);
    for (;;) {
        s_forward (router, 0);
        while (s_forward (router, ZMQ_DONTWAIT))
            ;
    }
}
