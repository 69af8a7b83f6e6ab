/*  yielding.c - streams that a program serves: handlers that send and take items, and calls that go on after their handlers */
#include <stdlib.h>

#include "clock.h"
#include "coverage.h"
#include "flows.h"
#include "log.h"
#include "program.h"

#define SLACK_MS 10

static int64_t s_patience (dice_t *dice)
{
    unsigned roll = dice_roll (dice, 10);
    return roll < 4 ? -1 : roll < 7 ? 0 : (int64_t) dice_skewed (dice, 300);
}

//  ---- items ----

//  False if it is over.
static bool s_look (const program_t *self, hearth_call_t *call, uint64_t id)
{
    if (self->is_dying || !hearth_cancelled (call))
        return !self->is_dying;
    COVER (COVER_STREAM_LEFT);
    flow_seen_cancelled (id, self->peer->link);
    return false;
}

//  A handler that waits hears at once that its session has ended.
static void s_check_loss (const program_t *self, uint64_t id, int64_t begun_ms)
{
    if (self->lost_ms > begun_ms && self->lost_nesting == self->nesting
        && self->lost_pauses == program_pauses (self) + 1 && clock_now_ms () > self->lost_ms + SLACK_MS)
        broken ("stream %u: its handler waits for %d ms after its session has ended", (uint32_t) id,
                (int) (clock_now_ms () - self->lost_ms));
}

static bool s_yield (program_t *self, hearth_call_t *call, uint64_t id, int64_t timeout_ms)
{
    uint8_t item [FLOW_ITEM_MOST];
    dice_t *dice = &self->peer->dice;
    size_t payload = dice_chance (dice, 80) ? 0 : dice_chance (dice, 95) ? dice_skewed (dice, 500) : 5000;
    size_t size = flow_write (id, FLOW_DOWN, item, payload);
    int64_t begun_ms = clock_now_ms ();
    int code = hearth_yield_arg (call, hearth_bin (item, size), timeout_ms);
    if (self->is_dying)
        return false;
    s_check_loss (self, id, begun_ms);
    if (code == HEARTH_OK) {
        COVER (COVER_STREAM_YIELDED);
        flow_sent (id, FLOW_DOWN);
    }
    return code != HEARTH_CANCELLED || s_look (self, call, id);
}

static bool s_take (program_t *self, hearth_call_t *call, uint64_t id, int64_t timeout_ms)
{
    int64_t begun_ms = clock_now_ms ();
    const hearth_value_t *value = hearth_take (call, timeout_ms);
    if (self->is_dying)
        return false;
    s_check_loss (self, id, begun_ms);
    if (value) {
        COVER (COVER_STREAM_TOOK);
        flow_took (id, FLOW_UP, hearth_value_bin (value), hearth_value_size (value));
    } else if (hearth_input_ended (call))
        COVER (COVER_STREAM_INPUT_ENDED);
    return s_look (self, call, id);
}

//  ---- within a handler ----

bool yielding_run (program_t *self, hearth_call_t *call)
{
    dice_t *dice = &self->peer->dice;
    uint64_t id = hearth_value_uint (hearth_arg (call, 0));
    unsigned ups = dice_roll (dice, 3) * 5, sleeps = dice_roll (dice, 4) ? 2 : 20;
    if (dice_chance (dice, 35) && yielding_keep (self, call))
        return true;
    bool goes_on = true, is_slow = dice_chance (dice, 30);
    int64_t silence_ms = hearth_remaining_ms (call), tenths = dice_chance (dice, 50) ? 7 : 12;
    for (unsigned steps = dice_chance (dice, 50) ? dice_skewed (dice, 80) : dice_roll (dice, 60); steps && goes_on;
         steps--) {
        unsigned roll = dice_roll (dice, 10);
        goes_on =
            roll < ups ? s_take (self, call, id, s_patience (dice)) : s_yield (self, call, id, s_patience (dice));
        if (goes_on && is_slow && !self->peer->is_resting)
            program_sleep (self, silence_ms < 10000 ? silence_ms * tenths / 10 : 7000);
        else if (goes_on && dice_chance (dice, sleeps))
            program_sleep (self, dice_skewed (dice, 1500));
    }
    return false;
}

//  ---- kept ----

static void s_answer (yielding_t *self, dice_t *dice)
{
    hearth_call_t *call = self->call;
    self->call = NULL;
    unsigned roll = dice_roll (dice, 10);
    if (roll == 0)
        hearth_fail (call, HEARTH_NOT_FOUND, "bank.NoSuchAccount", "no account");
    else if (roll > 1)
        hearth_reply (call, self->id);
    if (roll != 1 && hearth_yield_arg (call, hearth_nil (), 0) == HEARTH_OK)
        broken ("stream %u: an item could be sent behind the answer", (uint32_t) self->id);
    hearth_call_destroy (&call);
}

//  A bit further; its end, if it has come so far.
static void s_move (program_t *self, yielding_t *yielding, int64_t timeout_ms)
{
    dice_t *dice = &self->peer->dice;
    bool goes_on = true;
    for (unsigned steps = 1 + dice_roll (dice, 10); steps && goes_on && yielding->left; steps--, yielding->left--)
        goes_on = dice_chance (dice, 40) ? s_take (self, yielding->call, yielding->id, timeout_ms)
                                         : s_yield (self, yielding->call, yielding->id, timeout_ms);
    if (!self->is_dying && (!goes_on || !yielding->left))
        s_answer (yielding, dice);
}

static void s_asked (hearth_call_t *call, void *context)
{
    program_t *self = context;
    if (self->is_dying)
        return;
    COVER (COVER_STREAM_ASKED);
    for (yielding_t *yielding = self->yielding; yielding < self->yielding + YIELDING_MOST; yielding++)
        if (yielding->call == call) {
            s_move (self, yielding, 0);
            return;
        }
    broken ("program %u is asked for items of a call that it has given back", self->peer->index);
}

bool yielding_keep (program_t *self, hearth_call_t *call)
{
    yielding_t *yielding = self->yielding;
    while (yielding < self->yielding + YIELDING_MOST && yielding->call)
        yielding++;
    if (yielding == self->yielding + YIELDING_MOST)
        return false;
    *yielding = (yielding_t){ hearth_keep (call), hearth_value_uint (hearth_arg (call, 0)),
                              1 + dice_skewed (&self->peer->dice, 200) };
    if (!yielding->call)
        return false;
    if (dice_chance (&self->peer->dice, 60) && hearth_when_asked (call, s_asked, self) != HEARTH_OK)
        broken ("program %u cannot be told when a stream goes on", self->peer->index);
    return true;
}

void yielding_move_one (program_t *self)
{
    yielding_t *yielding = &self->yielding [dice_roll (&self->peer->dice, YIELDING_MOST)];
    if (yielding->call)
        s_move (self, yielding, 0);
}

void yielding_answer_all (program_t *self)
{
    for (yielding_t *yielding = self->yielding; yielding < self->yielding + YIELDING_MOST; yielding++) {
        if (!yielding->call)
            continue;
        if (!self->hearth)
            COVER (COVER_STREAM_GONE);
        if (!self->hearth && hearth_yield_arg (yielding->call, hearth_nil (), 0) == HEARTH_OK)
            broken ("stream %u: an item could be sent without a connection", (uint32_t) yielding->id);
        s_answer (yielding, &self->peer->dice);
    }
}

bool yielding_is_empty (const program_t *self)
{
    for (const yielding_t *yielding = self->yielding; yielding < self->yielding + YIELDING_MOST; yielding++)
        if (yielding->call)
            return false;
    return true;
}
