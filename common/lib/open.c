/*  open.c - streams on the caller's side: taking items, sending items, being told

    Which call a frame is for, and who waits, is decided here; what a window and credit are is stream.c's.
*/
#include "clock.h"
#include "connection.h"
#include "result.h"
#include "scan.h"

/* ------------------------------------------------------------------------
    Frames
*/

bool stream_send_credit (hearth_t *self, stream_t *stream, wire_token_t token, uint32_t flags)
{
    uint32_t items, bytes;
    if (!stream_grants (stream, &items, &bytes))
        return false;
    wire_frame_t credit = {
        .kind = WIRE_CREDIT, .block = { .token = token, .flags = flags }, .items = items, .bytes = bytes
    };
    frame_begin (self, &credit);
    pack_nil (&self->scratch);
    return frame_send (self);
}

static void grant (hearth_t *self, hearth_pending_t *call)
{
    if (call->state != CALL_SENT
        || !stream_send_credit (self, call->stream, calls_token (&self->calls, call), WIRE_UP))
        return;
    connection_note_time (self);
    calls_touch (call, self->now_ms);
}

//  The stream is of no use any more: the service is told, and the call ends.
static void give_up (hearth_t *self, hearth_pending_t *call, status_t status, const char *why)
{
    if (call->state != CALL_SENT)
        return;
    frame_send_cancel (self, calls_token (&self->calls, call));
    calls_end (&self->calls, call, result_failed (status, HEARTH_MAY_HAVE_EXECUTED, "%s", why));
}

void open_item (hearth_t *self, const wire_frame_t *frame, received_t *received)
{
    hearth_pending_t *call = calls_find (&self->calls, frame->block.token);
    if (!call || !call->stream)
        return;
    if (wire_check_body (frame, SCAN_NESTING) != WIRE_OK) {
        give_up (self, call, STATUS_BAD_RESULT, "an item came that cannot be read");
        return;
    }
    calls_touch (call, self->now_ms);
    stream_receive (call->stream, frame, received->size, received_own (received));
    if (call->any)
        *call->any = true;
    if (call->stream->is_dropping)
        grant (self, call);
    if (call->stream->is_broken)
        give_up (self, call, STATUS_LIMIT, "memory is short");
}

void open_credit (hearth_t *self, const wire_frame_t *frame)
{
    hearth_pending_t *call = calls_find (&self->calls, frame->block.token);
    if (!call || !call->stream)
        return;
    calls_touch (call, self->now_ms);
    stream_credit (call->stream, frame->items, frame->bytes);
}

void open_drop (hearth_t *self, hearth_pending_t *call)
{
    stream_drop (call->stream);
    grant (self, call);
    calls_drained (&self->calls, call);
}

/* ------------------------------------------------------------------------
    The program
*/

//  Waits until *moved, with the call kept where it is whatever a callback does with it meanwhile. 0, or why not. Of what
//  the program is told of it does not wait, and a look within a callback takes no turn.
static int await (hearth_t *hearth, hearth_pending_t *self, const bool *moved, int64_t timeout_ms)
{
    if (*moved)
        return HEARTH_OK;
    if (self->is_awaited)
        return HEARTH_FAILED_PRECONDITION;
    if (self->is_programs || (timeout_ms == 0 && hearth->depth > 1))
        return HEARTH_DEADLINE_EXCEEDED;
    self->is_awaited = true;
    int code = client_wait (hearth, moved,
                            timeout_ms < 0   ? INT64_MAX
                            : timeout_ms > 0 ? clock_after_ms (timeout_ms)
                                             : 0);
    self->is_awaited = false;
    return code;
}

const hearth_value_t *hearth_next (hearth_pending_t *self, int64_t timeout_ms)
{
    if (!self || !self->stream)
        return NULL;
    hearth_t *hearth = self->hearth;
    if (!hearth)
        return stream_take (self->stream);
    if (!client_enter (hearth))
        return NULL;
    const hearth_value_t *value = NULL;
    if (await (hearth, self, &self->stream->can_read, timeout_ms) == HEARTH_OK) {
        value = stream_take (self->stream);
        grant (hearth, self);
        if (self->stream->is_broken)
            give_up (hearth, self, STATUS_LIMIT, "memory is short");
        calls_drained (&hearth->calls, self);
    }
    client_leave (hearth);
    return value;
}

bool hearth_is_over (const hearth_pending_t *self)
{
    return !self || (self->is_ended && !(self->stream && self->stream->first));
}

uint64_t hearth_received (const hearth_pending_t *self)
{
    return self && self->stream ? self->stream->received : 0;
}

//  Why nothing can be sent any more; 0: it can.
static int refusal (hearth_t *hearth, const hearth_pending_t *self)
{
    if (!self->stream)
        return client_fail (hearth, HEARTH_FAILED_PRECONDITION, "hearth.BadArguments", "the call is no stream");
    if (self->is_ended)
        return client_fail (hearth, HEARTH_CANCELLED, "hearth.Cancelled", "the stream has ended");
    if (self->stream->is_ended || self->stream->ends_when_sent)
        return client_fail (hearth, HEARTH_FAILED_PRECONDITION, "hearth.BadArguments",
                            "no item follows hearth_put_end");
    return HEARTH_OK;
}

//  0 if something can be sent: then it is to be left again. What outlived its connection has no last error.
static int enter_to_send (hearth_pending_t *self)
{
    if (!self)
        return HEARTH_FAILED_PRECONDITION;
    if (!self->hearth)
        return self->stream ? HEARTH_CANCELLED : HEARTH_FAILED_PRECONDITION;
    if (!client_enter (self->hearth))
        return (int) guard_code (self->hearth);
    int code = refusal (self->hearth, self);
    if (code)
        client_leave (self->hearth);
    return code;
}

static int put (hearth_t *hearth, hearth_pending_t *self, const hearth_arg_t *item, uint32_t flags)
{
    char text [128];
    wire_frame_t header = { .kind = WIRE_ITEM,
                            .block = { .token = calls_token (&hearth->calls, self), .flags = WIRE_UP | flags } };
    frame_begin (hearth, &header);
    const char *problem = frame_pack_arg (hearth, item, 0);
    if (problem)
        return client_fail (hearth, HEARTH_INVALID_ARGUMENT, "hearth.BadArguments", "the item %s", problem);
    problem = frame_problem (hearth, text, sizeof text);
    if (problem)
        return client_fail (hearth, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "%s", problem);
    size_t size = hearth->scratch.buffer.size;
    if (!frame_send (hearth))
        return client_fail (hearth, HEARTH_UNAVAILABLE, "hearth.BrokerGone", "the connection to the broker was lost");
    calls_touch (self, hearth->now_ms);
    if (flags & WIRE_END)
        stream_end (self->stream);
    else
        stream_sent (self->stream, size);
    return HEARTH_OK;
}

//  A request that still waits for a session takes no items yet.
static int put_when_possible (hearth_t *hearth, hearth_pending_t *self, const hearth_arg_t *item, int64_t timeout_ms)
{
    int code = await (hearth, self, &self->stream->can_write, timeout_ms);
    if (code == HEARTH_DEADLINE_EXCEEDED)
        return client_fail (hearth, HEARTH_DEADLINE_EXCEEDED, "hearth.Deadline", "the service asks for no items yet");
    if (code == HEARTH_CANCELLED)
        return client_fail (hearth, HEARTH_CANCELLED, "hearth.Cancelled", "hearth_stop ended the wait");
    if (code == HEARTH_FAILED_PRECONDITION)
        return client_fail (hearth, HEARTH_FAILED_PRECONDITION, "hearth.InUse", "the stream is being waited for");
    if (!code)
        code = refusal (hearth, self);
    return code ? code : put (hearth, self, item, 0);
}

int hearth_put_arg (hearth_pending_t *self, hearth_arg_t item, int64_t timeout_ms)
{
    int code = enter_to_send (self);
    if (code)
        return code;
    hearth_t *hearth = self->hearth;
    connection_note_time (hearth);
    code = put_when_possible (hearth, self, &item, timeout_ms);
    client_leave (hearth);
    return code;
}

int hearth_put_end (hearth_pending_t *self)
{
    int code = enter_to_send (self);
    if (code)
        return code;
    hearth_t *hearth = self->hearth;
    const hearth_arg_t nil = hearth_nil ();
    connection_note_time (hearth);
    if (self->state == CALL_SENT)
        code = put (hearth, self, &nil, WIRE_END);
    else
        self->stream->ends_when_sent = true;
    client_leave (hearth);
    return code;
}

void open_sent (hearth_t *self, hearth_pending_t *call)
{
    const hearth_arg_t nil = hearth_nil ();
    if (call->stream && call->stream->ends_when_sent)
        put (self, call, &nil, WIRE_END);
}

static void tell (stream_t *stream)
{
    hearth_pending_t *call = stream->owner;
    stream->ready (call, stream->context);
}

int hearth_when_ready (hearth_pending_t *self, hearth_ready_fn *told, void *context)
{
    if (!self || !self->stream || !client_enter (self->hearth))
        return HEARTH_FAILED_PRECONDITION;
    self->stream->tell = told ? tell : NULL;
    self->stream->ready = told;
    self->stream->context = context;
    if (self->stream->can_read || self->stream->can_write)
        stream_moved (self->stream);
    client_leave (self->hearth);
    return HEARTH_OK;
}
