/*  calls.c - the caller's calls in flight: slots and generations, deadlines, how each ended
*/
#include "calls.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "result.h"

#define FIRST_ROOM 64

/* ------------------------------------------------------------------------
    Lists
*/

static void list_append (call_list_t *list, hearth_pending_t *call)
{
    call->next = NULL;
    call->prev = list->last;
    if (list->last)
        list->last->next = call;
    else
        list->first = call;
    list->last = call;
}

static void list_prepend (call_list_t *list, hearth_pending_t *call)
{
    call->prev = NULL;
    call->next = list->first;
    if (list->first)
        list->first->prev = call;
    else
        list->last = call;
    list->first = call;
}

static void list_remove (call_list_t *list, hearth_pending_t *call)
{
    *(call->prev ? &call->prev->next : &list->first) = call->next;
    *(call->next ? &call->next->prev : &list->last) = call->prev;
    call->next = call->prev = NULL;
}

static hearth_pending_t *list_pop (call_list_t *list)
{
    hearth_pending_t *call = list->first;
    if (call)
        list_remove (list, call);
    return call;
}

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

static uint32_t take_slot (calls_t *self, hearth_pending_t *call)
{
    uint32_t slot = self->free;
    if (slot != CALLS_NO_SLOT)
        self->free = self->slots [slot].next_free;
    else if (self->count < self->room || grow (self))
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

static void free_slot (calls_t *self, uint32_t slot)
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
        free_slot (self, call->slot);
}

/* ------------------------------------------------------------------------
    Calls
*/

void calls_init (calls_t *self, int64_t now_ms)
{
    *self = (calls_t){ .free = CALLS_NO_SLOT, .limit = (uint32_t) limit_rows [LIMIT_CALLS].value };
    timers_init (&self->timers, now_ms);
}

static void recycle (calls_t *self, hearth_pending_t *call)
{
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
    memset (call, 0, offsetof (hearth_pending_t, request));
    call->hearth = hearth;
    call->deadline_ms = deadline_ms;
    call->slot = take_slot (self, call);
    return call;
}

wire_token_t calls_token (const calls_t *self, const hearth_pending_t *call)
{
    return (wire_token_t){ call->slot, self->slots [call->slot].generation };
}

void calls_hold (calls_t *self, hearth_pending_t *call, zmq_msg_t *request, int64_t until_ms)
{
    zmq_msg_init (&call->request);
    zmq_msg_move (&call->request, request);
    call->state = CALL_HELD;
    list_append (&self->held, call);
    timers_start (&self->timers, &call->timer, until_ms);
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
    free_slot (self, token.slot);
    if (call) {
        call->slot = CALLS_NO_SLOT;
        timers_stop (&self->timers, &call->timer);
    }
    return call;
}

//  Where a call that has ended is.
static call_list_t *list_of (calls_t *self, const hearth_pending_t *call)
{
    if (!call->done)
        return &self->kept;
    return call->is_unread ? &self->unread : &self->ended;
}

//  Whoever takes the items as they come is told of the end after them.
static void append_ended (calls_t *self, hearth_pending_t *call)
{
    call->is_unread = call->is_programs && call->stream && call->stream->tell && call->stream->first;
    list_append (list_of (self, call), call);
}

void calls_drained (calls_t *self, hearth_pending_t *call)
{
    if (!call->is_unread || call->stream->first)
        return;
    list_remove (&self->unread, call);
    append_ended (self, call);
}

//  Takes a call out of wherever it is; its slot is dealt with.
static void detach (calls_t *self, hearth_pending_t *call)
{
    if (call->state == CALL_ENDED) {
        list_remove (list_of (self, call), call);
        return;
    }
    if (call->state == CALL_HELD && timer_is_running (&call->timer)) {
        unhold (self, call);
        zmq_msg_close (&call->request);
    }
    timers_stop (&self->timers, &call->timer);
    if (call->slot != CALLS_NO_SLOT)
        leave_slot (self, call);
}

void calls_end (calls_t *self, hearth_pending_t *call, hearth_result_t *result)
{
    detach (self, call);
    call->state = CALL_ENDED;
    call->is_ended = true;
    call->slot = CALLS_NO_SLOT;
    call->result = call->stream ? result_of_stream (result, call->stream->received) : result;
    if (call->stream) {
        stream_over (call->stream);
        stream_end (call->stream);
    }
    if (call->any)
        *call->any = true;
    append_ended (self, call);
}

void calls_tell_program (calls_t *self, hearth_pending_t *call, client_done_fn *done, void *context)
{
    bool is_kept = call->is_ended && !call->done;
    if (is_kept)
        list_remove (&self->kept, call);
    call->done = done;
    call->context = context;
    call->is_programs = true;
    if (is_kept)
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
        list_remove (&self->kept, call);
        recycle (self, call);
    } else {
        stream_destroy (&call->stream);
        free (call);
    }
    return result;
}

/* ------------------------------------------------------------------------
    Many at once
*/

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
        if (hold_longer (self, call, now_ms, attempt_ms) || was_touched (self, call, now_ms))
            continue;
        if (call->state == CALL_SENT) {
            calls_end (
                self, call,
                result_failed (STATUS_DEADLINE, HEARTH_MAY_HAVE_EXECUTED, "no answer came within the deadline"));
            continue;
        }
        list_remove (&self->held, call);
        zmq_msg_close (&call->request);
        calls_end (self, call, result_failed (STATUS_BROKER_GONE, HEARTH_NOT_EXECUTED, "%s", why));
    }
}

int64_t calls_deadline (const calls_t *self)
{
    if (self->ended.first)
        return 0;
    return timers_deadline (&self->timers);
}

void calls_session_down (calls_t *self, const char *why)
{
    for (uint32_t slot = 0; slot < self->count; slot++) {
        call_slot_t *row = &self->slots [slot];
        if (!row->taken || (row->call && row->call->state != CALL_SENT))
            continue;
        hearth_pending_t *call = row->call;
        free_slot (self, slot);
        if (!call)
            continue;
        call->slot = CALLS_NO_SLOT;
        calls_end (self, call, result_failed (STATUS_BROKER_GONE, HEARTH_MAY_HAVE_EXECUTED, "%s", why));
    }
}

static void end_cancelled (calls_t *self, hearth_pending_t *call)
{
    hearth_mark_t mark = call->state == CALL_HELD ? HEARTH_NOT_EXECUTED : HEARTH_MAY_HAVE_EXECUTED;
    calls_end (self, call, result_failed (STATUS_CANCELLED, mark, "the connection was destroyed"));
}

void calls_cancel_programs (calls_t *self)
{
    for (uint32_t slot = 0; slot < self->count; slot++) {
        hearth_pending_t *call = self->slots [slot].call;
        if (call && call->is_programs)
            end_cancelled (self, call);
    }
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
