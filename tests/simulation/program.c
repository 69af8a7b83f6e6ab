/*  program.c - a program as a process: it runs in a fiber, which waits, is killed, or comes to its end by itself */
#include "program.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "coverage.h"
#include "log.h"

#define FOR_EVER_MS 60000

program_t *program_now;

static void s_resume (program_t *self)
{
    program_now = self;
    bool goes_on = fiber_resume (self->fiber);
    program_now = NULL;
    if (goes_on)
        return;
    fiber_destroy (&self->fiber);
    if (!self->peer->is_alive)
        return;
    self->peer->is_alive = false;  //  it has left by itself, and comes back
    alarm_stop (&self->peer->alarm);
    alarm_set (&self->peer->wake, now_ms () + dice_skewed (&self->peer->dice, 2000));
}

//  ---- within the fiber ----

bool program_goes_on (const program_t *self)
{
    return !self->is_dying && !self->is_leaving;
}

static void s_yield (program_t *self, int64_t ms, bool for_news)
{
    if (self->is_dying) {
        self->raced_ms += ms < 0 || ms > FOR_EVER_MS ? FOR_EVER_MS : ms + 1;
        return;
    }
    self->is_waiting = for_news;
    self->pauses += !for_news;
    if (ms >= 0)
        alarm_set (&self->peer->alarm, now_ms () + ms);
    else
        alarm_stop (&self->peer->alarm);
    fiber_yield ();
    program_now = self;
    self->is_waiting = false;
}

void program_sleep (program_t *self, int64_t ms)
{
    s_yield (self, ms, false);
}

void program_wait (program_t *self, int64_t ms)
{
    s_yield (self, ms, true);
}

//  What was served may be refused for good: it is taken away then, and served again another time.
static void s_refused (program_t *self, int code)
{
    for (object_state_t *object; code && (object = object_any (self));)
        object_unserve (object);
}

static void s_loop (program_t *self, int64_t end_ms)
{
    hearth_fd (self->hearth);
    for (;;) {
        s_refused (self, hearth_process (self->hearth));
        int64_t left_ms = end_ms - clock_now_ms (), next_ms = hearth_next_timeout_ms (self->hearth);
        if (left_ms <= 0 || !program_goes_on (self))
            return;
        if (!uplink_has_news (self->uplink))
            program_wait (self, next_ms >= 0 && next_ms < left_ms ? next_ms : left_ms);
    }
}

void program_process (program_t *self, int64_t ms)
{
    int64_t end_ms = clock_now_ms () + ms;
    if (!self->has_run) {
        s_loop (self, end_ms);
        return;
    }
    alarm_set (&self->stopper, now_ms () + ms);
    if (self->is_dying)
        hearth_stop (self->hearth);
    s_refused (self, hearth_run (self->hearth));
    alarm_stop (&self->stopper);
}

static void s_connected (hearth_t *hearth, const char *unique_name, void *context)
{
    (void) hearth;
    program_t *self = context;
    COVER (COVER_CONNECTED);
    self->up_ms = clock_now_ms ();
    eyes_connected (self, unique_name);
}

static void s_disconnected (hearth_t *hearth, const hearth_error_t *why, void *context)
{
    program_t *self = context;
    (void) hearth;
    COVER (COVER_DISCONNECTED);
    self->lost_ms = clock_now_ms ();
    self->up_ms = 0;
    self->lost_pauses = self->is_telling ? 0 : program_pauses (self) + 1;
    self->lost_nesting = self->nesting;
    cover_told (why->name, strlen (why->name));
}

static void s_waiting (hearth_t *hearth, const char *broker, void *context)
{
    (void) hearth;
    (void) broker;
    (void) context;
    COVER (COVER_WAITING);
}

static void s_registered (hearth_t *hearth, const char *name, void *context)
{
    (void) hearth;
    COVER (COVER_REGISTERED);
    object_told (context, name, false);
}

static void s_unregistered (hearth_t *hearth, const char *name, const hearth_error_t *why, void *context)
{
    (void) hearth;
    COVER (COVER_UNREGISTERED);
    object_told (context, name, true);
    cover_told (why->name, strlen (why->name));
}

static void s_call_started (hearth_t *hearth, const hearth_call_info_t *call, void *context)
{
    program_t *self = context;
    (void) hearth;
    self->begun++;
    if (call->attempt != 1 || call->error)
        broken ("program %u: a call of %s is begun as attempt %u", self->peer->index, call->method, call->attempt);
}

static void s_call_ended (hearth_t *hearth, const hearth_call_info_t *call, void *context)
{
    program_t *self = context;
    (void) hearth;
    if (!self->begun--)
        broken ("program %u is told that call %u has ended, again", self->peer->index, (unsigned) call->number);
}

static void s_call_retried (hearth_t *hearth, const hearth_call_info_t *call, void *context)
{
    program_t *self = context;
    (void) hearth;
    COVER (COVER_RETRIED);
    if (call->attempt < 2 || !call->error || call->error->mark != HEARTH_MAY_HAVE_EXECUTED)
        broken ("program %u: call %u is made once more for no reason", self->peer->index, (unsigned) call->number);
}

static const hearth_hooks_t hooks = { .connected = s_connected,
                                      .disconnected = s_disconnected,
                                      .waiting = s_waiting,
                                      .registered = s_registered,
                                      .unregistered = s_unregistered,
                                      .call_started = s_call_started,
                                      .call_ended = s_call_ended,
                                      .call_retried = s_call_retried };

static void s_main (void *context)
{
    program_t *self = context;
    self->hearth = hearth_connect ("tcp://127.0.0.1:9797");
    if (!self->hearth)
        abort ();
    hearth_set_hooks (self->hearth, &hooks, self);
    while (program_goes_on (self))
        program_act (self);
    program_let_go (self);
    opened_let_go (self);
    eyes_forget (self);
    if (dice_chance (&self->peer->dice, 50)) {
        later_answer_all (self);
        yielding_answer_all (self);
    }
    hearth_destroy (&self->hearth);
    later_answer_all (self);
    yielding_answer_all (self);
    opened_let_go (self);
    if (self->untold)
        broken ("program %u was not told of %u ends", self->peer->index, self->untold);
    if (self->begun)
        broken ("program %u: its hooks were not told of %u ends", self->peer->index, self->begun);
}

//  ---- the process ----

static void s_on_stop (alarm_t *alarm)
{
    program_t *self = CONTAINER (alarm, program_t, stopper);
    if (self->hearth)
        hearth_stop (self->hearth);
}

static void s_start (peer_t *peer)
{
    program_t *self = peer->state;
    if (!self) {
        self = peer->state = calloc (1, sizeof *self);
        if (!self)
            abort ();
        self->peer = peer;
        alarm_init (&self->stopper, (1u << 22) + peer->index, s_on_stop);
    }
    self->random = dice_next (&peer->dice);
    self->raced_ms = 0;
    self->is_dying = self->is_leaving = self->is_waiting = false;
    self->nesting = 0;
    self->begun = 0;
    self->is_telling = false;
    self->lost_ms = 0;
    self->up_ms = 0;
    memset (self->objects, 0, sizeof self->objects);
    self->has_run = dice_chance (&peer->dice, 50);
    self->fiber = fiber_new (s_main, self);
    alarm_set (&peer->alarm, peer_pace (peer));
}

static void s_act (peer_t *peer)
{
    s_resume (peer->state);
}

static void s_news (peer_t *peer)
{
    program_t *self = peer->state;
    if (!self->is_waiting)
        return;
    alarm_stop (&peer->alarm);
    s_resume (self);
}

//  A dead process does nothing any more; here its memory has to be freed, so it runs to its end and meets nobody.
static void s_kill (peer_t *peer)
{
    program_t *self = peer->state;
    if (!self->fiber)
        return;
    self->is_dying = true;
    alarm_stop (&self->stopper);
    if (self->hearth)
        hearth_stop (self->hearth);
    alarm_stop (&peer->told);
    s_resume (self);
    if (self->fiber)
        broken ("program %u does not end", peer->index);
}

static void s_leave (peer_t *peer)
{
    program_t *self = peer->state;
    log_event (peer->index, "leaves", 0, 0);
    self->is_leaving = true;
    if (self->hearth)
        hearth_stop (self->hearth);
}

static void s_rest (peer_t *peer)
{
    (void) peer;
}

static bool s_is_resting (const peer_t *peer)
{
    return peer->is_alive && program_is_quiet (peer->state);
}

static void s_check (peer_t *peer)
{
    if (!s_is_resting (peer))
        broken ("program %u has not come to rest", peer->index);
    else {
        objects_check (peer->state);
        eyes_check (peer->state);
    }
}

static void s_destroy (peer_t *peer)
{
    free (peer->state);
    peer->state = NULL;
}

const peer_kind_t program_kind = {
    s_start, s_act, s_news, s_kill, s_leave, s_rest, s_is_resting, s_check, s_destroy
};
