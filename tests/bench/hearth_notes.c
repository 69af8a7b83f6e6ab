/*  hearth_notes.c - the product's notifications through the public interface. usage: hearth_notes ADDRESS OBSERVERS

    Up to IN_FLIGHT publications wait for the broker's answer, and those of a step go out together. An observer that is told of a loss ends the run. Jobs come as
    lines (bench.h).
*/
#include "hearth.h"
#include "notes.h"

#define SERVICE   "bench.notes"
#define IN_FLIGHT 256

typedef struct {
    notes_t notes;
    hearth_t *hearth;
    hearth_pending_t *pending [IN_FLIGHT];
    size_t sent;
} publisher_t;

static const uint8_t payload [BENCH_PAYLOAD];

static void s_note (const hearth_notification_t *note, void *context)
{
    bench_check (note->kind == HEARTH_MESSAGE, "notifications were lost");
    notes_count (context);
}

static void s_observe (notes_observer_t *self, void *context)
{
    hearth_t *hearth = hearth_connect (context);
    bench_check (hearth && hearth_observe (hearth, SERVICE, "tick", 10000, s_note, self), "cannot observe");
    notes_say (self);
    hearth_run (hearth);
}

static void s_greet (void *context)
{
    (void) context;  //  observing is live when hearth_observe returns
}

//  The answers to the step that these slots had before.
static void s_take_answers (publisher_t *self)
{
    for (size_t at = 0; at < NOTES_STEP; at++) {
        hearth_pending_t **pending = &self->pending [(self->sent + at) % IN_FLIGHT];
        hearth_result_t *result = *pending ? hearth_wait (pending, -1) : NULL;
        bench_check (!result || !hearth_failed (result), "a publication was refused");
        hearth_result_destroy (&result);
    }
}

static void s_publish (void *context, size_t size)
{
    publisher_t *self = context;
    if (self->sent % NOTES_STEP == 0) {
        s_take_answers (self);
        hearth_hold (self->hearth);
    }
    self->pending [self->sent++ % IN_FLIGHT] =
        hearth_start_publish (self->hearth, SERVICE, "tick", hearth_bin (payload, size));
    if (self->sent % NOTES_STEP == 0)
        hearth_flush (self->hearth);
}

static void s_run (void *context, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    publisher_t *self = context;
    (void) latencies;
    notes_run (&self->notes, s_publish, self, job, calls);
}

int main (int argc, char **argv)
{
    static publisher_t self;
    static const hearth_method_t methods [] = { { 0 } };
    static const hearth_event_t events [] = { { "tick", "bin", "A payload.", 0 }, { 0 } };
    static const hearth_service_options_t options = { .events = events };
    bench_check (argc == 3, "usage: ADDRESS OBSERVERS");
    for (int at = 0; at < atoi (argv [2]); at++)
        notes_fork (&self.notes, s_observe, argv [1]);
    self.hearth = hearth_connect (argv [1]);
    bench_check (self.hearth && hearth_serve_with (self.hearth, SERVICE, methods, NULL, &options) == 0
                     && hearth_ready (self.hearth, 10000) == 0,
                 "cannot serve");
    notes_greet (&self.notes, s_greet, &self);
    bench_jobs (s_run, &self);
    hearth_destroy (&self.hearth);
    return 0;
}
