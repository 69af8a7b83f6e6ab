/*  calls_all.c - what is done to many calls in flight at once: overdue, without a session, of a connection that goes
*/
#include <stdlib.h>

#include "call_list.h"
#include "limits.h"
#include "repeat.h"
#include "result.h"

bool calls_forget (calls_t *self, const void *context, wire_token_t *token)
{
    for (uint32_t slot = 0; slot < self->count; slot++) {
        hearth_pending_t *call = self->slots [slot].call;
        if (!call || !call->done || call->context != context)
            continue;
        *token = calls_token (self, call);
        if (calls_abandon (self, call))
            return true;
    }
    for (hearth_pending_t *call = self->ended.first, *next; call; call = next) {
        next = call->next;
        if (call->context == context)
            calls_abandon (self, call);
    }
    return false;
}

bool calls_await (const calls_t *self, const void *context)
{
    for (uint32_t slot = 0; slot < self->count; slot++) {
        const hearth_pending_t *call = self->slots [slot].call;
        if (call && call->done && call->context == context)
            return true;
    }
    return false;
}

//  Whether it is time for the next attempt of a call that waits for it. It is held until there is a session.
static bool is_due (calls_t *self, hearth_pending_t *call, int64_t now_ms)
{
    if (call->state != CALL_WAITING)
        return false;
    call->state = CALL_HELD;
    list_append (&self->held, call);
    if (now_ms < call->deadline_ms)
        timers_start (&self->timers, &call->timer, call->deadline_ms);
    return now_ms < call->deadline_ms;
}

//  Whether a call that is held may wait on.
static bool hold_longer (calls_t *self, hearth_pending_t *call, int64_t now_ms, int64_t attempt_ms)
{
    int64_t until = attempt_ms < call->deadline_ms ? attempt_ms : call->deadline_ms;
    if (call->state != CALL_HELD || until <= now_ms)
        return false;
    timers_start (&self->timers, &call->timer, until);
    return true;
}

//  A stream's timer is left where it is while items come and go.
static bool was_touched (calls_t *self, hearth_pending_t *call, int64_t now_ms)
{
    int64_t until = call->deadline_ms + (int64_t) limit_rows [LIMIT_GRACE].value;
    if (!call->stream || call->state != CALL_SENT || until <= now_ms)
        return false;
    timers_start (&self->timers, &call->timer, until);
    return true;
}

void calls_expire (calls_t *self, int64_t now_ms, int64_t attempt_ms, const char *why)
{
    timer_node_t *node;
    while ((node = timers_next (&self->timers, now_ms))) {
        hearth_pending_t *call = (hearth_pending_t *) ((char *) node - offsetof (hearth_pending_t, timer));
        if (is_due (self, call, now_ms) || hold_longer (self, call, now_ms, attempt_ms)
            || was_touched (self, call, now_ms))
            continue;
        if (call->state == CALL_SENT) {
            calls_end (
                self, call,
                result_failed (STATUS_DEADLINE, HEARTH_MAY_HAVE_EXECUTED, "no answer came within the deadline"));
            continue;
        }
        list_remove (&self->held, call);
        calls_end (self, call, result_failed (STATUS_BROKER_GONE, HEARTH_NOT_EXECUTED, "%s", why));
    }
}

int64_t calls_deadline (const calls_t *self)
{
    return self->ended.first || self->untold.first ? 0 : timers_deadline (&self->timers);
}

bool calls_are_due (const calls_t *self, int64_t now_ms)
{
    int64_t at = timers_deadline (&self->timers);
    return at >= 0 && at <= now_ms;
}

void calls_session_down (calls_t *self, const char *why, int64_t now_ms)
{
    for (uint32_t slot = 0; slot < self->count; slot++) {
        call_slot_t *row = &self->slots [slot];
        if (!row->taken || (row->call && row->call->state != CALL_SENT))
            continue;
        hearth_pending_t *call = row->call;
        if (call && repeat_session_lost (self, call, why, now_ms))
            continue;
        calls_free_slot (self, slot);
        if (!call)
            continue;
        call->slot = CALLS_NO_SLOT;
        calls_end (self, call, result_failed (STATUS_BROKER_GONE, HEARTH_MAY_HAVE_EXECUTED, "%s", why));
    }
}

static void end_cancelled (calls_t *self, hearth_pending_t *call)
{
    calls_end (self, call, result_failed (STATUS_CANCELLED, calls_mark (call), "the connection was destroyed"));
}

void calls_cancel_programs (calls_t *self)
{
    for (uint32_t slot = 0; slot < self->count; slot++) {
        hearth_pending_t *call = self->slots [slot].call;
        if (call && (!call->done || call->is_programs))
            end_cancelled (self, call);
    }
    for (hearth_pending_t *call = self->untold.first; call; call = call->next)
        if (call->stream && call->is_programs)
            stream_drop (call->stream);
    for (hearth_pending_t *call; (call = self->unread.first);) {
        stream_drop (call->stream);
        calls_drained (self, call);
    }
}

void calls_clear (calls_t *self)
{
    for (uint32_t slot = 0; slot < self->count; slot++) {
        hearth_pending_t *call = self->slots [slot].call;
        if (call && call->done)
            calls_abandon (self, call);
        else if (call)
            end_cancelled (self, call);
    }
    while (self->untold.first)
        calls_told (self, self->untold.first);
    while (self->ended.first)
        calls_abandon (self, self->ended.first);
    while (self->unread.first)
        calls_abandon (self, self->unread.first);
    for (hearth_pending_t *call; (call = list_pop (&self->kept));) {
        stream_leave (call->stream);
        call->hearth = NULL;
    }
    for (hearth_pending_t *call; (call = self->spare);) {
        self->spare = call->next;
        free (call);
    }
    free (self->slots);
    self->slots = NULL;
    self->count = self->room = 0;
}
