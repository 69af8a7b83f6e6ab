/*  observing.h - what tests of notifications share: connections that are driven by hand, and a record of what was told

    A connection does something only while a test drives it, so that a test decides who reads, and when.
*/
#ifndef OBSERVING_H_INCLUDED
#define OBSERVING_H_INCLUDED

#include <criterion/criterion.h>

#include "hearth.h"

#define PATIENCE_MS 30000

//  What an observation told. The values that tests publish are numbers, 1, 2, 3 …
typedef struct {
    uint64_t received;
    uint64_t retained;
    uint64_t lost;
    uint64_t told;    //  received and lost
    uint64_t losses;  //  reports of them
    uint64_t ended;   //  epochs
    uint64_t ended_at;
    uint64_t last;  //  number that was told
    int64_t value;  //  of the last message
} record_t;

//  An observer's callback: writes the record down, and fails the test where numbers of one topic are not in order and
//  without a hole.
void record (const hearth_notification_t *notification, void *context);

//  Drives a connection until *fact is at least `least`.
void until (hearth_t *hearth, const uint64_t *fact, uint64_t least);

//  Drives a connection that has not been driven since its broker was killed, until it has another session and is ready.
void reconnect (hearth_t *hearth);

//  A connection that serves `name`, with the events "news" and "state" (retained).
hearth_t *publisher_new (const char *address, const char *name);

//  Publishes from … to.
void publish (hearth_t *publisher, const char *name, const char *event, int64_t from, int64_t to);

hearth_observation_t *observe (hearth_t *hearth, const char *service, const char *event, record_t *facts);

#endif
