/*  broker.h - the process around the core: what it listens on, its loop, its end

    Knows which parts there are and when each has its turn; what they do is theirs.
*/
#ifndef BROKER_H_INCLUDED
#define BROKER_H_INCLUDED

#include "options.h"

#define BROKER_VERSION HEARTH_BROKER_VERSION

typedef struct broker broker_t;

typedef enum { BROKER_DONE = 0, BROKER_FAILED = 1, BROKER_MISUSED = 2 } broker_exit_t;

//  Takes its addresses. NULL if that fails: then *code is what the process ends with, and `problem` says why.
//  The options are borrowed until broker_destroy.
broker_t *broker_new (const options_t *options, broker_exit_t *code, char problem [OPTIONS_PROBLEM]);

//  Says that it is ready, and serves until SIGTERM or SIGINT. Returns what the process ends with.
broker_exit_t broker_run (broker_t *self);

//  What was sent is still delivered, as far as that takes less than a second.
void broker_destroy (broker_t **self_p);

#endif
