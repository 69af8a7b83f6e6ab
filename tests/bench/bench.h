/*  bench.h - what the benchmark's programs share: a clock, jobs that are read line by line, and a line of JSON for each

    A client is started once and then given jobs, so that no round pays for its start. The processes' CPU time is read by the
    one who gives the jobs, from outside, for all programs alike.
*/
#ifndef BENCH_H_INCLUDED
#define BENCH_H_INCLUDED

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_PAYLOAD (1 << 20)

static inline int64_t bench_now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

//  Ends the program in one line: it is a benchmark that cannot be run.
static inline void bench_check (int ok, const char *what)
{
    if (ok)
        return;
    fprintf (stderr, "bench: %s\n", what);
    exit (1);
}

static inline void bench_say (const char *line)
{
    puts (line);
    fflush (stdout);
}

//  ---- jobs ----

typedef struct {
    size_t size;       //  bytes of payload
    size_t in_flight;  //  1: one call at a time
    size_t calls;
} bench_job_t;

//  Makes so many calls; latencies: room for one a call, in nanoseconds, or NULL.
typedef void bench_run_fn (void *context, const bench_job_t *job, size_t calls, int64_t *latencies);

static inline int bench_compare (const void *left, const void *right)
{
    int64_t a = *(const int64_t *) left, b = *(const int64_t *) right;
    return a < b ? -1 : a > b;
}

//  The moments are on a clock that all processes share.
static inline void bench_report (const bench_job_t *job, size_t made, int64_t start_ns, int64_t end_ns,
                                 int64_t *latencies)
{
    printf ("{\"calls\": %zu, \"made\": %zu, \"start\": %.6f, \"end\": %.6f", job->calls, made,
            (double) start_ns / 1e9, (double) end_ns / 1e9);
    if (latencies) {
        static const double points [] = { 0.5, 0.9, 0.99, 0.999 };
        static const char *const names [] = { "p50", "p90", "p99", "p999" };
        qsort (latencies, job->calls, sizeof *latencies, bench_compare);
        for (int at = 0; at < 4; at++)
            printf (", \"%s\": %.3f", names [at],
                    (double) latencies [(size_t) ((double) (job->calls - 1) * points [at])] / 1e3);
    }
    bench_say ("}");
}

static inline void bench_run_job (bench_run_fn *run, void *context, const bench_job_t *job)
{
    int64_t *latencies = job->in_flight == 1 ? calloc (job->calls, sizeof *latencies) : NULL;
    size_t warm_up = job->calls / 20 + 1;
    run (context, job, warm_up, NULL);
    int64_t start_ns = bench_now_ns ();
    run (context, job, job->calls, latencies);
    bench_report (job, warm_up + job->calls, start_ns, bench_now_ns (), latencies);
    free (latencies);
}

//  Says `ready`, then does what each line of the input asks for (SIZE IN_FLIGHT CALLS), until there is no more.
static inline void bench_jobs (bench_run_fn *run, void *context)
{
    bench_job_t job;
    char line [128];
    bench_say ("ready");
    while (fgets (line, sizeof line, stdin)) {
        bench_check (sscanf (line, "%zu %zu %zu", &job.size, &job.in_flight, &job.calls) == 3
                         && job.size <= BENCH_PAYLOAD && job.in_flight && job.calls,
                     "a job is SIZE IN_FLIGHT CALLS");
        bench_run_job (run, context, &job);
    }
}

#endif
