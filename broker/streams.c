/*  streams.c - what a call carries between its dispatch and its end (docs/protocol.md, section 6.1)

    Items pass straight through, as requests and replies do: counted against the receiver's credit, patched, sent on. Whoever
    sends without credit, or grants more than a session may have outstanding, ends the call. What is granted counts for the
    session that receives: the caller's for items down, the service's for items up. Credits, and the end of the items up, are
    written anew: their frames may have any size, and only their numbers are worth something.
*/

#include "state.h"

#include <inttypes.h>
#include <stdio.h>

//  ---- credit ----

static inline int64_t s_left (int64_t bytes)
{
    return bytes > 0 ? bytes : 0;
}

static void s_grant (session_t *session, credit_t *credit, uint64_t items, uint64_t bytes)
{
    int64_t had = s_left (credit->bytes);
    credit->items += (uint32_t) items;
    credit->bytes += (int64_t) bytes;
    session->granted += items;
    session->granted_bytes += (uint64_t) (s_left (credit->bytes) - had);
}

//  False if there is no credit for an item.
static inline bool s_spend (session_t *session, credit_t *credit, size_t size)
{
    if (!credit->items || credit->bytes <= 0)
        return false;
    int64_t bytes = (int64_t) size;
    session->granted--;
    session->granted_bytes -= (uint64_t) (bytes < credit->bytes ? bytes : credit->bytes);
    credit->items--;
    credit->bytes -= bytes;
    return true;
}

static void s_give_back (session_t *session, credit_t *credit)
{
    session->granted -= credit->items;
    session->granted_bytes -= (uint64_t) s_left (credit->bytes);
    *credit = (credit_t){ 0 };
}

static bool s_is_beyond_any (const credit_t *credit, uint64_t items, uint64_t bytes)
{
    return credit->items + items > WIRE_CREDIT_MOST || credit->bytes + (int64_t) bytes > (int64_t) WIRE_CREDIT_MOST;
}

//  The limit that so much more would exceed; LIMIT_COUNT: none.
static limit_id_t s_limit_of (const core_t *self, const session_t *session, const credit_t *credit, uint64_t items,
                              uint64_t bytes)
{
    int64_t more = s_left (credit->bytes + (int64_t) bytes) - s_left (credit->bytes);
    if (session->granted + items > core_limit (self, LIMIT_GRANTED))
        return LIMIT_GRANTED;
    if (session->granted_bytes + (uint64_t) more > core_limit (self, LIMIT_GRANTED_BYTES))
        return LIMIT_GRANTED_BYTES;
    return LIMIT_COUNT;
}

//  ---- the call's way ----

static uint64_t s_use_of (const session_t *session, limit_id_t limit)
{
    return limit == LIMIT_GRANTED ? session->granted : session->granted_bytes;
}

bool stream_open (core_t *self, request_t *request, call_t *call)
{
    uint64_t items = 0, bytes = 0;
    call->down = (credit_t){ 0 };
    call->has_ended_up = false;
    call->silence_ms = request->wire->block.remaining_ms;
    if (!wire_option_credit (request->wire->options, &items, &bytes))
        return true;
    limit_id_t limit = s_limit_of (self, call->caller, &call->down, items, bytes);
    if (limit == LIMIT_COUNT) {
        s_grant (call->caller, &call->down, items, bytes);
        return true;
    }
    call->unheard = (list_t){ NULL, NULL };
    request_refuse_limit (self, request, limit, s_use_of (call->caller, limit));
    return false;
}

void stream_close (call_t *call)
{
    s_give_back (call->caller, &call->down);
    if (call->state == CALL_DISPATCHED)
        s_give_back (call->callee, &call->up);
    call->unheard = (list_t){ NULL, NULL };
}

//  The blocks of what goes to the service, and to the caller.
static inline wire_block_t s_block_up (const call_t *call)
{
    return (wire_block_t){ call_token (call), call->caller_number, call->silence_ms, WIRE_UP };
}

static inline wire_block_t s_block_down (const call_t *call)
{
    return (wire_block_t){ call->caller_token, call->callee->number, call->silence_ms, 0 };
}

//  Something passes: until the next, the stream may be silent so long.
static void s_extend (core_t *self, call_t *call)
{
    call->deadline_ms = self->now_ms + call->silence_ms;
}

static void s_send_credit (core_t *self, call_t *call, session_t *to, wire_block_t block, const credit_t *granted)
{
    wire_frame_t wire = {
        .kind = WIRE_CREDIT, .block = block, .items = granted->items, .bytes = (uint64_t) granted->bytes
    };
    s_extend (self, call);
    core_send_parts (self, to, &wire, (span_t){ "\xc0", 1 });
}

static void s_send_end (core_t *self, call_t *call)
{
    wire_frame_t wire = { .kind = WIRE_ITEM, .block = s_block_up (call) };
    wire.block.flags |= WIRE_END;
    s_extend (self, call);
    core_send_parts (self, call->callee, &wire, (span_t){ "\xc0", 1 });
}

//  What was granted while it waited: the request that the service has tells only of the first credit.
static credit_t s_granted_since (const call_t *call, span_t options)
{
    uint64_t items, bytes;
    credit_t since = call->down;
    if (wire_option_credit (options, &items, &bytes)) {
        since.items -= (uint32_t) items;
        since.bytes -= (int64_t) bytes;
    }
    return since;
}

void stream_dispatched (core_t *self, call_t *call, span_t options)
{
    call->up = (credit_t){ 0 };
    if (!call->bytes)
        return;
    credit_t since = s_granted_since (call, options);
    call_drop_copy (self, call);
    if (since.items)
        s_send_credit (self, call, call->callee, s_block_up (call), &since);
    if (call->has_ended_up)
        s_send_end (self, call);
}

//  ---- what ends a stream ----

static void s_break (core_t *self, call_t *call, const session_t *culprit, const char *message)
{
    bool is_dispatched = call->state == CALL_DISPATCHED;
    core_log (self, LOG_WARNING, "streams", culprit, "%s", message);
    if (is_dispatched)
        call_notify_cancel (self, call, WIRE_CANCEL_CALLER);
    call_fail (self, call, STATUS_LIMIT, is_dispatched ? HEARTH_MAY_HAVE_EXECUTED : HEARTH_NOT_EXECUTED, message);
}

static void s_break_at_limit (core_t *self, call_t *call, const session_t *culprit, limit_id_t limit, uint64_t use)
{
    char message [LIMIT_MESSAGE_SIZE];
    limit_reached (self, limit, use, message);
    s_break (self, call, culprit, message);
}

//  ---- items ----

//  The stream that a service speaks of; NULL: what it says was dropped.
static call_t *s_find_served (core_t *self, const session_t *session, wire_token_t token)
{
    call_t *call = pending_find (&self->pending, token);
    bool is_theirs = call && call->state == CALL_DISPATCHED && call->callee == session;
    if (is_theirs && call->caller && call->flags & WIRE_STREAM)
        return call;
    core_drop (self, !is_theirs ? DROP_STRAY_ITEM : call->flags & WIRE_STREAM ? DROP_LATE_ITEM : DROP_MALFORMED);
    return NULL;
}

//  The stream that a caller speaks of; NULL: what it says was dropped. What crosses the end of a call is no fault.
static call_t *s_find_own (core_t *self, const session_t *session, wire_token_t token)
{
    call_t *call = session_find_call (session, token);
    if (!call || call->flags & WIRE_STREAM)
        return call;
    core_drop (self, DROP_MALFORMED);
    return NULL;
}

static inline void s_pass (core_t *self, call_t *call, session_t *to, wire_block_t block, frame_t *frame)
{
    wire_patch (frame->data, &block);
    s_extend (self, call);
    self->counters.items++;
    core_send (self, to, frame);
}

static void s_item_down (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    call_t *call = s_find_served (self, session, wire->block.token);
    if (!call)
        return;
    if (frame->size > core_limit (self, LIMIT_MESSAGE))
        s_break_at_limit (self, call, session, LIMIT_MESSAGE, frame->size);
    else if (s_spend (call->caller, &call->down, frame->size))
        s_pass (self, call, call->caller, s_block_down (call), frame);
    else
        s_break (self, call, session, "the service sent an item without credit");
}

//  What the service granted is of no use any more.
static void s_end_up (core_t *self, call_t *call)
{
    call->has_ended_up = true;
    if (call->state != CALL_DISPATCHED)
        return;
    s_give_back (call->callee, &call->up);
    s_send_end (self, call);
}

static void s_item_up (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    call_t *call = s_find_own (self, session, wire->block.token);
    if (!call)
        return;
    if (call->has_ended_up)
        core_drop (self, DROP_MALFORMED);
    else if (wire->block.flags & WIRE_END)
        s_end_up (self, call);
    else if (frame->size > core_limit (self, LIMIT_MESSAGE))
        s_break_at_limit (self, call, session, LIMIT_MESSAGE, frame->size);
    else if (call->state == CALL_DISPATCHED && s_spend (call->callee, &call->up, frame->size))
        s_pass (self, call, call->callee, s_block_up (call), frame);
    else
        s_break (self, call, session, "the caller sent an item without credit");
}

void on_item (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    if (wire->block.flags & WIRE_UP)
        s_item_up (self, session, wire, frame);
    else
        s_item_down (self, session, wire, frame);
}

//  ---- credits ----

//  Books what a session grants. False: it was too much, and the call has ended.
static bool s_take_credit (core_t *self, call_t *call, session_t *session, credit_t *credit, const wire_frame_t *wire)
{
    limit_id_t limit = s_limit_of (self, session, credit, wire->items, wire->bytes);
    if (s_is_beyond_any (credit, wire->items, wire->bytes))
        s_break (self, call, session, "more credit was granted than there can be");
    else if (limit != LIMIT_COUNT)
        s_break_at_limit (self, call, session, limit, s_use_of (session, limit));
    else {
        s_grant (session, credit, wire->items, wire->bytes);
        return true;
    }
    return false;
}

//  Credit that crosses the end of the items up is no fault.
static void s_credit_of_service (core_t *self, session_t *session, const wire_frame_t *wire)
{
    call_t *call = s_find_served (self, session, wire->block.token);
    credit_t granted = { (int64_t) wire->bytes, (uint32_t) wire->items };
    if (!call || call->has_ended_up || !s_take_credit (self, call, session, &call->up, wire))
        return;
    s_send_credit (self, call, call->caller, s_block_down (call), &granted);
}

static void s_credit_of_caller (core_t *self, session_t *session, const wire_frame_t *wire)
{
    call_t *call = s_find_own (self, session, wire->block.token);
    credit_t granted = { (int64_t) wire->bytes, (uint32_t) wire->items };
    if (call && s_take_credit (self, call, session, &call->down, wire) && call->state == CALL_DISPATCHED)
        s_send_credit (self, call, call->callee, s_block_up (call), &granted);
}

//  One without items is refused: it would be passed on, and nothing would bound how many of them.
void on_credit (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    (void) frame;
    if (!wire->items)
        core_drop (self, DROP_MALFORMED);
    else if (wire->block.flags & WIRE_UP)
        s_credit_of_caller (self, session, wire);
    else
        s_credit_of_service (self, session, wire);
}
