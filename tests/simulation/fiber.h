/*  fiber.h - programs that wait: each on a stack of its own, in one thread

    A program of the library's blocks in hearth_call; here that gives the world back its turn.
*/
#ifndef FIBER_H_INCLUDED
#define FIBER_H_INCLUDED

#include <stdbool.h>

typedef struct fiber fiber_t;

fiber_t *fiber_new (void (*entry) (void *context), void *context);
//  It must have ended.
void fiber_destroy (fiber_t **self_p);
//  Runs it until it yields or ends. False once it has ended.
bool fiber_resume (fiber_t *self);
void fiber_yield (void);
//  The one that runs; NULL outside of all.
fiber_t *fiber_current (void);

#endif
