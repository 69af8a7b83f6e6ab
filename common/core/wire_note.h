/*  wire_note.h - notifications on the publishing socket, one in a message or several of one topic (docs/protocol.md, section 8.2)

    Reading borrows from the message; writing goes to the caller's buffer. Nothing here allocates.
*/
#ifndef WIRE_NOTE_H_INCLUDED
#define WIRE_NOTE_H_INCLUDED

#include "bundle.h"
#include "wire.h"

#define WIRE_STAMP_SIZE 40

//  topic_number 0: a marker.
typedef struct {
    span_t topic;
    uint64_t epoch;
    uint64_t number;
    uint64_t topic_number;
    uint64_t topic_first;
    int64_t time_ms;
    const uint8_t *body;
    size_t body_size;
} wire_note_t;

//  One that is alone in its message.
bool wire_read_note (wire_note_t *note, const uint8_t *data, size_t size);
size_t wire_note_size (const wire_note_t *note);
//  Writes all of it; out has wire_note_size bytes.
void wire_write_note (const wire_note_t *note, uint8_t *out);

//  Several of one topic that are being put together, in the caller's BUNDLE_ROOM bytes.
typedef struct {
    uint8_t *data;
    size_t size;
    size_t topic;    //  bytes of the topic
    unsigned count;  //  notifications; 0: none was begun
} note_bundle_t;

static inline void note_bundle_clear (note_bundle_t *self)
{
    self->count = 0;
}

//  Begins with one, as wire_write_note wrote it. False if it is too large to go with others.
bool note_bundle_begin (note_bundle_t *self, const uint8_t *note, size_t size);
//  Adds one. False if its topic is another, or there is no room for it.
bool note_bundle_add (note_bundle_t *self, const uint8_t *note, size_t size);

//  A message that is being taken apart. Borrows it. All zeros: there is nothing left.
typedef struct {
    span_t topic;
    const uint8_t *at;
    size_t left;  //  bytes
    bool is_bundle;
} note_reader_t;

//  Nothing is left of a message that is none.
void note_reader_open (note_reader_t *self, const uint8_t *data, size_t size);
//  The next one that can be true; false at the end. What cannot be read is left out.
bool note_reader_next (note_reader_t *self, wire_note_t *note);

#endif
