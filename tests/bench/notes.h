/*  notes.h - a publisher and its observers: children that report how far they are, and a window that the publisher keeps to

    Both sides of W4 run in this harness. An observer writes a byte for each NOTES_STEP notifications that it has counted; the
    publisher is never more than NOTES_WINDOW ahead of the slowest, so that no queue overflows and nothing is lost: it is the
    forwarding that is measured.
*/
#ifndef NOTES_H_INCLUDED
#define NOTES_H_INCLUDED

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench.h"

#define NOTES_STEP      64
#define NOTES_WINDOW    512
#define NOTES_OBSERVERS 64

typedef struct {
    int report;  //  an observer's end of its pipe
    size_t count;
} notes_observer_t;

typedef struct {
    int reports [NOTES_OBSERVERS];
    size_t steps [NOTES_OBSERVERS];
    size_t observers;
    size_t published;
} notes_t;

static inline void notes_say (const notes_observer_t *self)
{
    bench_check (write (self->report, "x", 1) == 1, "the publisher has gone");
}

//  An observer says once that it is there, then each step.
static inline void notes_count (notes_observer_t *self)
{
    if (++self->count % NOTES_STEP == 0)
        notes_say (self);
}

//  Starts a child that observes until it is ended. Nothing of libzmq may be there before.
static inline void notes_fork (notes_t *self, void (*observe) (notes_observer_t *, void *), void *context)
{
    int ends [2];
    bench_check (self->observers < NOTES_OBSERVERS && pipe (ends) == 0, "no pipe");
    if (fork () == 0) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        close (ends [0]);
        observe (&(notes_observer_t){ .report = ends [1] }, context);
        _exit (1);
    }
    close (ends [1]);
    self->reports [self->observers++] = ends [0];
}

//  Publishes greetings until every observer has said that it is there.
static inline void notes_greet (const notes_t *self, void (*greet) (void *), void *context)
{
    char byte;
    for (size_t at = 0; at < self->observers; at++) {
        struct pollfd report = { .fd = self->reports [at], .events = POLLIN };
        do
            greet (context);
        while (poll (&report, 1, 10) == 0);
        bench_check (read (report.fd, &byte, 1) == 1, "an observer did not start");
    }
}

static inline void notes_await (notes_t *self, size_t observer, size_t count)
{
    char bytes [64];
    while (self->steps [observer] * NOTES_STEP < count) {
        ssize_t got = read (self->reports [observer], bytes, sizeof bytes);
        bench_check (got > 0, "an observer has gone");
        self->steps [observer] += (size_t) got;
    }
}

//  Waits until nobody is further behind than that.
static inline void notes_keep_within (notes_t *self, size_t behind)
{
    for (size_t at = 0; self->published > behind && at < self->observers; at++)
        notes_await (self, at, self->published - behind);
}

//  A job: `publish` sends one; what is left of a step is published, too.
static inline void notes_run (notes_t *self, void (*publish) (void *, size_t), void *context, const bench_job_t *job,
                              size_t calls)
{
    calls = (calls + NOTES_STEP - 1) / NOTES_STEP * NOTES_STEP;
    for (size_t at = 0; at < calls; at++) {
        publish (context, job->size);
        self->published++;
        notes_keep_within (self, NOTES_WINDOW);
    }
    notes_keep_within (self, 0);
}

#endif
