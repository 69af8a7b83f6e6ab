/*  clock.h - the one clock and its one unit: milliseconds

    Whoever decides is told the time; only the edges read it.
*/
#ifndef CLOCK_H_INCLUDED
#define CLOCK_H_INCLUDED

#include <stdint.h>

//  Monotonic milliseconds. Any thread.
int64_t clock_now_ms (void);

//  The time that far ahead, at most INT64_MAX.
static inline int64_t clock_after_ms (int64_t ms)
{
    int64_t at_ms;
    return __builtin_add_overflow (clock_now_ms (), ms, &at_ms) ? INT64_MAX : at_ms;
}

//  Differs from what it was once some milliseconds have passed (a tick of the kernel's, 10 at most): whether it is time
//  to look at the clock again, at a fifth of the price. Any thread.
int64_t clock_tick (void);

//  Milliseconds since 1970-01-01 UTC. Any thread.
int64_t clock_wall_ms (void);

#endif
