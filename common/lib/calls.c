/*  calls.c - the caller's calls in flight: slots and generations, deadlines, how each ended
*/
#include "calls.h"

#include <stdlib.h>
#include <string.h>

#include "call_list.h"
#include "limits.h"
#include "repeat.h"
#include "result.h"

#define FIRST_ROOM 64

/* ------------------------------------------------------------------------
    Slots
*/

static bool grow (calls_t *self)
{
    uint32_t room = self->room ? self->room * 2 : FIRST_ROOM;
    if (room > self->limit)
        room = self->limit;
    if (room <= self->count)
        return false;
    call_slot_t *slots = realloc (self->slots, room * sizeof *slots);
    if (!slots)
        return false;
    memset (slots + self->room, 0, (room - self->room) * sizeof *slots);
    self->slots = slots;
    self->room = room;
    return true;
}

static inline uint32_t take_slot (calls_t *self, hearth_pending_t *call)
{
    uint32_t slot = self->free;
    if (slot != CALLS_NO_SLOT)
        self->free = self->slots [slot].next_free;
    else if (self->count < self->limit && (self->count < self->room || grow (self)))
        slot = self->count++;
    else
        return CALLS_NO_SLOT;
    call_slot_t *row = &self->slots [slot];
    row->generation++;
    row->taken = true;
    row->call = call;
    self->taken++;
    return slot;
}

//  Slots beyond the limit of another broker than the one that they were used with are left aside.
static void offer_slot (calls_t *self, uint32_t slot)
{
    if (slot >= self->limit)
        return;
    self->slots [slot].next_free = self->free;
    self->free = slot;
}

void calls_free_slot (calls_t *self, uint32_t slot)
{
    call_slot_t *row = &self->slots [slot];
    row->taken = false;
    row->call = NULL;
    self->taken--;
    offer_slot (self, slot);
}

void calls_set_limit (calls_t *self, uint32_t limit)
{
    self->limit = limit;
    self->free = CALLS_NO_SLOT;
    for (uint32_t slot = self->count; slot-- > 0;)
        if (!self->slots [slot].taken)
            offer_slot (self, slot);
}

//  The broker has still to answer a call that was sent.
static void leave_slot (calls_t *self, hearth_pending_t *call)
{
    if (call->state == CALL_SENT)
        self->slots [call->slot].call = NULL;
    else
        calls_free_slot (self, call->slot);
}

/* ------------------------------------------------------------------------
    Calls
*/

void calls_init (calls_t *self, int64_t now_ms)
{
    *self = (calls_t){ .free = CALLS_NO_SLOT, .limit = (uint32_t) limit_rows [LIMIT_CALLS].value };
    retry_init (&self->retry, (uint64_t) now_ms);
    timers_init (&self->timers, now_ms);
}

static void recycle (calls_t *self, hearth_pending_t *call)
{
    request_drop (&call->request);
    stream_destroy (&call->stream);
    call->next = self->spare;
    self->spare = call;
}

bool calls_is_full (const calls_t *self)
{
    return self->free == CALLS_NO_SLOT && self->count >= self->limit;
}

hearth_pending_t *calls_open (calls_t *self, hearth_t *hearth, int64_t deadline_ms)
{
    hearth_pending_t *call = self->spare;
    if (call)
        self->spare = call->next;
    else if (!(call = malloc (sizeof *call)))
        return NULL;
    memset (call, 0, CALL_CLEARED);
    call->hearth = hearth;
    call->deadline_ms = deadline_ms;
    call->slot = take_slot (self, call);
    return call;
}

wire_token_t calls_token (const calls_t *self, const hearth_pending_t *call)
{
    return (wire_token_t){ call->slot, self->slots [call->slot].generation };
}

void calls_hold (calls_t *self, hearth_pending_t *call, int64_t until_ms)
{
    call->state = CALL_HELD;
    list_append (&self->held, call);
    timers_start (&self->timers, &call->timer, until_ms);
}

//  While it waits it has a slot, so that whoever looks for all calls finds it.
bool calls_wait (calls_t *self, hearth_pending_t *call, int64_t at_ms)
{
    if (call->slot == CALLS_NO_SLOT)
        call->slot = take_slot (self, call);
    else
        self->slots [call->slot].generation++;
    if (call->slot == CALLS_NO_SLOT)
        return false;
    call->state = CALL_WAITING;
    timers_start (&self->timers, &call->timer, at_ms < call->deadline_ms ? at_ms : call->deadline_ms);
    return true;
}

static void unhold (calls_t *self, hearth_pending_t *call)
{
    list_remove (&self->held, call);
    timers_stop (&self->timers, &call->timer);
}

void calls_hold_again (calls_t *self, hearth_pending_t *call)
{
    list_prepend (&self->held, call);
    timers_start (&self->timers, &call->timer, call->timer.at_ms);
}

hearth_pending_t *calls_next_held (calls_t *self)
{
    hearth_pending_t *call = self->held.first;
    if (call)
        unhold (self, call);
    return call;
}

void calls_sent (calls_t *self, hearth_pending_t *call)
{
    call->state = CALL_SENT;
    timers_start (&self->timers, &call->timer, call->deadline_ms + (int64_t) limit_rows [LIMIT_GRACE].value);
}

//  The slot of a token that the broker has; NULL if there is none.
static call_slot_t *find_slot (calls_t *self, wire_token_t token)
{
    if (token.slot >= self->count)
        return NULL;
    call_slot_t *row = &self->slots [token.slot];
    if (!row->taken || row->generation != token.generation || (row->call && row->call->state != CALL_SENT))
        return NULL;
    return row;
}

hearth_pending_t *calls_find (calls_t *self, wire_token_t token)
{
    call_slot_t *row = find_slot (self, token);
    return row ? row->call : NULL;
}

hearth_pending_t *calls_answered (calls_t *self, wire_token_t token)
{
    call_slot_t *row = find_slot (self, token);
    if (!row)
        return NULL;
    hearth_pending_t *call = row->call;
    calls_free_slot (self, token.slot);
    if (call) {
        call->slot = CALLS_NO_SLOT;
        timers_stop (&self->timers, &call->timer);
    }
    return call;
}

void calls_drained (calls_t *self, hearth_pending_t *call)
{
    if (!call->is_unread || call->stream->first)
        return;
    list_remove (list_of (self, call), call);
    append_ended (self, call);
}

//  Takes a call out of wherever it is; its slot is dealt with.
static void detach (calls_t *self, hearth_pending_t *call)
{
    if (call->state == CALL_ENDED) {
        list_remove (list_of (self, call), call);
        return;
    }
    if (call->state == CALL_HELD && timer_is_running (&call->timer))
        unhold (self, call);
    timers_stop (&self->timers, &call->timer);
    if (call->slot != CALLS_NO_SLOT)
        leave_slot (self, call);
}

hearth_mark_t calls_mark (const hearth_pending_t *call)
{
    return call->state == CALL_SENT || call->result ? HEARTH_MAY_HAVE_EXECUTED : HEARTH_NOT_EXECUTED;
}

void calls_end (calls_t *self, hearth_pending_t *call, hearth_result_t *result)
{
    detach (self, call);
    call->state = CALL_ENDED;
    call->is_ended = true;
    call->slot = CALLS_NO_SLOT;
    if (call->result)
        result = repeat_result (call->result, result);
    call->result = call->stream ? result_of_stream (result, call->stream->received) : result;
    if (call->stream) {
        stream_over (call->stream);
        stream_end (call->stream);
    }
    call->is_untold = call->is_watched;
    if (!call->is_untold)
        request_drop (&call->request);
    if (call->any)
        *call->any = true;
    append_ended (self, call);
}

void calls_tell_program (calls_t *self, hearth_pending_t *call, client_done_fn *done, void *context)
{
    if (call->is_ended)
        list_remove (list_of (self, call), call);
    call->done = done;
    call->context = context;
    call->is_programs = true;
    if (call->is_ended)
        append_ended (self, call);
}

bool calls_next_ended (calls_t *self, client_done_fn **done, void **context, hearth_result_t **result)
{
    hearth_pending_t *call = list_pop (&self->ended);
    if (!call)
        return false;
    *done = call->done;
    *context = call->context;
    *result = call->result;
    recycle (self, call);
    return true;
}

bool calls_abandon (calls_t *self, hearth_pending_t *call)
{
    bool tell = call->state == CALL_SENT;
    detach (self, call);
    hearth_result_destroy (&call->result);
    recycle (self, call);
    return tell;
}

hearth_result_t *calls_take (calls_t *self, hearth_pending_t *call)
{
    hearth_result_t *result = call->result;
    if (self) {
        list_remove (list_of (self, call), call);
        recycle (self, call);
    } else {
        stream_destroy (&call->stream);
        free (call);
    }
    return result;
}
