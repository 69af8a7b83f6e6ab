/*  observation.c - what one observation does next: by its account, by what comes in, and by the time

    It begins behind the marker of its prefix, with a full listing of the topics. Later listings look for lost tails: once it
    has been quiet for a second after traffic, then at doubling intervals, and after each reconnect. What a listing claims,
    but nothing that came in has shown yet, may still be on its way: a new marker, which comes behind it, tells.
*/
#include "observer.h"

bool observation_must_wait (const hearth_observation_t *self)
{
    return self->observers->is_telling && account_is_open (self->account);
}

void observation_confirm (hearth_observation_t *self)
{
    account_settle (self->account);
    self->claimed = 0;
}

static bool s_is_calling (const hearth_observation_t *self)
{
    return self->state == OBSERVATION_LISTING || self->state == OBSERVATION_ASKING;
}

static void s_wait (hearth_observation_t *self, observation_state_t state)
{
    self->state = state;
    self->due_ms = self->observers->now_ms + OBSERVATION_QUIET_MS;
}

//  ---- what is next ----

static void s_begin_epoch (hearth_observation_t *self)
{
    account_t *account = self->account;
    bool was_open = account_is_open (account);
    account_gap_t loss;
    while (account_end (account, &loss) && !self->is_dead)
        tell_lost (self, loss.topic, loss.to, loss.lost);
    if (was_open) {
        span_t topic = self->is_exact ? self->prefix->node.text : (span_t){ "", 0 };
        tell_epoch_ended (self, account_last (account, topic));
    }
    account_begin (account, self->observers->epoch, was_open);
}

//  Another session: what is under way is begun again, and a listing shows what was missed.
static void s_begin_session (hearth_observation_t *self)
{
    self->session = self->observers->session;
    self->interval_ms = OBSERVATION_QUIET_MS / 2;
    self->pause_ms = 0;
    self->claimed = 0;
    self->is_unmarked = false;
    self->is_listing_due = true;
    self->state = OBSERVATION_IDLE;
    conversation_drop_page (self);
    if (account_epoch (self->account) != self->observers->epoch)
        s_begin_epoch (self);
}

static void s_do_next (hearth_observation_t *self)
{
    if (self->state == OBSERVATION_RESTING && self->due_ms > self->observers->now_ms)
        return;
    bool has_mark = self->prefix->is_live || self->is_unmarked;
    if (self->is_listing_due && !has_mark && self->state != OBSERVATION_MARKING)
        s_wait (self, OBSERVATION_MARKING);
    if (self->is_listing_due && !has_mark)
        return;
    bool is_confirming = self->state == OBSERVATION_CONFIRMING;
    self->state = OBSERVATION_IDLE;
    if (self->is_listing_due)
        conversation_list (self);
    else if (self->is_returned && account_has_gaps (self->account))
        conversation_ask (self);
    if (self->state != OBSERVATION_IDLE || !self->claimed)
        return;
    if (is_confirming)
        self->state = OBSERVATION_CONFIRMING;
    else
        s_wait (self, OBSERVATION_CONFIRMING);
}

void observation_proceed (hearth_observation_t *self)
{
    observers_t *observers = self->observers;
    if (self->is_dead || s_is_calling (self))
        return;
    if (observation_must_wait (self)) {
        observers->is_put_off = true;
        return;
    }
    while (observers->is_up && self->session != observers->session && !self->is_dead)
        s_begin_session (self);
    if (self->is_dead)
        return;
    if (observers->is_up)
        s_do_next (self);
    else
        self->state = OBSERVATION_DOWN;
    observers_due (observers, observation_deadline (self));
}

void observation_take_up (hearth_observation_t *self)
{
    hearth_result_t *result = self->answer;
    self->answer = NULL;
    if (result)
        conversation_take (self, result);
    else
        observation_proceed (self);
}

//  ---- what comes in ----

static void s_see_traffic (hearth_observation_t *self)
{
    int64_t now_ms = self->observers->now_ms;
    self->has_traffic = true;
    self->noted_ms = now_ms;
    self->interval_ms = OBSERVATION_QUIET_MS;
    if (self->check_ms <= now_ms + OBSERVATION_QUIET_MS)
        return;
    self->check_ms = now_ms + OBSERVATION_QUIET_MS;
    observers_due (self->observers, observation_deadline (self));
}

bool observation_note (hearth_observation_t *self, const wire_note_t *note)
{
    if (self->is_dead || account_epoch (self->account) != note->epoch)
        return false;
    bool is_deliverable = self->is_returned && !self->observers->is_telling;
    account_verdict_t verdict = account_note (self->account, note, is_deliverable);
    s_see_traffic (self);
    if (verdict == ACCOUNT_DROP && account_has_gaps (self->account))
        observation_proceed (self);
    return verdict == ACCOUNT_DELIVER;
}

void observation_marker (hearth_observation_t *self, uint64_t number)
{
    if (self->claimed && number >= self->claimed)
        observation_confirm (self);
    else if (self->state != OBSERVATION_MARKING)
        return;
    observation_proceed (self);
}

//  ---- time ----

//  Nothing came although it is time: asks once more while notifications come in, then goes on without.
static void s_miss_marker (hearth_observation_t *self)
{
    bool is_marking = self->state == OBSERVATION_MARKING;
    if (self->has_traffic || (is_marking && !account_is_open (self->account))) {
        self->has_traffic = false;
        self->due_ms = self->observers->now_ms + OBSERVATION_QUIET_MS;
        client_ask_marker (self->observers->hearth, self->prefix->text);
    } else if (is_marking)
        self->is_unmarked = true;
    else
        observation_confirm (self);
}

//  Quiet is what has been seen so twice: a callback may have run for long, with much waiting on the socket behind it.
static void s_check (hearth_observation_t *self)
{
    int64_t now_ms = self->observers->now_ms;
    if (!self->has_traffic || now_ms >= self->latest_ms) {
        self->is_listing_due = true;
        return;
    }
    self->has_traffic = false;
    int64_t quiet_ms = self->noted_ms + OBSERVATION_QUIET_MS;
    self->check_ms = quiet_ms > now_ms ? quiet_ms : now_ms + 1;
}

void observation_tick (hearth_observation_t *self)
{
    observers_t *observers = self->observers;
    int64_t at_ms = observation_deadline (self);
    if (observation_must_wait (self)) {
        observers->is_put_off = true;
        return;
    }
    if (at_ms > observers->now_ms) {
        observers_due (observers, at_ms);
        return;
    }
    if (self->state == OBSERVATION_IDLE)
        s_check (self);
    else if (self->state != OBSERVATION_RESTING)
        s_miss_marker (self);
    observation_proceed (self);
}

int64_t observation_deadline (const hearth_observation_t *self)
{
    if (self->is_dead || s_is_calling (self) || self->state == OBSERVATION_DOWN)
        return OBSERVATION_NEVER;
    if (self->state != OBSERVATION_IDLE)
        return self->due_ms;
    return self->check_ms < self->latest_ms ? self->check_ms : self->latest_ms;
}
