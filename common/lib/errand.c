/*  errand.c - calls that a worker makes: the connection's thread starts them, and the worker waits

    The argument lies on the worker's stack: the worker does not go on while it may be read. An errand whose worker has
    stopped waiting is freed by the connection's thread.
*/
#include "errand.h"

#include <stdlib.h>

#include "box.h"
#include "limits.h"
#include "result.h"

typedef enum { ERRAND_POSTED, ERRAND_STARTING, ERRAND_STARTED, ERRAND_DONE } errand_state_t;

typedef struct {
    letter_t letter;
    box_t *box;
    errand_state_t state;
    bool is_left;  //  its worker does not wait any more
    pthread_cond_t changed;
    errand_fn *start;
    errand_act_fn *act;  //  instead of it
    void *argument;
    hearth_result_t *result;  //  NULL: what was to be done is done
} errand_t;

static void errand_free (errand_t *self)
{
    hearth_result_destroy (&self->result);
    pthread_cond_destroy (&self->changed);
    free (self);
}

//  With the lock held; takes the result.
static void finish (errand_t *self, hearth_result_t *result)
{
    self->result = result;
    self->state = ERRAND_DONE;
    if (self->is_left)
        errand_free (self);
    else
        pthread_cond_signal (&self->changed);
}

static void ended (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    errand_t *self = context;
    box_t *box = self->box;
    box_lock (box);
    finish (self, result);
    box_unlock (box);
}

//  NULL, or why it failed.
static hearth_result_t *do_it (const errand_t *self, hearth_t *hearth)
{
    if (self->act (hearth, self->argument) == HEARTH_OK)
        return NULL;
    const hearth_error_t *why = hearth_last_error (hearth);
    return result_error (why->code, why->mark, why->name, "%s", why->message);
}

//  True if it is a call, whose end is told; else its result.
static bool begin (errand_t *self, hearth_t *hearth, hearth_result_t **result)
{
    if (self->act) {
        *result = do_it (self, hearth);
        return false;
    }
    hearth_pending_t *call = self->start (hearth, self->argument);
    if (call)
        calls_tell_program (&hearth->calls, call, ended, self);
    else
        *result = result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "memory is short");
    return call;
}

//  In the connection's thread. What is begun may run whatever a turn may run: not under the lock.
static void deliver (letter_t *letter, hearth_t *hearth)
{
    errand_t *self = (errand_t *) letter;
    box_t *box = self->box;
    hearth_result_t *result = NULL;
    if (hearth->is_closing) {
        finish (self, result_failed (STATUS_CANCELLED, HEARTH_NOT_EXECUTED, "the connection is being destroyed"));
        return;
    }
    self->state = ERRAND_STARTING;
    box_unlock (box);
    bool is_call = begin (self, hearth, &result);
    box_lock (box);
    if (!is_call) {
        finish (self, result);
        return;
    }
    self->state = ERRAND_STARTED;
    pthread_cond_signal (&self->changed);
}

static errand_t *errand_new (box_t *box, const errand_t *what)
{
    errand_t *self = malloc (sizeof *self);
    if (!self)
        return NULL;
    *self = *what;
    self->letter.deliver = deliver;
    self->box = box;
    box_condition_init (&self->changed);
    return self;
}

//  Its time has passed without a word from the connection's thread, which is busy elsewhere. With the lock held.
static hearth_result_t *leave (errand_t *self)
{
    hearth_mark_t mark = HEARTH_MAY_HAVE_EXECUTED;
    if (self->state == ERRAND_POSTED) {
        mark = HEARTH_NOT_EXECUTED;
        box_withdraw (self->box, &self->letter);
        errand_free (self);
    } else
        self->is_left = true;
    return result_failed (STATUS_DEADLINE, mark, "the connection's thread did not get round to it");
}

static hearth_result_t *wait_for (errand_t *self, int64_t deadline_ms)
{
    bool in_time = true;
    while (self->state != ERRAND_DONE && (in_time || self->state == ERRAND_STARTING)) {
        bool signalled = box_wait (self->box, &self->changed, in_time ? deadline_ms : INT64_MAX);
        in_time = in_time && signalled;
    }
    if (self->state != ERRAND_DONE)
        return leave (self);
    hearth_result_t *result = self->result;
    self->result = NULL;
    errand_free (self);
    return result;
}

static hearth_result_t *go (hearth_t *hearth, const errand_t *what, int64_t deadline_ms)
{
    box_t *box = hearth->services.box;
    if (guard_is_forked (hearth)) {
        const hearth_error_t *why = guard_refusal (hearth);
        return result_error (why->code, why->mark, why->name, "%s", why->message);
    }
    errand_t *self = errand_new (box, what);
    if (!self)
        return result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "memory is short");
    box_lock (box);
    box_post (box, &self->letter);
    hearth_result_t *result = wait_for (self, deadline_ms + (int64_t) limit_rows [LIMIT_GRACE].value);
    box_unlock (box);
    return result;
}

hearth_result_t *errand_run (hearth_t *hearth, errand_fn *start, void *argument, int64_t deadline_ms)
{
    return go (hearth, &(errand_t){ .start = start, .argument = argument }, deadline_ms);
}

int errand_do (hearth_t *hearth, errand_act_fn *act, void *argument, int64_t deadline_ms)
{
    hearth_result_t *failure = go (hearth, &(errand_t){ .act = act, .argument = argument }, deadline_ms);
    if (!failure)
        return HEARTH_OK;
    int code = client_fail_result (hearth, failure);
    hearth_result_destroy (&failure);
    return code;
}
