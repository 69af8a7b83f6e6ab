/*  hearth_stream_client.c - the product's other end of streams: takes the items of one or several, or sends items up

    usage: hearth_stream_client ADDRESS NAME STREAMS down|up. The windows are the library's own, whatever a job says is in flight.
    Jobs come as lines (bench.h).
*/
#include "bench.h"
#include "hearth.h"

#define STREAMS 64

typedef struct {
    hearth_t *hearth;
    hearth_proxy_t *proxy;
    size_t count;
} reader_t;

static const uint8_t payload [BENCH_PAYLOAD];

static void s_finish (hearth_pending_t **stream, size_t items)
{
    bench_check (hearth_received (*stream) == items, "items are missing");
    hearth_result_t *result = hearth_wait (stream, -1);
    if (hearth_failed (result)) {
        fprintf (stderr, "bench: %s: %s\n", hearth_error (result)->name, hearth_error (result)->message);
        exit (1);
    }
    hearth_result_destroy (&result);
}

static void s_take (const reader_t *self, size_t size, size_t items)
{
    hearth_pending_t *stream = hearth_open (self->proxy, "range", (int64_t) items, (int64_t) size);
    while (hearth_next (stream, -1))
        continue;
    s_finish (&stream, items);
}

static void s_take_all (const reader_t *self, size_t size, size_t items)
{
    hearth_pending_t *streams [STREAMS];
    for (size_t at = 0; at < self->count; at++)
        streams [at] = hearth_open (self->proxy, "range", (int64_t) items, (int64_t) size);
    for (int at; (at = hearth_wait_any (streams, self->count, -1)) >= 0;) {
        while (hearth_next (streams [at], 0))
            continue;
        if (hearth_is_over (streams [at]))
            s_finish (&streams [at], items);
    }
}

static void s_put (const reader_t *self, size_t size, size_t items)
{
    hearth_pending_t *stream = hearth_open (self->proxy, "sum");
    hearth_hold (self->hearth);
    for (size_t at = 0; at < items; at++)
        bench_check (hearth_put (stream, hearth_bin (payload, size)) == 0, "the stream ended early");
    hearth_put_end (stream);
    hearth_flush (self->hearth);
    s_finish (&stream, 0);
}

static void s_run_down (void *context, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    const reader_t *self = context;
    (void) latencies;
    if (self->count == 1)
        s_take (self, job->size, calls);
    else
        s_take_all (self, job->size, (calls + self->count - 1) / self->count);
}

static void s_run_up (void *context, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    (void) latencies;
    s_put (context, job->size, calls);
}

int main (int argc, char **argv)
{
    bench_check (argc == 5 && atoi (argv [3]) > 0 && atoi (argv [3]) <= STREAMS,
                 "usage: ADDRESS NAME STREAMS down|up");
    hearth_t *hearth = hearth_connect (argv [1]);
    bench_check (hearth && hearth_ready (hearth, 10000) == 0, "cannot connect");
    reader_t self = { hearth, hearth_proxy (hearth, argv [2]), (size_t) atoi (argv [3]) };
    bench_jobs (strcmp (argv [4], "up") == 0 ? s_run_up : s_run_down, &self);
    hearth_destroy (&hearth);
    return 0;
}
