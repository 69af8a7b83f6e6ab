/*  eyes.h - an observation or a watch of a program, and what it was told: what its parts share

    eyes.c   opening, closing, what callbacks do, watches
    ledger.c the account of an observation
*/
#ifndef EYES_H_INCLUDED
#define EYES_H_INCLUDED

#include "program.h"
#include "published.h"

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
    bool is_closed;
    hearth_change_t change;
    char prefix [40];
    char name [40];
};

//  ---- ledger.c ----

//  The session's epoch is that of whatever is told, until an end is told.
void ledger_note_epoch (eye_t *self);
//  Something was told.
void ledger_enter (eye_t *self, const hearth_notification_t *note);
void ledger_forget (eye_t *self);
//  At rest: all is told.
void ledger_check (eye_t *self);

#endif
