/*  topics.h - notifications: their numbers, each topic's bounded history, the last values

    Pure: a publication becomes a blob that the caller publishes. docs/protocol.md, section 8. A topic is remembered until
    room is needed and its service has no owner; the bytes of histories go first when the broker runs short.
*/
#ifndef TOPICS_H_INCLUDED
#define TOPICS_H_INCLUDED

#include "limits.h"
#include "list.h"
#include "table.h"
#include "transport.h"
#include "name.h"
#include "wire_note.h"

typedef struct {
    keyed_t keyed;         //  "service/event/", in topics_t.names
    list_t by_use;         //  in topics_t.by_use
    list_t by_memory;      //  in topics_t.by_memory while notes are held
    uint64_t first;        //  number of its first notification
    uint64_t last;         //  number of its last one
    uint64_t last_number;  //  that one's broker-wide number
    blob_t **notes;        //  a ring of the last ones
    size_t room;
    size_t start;
    size_t count;
    size_t bytes;      //  held by the ring
    blob_t *retained;  //  the last value of an event that is declared so; or NULL
    char name [];
} topic_t;

typedef struct {
    index_t names;
    topic_t *recent;   //  was looked for last, or NULL: many publications in a row are of one topic
    list_t by_use;     //  all, published longest ago first
    list_t by_memory;  //  those with a history, published longest ago first
    uint64_t epoch;
    uint64_t number;  //  of the last notification of all
    size_t bytes;     //  held by histories and last values
    size_t records;   //  bytes of the topics themselves
    size_t history;   //  limits
    size_t history_bytes;
    size_t most;
    //  Whether a service has an owner: such topics are not forgotten.
    bool (*is_owned) (void *context, span_t service);
    void *context;
} topics_t;

void topics_init (topics_t *self, const limits_t *limits, uint64_t epoch, const uint8_t hash_key [16],
                  bool (*is_owned) (void *context, span_t service), void *context);
void topics_clear (topics_t *self);

typedef enum { PUBLISHED, PUBLISH_LIMIT, PUBLISH_NO_MEMORY } published_t;

typedef struct {
    span_t service;
    span_t event;
    span_t body;
    bool retained;   //  it becomes the topic's last value; otherwise the topic has none
    bool may_begin;  //  a topic that is not there yet
    int64_t wall_ms;
} publication_t;

//  Numbers a notification and remembers it; `hearth`'s own topics are always there, whatever their number. *blob is the
//  caller's reference, to be published and let go. The notification that begins a topic has the topic's first number.
published_t topics_publish (topics_t *self, const publication_t *publication, blob_t **blob, wire_note_t *note);

//  A notification that could not be made, for want of memory: it takes its number, and observers find it lost.
void topics_lose (topics_t *self, span_t service, span_t event);

//  The marker that answers a subscription; a new reference, NULL if memory is short.
blob_t *topics_marker (const topics_t *self, span_t prefix, int64_t wall_ms);

topic_t *topics_find (const topics_t *self, span_t name);

//  The notification of that number if the topic still has it; or NULL. Borrowed.
blob_t *topic_note (const topic_t *self, uint64_t number);
//  The oldest number that the history has; last + 1 if it is empty.
uint64_t topic_oldest (const topic_t *self);

//  Forgets histories, those published longest ago first, until at most `bytes` are held or none are left.
void topics_shrink (topics_t *self, size_t bytes);

#endif
