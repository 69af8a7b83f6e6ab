/*  eyes.c - what observers and watchers are told, held against what was published and who is there

    Since an observation began each notification of its topics is delivered or told lost, once, in order, in each epoch.
*/
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "hub.h"
#include "log.h"
#include "program.h"
#include "published.h"
#include "raw.h"
#include "value.h"

//  How far the account of a topic has come.
typedef struct cursor cursor_t;
struct cursor {
    cursor_t *next;
    published_topic_t *topic;
    size_t at;  //  the notification that comes next
};

struct eye {
    eye_t *next;
    unsigned id;  //  of its peer's
    program_t *program;
    hearth_observation_t *observation;
    hearth_watch_t *watch;
    uint64_t epoch;  //  of the account; 0: the one before has ended
    uint64_t asked;  //  broker-wide number when it was asked for: nothing from before is told
    uint64_t began;  //  and when it began: all that comes behind it is
    cursor_t *cursors;
    bool has_change;
    hearth_change_t change;
    char prefix [40];
    char name [40];
};

//  ---- accounts ----

static void s_forget_cursors (eye_t *self)
{
    for (cursor_t *cursor; (cursor = self->cursors);) {
        self->cursors = cursor->next;
        free (cursor);
    }
}

//  The session's epoch is that of whatever is told, until an end is told.
static void s_note_epoch (eye_t *self)
{
    const char *name = hearth_unique_name (self->program->hearth);
    if (name)
        eyes_connected (self->program, name);
    if (!self->epoch)
        self->epoch = self->program->epoch;
}

void eyes_connected (program_t *self, const char *unique_name)
{
    self->epoch = strtoull (unique_name + 1, NULL, 16);
}

static cursor_t *s_cursor (eye_t *self, published_topic_t *topic)
{
    for (cursor_t *cursor = self->cursors; cursor; cursor = cursor->next)
        if (cursor->topic == topic)
            return cursor;
    cursor_t *cursor = calloc (1, sizeof *cursor);
    if (!cursor)
        abort ();
    cursor->topic = topic;
    cursor->next = self->cursors;
    self->cursors = cursor;
    while (cursor->at < topic->count && topic->notes [cursor->at].number <= self->began)
        cursor->at++;
    return cursor;
}

//  What was published while it began may be told, too.
static void s_step_back (const eye_t *self, cursor_t *cursor, uint64_t number)
{
    const published_note_t *notes = cursor->topic->notes;
    for (size_t at = cursor->at; at > 0 && notes [at - 1].number > self->asked; at--)
        if (notes [at - 1].topic_number == number)
            cursor->at = at - 1;
}

//  A topic that was forgotten and came back: nobody can know how far it had come before.
static void s_step_over (cursor_t *cursor, uint64_t number, uint64_t lost)
{
    const published_topic_t *topic = cursor->topic;
    size_t at = cursor->at;
    while (at < topic->count && topic->notes [at].first != topic->notes [topic->count - 1].first
           && topic->notes [at].topic_number != number - lost + (lost == 0 ? 0 : 1))
        at++;
    if (at < topic->count && (at == 0 || topic->notes [at].first != topic->notes [at - 1].first))
        cursor->at = at;
}

static published_topic_t *s_topic (const eye_t *self, const hearth_notification_t *note)
{
    char name [400];
    int size = snprintf (name, sizeof name, "%s/%s/", note->service, note->event);
    published_topic_t *topic = published_find (self->epoch, name, (size_t) size);
    if (!topic)
        broken ("program %u is told of %s, where nothing was published", self->program->peer->index, name);
    return topic;
}

static uint64_t s_hash (const hearth_value_t *value)
{
    pack_t pack;
    pack_init (&pack);
    pack_value (&pack, value);
    uint64_t hash = published_hash ((const uint8_t *) pack.buffer.data, pack.buffer.size);
    pack_clear (&pack);
    return hash;
}

static bool s_is_value (const published_note_t *note, const hearth_value_t *value)
{
    return !note->hash || note->hash == s_hash (value);
}

static void s_retained (const eye_t *self, const published_topic_t *topic, const hearth_notification_t *note)
{
    COVER (COVER_RETAINED);
    for (size_t at = 0; at < topic->count; at++)
        if (topic->notes [at].topic_number == note->number && s_is_value (&topic->notes [at], note->value))
            return;
    broken ("program %u is told a last value of %s that was never published", self->program->peer->index,
            topic->name);
}

static void s_account (eye_t *self, const hearth_notification_t *note)
{
    published_topic_t *topic = s_topic (self, note);
    if (!topic)
        return;
    if (note->retained) {
        s_retained (self, topic, note);
        return;
    }
    bool is_loss = note->kind == HEARTH_LOST, is_met = false;
    for (const cursor_t *met = self->cursors; met; met = met->next)
        is_met |= met->topic == topic;
    cursor_t *cursor = s_cursor (self, topic);
    uint64_t count = is_loss ? note->lost : 1, first = note->number - count + 1;
    if (!is_met)
        s_step_back (self, cursor, first);
    if (cursor->at < topic->count && topic->notes [cursor->at].topic_number != first)
        s_step_over (cursor, note->number, is_loss ? count : 0);
    if (cursor->at + count > topic->count || topic->notes [cursor->at].topic_number != first
        || topic->notes [cursor->at + count - 1].topic_number != note->number)
        broken ("program %u: %s: told %s up to %" PRIu64 " (%" PRIu64 "), expected %" PRIu64,
                self->program->peer->index, topic->name, is_loss ? "a loss" : "a message", note->number, count,
                cursor->at < topic->count ? topic->notes [cursor->at].topic_number : 0);
    else if (!is_loss && !s_is_value (&topic->notes [cursor->at], note->value))
        broken ("program %u: %s: the value of %" PRIu64 " is not what was published", self->program->peer->index,
                topic->name, note->number);
    cursor->at += count;
}

static void s_see (const hearth_notification_t *note, void *context)
{
    eye_t *self = context;
    if (self->program->is_dying || is_broken ())
        return;
    static const char *const what [] = { "is told", "is told of a loss", "is told of an epoch's end" };
    log_event (self->program->peer->index, note->retained ? "is told a last value" : what [note->kind], note->number,
               self->id);
    s_note_epoch (self);
    if (note->kind == HEARTH_EPOCH_ENDED) {
        COVER (COVER_EPOCH_ENDED);
        s_forget_cursors (self);
        self->epoch = self->began = self->asked = 0;
        s_note_epoch (self);
        return;
    }
    if (note->kind == HEARTH_LOST)
        COVER (COVER_LOST);
    else
        COVER (COVER_MESSAGE);
    s_account (self, note);
    if (dice_chance (&self->program->peer->dice, 10))
        program_sleep (self->program, dice_skewed (&self->program->peer->dice, 600));
}

//  ---- watches ----

static void s_change (const char *name, hearth_change_t change, void *context)
{
    eye_t *self = context;
    if (self->program->is_dying || is_broken ())
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
    s_forget_cursors (self);
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
    s_note_epoch (self);
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
    for (eye_t *eye; (eye = self->eyes);) {
        self->eyes = eye->next;
        s_close (eye);
    }
}

//  ---- at rest ----

//  What the broker has forgotten, nobody can find out to have missed.
static void s_check_topic (eye_t *self, published_topic_t *topic)
{
    const cursor_t *cursor = s_cursor (self, topic);
    if (cursor->at < topic->count && !hub_has_topic (topic->name))
        COVER (COVER_FORGOTTEN);
    else if (cursor->at < topic->count)
        broken ("program %u has not been told of %zu of %zu notifications of %s, from %" PRIu64 " on",
                self->program->peer->index, topic->count - cursor->at, topic->count, topic->name,
                topic->notes [cursor->at].topic_number);
}

static void s_check_account (eye_t *self)
{
    if (!self->epoch)
        s_note_epoch (self);
    if (self->epoch != hub_epoch ()) {
        broken ("program %u has not been told that an epoch has ended", self->program->peer->index);
        return;
    }
    for (published_topic_t *topic = published_topics (); topic && !is_broken (); topic = topic->next)
        if (strncmp (topic->name, self->prefix, strlen (self->prefix)) == 0)
            s_check_topic (self, topic);
}

void eyes_check (program_t *self)
{
    for (eye_t *eye = self->eyes; eye && !is_broken (); eye = eye->next) {
        if (eye->observation)
            s_check_account (eye);
        else if (!eye->has_change || (eye->change != HEARTH_WENT) != s_is_there (eye->name))
            broken ("program %u believes that %s is %s", self->peer->index, eye->name,
                    eye->has_change && eye->change != HEARTH_WENT ? "there" : "not there");
    }
}
