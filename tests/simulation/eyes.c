/*  eyes.c - observations and watches of programs: when they begin and end, and what their callbacks do */
#include "eyes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "hub.h"
#include "log.h"
#include "raw.h"

static void s_linger (eye_t *self);

void eyes_connected (program_t *self, const char *unique_name)
{
    self->epoch = strtoull (unique_name + 1, NULL, 16);
}

//  A callback runs within no other one, and not after its observation or watch was destroyed.
static bool s_begin (eye_t *self)
{
    if (self->program->is_dying || is_broken ())
        return false;
    if (self->program->is_telling || self->is_closed)
        broken ("program %u is told something within a callback, or after its end", self->program->peer->index);
    return true;
}

static void s_see (const hearth_notification_t *note, void *context)
{
    eye_t *self = context;
    if (!s_begin (self))
        return;
    static const char *const what [] = { "is told", "is told of a loss", "is told of an epoch's end" };
    log_event (self->program->peer->index, note->retained ? "is told a last value" : what [note->kind], note->number,
               self->id);
    ledger_enter (self, note);
    if (note->kind != HEARTH_EPOCH_ENDED)
        s_linger (self);
}

//  ---- watches ----

static void s_change (const char *name, hearth_change_t change, void *context)
{
    eye_t *self = context;
    if (!s_begin (self))
        return;
    static const cover_t covers [] = { [HEARTH_WENT] = COVER_WATCH_WENT,
                                       [HEARTH_APPEARED] = COVER_WATCH_APPEARED,
                                       [HEARTH_CHANGED] = COVER_WATCH_CHANGED };
    log_event (self->program->peer->index, "sees a change", change, 0);
    cover_counts [covers [change]]++;
    bool was_there = self->has_change && self->change != HEARTH_WENT;
    bool fits = change == HEARTH_CHANGED    ? was_there
                : change == HEARTH_APPEARED ? !was_there
                                            : was_there || !self->has_change;
    if (!fits || strcmp (name, self->name) != 0)
        broken ("program %u: %s: change %d after %d", self->program->peer->index, name, (int) change,
                self->has_change ? (int) self->change : -1);
    self->has_change = true;
    self->change = change;
    s_linger (self);
}

static bool s_is_there (const char *name)
{
    return *name == ':' ? hub_has_session (name) : hub_has_name (name);
}

//  ---- open and close ----

static eye_t *s_new (program_t *program, const char *name)
{
    eye_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->program = program;
    self->id = ++program->eye_count;
    snprintf (self->name, sizeof self->name, "%s", name);
    return self;
}

static void s_free (eye_t *self)
{
    ledger_forget (self);
    free (self);
}

static void s_keep (eye_t *self)
{
    self->next = self->program->eyes;
    self->program->eyes = self;
}

static bool s_has_room (const program_t *self)
{
    unsigned count = 0;
    for (const eye_t *eye = self->eyes; eye; eye = eye->next)
        count++;
    return count < EYES_MOST;
}

//  A service and an event, all of a service's, a family's, or the directory's own.
void eye_observe (program_t *program)
{
    dice_t *dice = &program->peer->dice;
    if (!s_has_room (program))
        return;
    unsigned roll = dice_roll (dice, 10);
    const char *name = roll == 0 ? "hearth" : roll == 1 ? "n.*" : name_texts [dice_roll (dice, plan.names)];
    const char *event = roll == 0 ? "name" : roll < 4 ? NULL : roll < 7 ? "said" : "state";
    eye_t *self = s_new (program, name);
    if (roll == 1)
        strcpy (self->prefix, "n.");
    else
        snprintf (self->prefix, sizeof self->prefix, "%s/%s%s", name, event ? event : "", event ? "/" : "");
    uint64_t before = hub_epoch ();
    self->asked = published_newest ();
    self->observation = hearth_observe (program->hearth, name, event, 100 + dice_skewed (dice, 5000), s_see, self);
    if (!self->observation || program->is_dying) {
        COVER (COVER_NOT_OBSERVED);
        hearth_observation_destroy (&self->observation);
        s_free (self);
        return;
    }
    COVER (COVER_OBSERVED);
    ledger_note_epoch (self);
    self->began = published_number (self->epoch);
    log_event (program->peer->index, "observes, from", self->began, self->id);
    self->asked = self->epoch == before ? self->asked : 0;
    s_keep (self);
}

void eye_watch (program_t *program)
{
    if (!s_has_room (program))
        return;
    dice_t *dice = &program->peer->dice;
    const char *other = raw_unique_name (&peers [dice_roll (dice, peer_count)]);
    bool is_session = *other && dice_chance (dice, 30);
    eye_t *self = s_new (program, is_session ? other : name_texts [dice_roll (dice, plan.names)]);
    self->watch = hearth_watch (program->hearth, self->name, s_change, self);
    if (!self->watch) {
        s_free (self);
        return;
    }
    s_keep (self);
}

static void s_close (eye_t *self)
{
    hearth_observation_destroy (&self->observation);
    hearth_watch_destroy (&self->watch);
    s_free (self);
}

//  Looked at, and away again before there is an answer.
void eye_glance (program_t *program)
{
    eye_t *self = s_new (program, name_texts [dice_roll (&program->peer->dice, plan.names)]);
    self->watch = hearth_watch (program->hearth, self->name, s_change, self);
    program_process (program, dice_skewed (&program->peer->dice, 60));
    s_close (self);
}

void eye_close_one (program_t *program)
{
    eye_t *self = program->eyes;
    if (!self)
        return;
    COVER (COVER_OBSERVATION_ENDED);
    program->eyes = self->next;
    s_close (self);
}

void eyes_forget (program_t *self)
{
    for (eye_t *eye; (eye = self->closed_eyes);) {
        self->closed_eyes = eye->next;
        s_free (eye);
    }
    for (eye_t *eye; (eye = self->eyes);) {
        self->eyes = eye->next;
        s_close (eye);
    }
}

//  The callback ends what it is the callback of.
static void s_close_itself (eye_t *self)
{
    eye_t **at = &self->program->eyes;
    while (*at && *at != self)
        at = &(*at)->next;
    if (!*at)
        return;  //  it has not begun yet
    *at = self->next;
    self->next = self->program->closed_eyes;
    self->program->closed_eyes = self;
    self->is_closed = true;
    hearth_observation_destroy (&self->observation);
    hearth_watch_destroy (&self->watch);
}

//  What callbacks do: take their time, call, observe something else, and end themselves.
static void s_linger (eye_t *self)
{
    program_t *program = self->program;
    unsigned roll = dice_roll (&program->peer->dice, 100);
    program->is_telling = true;
    program->pauses++;
    if (roll < 10)
        program_sleep (program, dice_skewed (&program->peer->dice, 600));
    else if (roll < 14)
        program_call (program);
    else if (roll < 16)
        eye_observe (program);
    else if (roll == 16)
        s_close_itself (self);
    program->is_telling = false;
}

//  ---- at rest ----

void eyes_check (program_t *self)
{
    for (eye_t *eye = self->eyes; eye && !is_broken (); eye = eye->next) {
        if (eye->observation)
            ledger_check (eye);
        else if (!eye->has_change || (eye->change != HEARTH_WENT) != s_is_there (eye->name))
            broken ("program %u believes that %s is %s", self->peer->index, eye->name,
                    eye->has_change && eye->change != HEARTH_WENT ? "there" : "not there");
    }
}
