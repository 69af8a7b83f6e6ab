/*  schedule.h - virtual time, and what happens when

    A heap of alarms. Those of one millisecond ring in an order that depends on nothing but the seed and themselves.
*/
#ifndef SCHEDULE_H_INCLUDED
#define SCHEDULE_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

typedef struct alarm alarm_t;
struct alarm {
    void (*ring) (alarm_t *self);
    int64_t at_ms;
    uint64_t order;  //  among those of a millisecond
    uint64_t id;     //  whose it is: stable from run to run
    uint64_t set;    //  how often it was
    size_t place;    //  in the heap, from 1; 0: not set
};

#define CONTAINER(pointer, type, member) ((type *) ((char *) (pointer) -offsetof (type, member)))

void schedule_begin (uint64_t seed);
void schedule_end (void);

void alarm_init (alarm_t *self, uint64_t id, void (*ring) (alarm_t *self));
//  Sets it, or moves it. A time that has passed rings now.
void alarm_set (alarm_t *self, int64_t at_ms);
void alarm_stop (alarm_t *self);

//  The next alarm, stopped; the time is its own from here on. NULL if there is none. *at_ms of what comes next: -1, none.
alarm_t *schedule_next (void);
int64_t schedule_peek (void);

//  Now.
int64_t now_ms (void);

#endif
