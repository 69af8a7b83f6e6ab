/*  published.c - epochs, their topics, and their notifications */
#include "published.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "dice.h"
#include "log.h"
#include "seam.h"
#include "wire_note.h"

#define BUCKETS 1024

typedef struct epoch epoch_t;
struct epoch {
    epoch_t *next;
    uint64_t epoch;
    uint64_t number;
    published_topic_t *topics;
    published_topic_t *buckets [BUCKETS];
};

static epoch_t *epochs;  //  the present one first

void published_begin (void)
{
    epochs = NULL;
}

static void s_free (epoch_t *epoch)
{
    for (published_topic_t *topic; (topic = epoch->topics);) {
        epoch->topics = topic->next;
        free (topic->notes);
        free (topic);
    }
    free (epoch);
}

void published_end (void)
{
    for (epoch_t *epoch; (epoch = epochs);) {
        epochs = epoch->next;
        s_free (epoch);
    }
}

void published_epoch (uint64_t number)
{
    epoch_t *epoch = calloc (1, sizeof *epoch);
    if (!epoch)
        abort ();
    epoch->epoch = number;
    epoch->next = epochs;
    epochs = epoch;
}

uint64_t published_hash (const uint8_t *body, size_t size)
{
    uint64_t hash = size;
    for (size_t at = 0; at < size; at++)
        hash = hash * 1099511628211u ^ body [at];
    return hash;
}

static published_topic_t **s_bucket (epoch_t *epoch, const char *name, size_t size)
{
    return &epoch->buckets [dice_mix (published_hash ((const uint8_t *) name, size), 5) % BUCKETS];
}

static published_topic_t *s_find (epoch_t *epoch, const char *name, size_t size)
{
    published_topic_t *topic = *s_bucket (epoch, name, size);
    while (topic && (topic->size != size || memcmp (topic->name, name, size) != 0))
        topic = topic->chained;
    return topic;
}

static published_topic_t *s_want (epoch_t *epoch, const char *name, size_t size)
{
    published_topic_t *topic = s_find (epoch, name, size);
    if (topic)
        return topic;
    topic = calloc (1, sizeof *topic + size + 1);
    if (!topic)
        abort ();
    memcpy (topic->name, name, size);
    topic->size = size;
    topic->epoch = epoch->epoch;
    topic->next = epoch->topics;
    epoch->topics = topic;
    published_topic_t **bucket = s_bucket (epoch, name, size);
    topic->chained = *bucket;
    *bucket = topic;
    return topic;
}

//  Written in the shortest way, as what honest peers and the directory publish is: read and written again it is the same.
static bool s_is_plain (const wire_note_t *note)
{
    const uint8_t *body = note->body;
    return memcmp (note->topic.data, "hearth/", 7) == 0 || (note->body_size == 9 && body [0] == 0xcf)
           || (note->body_size >= 10 && (body [0] & 0xf0) == 0x90 && body [1] == 0xcf && body [2] >= 0x40);
}

static void s_append (published_topic_t *topic, const wire_note_t *note)
{
    if (topic->count == topic->room) {
        topic->room = topic->room ? 2 * topic->room : 8;
        topic->notes = realloc (topic->notes, topic->room * sizeof *topic->notes);
        if (!topic->notes)
            abort ();
    }
    uint64_t hash = s_is_plain (note) ? published_hash (note->body, note->body_size) : 0;
    topic->notes [topic->count++] = (published_note_t){ note->number, note->topic_number, note->topic_first, hash };
}

//  Whether its name has had an owner since something was published last: then the topic may not be forgotten.
static bool s_is_kept (const published_topic_t *topic)
{
    const char *slash = memchr (topic->name, '/', topic->size);
    int name = name_index (topic->name, (size_t) (slash - topic->name));
    return name >= 0 && seam_is_owned_since (name, topic->answers);
}

//  Numbers without gaps: the broker's, and the topic's from its first one on.
static void s_check (const published_topic_t *topic, const wire_note_t *note)
{
    const published_note_t *last = topic->count ? &topic->notes [topic->count - 1] : NULL;
    bool goes_on = last && note->topic_first == last->first && note->topic_number == last->topic_number + 1;
    bool begins = note->topic_number == note->topic_first && note->topic_first == note->number;
    if (note->number != epochs->number + 1)
        broken ("notification %" PRIu64 " comes after %" PRIu64, note->number, epochs->number);
    if (begins && last && s_is_kept (topic))
        broken ("%s begins anew, and its name has had an owner all the time", topic->name);
    if (!goes_on && !begins)
        broken ("%s: number %" PRIu64 " (first %" PRIu64 ") does not follow", topic->name, note->topic_number,
                note->topic_first);
}

void published_add (const uint8_t *data, size_t size)
{
    wire_note_t note;
    log_note (data, size);
    if (!wire_read_note (&note, data, size) || note.epoch != epochs->epoch) {
        broken ("the broker publishes what is no notification of its epoch");
        return;
    }
    if (!note.topic_number) {
        COVER (COVER_MARKER);
        if (note.number != epochs->number)
            broken ("a marker says %" PRIu64 ", the last number is %" PRIu64, note.number, epochs->number);
        return;
    }
    COVER (COVER_NOTIFICATION);
    published_topic_t *topic = s_want (epochs, note.topic.data, note.topic.size);
    s_check (topic, &note);
    s_append (topic, &note);
    topic->answers = seam_answers ();
    epochs->number = note.number;
}

static epoch_t *s_epoch (uint64_t number)
{
    epoch_t *epoch = epochs;
    while (epoch && epoch->epoch != number)
        epoch = epoch->next;
    return epoch;
}

published_topic_t *published_find (uint64_t number, const char *name, size_t size)
{
    epoch_t *epoch = s_epoch (number);
    return epoch ? s_find (epoch, name, size) : NULL;
}

published_topic_t *published_topics (void)
{
    return epochs ? epochs->topics : NULL;
}

uint64_t published_number (uint64_t number)
{
    const epoch_t *epoch = s_epoch (number);
    return epoch ? epoch->number : 0;
}

uint64_t published_newest (void)
{
    return epochs ? epochs->number : 0;
}
