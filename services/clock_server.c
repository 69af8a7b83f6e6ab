/*  clock_server.c - a stream that lasts: the time, at each tick, to any number of callers

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    Each caller's call is kept, so that the object is free for others meanwhile, and has a rhythm of its own. A tick is
    yielded if its reader asks for one, and missed otherwise: no reader slows the others down.
*/
#include <stdlib.h>
#include <time.h>

#include "program.h"

#define EVERY_MOST_MS (24 * INT64_C (3600000))
#define READERS_MOST  10000

typedef struct reader {
    struct reader *next;
    hearth_call_t *call;
    int64_t every_ms;
    int64_t at_ms;  //  when the next tick is due
    int64_t left;   //  ticks until the end
    int64_t missed;
    bool is_gone;
} reader_t;

typedef struct {
    reader_t *first;
    int count;
} clock_server_t;

static int64_t now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static hearth_arg_t wall_clock (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return hearth_time ((int64_t) now.tv_sec * 1000000000 + now.tv_nsec);
}

static void now (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, wall_clock ());
}

/* ------------------------------------------------------------------------
    Readers
*/

//  It is freed where the list is walked.
static void caller_went (hearth_call_t *call, void *reader)
{
    (void) call;
    ((reader_t *) reader)->is_gone = true;
}

static void readers (hearth_call_t *call, void *self)
{
    hearth_reply (call, ((const clock_server_t *) self)->count);
}

static void refuse (hearth_call_t *call, int64_t every_ms, int64_t count)
{
    if (every_ms < 1 || every_ms > EVERY_MOST_MS)
        hearth_fail (call, HEARTH_OUT_OF_RANGE, "clock.BadRhythm", "every_ms is 1 to %d, not %lld",
                     (int) EVERY_MOST_MS, (long long) every_ms);
    else if (count < 0)
        hearth_fail (call, HEARTH_OUT_OF_RANGE, "clock.BadCount", "count is not below 0");
    else
        hearth_fail (call, HEARTH_RESOURCE_EXHAUSTED, "clock.Busy", "%d callers are served, which is all it takes",
                     READERS_MOST);
}

static void ticks (hearth_call_t *call, void *context)
{
    clock_server_t *self = context;
    bool is_endless = hearth_value_type (hearth_arg (call, 1)) == HEARTH_TYPE_NIL;
    int64_t every_ms = hearth_arg_int (call, 0), count = is_endless ? INT64_MAX : hearth_arg_int (call, 1);
    bool is_good = every_ms >= 1 && every_ms <= EVERY_MOST_MS && count >= 0;
    reader_t *reader = is_good && self->count < READERS_MOST ? calloc (1, sizeof *reader) : NULL;
    if (!reader || !hearth_keep (call)) {
        refuse (call, every_ms, count);
        free (reader);
        return;
    }
    *reader = (reader_t){ self->first, call, every_ms, now_ms (), count, 0, false };
    self->first = reader;
    self->count++;
    hearth_when_cancelled (call, caller_went, reader);
}

//  The first tick comes at once. A server that was held up does not make up for ticks: they are missed.
static void tick (reader_t *reader, int64_t now)
{
    for (; reader->left > 0 && reader->at_ms <= now; reader->left--) {
        bool is_late = now - reader->at_ms >= reader->every_ms;
        reader->at_ms += reader->every_ms;
        if (is_late || hearth_yield_arg (reader->call, wall_clock (), 0) != 0)
            reader->missed++;
    }
}

static bool is_over (reader_t *reader)
{
    if (reader->left == 0)
        hearth_reply (reader->call, reader->missed);
    return reader->left == 0 || reader->is_gone;
}

static void free_reader (clock_server_t *self, reader_t **place)
{
    reader_t *reader = *place;
    *place = reader->next;
    self->count--;
    hearth_call_destroy (&reader->call);
    free (reader);
}

//  How long until the next tick of any.
static int64_t act (void *context)
{
    clock_server_t *self = context;
    int64_t now = now_ms (), soonest = -1;
    for (reader_t **place = &self->first; *place;) {
        reader_t *reader = *place;
        tick (reader, now);
        if (is_over (reader)) {
            free_reader (self, place);
            continue;
        }
        int64_t left = reader->at_ms > now ? reader->at_ms - now : 0;
        if (soonest < 0 || left < soonest)
            soonest = left;
        place = &reader->next;
    }
    return soonest;
}

/* ------------------------------------------------------------------------
    The object
*/

static const hearth_method_t methods [] = {
    { "now", "", "time", now, "The time.", HEARTH_IDEMPOTENT },
    { "ticks", "every_ms: int = 1000, count: int? = nil", "int", ticks,
      "Streams the time, at once and then every so many ms, for `count` ticks or until the caller stops. A tick "
      "that\n"
      "the caller is not ready for is missed; answers how many were.",
      HEARTH_STREAMING },
    { "readers", "", "int", readers, "How many callers are sent ticks.", HEARTH_IDEMPOTENT },
    { 0 },
};

static const program_about_t about = {
    .name = "clock_server",
    .summary = "Serves clock, which tells the time and ticks.",
    .serves = true,
};

int main (int argc, char **argv)
{
    static const hearth_service_options_t options = { .doc = "A clock." };
    program_start (&about, argc, argv);
    clock_server_t self = { 0 };
    hearth_t *hearth = program_connect (NULL);
    if (hearth_serve_with (hearth, "clock", methods, &self, &options))
        program_complain ("clock", hearth_last_error (hearth));
    int status = program_serve_timed (act, &self);
    while (self.first)
        free_reader (&self, &self.first);
    return status;
}
