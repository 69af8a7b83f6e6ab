/*  ledger.c - what observers are told, held against what was published

    Since an observation began each notification of its topics is delivered or told lost, once, in order, in each epoch.
*/
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "eyes.h"
#include "hub.h"
#include "log.h"
#include "value.h"

void ledger_forget (eye_t *self)
{
    for (cursor_t *cursor; (cursor = self->cursors);) {
        self->cursors = cursor->next;
        free (cursor);
    }
}

void ledger_note_epoch (eye_t *self)
{
    const char *name = hearth_unique_name (self->program->hearth);
    if (name)
        eyes_connected (self->program, name);
    if (!self->epoch)
        self->epoch = self->program->epoch;
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

//  Whether so many more of the topic's notifications end with that number. A loss may begin before the topic came back.
static bool s_goes_on (const cursor_t *cursor, uint64_t count, uint64_t number)
{
    return cursor->at + count <= cursor->topic->count
           && cursor->topic->notes [cursor->at + count - 1].topic_number == number;
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
    if (!s_goes_on (cursor, count, note->number))
        s_step_over (cursor, note->number, is_loss ? count : 0);
    if (!s_goes_on (cursor, count, note->number))
        broken ("program %u: %s: told %s up to %" PRIu64 " (%" PRIu64 "), expected %" PRIu64,
                self->program->peer->index, topic->name, is_loss ? "a loss" : "a message", note->number, count,
                cursor->at < topic->count ? topic->notes [cursor->at].topic_number : 0);
    else if (!is_loss && !s_is_value (&topic->notes [cursor->at], note->value))
        broken ("program %u: %s: the value of %" PRIu64 " is not what was published", self->program->peer->index,
                topic->name, note->number);
    cursor->at += count;
}

void ledger_enter (eye_t *self, const hearth_notification_t *note)
{
    ledger_note_epoch (self);
    if (note->kind == HEARTH_EPOCH_ENDED) {
        COVER (COVER_EPOCH_ENDED);
        ledger_forget (self);
        self->epoch = self->began = self->asked = 0;
        ledger_note_epoch (self);
        return;
    }
    if (note->kind == HEARTH_LOST)
        COVER (COVER_LOST);
    else
        COVER (COVER_MESSAGE);
    s_account (self, note);
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

void ledger_check (eye_t *self)
{
    if (!self->epoch)
        ledger_note_epoch (self);
    if (self->epoch != hub_epoch ()) {
        broken ("program %u has not been told that an epoch has ended", self->program->peer->index);
        return;
    }
    for (published_topic_t *topic = published_topics (); topic && !is_broken (); topic = topic->next)
        if (strncmp (topic->name, self->prefix, strlen (self->prefix)) == 0)
            s_check_topic (self, topic);
}
