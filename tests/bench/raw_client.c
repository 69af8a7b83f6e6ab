/*  raw_client.c - the reference's caller: a DEALER that keeps so many requests in flight

    usage: raw_client ENDPOINT SIZE IN_FLIGHT CALLS
*/
#include "raw.h"

static void s_send (void *socket, size_t size)
{
    zmq_msg_t message;
    zmq_msg_init_size (&message, RAW_HEADER + size);
    memset (zmq_msg_data (&message), 'x', RAW_HEADER + size);
    zmq_msg_send (&message, socket, 0);
}

static int s_receive (void *socket, size_t size, int flags)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    if (zmq_msg_recv (&message, socket, flags) < 0)
        return 0;
    bench_check (zmq_msg_size (&message) == RAW_HEADER + size, "a frame of another size came back");
    zmq_msg_close (&message);
    return 1;
}

//  Makes so many calls; latencies: room for one a call, or NULL.
static void s_run (void *socket, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    size_t sent = 0, received = 0;
    while (received < calls) {
        int64_t start = latencies ? bench_now_ns () : 0;
        while (sent < calls && sent - received < job->in_flight) {
            s_send (socket, job->size);
            sent++;
        }
        for (int flags = 0; received < sent && s_receive (socket, job->size, flags); flags = ZMQ_DONTWAIT) {
            if (latencies)
                latencies [received] = bench_now_ns () - start;
            received++;
        }
    }
}

int main (int argc, char **argv)
{
    bench_job_t job = bench_job (argc, argv);
    void *socket = raw_socket (zmq_ctx_new (), ZMQ_DEALER);
    bench_check (zmq_connect (socket, job.address) == 0, "cannot connect");
    int64_t *latencies = job.in_flight == 1 ? calloc (job.calls, sizeof *latencies) : NULL;
    s_run (socket, &job, job.warm_up + 1, NULL);
    int64_t start = bench_now_ns (), cpu = bench_cpu_ns ();
    s_run (socket, &job, job.calls, latencies);
    bench_report (&job, bench_now_ns () - start, bench_cpu_ns () - cpu, latencies);
    free (latencies);
    return 0;
}
