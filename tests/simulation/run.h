/*  run.h - one run of a plan, from its beginning to its verdict
*/
#ifndef RUN_H_INCLUDED
#define RUN_H_INCLUDED

#include "plan.h"

typedef struct {
    uint64_t steps;
    uint64_t calls;
    uint64_t notifications;
    uint64_t digest;
    uint64_t broken_at;  //  the step; 0: all holds
    char text [400];
} verdict_t;

//  Runs `plan`, which is drawn.
void run_plan (verdict_t *verdict);

#endif
