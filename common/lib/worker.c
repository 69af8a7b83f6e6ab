/*  worker.c - threads that run the handlers of an object instead of the connection's
*/
#include "worker.h"

#include <stdlib.h>

#include "call.h"
#include "dispatch.h"

struct pool {
    hearth_t *hearth;
    box_t *box;
    pool_t *next;
    pthread_cond_t work;
    hearth_call_t *first;  //  given and not begun
    hearth_call_t **last;
    bool is_ending;
    unsigned count;
    pthread_t threads [];
};

typedef struct {
    const hearth_t *hearth;
    hearth_call_t *call;
    error_copy_t error;
    const hearth_error_t *noted;
    char unique_name [UNIQUE_NAME_SIZE];
} worker_t;

//  What this thread is. No state that connections share: it stands on the worker's own stack.
static _Thread_local worker_t *here;

bool worker_is_here (const hearth_t *self)
{
    return self && here && here->hearth == self;
}

bool worker_handles (const hearth_call_t *call)
{
    return here && here->call == call;
}

error_copy_t *worker_error (void)
{
    here->noted = NULL;
    return &here->error;
}

void worker_note (const hearth_error_t *error)
{
    here->noted = error;
}

const hearth_error_t *worker_last_error (void)
{
    return here->noted ? here->noted : &here->error.error;
}

const char *worker_unique_name (void)
{
    name_write_unique (here->unique_name, here->call->epoch, here->call->session);
    return here->unique_name;
}

/* ------------------------------------------------------------------------
    Threads
*/

//  The next call; NULL if there is to be none any more. With the lock held.
static hearth_call_t *next_call (pool_t *self)
{
    while (!self->first && !self->is_ending)
        box_wait (self->box, &self->work, INT64_MAX);
    hearth_call_t *call = self->first;
    if (!call)
        return NULL;
    self->first = call->kept.next_given;
    if (!self->first)
        self->last = &self->first;
    call->kept.is_given = false;
    return call;
}

//  False in a child that the handler has forked, and which returned from it: there is nobody to go on for.
static bool handle (worker_t *self, hearth_call_t *call)
{
    self->call = call;
    self->error.error = (hearth_error_t){ .name = "", .message = "" };
    self->noted = NULL;
    call->method->handler (call, call->object->context);
    self->call = NULL;
    if (box_is_forked (call->kept.box))
        return false;
    if (!call->kept.is_programs)
        call_end (call, STATUS_NO_REPLY, "the handler returned without an answer");
    return true;
}

static void *run (void *pool)
{
    pool_t *self = pool;
    worker_t worker = { .hearth = self->hearth };
    here = &worker;
    box_lock (self->box);
    for (hearth_call_t *call; (call = next_call (self));) {
        box_unlock (self->box);
        if (!handle (&worker, call))
            return NULL;
        box_lock (self->box);
        kept_worker_returned (call);
    }
    box_unlock (self->box);
    return NULL;
}

static void end_threads (pool_t *self)
{
    box_lock (self->box);
    self->is_ending = true;
    pthread_cond_broadcast (&self->work);
    box_unlock (self->box);
}

static void join_and_free (pool_t *self)
{
    while (self->count > 0)
        pthread_join (self->threads [--self->count], NULL);
    pthread_cond_destroy (&self->work);
    free (self);
}

static bool start_threads (pool_t *self, unsigned count)
{
    while (self->count < count && pthread_create (&self->threads [self->count], NULL, run, self) == 0)
        self->count++;
    return self->count == count;
}

int workers_start (hearth_t *hearth, object_t *object, unsigned count)
{
    box_t *box = box_of (hearth);
    pool_t *self = box ? calloc (1, sizeof *self + count * sizeof (pthread_t)) : NULL;
    if (!self)
        return HEARTH_RESOURCE_EXHAUSTED;
    self->hearth = hearth;
    self->box = box;
    self->last = &self->first;
    box_condition_init (&self->work);
    atomic_store (&hearth->has_workers, true);
    if (!start_threads (self, count)) {
        end_threads (self);
        join_and_free (self);
        return HEARTH_RESOURCE_EXHAUSTED;
    }
    self->next = hearth->services.pools;
    hearth->services.pools = self;
    object->pool = self;
    return HEARTH_OK;
}

/* ------------------------------------------------------------------------
    Calls
*/

void workers_give (hearth_call_t *call, void *bytes)
{
    pool_t *self = call->object->pool;
    call->hearth->services.on_workers++;
    call->object->running++;
    call->object->call = call;
    kept_give (call, bytes);
    box_lock (self->box);
    call->kept.is_given = true;
    call->kept.next_given = NULL;
    *self->last = call;
    self->last = &call->kept.next_given;
    pthread_cond_signal (&self->work);
    box_unlock (self->box);
}

void workers_ended (hearth_t *hearth, hearth_call_t *call)
{
    object_t *object = call->object;
    hearth->services.on_workers--;
    object->running--;
    if (object->call == call)
        object->call = NULL;
    dispatch_make_ready (&hearth->services, object);
    pool_t *pool = object->pool;
    if (!object->is_gone || object->running)
        return;
    object->pool = NULL;
    pool->is_ending = true;
    pthread_cond_broadcast (&pool->work);
    hearth->services.has_ending = true;
}

//  With the lock held.
static void take_back (pool_t *self, hearth_call_t *call, status_t status, const char *why)
{
    hearth_call_t **at = &self->first;
    while (*at != call)
        at = &(*at)->kept.next_given;
    *at = call->kept.next_given;
    if (!*at)
        self->last = at;
    call->kept.is_given = false;
    atomic_store (&call->is_answered, true);
    if (call->sessions == self->hearth->session.count)
        call_refuse (self->hearth, &call->block, status, why);
    kept_worker_returned (call);
}

bool workers_take_back (hearth_call_t *call, status_t status, const char *why)
{
    pool_t *self = call->object->pool;
    if (!self)
        return false;
    box_lock (self->box);
    bool is_given = call->kept.is_given;
    if (is_given)
        take_back (self, call, status, why);
    box_unlock (self->box);
    return is_given;
}

void workers_take_back_all (hearth_t *hearth, const object_t *object, const char *why)
{
    for (pool_t *pool = hearth->services.pools; pool; pool = pool->next) {
        if (object && object->pool != pool)
            continue;
        box_lock (pool->box);
        while (pool->first)
            take_back (pool, pool->first, STATUS_CANCELLED, why);
        box_unlock (pool->box);
    }
}

/* ------------------------------------------------------------------------
    Ending
*/

void workers_release (hearth_t *hearth, object_t *object)
{
    if (!object->pool || object->running)
        return;
    end_threads (object->pool);
    object->pool = NULL;
    hearth->services.has_ending = true;
    workers_reap (hearth);
}

void workers_reap (hearth_t *hearth)
{
    if (!hearth->services.has_ending)
        return;
    hearth->services.has_ending = false;
    for (pool_t **at = &hearth->services.pools, *pool; (pool = *at);) {
        if (!pool->is_ending) {
            at = &pool->next;
            continue;
        }
        *at = pool->next;
        join_and_free (pool);
    }
}

void workers_end (hearth_t *hearth)
{
    services_t *services = &hearth->services;
    if (!services->pools)
        return;
    workers_take_back_all (hearth, NULL, "the service's connection is being destroyed");
    kept_cancel_handled (hearth);
    kept_work (hearth);
    while (services->on_workers > 0) {
        box_await_work (services->box);
        kept_work (hearth);
    }
    for (pool_t *pool = services->pools; pool; pool = pool->next)
        end_threads (pool);
    services->has_ending = services->pools;
    workers_reap (hearth);
}
