/*  run.c - driving a connection: hearth_run, a loop of the program's own, and waiting within calls
*/
#include "clock.h"
#include "connection.h"
#include "result.h"

#define WAITS_MOST (2 * SERVICE_NESTING)  //  waits within callbacks within waits

static bool is_stopping (const hearth_t *self)
{
    return self->is_running && atomic_load_explicit (&self->is_stopped, memory_order_relaxed);
}

//  Sets the error if a registration was refused for good, and returns its code.
static int check_refused (hearth_t *self)
{
    const object_t *object = services_refused (&self->services);
    if (!object)
        return HEARTH_OK;
    return client_fail (self, object->registration.code, object->registration.name, "%s was refused: %s",
                        object->size ? object->name : "the unique name's object", object->registration.why);
}

/* ------------------------------------------------------------------------
    Waiting
*/

typedef bool condition_fn (const hearth_t *self);

//  Takes turns until *done or the condition is true, the last one after the deadline: what has come by then counts. 0, or
//  why it gave up.
static int wait_for (hearth_t *self, const bool *done, condition_fn *is_met, int64_t deadline_ms)
{
    if (self->waits == WAITS_MOST)
        return client_fail (self, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "too many waits within callbacks");
    int code = HEARTH_OK;
    bool is_last = false;
    self->waits++;
    for (;;) {
        turn (self, done, true);
        if (done ? *done : is_met (self))
            break;
        if (is_last)
            code = HEARTH_DEADLINE_EXCEEDED;
        if (is_stopping (self))
            code = HEARTH_CANCELLED;
        if (code)
            break;
        is_last = self->now_ms >= deadline_ms;
        turn_wait (self, deadline_ms);
    }
    self->waits--;
    return code;
}

int client_wait (hearth_t *self, const bool *done, int64_t deadline_ms)
{
    return *done ? HEARTH_OK : wait_for (self, done, NULL, deadline_ms);
}

bool connection_await_session (hearth_t *self)
{
    return client_is_up (self) || wait_for (self, NULL, client_is_up, clock_now_ms () + NO_BROKER_MS) == HEARTH_OK;
}

//  Whether all is registered, or something never will be. A connection that was lost cannot be written to from the moment
//  on that it is; that it was lost is told a little later.
static bool is_settled (const hearth_t *self)
{
    if (services_refused (&self->services))
        return true;
    return client_is_up (self) && !services_unregistered (&self->services) && uplink_is_writable (self->uplink);
}

//  Why it was not ready in time: no broker, or a name that is taken and may yet become free.
static int not_ready (hearth_t *self)
{
    const object_t *object = services_unregistered (&self->services);
    if (client_is_up (self) && object && object->registration.code)
        return client_fail (self, object->registration.code, object->registration.name,
                            "%s is not registered yet: %s", object->name, object->registration.why);
    return client_fail (self, HEARTH_UNAVAILABLE, "hearth.BrokerGone", "%s: %s", self->endpoint,
                        *self->session.why ? self->session.why : "no answer yet");
}

int hearth_ready (hearth_t *self, int64_t timeout_ms)
{
    if (!client_enter (self))
        return (int) guard_code (self);
    uplink_look_again (self->uplink);
    int code = wait_for (self, NULL, is_settled, clock_after_ms (timeout_ms));
    if (code == HEARTH_OK)
        code = check_refused (self);
    else if (code != HEARTH_RESOURCE_EXHAUSTED)
        code = not_ready (self);
    client_leave (self);
    return code;
}

/* ------------------------------------------------------------------------
    Running
*/

static int run (hearth_t *self)
{
    int code = HEARTH_OK;
    self->is_running = true;
    while (!is_stopping (self)) {
        turn (self, NULL, true);
        code = check_refused (self);
        if (code || is_stopping (self))
            break;
        turn_wait (self, -1);
    }
    if (!code)
        atomic_store (&self->is_stopped, false);
    self->is_running = false;
    return code;
}

int hearth_run (hearth_t *self)
{
    if (!client_enter (self))
        return (int) guard_code (self);
    int code = self->depth == 1 ? run (self)
                                : client_fail (self, HEARTH_FAILED_PRECONDITION, "hearth.InUse",
                                               "hearth_run cannot be called from a callback");
    client_leave (self);
    return code;
}

//  Only what is safe in a signal handler: atomic stores, and a write to an eventfd.
void hearth_stop (hearth_t *self)
{
    if (!self)
        return;
    atomic_store (&self->is_stopped, true);
    atomic_store (&self->is_called, true);
    uplink_wake (self->uplink);
}

int hearth_fd (const hearth_t *self)
{
    if (!self)
        return -1;
    if (!atomic_exchange (&((hearth_t *) self)->has_loop, true))
        uplink_wake (self->uplink);  //  what was left until now was nobody's to wait for
    return uplink_fd (self->uplink);
}

int64_t hearth_next_timeout_ms (const hearth_t *self)
{
    if (guard_refusal (self))
        return -1;
    if (uplink_is_ready (self->uplink) || services_is_ready (&self->services) || notes_are_waiting (self))
        return 0;
    int64_t at = turn_deadline (self);
    if (at < 0)
        return -1;
    int64_t left = at - clock_now_ms ();
    return left > 0 ? left : 0;
}

int hearth_process (hearth_t *self)
{
    if (!client_enter (self))
        return (int) guard_code (self);
    atomic_store (&self->is_called, false);
    self->now_ms = clock_now_ms ();
    turn_wait (self, self->now_ms);
    self->is_fresh = false;
    turn (self, NULL, true);
    int code = check_refused (self);
    client_leave (self);
    return code;
}

static void hold (hearth_t *self, bool on)
{
    if (!client_enter (self))
        return;
    turn_hold (self, on);
    client_leave (self);
}

void hearth_hold (hearth_t *self)
{
    hold (self, true);
}

void hearth_flush (hearth_t *self)
{
    hold (self, false);
}
