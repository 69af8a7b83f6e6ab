/*  opened.c - streams that a program opens: it reads fast or slowly, sends items, is told, and goes on or stops early */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "coverage.h"
#include "flows.h"
#include "log.h"
#include "program.h"

#define GRACE_MS 250
#define SLACK_MS 10

//  ---- opening ----

static void s_put_end (opened_t *self)
{
    if (hearth_put_end (self->pending) != 0)
        return;
    COVER (COVER_STREAM_PUT_END);
    flow_said_end (self->id);
}

//  At once, or when the request may have waited for long.
static void s_end_input (opened_t *self)
{
    if (self->is_slow && !self->program->peer->is_resting)
        program_process (self->program, self->timeout_ms * 6 / 10);
    s_put_end (self);
}

static void s_set_window (opened_t *self, hearth_proxy_t *proxy, dice_t *dice)
{
    static const uint32_t items [] = { 0, 0, 1, 2, 7, 40, 5000, 0 }, bytes [] = { 0, 0, 0, 1, 100, 3000, 0, 100000 };
    unsigned one = dice_roll (dice, 8), other = dice_roll (dice, 8);
    self->items = self->is_slow ? 1 + one % 2 : items [one];
    self->bytes = bytes [other];
    hearth_proxy_set_window (proxy, self->items, self->bytes);
}

static void s_open (opened_t *self, program_t *program)
{
    dice_t *dice = &program->peer->dice;
    int64_t most_ms = (int64_t) plan.limits.value [LIMIT_DEADLINE];
    *self = (opened_t){ .program = program, .puts = dice_chance (dice, 70) ? dice_roll (dice, 60) : 0 };
    hearth_proxy_t *proxy = program_proxy (program, &self->timeout_ms);
    self->is_slow = dice_chance (dice, 40);
    if (self->is_slow)
        hearth_proxy_set_timeout (proxy, self->timeout_ms = 1000 + dice_roll (dice, 3000));
    s_set_window (self, proxy, dice);
    self->id = program_begin_call (program, false, self->timeout_ms);
    flow_open (self->id, program->peer->index, (uint32_t) (self->timeout_ms < most_ms ? self->timeout_ms : most_ms),
               self->items, self->bytes);
    self->pending = hearth_open (proxy, dice_chance (dice, 80) ? "flow" : program_method (program), self->id);
    if (!self->pending)
        judge_forgotten (self->id);
    else if (!self->puts && dice_chance (dice, 50))
        s_end_input (self);
    hearth_proxy_destroy (&proxy);
}

//  ---- items ----

static bool s_next (opened_t *self, int64_t timeout_ms)
{
    const hearth_value_t *value = hearth_next (self->pending, timeout_ms);
    if (value && !self->program->is_dying)
        flow_took (self->id, FLOW_DOWN, hearth_value_bin (value), hearth_value_size (value));
    return value;
}

static size_t s_payload (dice_t *dice)
{
    return dice_chance (dice, 80) ? 0 : dice_chance (dice, 95) ? dice_skewed (dice, 500) : 5000;
}

static bool s_put (opened_t *self, int64_t timeout_ms)
{
    uint8_t item [FLOW_ITEM_MOST];
    size_t size = flow_write (self->id, FLOW_UP, item, s_payload (&self->program->peer->dice));
    if (!self->puts || hearth_put_arg (self->pending, hearth_bin (item, size), timeout_ms) != 0)
        return false;
    COVER (COVER_STREAM_PUT);
    flow_sent (self->id, FLOW_UP);
    if (--self->puts == 0)
        s_put_end (self);
    return true;
}

//  ---- ends ----

static void s_ended (opened_t *self, hearth_result_t *result, bool is_drained)
{
    const hearth_error_t *error = hearth_error (result);
    if (!self->program->is_dying)
        flow_ended (self->id, error ? error->name : NULL, error ? error->message : NULL, is_drained);
    if (is_drained && !self->program->is_dying)
        COVER (COVER_STREAM_DRAINED);
    program_end_call (self->program, self->id, &result);
}

static void s_stop (opened_t *self)
{
    COVER (COVER_STREAM_STOPPED);
    judge_forgotten (self->id);
    hearth_pending_destroy (&self->pending);
}

//  Who was not held up hears of its end in time.
static void s_check_time (const opened_t *self, unsigned pauses, int64_t begun_ms)
{
    int64_t due_ms = flow_last_ms (self->id) + self->timeout_ms + GRACE_MS;
    if (due_ms < begun_ms)
        due_ms = begun_ms;
    if (!self->program->is_dying && program_pauses (self->program) == pauses && clock_now_ms () > due_ms + SLACK_MS)
        broken ("stream %u of program %u ends %d ms after it was due", (uint32_t) self->id,
                self->program->peer->index, (int) (clock_now_ms () - due_ms));
}

//  False if nothing comes of it: the connection is being stopped.
static bool s_drain (opened_t *self)
{
    int64_t begun_ms = clock_now_ms ();
    unsigned pauses = program_pauses (self->program);
    while (!hearth_is_over (self->pending))
        if (!s_next (self, -1) && !hearth_is_over (self->pending))
            return false;
    s_check_time (self, pauses, begun_ms);
    return true;
}

static void s_wait (opened_t *self, bool is_drained)
{
    int64_t begun_ms = clock_now_ms ();
    unsigned pauses = program_pauses (self->program);
    if (!is_drained)
        COVER (COVER_STREAM_DROPPED);
    flow_drops (self->id);
    hearth_result_t *result = hearth_wait (&self->pending, -1);
    s_check_time (self, pauses, begun_ms);
    s_ended (self, result, is_drained);
}

static void s_finish (opened_t *self)
{
    unsigned roll = dice_roll (&self->program->peer->dice, 10);
    if (roll < 2)
        s_stop (self);
    else if (roll < 5)
        s_wait (self, false);
    else if (s_drain (self))
        s_wait (self, true);
    else
        s_stop (self);
}

//  ---- going on ----

static int64_t s_patience (dice_t *dice)
{
    unsigned roll = dice_roll (dice, 10);
    return roll < 5 ? 0 : roll < 9 ? (int64_t) dice_skewed (dice, 400) : -1;
}

static void s_go_on (opened_t *self)
{
    dice_t *dice = &self->program->peer->dice;
    for (unsigned steps = 1 + dice_roll (dice, 12); steps && !self->program->is_dying; steps--) {
        unsigned roll = dice_roll (dice, 20);
        if (roll < 11)
            s_next (self, s_patience (dice));
        else if (roll < 19)
            s_put (self, s_patience (dice));
        else
            program_sleep (self->program, dice_skewed (dice, 600));
        if (hearth_is_over (self->pending))
            break;
        if (self->is_slow && !self->program->peer->is_resting)
            program_process (self->program, self->timeout_ms < 10000 ? self->timeout_ms * 7 / 10 : 7000);
    }
}

//  Of several that it keeps, one has something.
static void s_wait_any (program_t *self)
{
    hearth_pending_t *pending [OPENED_MOST];
    for (unsigned at = 0; at < OPENED_MOST; at++)
        pending [at] = self->opened [at].pending;
    int index = hearth_wait_any (pending, OPENED_MOST, (int64_t) dice_skewed (&self->peer->dice, 400));
    if (index >= 0 && !s_next (&self->opened [index], 0) && !hearth_is_over (pending [index]) && !self->is_dying)
        broken ("program %u is told that stream %u has something, which it has not", self->peer->index,
                (uint32_t) self->opened [index].id);
}

//  ---- being told ----

//  Freed when its stream is gone.
static void s_told (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    opened_t *self = context;
    self->program->untold--;
    s_ended (self, result, self->is_read && program_goes_on (self->program));
    free (self);
}

static void s_ready (hearth_pending_t *stream, void *context)
{
    opened_t *self = context;
    dice_t *dice = &self->program->peer->dice;
    if (self->program->is_dying)
        return;
    COVER (COVER_STREAM_READY);
    self->pending = stream;
    while (s_next (self, 0) || s_put (self, 0))
        continue;
    if (!dice_chance (dice, 3))
        return;
    self->program->untold--;
    s_stop (self);
    free (self);
}

static void s_be_told (const opened_t *opened)
{
    opened_t *self = malloc (sizeof *self);
    if (!self)
        abort ();
    *self = *opened;
    self->is_read = dice_chance (&self->program->peer->dice, 80);
    self->program->untold++;
    if (self->is_read && hearth_when_ready (self->pending, s_ready, self) != 0)
        broken ("program %u cannot be told what comes of stream %u", self->program->peer->index, (uint32_t) self->id);
    if (hearth_when_done (self->pending, s_told, self) != 0)
        broken ("program %u cannot be told of the end of stream %u", self->program->peer->index, (uint32_t) self->id);
}

//  ---- the program ----

//  A method that streams cannot be called otherwise.
static void s_call_plainly (program_t *self)
{
    int64_t timeout_ms;
    hearth_proxy_t *proxy = program_proxy (self, &timeout_ms);
    hearth_proxy_set_idempotent (proxy, false);
    uint64_t id = program_begin_call (self, false, timeout_ms);
    hearth_result_t *result = hearth_call (proxy, "flow", id);
    program_end_call (self, id, &result);
    hearth_proxy_destroy (&proxy);
}

static void s_begin (opened_t *self, program_t *program)
{
    dice_t *dice = &program->peer->dice;
    unsigned roll = dice_roll (dice, 20);
    if (roll == 0) {
        s_call_plainly (program);
        return;
    }
    s_open (self, program);
    if (!self->pending || roll < 8)
        return;
    if (roll < 14) {
        s_be_told (self);
        self->pending = NULL;
        return;
    }
    if (roll > 17) {
        s_wait (self, false);
        return;
    }
    s_go_on (self);
    s_finish (self);
}

void opened_act (program_t *self)
{
    dice_t *dice = &self->peer->dice;
    opened_t *opened = &self->opened [dice_roll (dice, OPENED_MOST)];
    if (!opened->pending)
        s_begin (opened, self);
    else if (dice_chance (dice, 20))
        s_finish (opened);
    else if (dice_chance (dice, 20))
        s_wait_any (self);
    else
        s_go_on (opened);
}

void opened_finish_all (program_t *self)
{
    for (opened_t *opened = self->opened; opened < self->opened + OPENED_MOST; opened++)
        if (opened->pending)
            s_finish (opened);
}

bool opened_is_empty (const program_t *self)
{
    for (const opened_t *opened = self->opened; opened < self->opened + OPENED_MOST; opened++)
        if (opened->pending)
            return false;
    return true;
}

//  Before its connection goes, and behind it: what came before may still be taken.
void opened_let_go (program_t *self)
{
    if (self->hearth && dice_chance (&self->peer->dice, 80))
        return;
    for (opened_t *opened = self->opened; opened < self->opened + OPENED_MOST; opened++) {
        if (!opened->pending)
            continue;
        if (self->hearth)
            s_stop (opened);
        else
            s_finish (opened);
    }
}
