/*  timer.h - many deadlines, cheaply: a hierarchical timing wheel of 1 ms

    Start and stop take constant time whatever their number; nothing is allocated. After G. Varghese and T. Lauck,
    "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 7. Reads no clock.
*/
#ifndef TIMER_H_INCLUDED
#define TIMER_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

#define TIMER_LEVELS 6
#define TIMER_SLOTS  64

//  Lives inside what it times. Zeroed: not running.
typedef struct timer_node {
    struct timer_node *next;
    struct timer_node *prev;
    int64_t at_ms;
} timer_node_t;

typedef struct {
    timer_node_t slots [TIMER_LEVELS][TIMER_SLOTS];
    uint64_t occupied [TIMER_LEVELS];
    timer_node_t due;
    int64_t now_ms;
} timers_t;

void timers_init (timers_t *self, int64_t now_ms);

//  Starts a timer, or moves it. A time that has passed is due at the next timers_next.
void timers_start (timers_t *self, timer_node_t *node, int64_t at_ms);
void timers_stop (timers_t *self, timer_node_t *node);

static inline bool timer_is_running (const timer_node_t *node)
{
    return node->next;
}

//  The next timer that is due at now_ms, stopped, or NULL. Call until NULL. Never fires early.
timer_node_t *timers_next (timers_t *self, int64_t now_ms);

//  A time at or before the first timer (it may be early, never late), or -1 if none runs.
int64_t timers_deadline (const timers_t *self);

#endif
