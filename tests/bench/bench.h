/*  bench.h - what the benchmark's programs share: a clock, percentiles, and one line of JSON as their result */
#ifndef BENCH_H_INCLUDED
#define BENCH_H_INCLUDED

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline int64_t bench_now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

//  CPU time of this process, in nanoseconds.
static inline int64_t bench_cpu_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int bench_compare (const void *left, const void *right)
{
    int64_t a = *(const int64_t *) left, b = *(const int64_t *) right;
    return a < b ? -1 : a > b;
}

//  Ends the program in one line: it is a benchmark that cannot be run.
static inline void bench_check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "bench: %s\n", what);
    exit (1);
}

//  What was asked of a client.
typedef struct {
    const char *address;
    size_t size;       //  bytes of payload
    size_t in_flight;  //  1: one call at a time
    size_t calls;
    size_t warm_up;
} bench_job_t;

static inline bench_job_t bench_job (int argc, char **argv)
{
    bench_check (argc == 5, "usage: ADDRESS SIZE IN_FLIGHT CALLS");
    bench_job_t job = { argv [1], strtoul (argv [2], NULL, 10), strtoul (argv [3], NULL, 10),
                        strtoul (argv [4], NULL, 10), 0 };
    job.warm_up = job.calls / 10;
    return job;
}

//  latencies: one a call, in nanoseconds, or NULL; sorted in place.
static inline void bench_report (const bench_job_t *job, int64_t elapsed_ns, int64_t cpu_ns, int64_t *latencies)
{
    printf ("{\"calls\": %zu, \"seconds\": %.6f, \"rate\": %.1f, \"client_cpu_us\": %.4f", job->calls,
            (double) elapsed_ns / 1e9, (double) job->calls * 1e9 / (double) elapsed_ns,
            (double) cpu_ns / 1e3 / (double) job->calls);
    if (latencies) {
        static const double points [] = { 0.5, 0.9, 0.99, 0.999 };
        static const char *const names [] = { "p50", "p90", "p99", "p999" };
        qsort (latencies, job->calls, sizeof *latencies, bench_compare);
        for (int at = 0; at < 4; at++)
            printf (", \"%s\": %.3f", names [at],
                    (double) latencies [(size_t) ((double) (job->calls - 1) * points [at])] / 1e3);
    }
    printf ("}\n");
    fflush (stdout);
}

#endif
