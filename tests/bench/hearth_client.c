/*  hearth_client.c - the product's caller through the public interface: one call at a time, or calls in flight

    usage: hearth_client ADDRESS SIZE IN_FLIGHT CALLS
*/
#include "bench.h"
#include "hearth.h"

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

static void s_run_pipelined (hearth_proxy_t *proxy, hearth_arg_t payload, size_t in_flight, size_t calls)
{
    hearth_pending_t **pending = calloc (in_flight, sizeof *pending);
    bench_check (pending != NULL, "out of memory");
    size_t sent = 0, received = 0;
    while (received < calls) {
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

static void s_run (hearth_proxy_t *proxy, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    static uint8_t payload [1 << 20];
    hearth_arg_t bytes = hearth_bin (payload, job->size);
    if (job->in_flight == 1)
        s_run_single (proxy, bytes, calls, latencies);
    else
        s_run_pipelined (proxy, bytes, job->in_flight, calls);
}

int main (int argc, char **argv)
{
    bench_job_t job = bench_job (argc, argv);
    hearth_t *hearth = hearth_connect (job.address);
    bench_check (hearth != NULL, "bad address");
    hearth_proxy_t *proxy = hearth_proxy (hearth, "bench.echo");
    int64_t *latencies = job.in_flight == 1 ? calloc (job.calls, sizeof *latencies) : NULL;
    s_run (proxy, &job, job.warm_up + 1, NULL);
    int64_t start = bench_now_ns (), cpu = bench_cpu_ns ();
    s_run (proxy, &job, job.calls, latencies);
    bench_report (&job, bench_now_ns () - start, bench_cpu_ns () - cpu, latencies);
    free (latencies);
    hearth_destroy (&hearth);
    return 0;
}
