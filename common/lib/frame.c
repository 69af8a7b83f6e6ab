/*  frame.c - writing frames into the scratch buffer, and sending them

    One buffer for the whole connection: a frame is written header first, then its body, and becomes one message.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "hooks.h"
#include "limits.h"
#include "result.h"
#include "scan.h"

#define SCRATCH_KEPT 65536  //  bytes of the buffer that are kept between frames
#define LENT_LEAST   16384  //  bytes of a frame that are not copied once more

static void scratch_reset (pack_t *scratch)
{
    if (scratch->failed || scratch->buffer.alloc > SCRATCH_KEPT) {
        pack_clear (scratch);
        pack_init (scratch);
    }
    msgpack_sbuffer_clear (&scratch->buffer);
}

void frame_begin_in (pack_t *pack, const wire_frame_t *header)
{
    scratch_reset (pack);
    uint8_t *head = pack_room (pack, WIRE_HEADER_MAX);
    size_t size = head ? wire_write_header (header, head, WIRE_HEADER_MAX) : 0;
    if (size == 0)
        pack->failed = true;
    pack_written (pack, size);
}

void frame_begin (hearth_t *self, const wire_frame_t *header)
{
    frame_begin_in (&self->scratch, header);
}

static bool may_nest (const hearth_arg_t *arg)
{
    return arg->is_packed || arg->type == HEARTH_TYPE_LIST || arg->type == HEARTH_TYPE_MAP
           || arg->type == HEARTH_TYPE_OTHER;
}

const char *frame_pack_arg_in (pack_t *pack, const hearth_arg_t *arg, unsigned outer)
{
    size_t at = pack->buffer.size;
    int code = pack_arg (pack, arg);
    if (code == HEARTH_INVALID_ARGUMENT)
        return "is not one complete value";
    if (code)
        pack->failed = true;
    else if (may_nest (arg)
             && !scan_value ((const uint8_t *) pack->buffer.data + at, pack->buffer.size - at, SCAN_NESTING - outer))
        return "nests deeper than the 32 levels that a message may have";
    return NULL;
}

const char *frame_pack_arg (hearth_t *self, const hearth_arg_t *arg, unsigned outer)
{
    return frame_pack_arg_in (&self->scratch, arg, outer);
}

uint64_t frame_most (const hearth_t *self)
{
    return client_is_up (self) ? self->session.limits.message : UINT64_MAX;
}

const char *frame_problem_in (const pack_t *pack, uint64_t most, char *text, size_t room)
{
    if (pack->failed)
        return "memory is short";
    if (pack->buffer.size <= most)
        return NULL;
    snprintf (text, room, "the message has %zu bytes, the broker takes %llu (--max-message)", pack->buffer.size,
              (unsigned long long) most);
    return text;
}

const char *frame_problem (const hearth_t *self, char *text, size_t room)
{
    return frame_problem_in (&self->scratch, frame_most (self), text, room);
}

static void free_bytes (void *data, void *hint)
{
    (void) hint;
    free (data);
}

//  A large frame's bytes are given away instead of copied; libzmq frees them, in its own thread.
static bool lend_to_message (pack_t *scratch, zmq_msg_t *message)
{
    msgpack_sbuffer *buffer = &scratch->buffer;
    if (zmq_msg_init_data (message, buffer->data, buffer->size, free_bytes, NULL) != 0)
        return false;
    buffer->data = NULL;
    buffer->size = buffer->alloc = 0;
    return true;
}

static bool scratch_to_message (pack_t *scratch, zmq_msg_t *message)
{
    if (scratch->failed)
        return false;
    if (scratch->buffer.size >= LENT_LEAST)
        return lend_to_message (scratch, message);
    if (zmq_msg_init_size (message, scratch->buffer.size) != 0)
        return false;
    memcpy (zmq_msg_data (message), scratch->buffer.data, scratch->buffer.size);
    return true;
}

static bool send_message (hearth_t *self, zmq_msg_t *message)
{
    return self->session.state == CLIENT_UP && uplink_send (self->uplink, message);
}

//  Adds it to what waits to travel together; false if it has to be a message.
static bool gather (hearth_t *self, const pack_t *pack)
{
    return self->session.state == CLIENT_UP && !pack->failed
           && uplink_add (self->uplink, (const uint8_t *) pack->buffer.data, pack->buffer.size);
}

bool frame_send_from (hearth_t *self, pack_t *pack)
{
    zmq_msg_t message;
    if (gather (self, pack))
        return true;
    if (!scratch_to_message (pack, &message)) {
        self->is_broken = client_is_up (self);
        return false;
    }
    if (send_message (self, &message))
        return true;
    zmq_msg_close (&message);
    return false;
}

bool frame_send (hearth_t *self)
{
    return frame_send_from (self, &self->scratch);
}

/* ------------------------------------------------------------------------
    Calls
*/

static uint32_t remaining_ms (const hearth_t *self, const hearth_pending_t *call)
{
    int64_t left = call->deadline_ms - self->now_ms;
    return left <= 0 ? 0 : (uint32_t) left;
}

void frame_make_room (hearth_t *self)
{
    if (calls_is_full (&self->calls))
        turn_look (self);
}

int64_t frame_timeout (const hearth_t *self, int64_t timeout_ms)
{
    int64_t most = (int64_t) self->session.limits.deadline;
    timeout_ms = timeout_ms > most ? most : timeout_ms;
    return timeout_ms < 1 ? 1 : timeout_ms;
}

hearth_pending_t *frame_open_call (hearth_t *self, wire_frame_t *header, int64_t timeout_ms)
{
    hearth_pending_t *call = calls_open (&self->calls, self, self->now_ms + frame_timeout (self, timeout_ms));
    if (!call)
        return NULL;
    call->started_ms = self->now_ms;
    if (call->slot == CALLS_NO_SLOT)
        return call;
    header->block.token = calls_token (&self->calls, call);
    header->block.remaining_ms = remaining_ms (self, call);
    frame_begin (self, header);
    return call;
}

static void end_as_limit (hearth_t *self, hearth_pending_t *call, const char *why)
{
    calls_end (&self->calls, call, result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "%s", why));
}

//  Why a call cannot be sent, or NULL.
static const char *call_problem (const hearth_t *self, const hearth_pending_t *call, char *text, size_t room)
{
    if (call->slot != CALLS_NO_SLOT)
        return frame_problem (self, text, room);
    if (!calls_is_full (&self->calls))
        return "memory is short";
    snprintf (text, room, "%u calls are in flight, the broker takes %u (--max-calls)", self->calls.taken,
              self->calls.limit);
    return text;
}

//  What a program calls may have to be sent once more.
static bool keep_and_gather (hearth_t *self, hearth_pending_t *call)
{
    size_t size = self->scratch.buffer.size;
    if ((call->is_call && size > REQUEST_SMALL) || !gather (self, &self->scratch))
        return false;
    if (call->is_call)
        request_keep_small (&call->request, self->scratch.buffer.data, size);
    return true;
}

static bool keep_and_convert (hearth_t *self, hearth_pending_t *call, zmq_msg_t *message)
{
    size_t size = self->scratch.buffer.size;
    if (call->is_call && size <= REQUEST_SMALL)
        request_keep_small (&call->request, self->scratch.buffer.data, size);
    if (!scratch_to_message (&self->scratch, message))
        return false;
    if (call->is_call && size > REQUEST_SMALL)
        request_share (&call->request, message);
    return true;
}

static void hold (hearth_t *self, hearth_pending_t *call, zmq_msg_t *message)
{
    if (call->is_call)
        zmq_msg_close (message);
    else
        request_take (&call->request, message);
    int64_t until = self->now_ms + NO_BROKER_MS;
    calls_hold (&self->calls, call, until < call->deadline_ms ? until : call->deadline_ms);
}

void frame_send_call (hearth_t *self, hearth_pending_t *call)
{
    char text [128];
    zmq_msg_t message;
    const char *problem = call_problem (self, call, text, sizeof text);
    if (!problem && keep_and_gather (self, call)) {
        calls_sent (&self->calls, call);
        return;
    }
    if (!problem && !keep_and_convert (self, call, &message))
        problem = "memory is short";
    if (problem)
        end_as_limit (self, call, problem);
    else if (send_message (self, &message))
        calls_sent (&self->calls, call);
    else
        hold (self, call, &message);
}

//  A call that was made before the session was there, or whose next attempt is due: its deadline is nearer now, its token
//  another one, and the limits may be, too.
static bool send_held (hearth_t *self, hearth_pending_t *call)
{
    zmq_msg_t message;
    if (call->request.size > self->session.limits.message || call->slot >= self->calls.limit) {
        end_as_limit (self, call, "the call is beyond what the broker takes (--max-message, --max-calls)");
        return true;
    }
    wire_frame_t frame;
    wire_read (&frame, request_data (&call->request), call->request.size);
    frame.block.token = calls_token (&self->calls, call);
    frame.block.remaining_ms = remaining_ms (self, call);
    if (!request_write (&call->request, &frame.block, &message)) {
        end_as_limit (self, call, "memory is short");
        return true;
    }
    if (send_message (self, &message)) {
        calls_sent (&self->calls, call);
        open_sent (self, call);
        if (call->retries)
            hooks_call_retried (self, call);
        return true;
    }
    zmq_msg_close (&message);
    calls_hold_again (&self->calls, call);
    return false;
}

void frame_send_held (hearth_t *self)
{
    for (hearth_pending_t *call; (call = calls_next_held (&self->calls));)
        if (!send_held (self, call))
            return;
}

void frame_send_cancel (hearth_t *self, wire_token_t token)
{
    wire_frame_t cancel = { .kind = WIRE_CANCEL, .block.token = token, .reason = WIRE_CANCEL_CALLER };
    frame_begin (self, &cancel);
    pack_nil (&self->scratch);
    frame_send (self);
}

void frame_abandon (hearth_t *self, hearth_pending_t *call)
{
    wire_token_t token = call->state == CALL_SENT ? calls_token (&self->calls, call) : (wire_token_t){ 0, 0 };
    if (calls_abandon (&self->calls, call))
        frame_send_cancel (self, token);
}

void frame_cancel (hearth_t *self, hearth_pending_t *call)
{
    if (call->is_ended)
        return;
    hearth_mark_t mark = calls_mark (call);
    if (call->state == CALL_SENT)
        frame_send_cancel (self, calls_token (&self->calls, call));
    calls_end (&self->calls, call, result_failed (STATUS_CANCELLED, mark, "the call was given up"));
}
