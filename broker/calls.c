/*  calls.c - a request's way to a service: admitted, found, waiting, dispatched (docs/protocol.md, section 6)

    The frame of a request that goes straight through is never copied: its block is overwritten and it moves on. What has
    to wait is copied into an allocation of its size, since a received frame pins the transport's buffer.
*/

#include "state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool request_admit (core_t *self, request_t *request)
{
    const wire_frame_t *wire = request->wire;
    uint32_t slot = wire->block.token.slot;
    bool has_token = !(wire->block.flags & WIRE_NOACK);
    if (has_token && slot >= core_limit (self, LIMIT_CALLS)) {
        request_refuse_limit (self, request, LIMIT_CALLS, request->caller->in_flight);
        return false;
    }
    if (has_token && session_has_slot (request->caller, slot)) {
        core_log (self, LOG_WARNING, "calls", request->caller, "slot %" PRIu32 " is still in use", slot);
        session_goodbye (self, request->caller, STATUS_MALFORMED, "the slot of a call is still in use");
        session_doom (self, request->caller, false);
        return false;
    }
    if (request->frame->size > core_limit (self, LIMIT_MESSAGE)) {
        request_refuse_limit (self, request, LIMIT_MESSAGE, request->frame->size);
        return false;
    }
    return true;
}

//  Whether there is room for a request's slot in its caller's array, or can be made.
static bool s_reserve_slot (core_t *self, const request_t *request)
{
    const wire_block_t *block = &request->wire->block;
    uint32_t slot = block->token.slot;
    if (slot < request->caller->slot_room || block->flags & WIRE_NOACK)
        return true;
    return core_has_memory (self, session_slot_growth (request->caller, slot))
           && peers_reserve_slot (&self->peers, request->caller, slot) == 0;
}

static void s_refuse_for_memory (core_t *self, request_t *request)
{
    request_refuse_limit (self, request, LIMIT_MEMORY, core_held (self));
}

//  Gives a call that is not plain to its caller. False: it has no room for the credit, and the request was refused.
static bool s_take_other (core_t *self, request_t *request, call_t *call)
{
    if (call->flags & WIRE_NOACK) {
        list_append (&call->caller->unheard, &call->unheard);
        return true;
    }
    if (!stream_open (self, request, call)) {
        pending_free (&self->pending, call);
        return false;
    }
    session_take_slot (call->caller, call);
    return true;
}

//  A call for a request that is about to be dispatched or to wait; NULL: the request was refused.
static call_t *s_new_call (core_t *self, request_t *request)
{
    const wire_frame_t *wire = request->wire;
    call_t *call = s_reserve_slot (self, request) ? pending_new (&self->pending) : NULL;
    if (!call) {
        s_refuse_for_memory (self, request);
        return NULL;
    }
    call->caller = request->caller;
    call->caller_number = request->caller->number;
    call->caller_token = wire->block.token;
    call->flags = wire->block.flags;
    call->deadline_ms = request->deadline_ms;
    call->size = (uint32_t) request->frame->size;
    if (call->flags & (WIRE_NOACK | WIRE_STREAM))
        return s_take_other (self, request, call) ? call : NULL;
    session_take_slot (call->caller, call);
    return call;
}

bool request_wait (core_t *self, request_t *request, call_state_t state, list_t *list, int64_t until_ms)
{
    call_t *call = request->call;
    if (!call) {
        size_t size = request->frame->size;
        uint8_t *bytes = core_has_memory (self, sizeof *call + size) ? malloc (size) : NULL;
        if (!bytes)
            s_refuse_for_memory (self, request);
        else
            call = s_new_call (self, request);
        if (!call) {
            free (bytes);
            return false;
        }
        memcpy (bytes, request->frame->data, size);
        call->bytes = bytes;
        call->method = request->wire->method;
        call->method.data = (const char *) bytes + (call->method.data - (const char *) request->frame->data);
        self->waiting_bytes += sizeof *call + size;
        request->call = call;
    }
    call->state = state;
    list_append (list, &call->link);
    timers_start (&self->timers, &call->timer, until_ms);
    return true;
}

void call_unwait (core_t *self, call_t *call)
{
    if (!list_is_linked (&call->link))
        return;
    timers_stop (&self->timers, &call->timer);
    list_remove (&call->link);
    if (call->state == CALL_QUEUED) {
        call->service->queued--;
        call->service->queued_bytes -= call->size;
    }
    if (call->state == CALL_PARKED) {
        call->service->parked_count--;
        if (call->caller)
            call->caller->parked--;
    }
}

void call_drop_copy (core_t *self, call_t *call)
{
    if (!call->bytes)
        return;
    self->waiting_bytes -= sizeof *call + call->size;
    free (call->bytes);
    call->bytes = NULL;
}

static void s_queue (core_t *self, request_t *request, service_t *service)
{
    size_t size = request->frame->size;
    if (service->queued >= core_limit (self, LIMIT_QUEUE))
        request_refuse_limit (self, request, LIMIT_QUEUE, service->queued);
    else if (service->queued_bytes + size > core_limit (self, LIMIT_QUEUE_BYTES))
        request_refuse_limit (self, request, LIMIT_QUEUE_BYTES, service->queued_bytes);
    else if (request_wait (self, request, CALL_QUEUED, &service->queue, request->deadline_ms)) {
        request->call->service = service;
        service->queued++;
        service->queued_bytes += size;
    }
}

//  Until when a request for a name that is not there waits; now: it does not.
static int64_t s_parks_until (const core_t *self, const request_t *request)
{
    uint64_t wait_ms;
    if (request->call && request->call->parked_until_ms)
        return request->call->parked_until_ms;
    if (!(request->wire->block.flags & WIRE_WAIT) || !wire_option_uint (request->wire->options, "wait", &wait_ms))
        return self->now_ms;
    int64_t most = request->deadline_ms - self->now_ms;
    return self->now_ms + (wait_ms < (uint64_t) most ? (int64_t) wait_ms : most);
}

static void s_park (core_t *self, request_t *request, int64_t until_ms)
{
    session_t *caller = request->caller;
    if (caller && caller->parked >= core_limit (self, LIMIT_PARKED)) {
        request_refuse_limit (self, request, LIMIT_PARKED, caller->parked);
        return;
    }
    service_t *service = registry_want (&self->registry, request->wire->name);
    if (!service)
        s_refuse_for_memory (self, request);
    else if (request_wait (self, request, CALL_PARKED, &service->parked, until_ms)) {
        request->call->service = service;
        request->call->parked_until_ms = until_ms;
        service->parked_count++;
        if (caller)
            caller->parked++;
    } else
        registry_tidy (&self->registry, &service);
}

//  Nobody owns the name.
static void s_absent (core_t *self, request_t *request)
{
    span_t name = request->wire->name;
    if (!name_is_valid (name.data, name.size)) {
        request_refuse (self, request, STATUS_NO_SUCH_SERVICE, "there is no service \"%.*s\"", SPAN_ARGS (name));
        return;
    }
    int64_t until_ms = s_parks_until (self, request);
    if (until_ms > self->now_ms)
        s_park (self, request, until_ms);
    else
        request_refuse (self, request, core_is_starting (self) ? STATUS_STARTING : STATUS_NO_SUCH_SERVICE,
                        core_is_starting (self) ? "the broker has just started and \"%.*s\" is not back yet"
                                                : "there is no service \"%.*s\"",
                        SPAN_ARGS (name));
}

//  What an instance declares makes a call one-way, but no stream, whose caller waits for its end.
static inline uint32_t s_flags_of (const call_t *call, const member_t *member)
{
    return call->flags & WIRE_STREAM ? call->flags : call->flags | member->flags;
}

//  Takes a call that a session has been sent into the books.
static void s_book (core_t *self, const request_t *request, instance_t *instance, const member_t *member)
{
    call_t *call = request->call;
    session_t *callee = instance->session;
    if (call->bytes) {
        call_unwait (self, call);
        if (!(call->flags & WIRE_STREAM))
            call_drop_copy (self, call);
    }
    call->state = CALL_DISPATCHED;
    call->instance = instance;
    call->callee = callee;
    call->idempotent = member->idempotent;
    call->flags = s_flags_of (call, member);  //  only now: another instance may declare it otherwise
    list_append (&callee->dispatched, &call->link);
    callee->dispatched_count++;
    callee->dispatched_bytes += call->size;
    instance_taken (instance);
    if (call->flags & WIRE_ONEWAY) {
        call_acknowledge (self, call);
        return;
    }
    timers_start (&self->timers, &call->timer, call->deadline_ms);
    if (call->flags & WIRE_STREAM)
        stream_dispatched (self, call, request->wire->options);
}

static bool s_is_full (const core_t *self, const session_t *callee, size_t size)
{
    return callee->dispatched_count >= core_limit (self, LIMIT_DISPATCHED)
           || (callee->dispatched_count
               && callee->dispatched_bytes + size > core_limit (self, LIMIT_DISPATCHED_BYTES));
}

//  Sends a request to an instance. One that cannot take it leaves the choice until its session is settled. True: the
//  request is dealt with.
static bool s_send (core_t *self, request_t *request, instance_t *instance, const member_t *member)
{
    session_t *callee = instance->session;
    if (callee->state != SESSION_LIVE || s_is_full (self, callee, request->frame->size)) {
        instance_stall (instance);
        return false;
    }
    call_t *call = request->call;
    if (!call && !(call = s_new_call (self, request)))
        return true;
    request->call = call;
    wire_block_t block = { call_token (call), call->caller_number, call_remaining (call, self->now_ms),
                           s_flags_of (call, member) };
    wire_patch (request->frame->data, &block);
    if (core_send (self, callee, request->frame) == SENT_OK) {
        s_book (self, request, instance, member);
        return true;
    }
    if (!call->bytes) {
        call_leave (self, call);
        request->call = NULL;
    }
    instance_stall (instance);
    return false;
}

//  Tries all instances that could take it. Otherwise tells why none did.
static pick_t s_deliver (core_t *self, request_t *request, service_t *service)
{
    instance_t *instance;
    const member_t *member;
    pick_t pick;
    while ((pick = service_pick (service, request->wire->method, &instance, &member)) == PICK_INSTANCE)
        if (s_send (self, request, instance, member))
            break;
    return pick;
}

static void s_route (core_t *self, request_t *request, service_t *service)
{
    switch (service ? s_deliver (self, request, service) : PICK_NO_SERVICE) {
    case PICK_INSTANCE: break;
    case PICK_BUSY: s_queue (self, request, service); break;
    case PICK_NO_SERVICE: s_absent (self, request); break;
    case PICK_NO_METHOD:
        request_refuse (self, request, STATUS_NO_SUCH_METHOD, "\"%.*s\" has no method \"%.*s\"",
                        SPAN_ARGS (request->wire->name), SPAN_ARGS (request->wire->method));
        break;
    }
}

//  The object behind a unique name, if its session serves one.
static void s_route_unique (core_t *self, request_t *request, uint64_t epoch, uint64_t number)
{
    session_t *session = epoch == self->config.epoch ? peers_find (&self->peers, number) : NULL;
    if (!session || session->state != SESSION_LIVE)
        request_refuse (self, request, STATUS_NO_SUCH_SERVICE, "there is no session \"%.*s\"",
                        SPAN_ARGS (request->wire->name));
    else if (!session->own || !session->own->instance_count)
        request_refuse (self, request, STATUS_NO_SUCH_METHOD, "\"%s\" serves no object", session->name);
    else
        s_route (self, request, session->own);
}

//  docs/protocol.md, section 6, step 3.
static void s_find (core_t *self, request_t *request)
{
    span_t name = request->wire->name;
    uint64_t epoch, number;
    if (name.size && name.data [0] == ':' && name_is_unique (name.data, name.size, &epoch, &number))
        s_route_unique (self, request, epoch, number);
    else if (span_equals (name, "hearth"))
        directory_request (self, request);
    else
        s_route (self, request, registry_find (&self->registry, name));
}

void on_request (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    request_t request = { session, wire, frame, NULL, self->now_ms + wire->block.remaining_ms };
    self->counters.requests++;
    if (!request_admit (self, &request))
        return;
    if (wire->block.remaining_ms == 0)
        request_refuse (self, &request, STATUS_DEADLINE, "the deadline had passed when the request came");
    else if (wire->block.remaining_ms > core_limit (self, LIMIT_DEADLINE))
        request_refuse_limit (self, &request, LIMIT_DEADLINE, wire->block.remaining_ms);
    else
        s_find (self, &request);
}

//  A waiting call may be looked at after its deadline and before its timer.
static bool s_has_expired (core_t *self, call_t *call)
{
    if (call->deadline_ms > self->now_ms)
        return false;
    call_timeout (self, call);
    return true;
}

//  A waiting call as a request; wire and frame are the caller's room.
static request_t s_request_of (call_t *call, wire_frame_t *wire, frame_t *frame)
{
    *frame = (frame_t){ .data = call->bytes, .size = call->size };
    wire_read (wire, frame->data, frame->size);
    return (request_t){ call->caller, wire, frame, call, call->deadline_ms };
}

void call_retry (core_t *self, call_t *call)
{
    wire_frame_t wire;
    frame_t frame;
    if (s_has_expired (self, call))
        return;
    request_t request = s_request_of (call, &wire, &frame);
    call_unwait (self, call);
    s_find (self, &request);
}

//  Only where instances declare different things may one behind the first be taken before it.
void service_pump (core_t *self, service_t *service)
{
    list_t *link = service->queue.next;
    while (link != &service->queue && service->ready_count) {
        wire_frame_t wire;
        frame_t frame;
        call_t *call = CONTAINER_OF (link, call_t, link);
        link = link->next;
        if (service->mixed && !service_has_room_for (service, call->method))
            continue;
        if (s_has_expired (self, call))
            continue;
        request_t request = s_request_of (call, &wire, &frame);
        if (s_deliver (self, &request, service) != PICK_INSTANCE && !service->mixed)
            break;
    }
}

//  The count keeps the service while those who wait for it come and go.
void service_revive (core_t *self, service_t *service)
{
    list_t waiting;
    list_init (&waiting);
    service->parked_count++;
    list_splice (&waiting, &service->queue);
    list_splice (&waiting, &service->parked);
    list_t *link;
    while ((link = list_first (&waiting)))
        call_retry (self, CONTAINER_OF (link, call_t, link));
    service->parked_count--;
    registry_tidy (&self->registry, &service);
}
