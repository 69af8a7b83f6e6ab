/*  clock.h - the one clock and its one unit: milliseconds

    Whoever decides is told the time; only the edges read it.
*/
#ifndef CLOCK_H_INCLUDED
#define CLOCK_H_INCLUDED

#include <stdint.h>

//  Monotonic milliseconds. Any thread.
int64_t clock_now_ms (void);

//  Milliseconds since 1970-01-01 UTC. Any thread.
int64_t clock_wall_ms (void);

#endif
