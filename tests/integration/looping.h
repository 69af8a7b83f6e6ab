/*  looping.h - an event loop of a program's own, as the scenarios of looping.c need one: connections, pipes, a timer

    test_loop_poll.c has one on poll(2), test_loop_uv.c one on libuv. It knows nothing of what the connections do.
*/
#ifndef LOOPING_H_INCLUDED
#define LOOPING_H_INCLUDED

#include <hearth.h>
#include <stdatomic.h>

#define LOOPING_SOURCES 8

typedef struct loop loop_t;
typedef void loop_fn (void *context);

loop_t *loop_new (void);
//  Before the connections that it drives.
void loop_destroy (loop_t **self_p);

//  Drives a connection: when its descriptor says so, and when its time has come.
void loop_drive (loop_t *self, hearth_t *hearth);
//  The same by its descriptor alone: no time wakes it.
void loop_drive_by_fd (loop_t *self, hearth_t *hearth);

//  Whenever something can be read.
void loop_on_input (loop_t *self, int fd, loop_fn *readable, void *context);
//  Every interval_ms.
void loop_every (loop_t *self, int64_t interval_ms, loop_fn *due, void *context);

//  Runs until *fact is at least `least`, and sleeps while there is nothing to do.
void loop_until (loop_t *self, const atomic_uint *fact, unsigned least);

#endif
