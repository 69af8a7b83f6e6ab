/*  wire_note.c - the stamp of a notification, and what holds several

    The byte behind the topic tells one notification (0) from several of that topic (1), each with its size before it.
*/
#include "wire_note.h"

#include "emit.h"

#define ONE       0
#define SEVERAL   1  //  like 0 no character of a topic
#define SIZE_HEAD 2

//  Whether the numbers of a stamp can be true: a marker has none of a topic and no body.
static bool is_consistent (const wire_note_t *note)
{
    if (note->topic_number == 0)
        return note->topic_first == 0 && note->body_size == 0;
    return note->topic_first > 0 && note->topic_first <= note->topic_number && note->body_size > 0;
}

//  A stamp and a body.
static bool read_stamped (wire_note_t *note, span_t topic, const uint8_t *stamp, size_t size)
{
    if (size < WIRE_STAMP_SIZE)
        return false;
    *note = (wire_note_t){ .topic = topic,
                           .epoch = load64 (stamp),
                           .number = load64 (stamp + 8),
                           .topic_number = load64 (stamp + 16),
                           .topic_first = load64 (stamp + 24),
                           .time_ms = (int64_t) load64 (stamp + 32),
                           .body = stamp + WIRE_STAMP_SIZE,
                           .body_size = size - WIRE_STAMP_SIZE };
    return is_consistent (note);
}

bool wire_read_note (wire_note_t *note, const uint8_t *data, size_t size)
{
    note_reader_t reader;
    note_reader_open (&reader, data, size);
    return !reader.is_bundle && read_stamped (note, reader.topic, reader.at, reader.left);
}

size_t wire_note_size (const wire_note_t *note)
{
    return note->topic.size + 1 + WIRE_STAMP_SIZE + note->body_size;
}

void wire_write_note (const wire_note_t *note, uint8_t *out)
{
    emit_t emit = { out, wire_note_size (note), 0 };
    emit_raw (&emit, note->topic.data, note->topic.size);

    uint8_t stamp [1 + WIRE_STAMP_SIZE] = { ONE };
    store64 (stamp + 1, note->epoch);
    store64 (stamp + 9, note->number);
    store64 (stamp + 17, note->topic_number);
    store64 (stamp + 25, note->topic_first);
    store64 (stamp + 33, (uint64_t) note->time_ms);
    emit_raw (&emit, stamp, sizeof stamp);
    emit_raw (&emit, note->body, note->body_size);
}

//  ---- several ----

bool note_bundle_begin (note_bundle_t *self, const uint8_t *note, size_t size)
{
    const uint8_t *end = memchr (note, ONE, size);
    self->topic = end ? (size_t) (end - note) : size;
    self->count = 0;
    self->size = self->topic + 1;
    if (!end || self->size >= BUNDLE_ROOM)
        return false;
    memcpy (self->data, note, self->size);
    if (!note_bundle_add (self, note, size))
        return false;
    self->data [self->topic] = SEVERAL;
    return true;
}

bool note_bundle_add (note_bundle_t *self, const uint8_t *note, size_t size)
{
    size_t head = self->topic + 1;
    if (size <= head || note [self->topic] != ONE || memcmp (note, self->data, self->topic) != 0)
        return false;
    size_t part = size - head;
    if (part > BUNDLE_MOST || self->size + SIZE_HEAD + part > BUNDLE_ROOM)
        return false;
    uint8_t *at = self->data + self->size;
    store16 (at, (uint16_t) part);
    memcpy (at + SIZE_HEAD, note + head, part);
    self->size += SIZE_HEAD + part;
    self->count++;
    return true;
}

void note_reader_open (note_reader_t *self, const uint8_t *data, size_t size)
{
    size_t topic = 0;
    *self = (note_reader_t){ .left = 0 };
    while (topic < size && data [topic] > SEVERAL)
        topic++;
    if (topic == size)
        return;
    self->topic = (span_t){ (const char *) data, topic };
    self->is_bundle = data [topic] == SEVERAL;
    self->at = data + topic + 1;
    self->left = size - topic - 1;
}

//  The next stamp and body; false at the end, and where a size reaches beyond it.
static bool next_part (note_reader_t *self, const uint8_t **part, size_t *size)
{
    size_t head = self->is_bundle ? SIZE_HEAD : 0;
    if (self->left < head)
        return false;
    *size = self->is_bundle ? load16 (self->at) : self->left;
    *part = self->at + head;
    if (*size > self->left - head)
        return false;
    self->at += head + *size;
    self->left -= head + *size;
    return true;
}

bool note_reader_next (note_reader_t *self, wire_note_t *note)
{
    const uint8_t *part;
    size_t size;
    while (self->left) {
        if (!next_part (self, &part, &size))
            self->left = 0;
        else if (read_stamped (note, self->topic, part, size))
            return true;
    }
    return false;
}
