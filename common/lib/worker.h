/*  worker.h - threads that run the handlers of an object instead of the connection's

    A call that a worker handles is a kept call from its start (kept.h). The connection's thread decodes its arguments and
    gives it to the object's pool while fewer handlers run than may; what comes beyond that waits in the object's own queue.
    The end of a handler is a letter to the connection's thread.
*/
#ifndef WORKER_H_INCLUDED
#define WORKER_H_INCLUDED

#include "connection.h"
#include "status.h"

typedef struct pool pool_t;

//  ---- by the connection's thread ----

//  Starts an object's threads. 0, or HEARTH_RESOURCE_EXHAUSTED.
int workers_start (hearth_t *hearth, object_t *object, unsigned count);
//  Gives a call to a worker of its object, with what its arguments lie in (malloc's).
void workers_give (hearth_call_t *call, void *bytes);
//  Refuses a call, as not executed, if no worker has begun it; false if one has.
bool workers_take_back (hearth_call_t *call, status_t status, const char *why);
//  The same for all calls of an object; NULL: of all objects.
void workers_take_back_all (hearth_t *hearth, const object_t *object, const char *why);
//  A worker has handled a call. With the lock held.
void workers_ended (hearth_t *hearth, hearth_call_t *call);
//  Ends the threads of an object that is gone, unless they still run its handlers: then they end after these.
void workers_release (hearth_t *hearth, object_t *object);
//  Waits for those threads that are ending: none of them runs a handler.
void workers_reap (hearth_t *hearth);
//  Waits for all handlers, which are told that they are cancelled, and ends all threads.
void workers_end (hearth_t *hearth);

//  ---- by any thread ----

//  Whether the calling thread is a worker of that connection; self may be NULL.
bool worker_is_here (const hearth_t *self);
//  The same for the thread that handles a call.
bool worker_handles (const hearth_call_t *call);

//  ---- by a worker ----

//  Where its errors go, until it notes another one, which is static.
error_copy_t *worker_error (void);
void worker_note (const hearth_error_t *error);
const hearth_error_t *worker_last_error (void);
//  The unique name of the session that its call came in.
const char *worker_unique_name (void);

#endif
