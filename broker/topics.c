/*  topics.c - numbering, rings of blobs, forgetting */

#include "topics.h"

#include <stdlib.h>
#include <string.h>

#define FORGET_TRIES 16  //  topics looked at for one that may be forgotten, at each publication that needs room

void topics_init (topics_t *self, const limits_t *limits, uint64_t epoch, const uint8_t hash_key [16],
                  bool (*is_owned) (void *context, span_t service), void *context)
{
    memset (self, 0, sizeof *self);
    index_init (&self->names, hash_key);
    list_init (&self->by_use);
    list_init (&self->by_memory);
    self->epoch = epoch;
    self->history = limits->value [LIMIT_HISTORY];
    self->history_bytes = limits->value [LIMIT_HISTORY_BYTES];
    self->most = limits->value [LIMIT_TOPICS];
    self->is_owned = is_owned;
    self->context = context;
}

static void s_drop_oldest (topics_t *self, topic_t *topic)
{
    blob_t *blob = topic->notes [topic->start];
    topic->start = (topic->start + 1) % topic->room;
    topic->count--;
    topic->bytes -= blob_size (blob);
    self->bytes -= blob_size (blob);
    blob_unref (blob);
}

static void s_retain (topics_t *self, topic_t *topic, blob_t *blob)
{
    if (topic->retained) {
        self->bytes -= blob_size (topic->retained);
        blob_unref (topic->retained);
    }
    topic->retained = blob ? blob_ref (blob) : NULL;
    if (blob)
        self->bytes += blob_size (blob);
}

static void s_forget_history (topics_t *self, topic_t *topic)
{
    while (topic->count)
        s_drop_oldest (self, topic);
    free (topic->notes);
    self->bytes -= topic->room * sizeof *topic->notes;
    topic->notes = NULL;
    topic->room = topic->start = 0;
    list_remove (&topic->by_memory);
}

static size_t s_weight (const topic_t *topic)
{
    return sizeof *topic + topic->keyed.size + 1 + sizeof (keyed_t *);
}

static void s_forget (topics_t *self, topic_t *topic)
{
    s_forget_history (self, topic);
    s_retain (self, topic, NULL);
    list_remove (&topic->by_use);
    index_remove (&self->names, &topic->keyed);
    if (self->recent == topic)
        self->recent = NULL;
    self->records -= s_weight (topic);
    free (topic);
}

void topics_clear (topics_t *self)
{
    while (index_count (&self->names))
        s_forget (self, CONTAINER_OF (index_at (&self->names, index_count (&self->names) - 1), topic_t, keyed));
    index_clear (&self->names);
}

topic_t *topics_find (const topics_t *self, span_t name)
{
    keyed_t *found = index_find (&self->names, name.data, name.size);
    return found ? CONTAINER_OF (found, topic_t, keyed) : NULL;
}

//  The same for who publishes.
static topic_t *s_find_often (topics_t *self, span_t name)
{
    topic_t *recent = self->recent;
    if (recent && recent->keyed.size == name.size && memcmp (recent->name, name.data, name.size) == 0)
        return recent;
    return self->recent = topics_find (self, name);
}

//  Makes room for one more topic by forgetting one whose service is gone. Those that may not be forgotten move to the
//  end, so that the next publication looks at others.
static bool s_make_room (topics_t *self)
{
    for (int tries = 0; index_count (&self->names) >= self->most; tries++) {
        list_t *link = list_first (&self->by_use);
        if (!link || tries == FORGET_TRIES)
            return false;
        topic_t *topic = CONTAINER_OF (link, topic_t, by_use);
        const char *slash = memchr (topic->name, '/', topic->keyed.size);
        span_t service = { topic->name, (size_t) (slash - topic->name) };
        if (!self->is_owned (self->context, service)) {
            s_forget (self, topic);
            continue;
        }
        list_remove (link);
        list_append (&self->by_use, link);
    }
    return true;
}

static topic_t *s_new (topics_t *self, span_t name)
{
    topic_t *topic = calloc (1, sizeof *topic + name.size + 1);
    if (!topic)
        return NULL;
    memcpy (topic->name, name.data, name.size);
    topic->keyed.key = topic->name;
    topic->keyed.size = name.size;
    if (index_insert (&self->names, &topic->keyed) != 0) {
        free (topic);
        return NULL;
    }
    topic->first = self->number + 1;
    topic->last = self->number;
    self->records += s_weight (topic);
    list_append (&self->by_use, &topic->by_use);
    return topic;
}

static int s_grow (topics_t *self, topic_t *topic)
{
    size_t room = topic->room ? topic->room * 2 : 4;
    if (room > self->history)
        room = self->history;
    blob_t **notes = malloc (room * sizeof *notes);
    if (!notes)
        return -1;
    for (size_t at = 0; at < topic->count; at++)
        notes [at] = topic->notes [(topic->start + at) % topic->room];
    free (topic->notes);
    self->bytes += (room - topic->room) * sizeof *notes;
    topic->notes = notes;
    topic->room = room;
    topic->start = 0;
    return 0;
}

//  A history without memory to grow keeps fewer.
static void s_remember (topics_t *self, topic_t *topic, blob_t *blob)
{
    size_t size = blob_size (blob);
    while (topic->count && (topic->count >= self->history || topic->bytes + size > self->history_bytes))
        s_drop_oldest (self, topic);
    if (size > self->history_bytes || self->history == 0)
        return;
    if (topic->count == topic->room && s_grow (self, topic) != 0) {
        if (!topic->room)
            return;
        s_drop_oldest (self, topic);
    }
    topic->notes [(topic->start + topic->count) % topic->room] = blob_ref (blob);
    topic->count++;
    topic->bytes += size;
    self->bytes += size;
    list_remove (&topic->by_memory);
    list_append (&self->by_memory, &topic->by_memory);
}

static blob_t *s_blob (const wire_note_t *note)
{
    blob_t *blob = blob_new (wire_note_size (note));
    if (blob)
        wire_write_note (note, blob_data (blob));
    return blob;
}

static span_t s_name (span_t service, span_t event, char name [TOPIC_MAX_SIZE])
{
    size_t size = service.size;
    memcpy (name, service.data, size);
    name [size++] = '/';
    memcpy (name + size, event.data, event.size);
    size += event.size;
    name [size++] = '/';
    return (span_t){ name, size };
}

published_t topics_publish (topics_t *self, const publication_t *publication, blob_t **blob, wire_note_t *note)
{
    char text [TOPIC_MAX_SIZE];
    span_t name = s_name (publication->service, publication->event, text);
    topic_t *topic = s_find_often (self, name);
    bool is_new = !topic, is_ours = name_is_reserved (publication->service.data, publication->service.size);
    if (is_new && (!publication->may_begin || (!is_ours && !s_make_room (self))))
        return PUBLISH_LIMIT;
    if (is_new && !(topic = s_new (self, name)))
        return PUBLISH_NO_MEMORY;

    *note = (wire_note_t){ .topic = { topic->name, name.size },
                           .epoch = self->epoch,
                           .number = self->number + 1,
                           .topic_number = topic->last + 1,
                           .topic_first = topic->first,
                           .time_ms = publication->wall_ms,
                           .body = (const uint8_t *) publication->body.data,
                           .body_size = publication->body.size };
    *blob = s_blob (note);
    if (!*blob) {
        if (is_new)
            s_forget (self, topic);
        return PUBLISH_NO_MEMORY;
    }
    topic->last = note->topic_number;
    topic->last_number = self->number = note->number;
    list_remove (&topic->by_use);
    list_append (&self->by_use, &topic->by_use);
    s_remember (self, topic, *blob);
    s_retain (self, topic, publication->retained ? *blob : NULL);
    return PUBLISHED;
}

//  Its history would have a hole.
void topics_lose (topics_t *self, span_t service, span_t event)
{
    char text [TOPIC_MAX_SIZE];
    topic_t *topic = topics_find (self, s_name (service, event, text));
    self->number++;
    if (!topic)
        return;
    s_forget_history (self, topic);
    s_retain (self, topic, NULL);
    topic->last++;
    topic->last_number = self->number;
}

blob_t *topics_marker (const topics_t *self, span_t prefix, int64_t wall_ms)
{
    wire_note_t note = { .topic = prefix, .epoch = self->epoch, .number = self->number, .time_ms = wall_ms };
    return s_blob (&note);
}

uint64_t topic_oldest (const topic_t *self)
{
    return self->last + 1 - self->count;
}

blob_t *topic_note (const topic_t *self, uint64_t number)
{
    if (number > self->last || number < self->first)
        return NULL;
    if (number >= topic_oldest (self))
        return self->notes [(self->start + (size_t) (number - topic_oldest (self))) % self->room];
    return number == self->last ? self->retained : NULL;
}

void topics_shrink (topics_t *self, size_t bytes)
{
    list_t *link;
    while (self->bytes > bytes && (link = list_first (&self->by_memory)))
        s_forget_history (self, CONTAINER_OF (link, topic_t, by_memory));
}
