/*  raw_client.c - the reference's caller: a DEALER that keeps so many requests in flight

    usage: raw_client ENDPOINT [SERVICE]; a service is a number, or `pool`. Jobs come as lines (bench.h).
*/
#include "raw.h"

typedef struct {
    void *socket;
    uint8_t service;
} raw_client_t;

static void s_send (const raw_client_t *self, size_t size)
{
    zmq_msg_t message;
    zmq_msg_init_size (&message, RAW_HEADER + size);
    uint8_t *data = zmq_msg_data (&message);
    memset (data, 'x', RAW_HEADER + size);
    data [RAW_SERVICE] = self->service;
    data [RAW_KIND] = RAW_REQUEST;
    zmq_msg_send (&message, self->socket, 0);
}

static int s_receive (const raw_client_t *self, size_t size, int flags)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    if (zmq_msg_recv (&message, self->socket, flags) < 0)
        return 0;
    bench_check (zmq_msg_size (&message) == RAW_HEADER + size, "a frame of another size came back");
    zmq_msg_close (&message);
    return 1;
}

static void s_run (void *context, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    const raw_client_t *self = context;
    size_t sent = 0, received = 0;
    while (received < calls) {
        int64_t start = latencies ? bench_now_ns () : 0;
        while (sent < calls && sent - received < job->in_flight) {
            s_send (self, job->size);
            sent++;
        }
        for (int flags = 0; received < sent && s_receive (self, job->size, flags); flags = ZMQ_DONTWAIT) {
            if (latencies)
                latencies [received] = bench_now_ns () - start;
            received++;
        }
    }
}

int main (int argc, char **argv)
{
    bench_check (argc == 2 || argc == 3, "usage: ENDPOINT [SERVICE]");
    int is_pool = argc == 3 && strcmp (argv [2], "pool") == 0;
    raw_client_t self = { raw_socket (zmq_ctx_new (), ZMQ_DEALER),
                          is_pool ? RAW_POOL : (uint8_t) (argc == 3 ? atoi (argv [2]) : 0) };
    bench_check (zmq_connect (self.socket, argv [1]) == 0, "cannot connect");
    bench_jobs (s_run, &self);
    return 0;
}
