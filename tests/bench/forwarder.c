/*  forwarder.c - the reference: one ROUTER, no logic, zmq_msg_t, drained before it waits

    Prints its endpoint; forwards until it is ended. Services are numbered as they come. usage: forwarder ENDPOINT
*/
#include "raw.h"

#define SERVICES 16

static uint8_t services [SERVICES][RAW_ID];
static size_t service_count, turn;

static void s_send (void *router, const uint8_t *id, zmq_msg_t *body)
{
    zmq_send (router, id, RAW_ID, ZMQ_SNDMORE);
    zmq_msg_send (body, router, 0);
}

//  The service that a request is for.
static const uint8_t *s_service (const uint8_t *data)
{
    if (data [RAW_SERVICE] == RAW_POOL && ++turn >= service_count)
        turn = 0;
    return services [data [RAW_SERVICE] == RAW_POOL ? turn : data [RAW_SERVICE] % SERVICES];
}

//  Forwards one message; flags 0 waits for one, ZMQ_DONTWAIT answers 0 if there is none.
static int s_forward (void *router, int flags)
{
    uint8_t id [255];
    zmq_msg_t body;
    if (zmq_recv (router, id, sizeof id, flags) < 0)
        return 0;
    zmq_msg_init (&body);
    zmq_msg_recv (&body, router, 0);
    uint8_t *data = zmq_msg_data (&body);
    if (zmq_msg_size (&body) < RAW_HEADER) {
        memcpy (services [service_count++ % SERVICES], id, RAW_ID);
        s_send (router, id, &body);
        return 1;
    }
    if (data [RAW_KIND] == RAW_REPLY) {
        uint8_t caller [RAW_ID];
        memcpy (caller, data, RAW_ID);
        s_send (router, caller, &body);
        return 1;
    }
    memcpy (data, id, RAW_ID);
    s_send (router, s_service (data), &body);
    return 1;
}

int main (int argc, char **argv)
{
    bench_check (argc == 2, "usage: ENDPOINT");
    void *router = raw_socket (zmq_ctx_new (), ZMQ_ROUTER);
    raw_bind (router, argv [1]);
    for (;;) {
        s_forward (router, 0);
        while (s_forward (router, ZMQ_DONTWAIT))
            ;
    }
}
