/*  hearth_client.c - the product's caller through the public interface: one call at a time, or calls in flight

    usage: hearth_client ADDRESS NAME. Jobs come as lines (bench.h).
*/
#include "bench.h"
#include "hearth.h"

typedef struct {
    hearth_t *hearth;
    hearth_proxy_t *proxy;
} caller_t;

static void s_check (hearth_result_t *result)
{
    if (hearth_failed (result)) {
        fprintf (stderr, "bench: %s: %s\n", hearth_error (result)->name, hearth_error (result)->message);
        exit (1);
    }
    hearth_result_destroy (&result);
}

static void s_run_single (hearth_proxy_t *proxy, hearth_arg_t payload, size_t calls, int64_t *latencies)
{
    for (size_t at = 0; at < calls; at++) {
        int64_t start = bench_now_ns ();
        s_check (hearth_call (proxy, "echo", payload));
        if (latencies)
            latencies [at] = bench_now_ns () - start;
    }
}

static void s_run_pipelined (hearth_t *hearth, hearth_proxy_t *proxy, hearth_arg_t payload, size_t in_flight,
                             size_t calls)
{
    hearth_pending_t **pending = calloc (in_flight, sizeof *pending);
    bench_check (pending != NULL, "out of memory");
    size_t sent = 0, received = 0;
    while (received < calls) {
        hearth_hold (hearth);
        while (sent < calls && sent - received < in_flight)
            pending [sent++ % in_flight] = hearth_start (proxy, "echo", payload);
        s_check (hearth_wait (&pending [received++ % in_flight], -1));
        hearth_result_t *result;
        while (received < sent && (result = hearth_wait (&pending [received % in_flight], 0))) {
            s_check (result);
            received++;
        }
    }
    free (pending);
}

static void s_run (void *context, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    static uint8_t payload [BENCH_PAYLOAD];
    const caller_t *caller = context;
    hearth_arg_t bytes = hearth_bin (payload, job->size);
    if (job->in_flight == 1)
        s_run_single (caller->proxy, bytes, calls, latencies);
    else
        s_run_pipelined (caller->hearth, caller->proxy, bytes, job->in_flight, calls);
}

int main (int argc, char **argv)
{
    bench_check (argc == 3, "usage: ADDRESS NAME");
    hearth_t *hearth = hearth_connect (argv [1]);
    bench_check (hearth && hearth_ready (hearth, 10000) == 0, "cannot connect");
    caller_t caller = { hearth, hearth_proxy (hearth, argv [2]) };
    bench_jobs (s_run, &caller);
    hearth_destroy (&hearth);
    return 0;
}
