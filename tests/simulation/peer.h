/*  peer.h - whoever takes part: what all of them have in common

    A peer is a process: it has at most one connection that it knows of, may die, be paused, and come back. What it does
    is its kind's business: raw.c speaks in frames, program.c uses the library.
*/
#ifndef PEER_H_INCLUDED
#define PEER_H_INCLUDED

#include "dice.h"
#include "network.h"
#include "schedule.h"

typedef struct peer peer_t;

typedef struct {
    void (*start) (peer_t *self);  //  it was started, or comes back
    void (*act) (peer_t *self);    //  its alarm rang
    void (*news) (peer_t *self);   //  something may have come over its connection
    void (*kill) (peer_t *self);   //  it is dead: forgets everything; its connection is closed by then
    void (*leave) (peer_t *self);  //  says goodbye; NULL: never does
    void (*rest) (peer_t *self);   //  nothing new is begun from here on
    bool (*is_resting) (const peer_t *self);
    void (*check) (peer_t *self);    //  at rest: whether all has ended
    void (*destroy) (peer_t *self);  //  the run is over
} peer_kind_t;

struct peer {
    const peer_kind_t *kind;
    unsigned index;
    dice_t dice;
    alarm_t alarm;
    bool is_alive;
    bool is_lying;
    bool is_paused;
    bool has_news;
    bool is_resting;
    unsigned pauses;  //  how many there were
    alarm_t told;     //  that something came
    alarm_t wake;     //  of a pause, or of a death
    link_t *link;
    void *state;  //  its kind's
};

extern peer_t peers [PEERS_MOST];
extern unsigned peer_count;

void peer_init (peer_t *self, unsigned index, const peer_kind_t *kind);
void peer_start (peer_t *self);
//  Something came: tells the kind, soon, or when the pause is over.
void peer_news (peer_t *self);
void peer_kill (peer_t *self, int64_t back_ms);
void peer_pause (peer_t *self, int64_t ms);
//  Ends a pause, or brings it back.
void peer_wake (peer_t *self);
//  A milliseconds' delay of the usual pace.
int64_t peer_pace (peer_t *self);

#endif
