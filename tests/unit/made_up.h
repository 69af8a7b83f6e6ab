/*  made_up.h - a broker, a SUB socket and a clock that a test makes up, behind the functions of client.h

    The observer runs as it is; what it calls is here. Time passes when a test says so. Notifications and markers queue on
    the socket until they are read, or are lost; calls to the directory wait until they are answered, in order, by what
    the broker holds at that moment, or end with an error.
*/
#ifndef MADE_UP_H_INCLUDED
#define MADE_UP_H_INCLUDED

#include <criterion/criterion.h>

#include "client.h"

#define MADE_UP_TOPICS 3
#define MADE_UP_EVENTS 3  //  the topic behind them: the directory's `hearth/name/`
#define MADE_UP_NOTES  4096
#define MADE_UP_CALLS  16

typedef struct {
    const char *name;
    uint64_t first;
    uint64_t last;  //  0: nothing was published
    uint64_t last_number;
} made_up_topic_t;

typedef struct {
    char method [16];
    pack_t arguments;
    client_done_fn *done;
    void *context;
} made_up_call_t;

struct hearth_t {
    observers_t *observers;
    int64_t now_ms;
    bool is_up;
    uint64_t epoch;
    uint64_t number;
    uint64_t history;  //  how many notifications a topic keeps
    made_up_topic_t topics [MADE_UP_TOPICS + 1];

    bool is_subscribed;  //  the socket is connected: what is published enters it
    bool is_losing;      //  nothing comes in
    struct {
        uint8_t bytes [256];
        size_t size;
    } notes [MADE_UP_NOTES];
    size_t read;
    size_t written;
    char prefixes [4][32];
    size_t prefix_count;
    unsigned markers;  //  that were asked for

    made_up_call_t calls [MADE_UP_CALLS];
    const char *owner;  //  what `lookup` answers; NULL: there is no such name
    bool is_holding;    //  calls that were made wait for the next session
    size_t answered;
    size_t called;
    hearth_code_t code;  //  of the last failure
};

//  A world without a session.
void made_up_begin (hearth_t *self, uint64_t history);
void made_up_end (hearth_t *self);

//  The session comes, on a socket that is open anew or the same; and goes.
void made_up_connect (hearth_t *self, bool reopened);
void made_up_disconnect (hearth_t *self);
//  Another epoch: topics and numbers begin anew.
void made_up_restart (hearth_t *self);

void made_up_publish (hearth_t *self, int topic);
//  The directory tells of the name "a.name", and knows of it from here on. previous may be NULL.
void made_up_event (hearth_t *self, const char *change, const char *session, const char *previous);

//  Reads what is on the socket, at most `count`. Returns how many there were.
size_t made_up_read (hearth_t *self, size_t count);
//  Answers the oldest call, if there is one; or ends it with an error.
bool made_up_answer (hearth_t *self);
bool made_up_refuse (hearth_t *self, hearth_code_t code);
//  The method of the oldest call in flight, or "".
const char *made_up_asked (const hearth_t *self);

//  Reads and answers until there is nothing left.
void made_up_settle (hearth_t *self);
//  Time passes: to the observer's next deadline; `ms`, with ticks on the way, and everything read and answered.
bool made_up_wait (hearth_t *self);
void made_up_pass (hearth_t *self, int64_t ms);

#endif
