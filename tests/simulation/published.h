/*  published.h - what was published: each notification of each epoch, against which accounts are held
*/
#ifndef PUBLISHED_H_INCLUDED
#define PUBLISHED_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t number;  //  broker-wide
    uint64_t topic_number;
    uint64_t first;  //  another one than before: the topic had been forgotten and began anew
    uint64_t hash;   //  of the body; 0: it cannot be compared
} published_note_t;

typedef struct published_topic published_topic_t;
struct published_topic {
    published_topic_t *next;  //  of the epoch
    published_topic_t *chained;
    uint64_t epoch;
    uint64_t answers;         //  of the core, when something was published last
    published_note_t *notes;  //  in order
    size_t count;
    size_t room;
    size_t size;
    char name [];
};

void published_begin (void);
void published_end (void);
//  Another broker: its numbers begin anew.
void published_epoch (uint64_t epoch);
//  The core publishes: its numbers are compared with what they have to be.
void published_add (const uint8_t *data, size_t size);

published_topic_t *published_find (uint64_t epoch, const char *name, size_t size);
//  The topics of the present epoch.
published_topic_t *published_topics (void);
//  The number of an epoch's last notification; of the present one's.
uint64_t published_number (uint64_t epoch);
uint64_t published_newest (void);
uint64_t published_hash (const uint8_t *body, size_t size);

#endif
