/*  registration.c - when a name is registered, and what a refusal means
*/
#include "registration.h"

#include <stdio.h>

#include "limits.h"

//  How long a first registration tries on: until a peer that is dead would have been given up, and some more.
static int64_t ghost_ms (void)
{
    return (int64_t) limit_rows [LIMIT_HEARTBEAT_END].value + 2000;
}

void registration_init (registration_t *self, bool fails_if_taken)
{
    *self = (registration_t){ .fails_if_taken = fails_if_taken, .taken_ms = -1 };
}

static bool is_over (const registration_t *self)
{
    return self->state == REGISTRATION_REFUSED || self->state == REGISTRATION_REPLACED;
}

void registration_session_up (registration_t *self, int64_t now_ms)
{
    if (is_over (self))
        return;
    self->state = REGISTRATION_DUE;
    self->at_ms = now_ms;
    self->pause_ms = (int64_t) limit_rows [LIMIT_RECONNECT].value;
}

void registration_session_down (registration_t *self)
{
    if (!is_over (self))
        self->state = REGISTRATION_IDLE;
}

bool registration_is_due (const registration_t *self, int64_t now_ms)
{
    return self->state == REGISTRATION_DUE && now_ms >= self->at_ms;
}

int64_t registration_deadline (const registration_t *self)
{
    return self->state == REGISTRATION_DUE ? self->at_ms : -1;
}

void registration_sent (registration_t *self)
{
    self->state = REGISTRATION_SENT;
}

static void try_again (registration_t *self, int64_t now_ms)
{
    self->state = REGISTRATION_DUE;
    self->at_ms = now_ms + self->pause_ms;
    self->pause_ms *= 2;
    if (self->pause_ms > (int64_t) limit_rows [LIMIT_RECONNECT_MOST].value)
        self->pause_ms = (int64_t) limit_rows [LIMIT_RECONNECT_MOST].value;
}

//  Whether a refusal may pass by itself.
static bool may_pass (registration_t *self, const hearth_error_t *error, int64_t now_ms)
{
    if (self->was_held || error->code == HEARTH_UNAVAILABLE || error->code == HEARTH_DEADLINE_EXCEEDED)
        return true;
    if (error->code != HEARTH_ALREADY_EXISTS || self->fails_if_taken)
        return false;
    if (self->taken_ms < 0)
        self->taken_ms = now_ms;
    return now_ms - self->taken_ms < ghost_ms ();
}

registration_news_t registration_answered (registration_t *self, const hearth_error_t *error, int64_t now_ms)
{
    if (self->state != REGISTRATION_SENT)
        return REGISTRATION_QUIET;
    if (!error) {
        self->state = REGISTRATION_HELD;
        self->was_held = true;
        self->told = false;
        self->code = HEARTH_OK;
        self->taken_ms = -1;
        return REGISTRATION_GAINED;
    }
    self->code = error->code;
    snprintf (self->name, sizeof self->name, "%s", error->name);
    snprintf (self->why, sizeof self->why, "%s", error->message);
    if (may_pass (self, error, now_ms)) {
        bool tell = self->was_held && !self->told && error->code == HEARTH_ALREADY_EXISTS;
        self->told = self->told || tell;
        try_again (self, now_ms);
        return tell ? REGISTRATION_LOST : REGISTRATION_QUIET;
    }
    self->state = REGISTRATION_REFUSED;
    return REGISTRATION_LOST;
}

registration_news_t registration_replaced (registration_t *self)
{
    if (self->state != REGISTRATION_SENT && self->state != REGISTRATION_HELD)
        return REGISTRATION_QUIET;
    self->state = REGISTRATION_REPLACED;
    return REGISTRATION_LOST;
}
