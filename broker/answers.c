/*  answers.c - how calls end: exactly once for their caller, and once for the service's place that they took

    Those are two ends. A call that its caller left (cancelled, expired, gone) lives on until its service answers or goes.
*/

#include "state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 512

void reply_error (core_t *self, session_t *session, wire_token_t token, status_t status, hearth_mark_t mark,
                  uint32_t flags, const char *message)
{
    const status_row_t *row = status_row (status);
    wire_frame_t wire = {
        .kind = WIRE_REPLY, .block = { .token = token, .flags = flags }, .code = row->code, .mark = mark
    };
    uint8_t body [MESSAGE_MAX + 128];
    size_t size = wire_write_error (SPAN (row->name), SPAN (message), body, sizeof body);
    self->counters.outcomes [row->code]++;
    core_send_parts (self, session, &wire, (span_t){ (const char *) body, size });
}

//  A call that waits has its caller, token and flags in its own record.
static void s_refuse (core_t *self, request_t *request, status_t status, const char *message)
{
    hearth_mark_t mark = HEARTH_NOT_EXECUTED;
    if (request->call)
        call_fail (self, request->call, status, mark, message);
    else if (request->wire->block.flags & WIRE_NOACK)
        core_drop (self, DROP_UNHEARD);
    else
        reply_error (self, request->caller, request->wire->block.token, status, mark, 0, message);
    request->call = NULL;
}

//  What a peer said is repeated in messages, and must not make them invalid UTF-8 or steer a terminal.
static void s_make_printable (char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

void request_refuse (core_t *self, request_t *request, status_t status, const char *format, ...)
{
    char message [MESSAGE_MAX];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (message, sizeof message, format, arguments);
    va_end (arguments);
    s_make_printable (message);
    s_refuse (self, request, status, message);
}

void limit_reached (core_t *self, limit_id_t limit, uint64_t use, char message [LIMIT_MESSAGE_SIZE])
{
    const limit_row_t *row = &limit_rows [limit];
    core_count_limit (self, limit);
    snprintf (message, LIMIT_MESSAGE_SIZE, "limit of %s reached: %" PRIu64 " of %" PRIu64 " (--%s)", row->text, use,
              core_limit (self, limit), row->option);
}

void request_refuse_limit (core_t *self, request_t *request, limit_id_t limit, uint64_t use)
{
    char message [LIMIT_MESSAGE_SIZE];
    limit_reached (self, limit, use, message);
    core_log (self, LOG_WARNING, "limits", request->caller, "%s", message);
    request_refuse (self, request, STATUS_LIMIT, "%s", message);
}

void request_answer (core_t *self, request_t *request, span_t body)
{
    bool waited = request->call != NULL;
    wire_frame_t wire = { .kind = WIRE_REPLY };
    wire.block.token = waited ? request->call->caller_token : request->wire->block.token;
    self->counters.outcomes [HEARTH_OK]++;
    if (!(request->wire->block.flags & WIRE_NOACK)) {
        if (request->wire->block.flags & WIRE_ONEWAY)
            body = (span_t){ "\xc0", 1 };
        core_send_parts (self, request->caller, &wire, body);
    }
    if (waited)
        call_leave (self, request->call);
    request->call = NULL;
}

void call_notify_cancel (core_t *self, call_t *call, unsigned reason)
{
    wire_frame_t wire = { .kind = WIRE_CANCEL,
                          .block = { .token = call_token (call), .session = call->caller_number },
                          .reason = reason };
    core_send_parts (self, call->callee, &wire, (span_t){ "\xc0", 1 });
}

//  Of a call that is not plain.
static void s_release_other (call_t *call)
{
    if (call->flags & WIRE_NOACK) {
        list_remove (&call->unheard);
        return;
    }
    stream_close (call);
    session_free_slot (call->caller, call);
}

//  The caller's end of it: nobody waits any more.
static void s_release_caller (call_t *call)
{
    if (!call->caller)
        return;
    if (call->flags & (WIRE_NOACK | WIRE_STREAM))
        s_release_other (call);
    else
        session_free_slot (call->caller, call);
    call->caller = NULL;
}

void call_leave (core_t *self, call_t *call)
{
    timers_stop (&self->timers, &call->timer);
    if (call->state == CALL_DISPATCHED) {
        s_release_caller (call);
        return;
    }
    service_t *service = call->state == CALL_PARKED ? call->service : NULL;
    call_unwait (self, call);
    s_release_caller (call);
    call_drop_copy (self, call);
    pending_free (&self->pending, call);
    if (service)
        registry_tidy (&self->registry, &service);
}

void call_fail (core_t *self, call_t *call, status_t status, hearth_mark_t mark, const char *message)
{
    uint32_t flags = status == STATUS_SERVICE_GONE && call->idempotent ? WIRE_IDEMPOTENT : 0;
    bool is_declined = call->flags & WIRE_NOACK;
    if (call->caller && !is_declined)
        reply_error (self, call->caller, call->caller_token, status, mark, flags, message);
    else if (is_declined && call->state != CALL_DISPATCHED)
        core_drop (self, DROP_UNHEARD);
    call_leave (self, call);
}

void call_acknowledge (core_t *self, call_t *call)
{
    wire_frame_t wire = { .kind = WIRE_REPLY, .block = { .token = call->caller_token } };
    self->counters.outcomes [HEARTH_OK]++;
    if (call->caller && !(call->flags & WIRE_NOACK))
        core_send_parts (self, call->caller, &wire, (span_t){ "\xc0", 1 });
    call_leave (self, call);
}

//  Until one stalls again; the next time it is the others' turn.
void session_resume (core_t *self, session_t *callee)
{
    list_t *link;
    while (callee->state == SESSION_LIVE && (link = list_first (&callee->stalled))) {
        instance_t *instance = CONTAINER_OF (link, instance_t, in_stalled);
        instance_resume (instance);
        service_pump (self, instance->service);
        if (list_is_linked (&instance->in_stalled))
            break;
    }
}

static void s_drop_unregistered (instance_t *instance)
{
    instance_release (&instance);
}

//  What waits for an instance that had room already is not for it, so that only one that had none is offered anything.
void call_finish (core_t *self, call_t *call)
{
    instance_t *instance = call->instance;
    session_t *callee = call->callee;
    bool had_room = instance->heap_at != INSTANCE_NOT_READY;
    list_remove (&call->link);
    callee->dispatched_count--;
    callee->dispatched_bytes -= call->size;
    pending_free (&self->pending, call);

    instance_answered (instance);
    service_t *service = instance->service;
    if (!service)
        s_drop_unregistered (instance);
    if (!list_is_empty (&callee->stalled))
        session_resume (self, callee);
    if (service && service->queued && !had_room)
        service_pump (self, service);
}

//  The service's word goes to its caller as it is; only the block changes.
static void s_forward (core_t *self, call_t *call, const wire_frame_t *wire, frame_t *frame)
{
    session_t *callee = call->callee;
    if (frame->size > core_limit (self, LIMIT_MESSAGE)) {
        core_count_limit (self, LIMIT_MESSAGE);
        call_fail (self, call, STATUS_LIMIT, HEARTH_EXECUTED,
                   "the result is larger than a message may be (--max-message)");
        return;
    }
    wire_block_t block = { call->caller_token, callee->number, 0, 0 };
    wire_patch (frame->data, &block);
    self->counters.outcomes [wire->code]++;
    core_send (self, call->caller, frame);
    call_leave (self, call);
}

void on_reply (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    call_t *call = pending_find (&self->pending, wire->block.token);
    if (!call || call->state != CALL_DISPATCHED || call->callee != session) {
        core_drop (self, DROP_STRAY_REPLY);
        return;
    }
    if (call->caller)
        s_forward (self, call, wire, frame);
    else if (!(call->flags & WIRE_ONEWAY))
        core_drop (self, DROP_LATE_REPLY);
    call_finish (self, call);
}

void on_cancel (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    (void) frame;
    call_t *call = session_find_call (session, wire->block.token);
    if (!call)
        return;
    bool dispatched = call->state == CALL_DISPATCHED;
    if (dispatched)
        call_notify_cancel (self, call, WIRE_CANCEL_CALLER);
    call_fail (self, call, STATUS_CANCELLED, dispatched ? HEARTH_MAY_HAVE_EXECUTED : HEARTH_NOT_EXECUTED,
               dispatched ? "the caller cancelled it" : "the caller cancelled it before it was dispatched");
}

void call_timeout (core_t *self, call_t *call)
{
    if (call->state == CALL_DISPATCHED && self->now_ms < call->deadline_ms)
        timers_start (&self->timers, &call->timer, call->deadline_ms);
    else if (call->state == CALL_DISPATCHED) {
        call_notify_cancel (self, call, WIRE_CANCEL_DEADLINE);
        call_fail (self, call, STATUS_DEADLINE, HEARTH_MAY_HAVE_EXECUTED, "the service did not answer in time");
    } else if (call->state == CALL_PARKED && self->now_ms < call->deadline_ms)
        call_fail (self, call, core_is_starting (self) ? STATUS_STARTING : STATUS_NO_SUCH_SERVICE,
                   HEARTH_NOT_EXECUTED, "the service did not appear in time");
    else
        call_fail (self, call, STATUS_DEADLINE, HEARTH_NOT_EXECUTED,
                   call->state == CALL_PARKED ? "the service did not appear in time"
                                              : "the call was not dispatched in time");
}
