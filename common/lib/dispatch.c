/*  dispatch.c - requests: queued while their object is busy, else handed to their handlers
*/
#include "dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "connection.h"

#define RUNS_A_TURN  256
#define RUN_MS       1
#define ZONE_CHUNK   4096
#define PROBLEM_SIZE 512

/* ------------------------------------------------------------------------
    Queues
*/

request_t *request_pop (object_t *object)
{
    request_t *request = object->first;
    if (!request)
        return NULL;
    object->first = request->next;
    if (!object->first)
        object->last = &object->first;
    return request;
}

static void make_ready (services_t *self, object_t *object)
{
    if (object->is_ready || object->call || !object->first)
        return;
    object->is_ready = true;
    object->next_ready = NULL;
    *self->ready_last = object;
    self->ready_last = &object->next_ready;
}

static object_t *pop_ready (services_t *self)
{
    object_t *object = self->ready;
    if (!object)
        return NULL;
    self->ready = object->next_ready;
    if (!self->ready)
        self->ready_last = &self->ready;
    object->is_ready = false;
    return object;
}

static void forget_ready (services_t *self, const object_t *object)
{
    object_t **at = &self->ready;
    while (*at && *at != object)
        at = &(*at)->next_ready;
    if (!*at)
        return;
    *at = object->next_ready;
    if (!*at)
        self->ready_last = at;
}

static bool may_run (const services_t *self)
{
    return self->ready && self->depth < SERVICE_NESTING;
}

bool services_is_ready (const services_t *self)
{
    return may_run (self) || box_has_work (self->box);
}

static void enqueue (hearth_t *hearth, object_t *object, const wire_frame_t *frame, const uint8_t *data, size_t size)
{
    request_t *request = malloc (sizeof *request + size);
    if (!request) {
        call_refuse (hearth, &frame->block, STATUS_CANCELLED, "the service's memory is short");
        return;
    }
    *request = (request_t){ .next = NULL };
    request->deadline_ms = hearth->now_ms + frame->block.remaining_ms;
    request->size = size;
    memcpy (request->data, data, size);
    *object->last = request;
    object->last = &request->next;
    make_ready (&hearth->services, object);
}

void dispatch_refuse_all (hearth_t *hearth, object_t *object)
{
    for (request_t *request; (request = request_pop (object));) {
        wire_frame_t frame;
        wire_read (&frame, request->data, request->size);
        call_refuse (hearth, &frame.block, STATUS_CANCELLED, "the object was taken away");
        free (request);
    }
    if (object->is_ready)
        forget_ready (&hearth->services, object);
}

void dispatch_session_down (hearth_t *hearth)
{
    services_t *self = &hearth->services;
    for (size_t index = 0; index < self->count; index++)
        for (request_t *request; (request = request_pop (self->objects [index]));)
            free (request);
    while (pop_ready (self))
        continue;
    for (unsigned level = 0; level < self->depth; level++) {
        self->levels [level]->is_cancelled = true;
        yield_cancelled (self->levels [level]);
    }
    kept_cancel_all (hearth);
}

/* ------------------------------------------------------------------------
    Running
*/

static hearth_call_t *take_level (services_t *self)
{
    hearth_call_t **level = &self->levels [self->depth];
    if (*level)
        return *level;
    hearth_call_t *call = calloc (1, sizeof *call);
    if (call && msgpack_zone_init (&call->zone, ZONE_CHUNK))
        return *level = call;
    free (call);
    return NULL;
}

//  Decodes the arguments where they lie, and puts them in the order of the signature.
static bool bind_arguments (hearth_call_t *call, const wire_frame_t *frame, char *problem, size_t room)
{
    const signature_t *parameters = call->method->parameters;
    const hearth_value_t *arguments = value_decode (&call->zone, (uint8_t *) frame->body, frame->body_size);
    hearth_type_t type = hearth_value_type (arguments);
    if (!arguments || (type != HEARTH_TYPE_LIST && type != HEARTH_TYPE_MAP)) {
        strcpy (problem, "the arguments are neither a list nor a map that can be read");
        return false;
    }
    size_t most = signature_count (parameters) + hearth_value_size (arguments);
    call->argv = msgpack_zone_malloc (&call->zone, (most + 1) * sizeof (const hearth_value_t *));
    if (!call->argv) {
        strcpy (problem, "the service's memory is short");
        return false;
    }
    int count = signature_bind (parameters, arguments, call->argv, most, problem, room);
    call->argc = count < 0 ? 0 : (size_t) count;
    return count >= 0;
}

static void begin_call (hearth_call_t *call, hearth_t *hearth, object_t *object, const wire_frame_t *frame,
                        int64_t deadline_ms)
{
    call->hearth = hearth;
    call->object = object;
    call->block = frame->block;
    call->sessions = hearth->session.count;
    call->session = hearth->session.number;
    call->epoch = hearth->session.epoch;
    call->deadline_ms = deadline_ms;
    call->looked_ms = 0;
    call->argv = NULL;
    call->argc = 0;
    call->body = (uint8_t *) frame->body;
    call->body_size = frame->body_size;
    atomic_store_explicit (&call->is_answered, false, memory_order_relaxed);
    atomic_store_explicit (&call->is_cancelled, false, memory_order_relaxed);
    call->proxies = NULL;
    call->caller [0] = 0;
    call_read_via (call, frame->options);
}

static void run_handler (hearth_call_t *call)
{
    hearth_t *hearth = call->hearth;
    object_t *object = call->object;
    object->call = call;
    hearth->services.depth++;
    call->method->handler (call, object->context);
    unsigned level = --hearth->services.depth;
    object->call = NULL;
    connection_note_time (hearth);
    if (call->kept.box) {
        hearth->services.levels [level] = NULL;
        kept_handler_ended (call);
        return;
    }
    call_end (call, STATUS_NO_REPLY, "the handler returned without an answer");
    yield_finish (call);
    while (call->proxies)
        proxy_free (call->proxies);
    msgpack_zone_clear (&call->zone);
}

//  Why a method cannot be called like that, or NULL.
static const char *check_shape (const hearth_call_t *call, const wire_frame_t *frame)
{
    bool is_stream = frame->block.flags & WIRE_STREAM;
    return call->method->flags & HEARTH_STREAMING && !is_stream ? "the method streams: call it as a stream" : NULL;
}

//  Readies a call for its handler; false with why not.
static bool prepare (hearth_call_t *call, const wire_frame_t *frame, const request_t *request, char *problem,
                     size_t room)
{
    const char *why = check_shape (call, frame);
    if (!why && !bind_arguments (call, frame, problem, room))
        return false;
    if (!why && frame->block.flags & WIRE_STREAM && !yield_begin (call, frame))
        why = "the service's memory is short";
    if (why)
        snprintf (problem, room, "%s", why);
    else if (call->flow.stream && request)
        yield_early (call, request);
    return !why;
}

//  Hands a request to its method, or says why not. The frame's bytes are overwritten. `waited`: what came with it while it
//  did, or NULL.
static void handle (hearth_t *hearth, object_t *object, const wire_frame_t *frame, int64_t deadline_ms,
                    const request_t *waited)
{
    char problem [PROBLEM_SIZE];
    if (hearth->now_ms >= deadline_ms) {
        call_refuse (hearth, &frame->block, STATUS_DEADLINE, "the deadline passed while the request waited");
        return;
    }
    hearth_call_t *call = take_level (&hearth->services);
    const method_t *method = declaration_method (&object->declaration, frame->method);
    if (!call || !method) {
        call_refuse (hearth, &frame->block, STATUS_CANCELLED,
                     call ? "the object has no such method" : "the service's memory is short");
        return;
    }
    begin_call (call, hearth, object, frame, deadline_ms);
    call->method = method;
    if (prepare (call, frame, waited, problem, sizeof problem)) {
        run_handler (call);
        return;
    }
    call_refuse (hearth, &frame->block, STATUS_BAD_ARGUMENTS, problem);
    msgpack_zone_clear (&call->zone);
}

static void run (hearth_t *hearth, object_t *object, const wire_frame_t *frame, int64_t deadline_ms,
                 const request_t *waited)
{
    handle (hearth, object, frame, deadline_ms, waited);
    make_ready (&hearth->services, object);
    services_release (object);
}

void services_run (hearth_t *hearth)
{
    services_t *self = &hearth->services;
    kept_work (hearth);
    int64_t end_ms = hearth->now_ms + RUN_MS;
    for (unsigned count = 0; count < RUNS_A_TURN && may_run (self) && hearth->now_ms <= end_ms; count++) {
        object_t *object = pop_ready (self);
        request_t *request = object->call ? NULL : request_pop (object);
        if (!request)
            continue;
        wire_frame_t frame;
        wire_read (&frame, request->data, request->size);
        run (hearth, object, &frame, request->deadline_ms, request);
        free (request);
    }
}

/* ------------------------------------------------------------------------
    What comes in
*/

//  Handlers are nested like their stack: one that runs cannot go on before those above it have returned. So a request for
//  a busy object waits for itself if it is made on behalf of that object's call, or of any above it.
static bool would_deadlock (const hearth_t *hearth, const object_t *object, const wire_frame_t *frame)
{
    const services_t *services = &hearth->services;
    for (unsigned level = services->depth; level-- > 0;) {
        const hearth_call_t *call = services->levels [level];
        if (call_is_in_via (call, frame->options))
            return true;
        if (call == object->call)
            return false;
    }
    return false;
}

static object_t *find_object (const hearth_t *hearth, span_t name)
{
    if (name.size && name.data [0] == ':' && span_equals (name, hearth->session.unique_name))
        return services_find (&hearth->services, SPAN (""));
    return services_find (&hearth->services, name);
}

void services_request (hearth_t *hearth, const wire_frame_t *frame, uint8_t *data, size_t size, bool run_it)
{
    object_t *object = find_object (hearth, frame->name);
    if (!object) {
        call_refuse (hearth, &frame->block, STATUS_CANCELLED, "the object was taken away");
        return;
    }
    if (object->call && would_deadlock (hearth, object, frame)) {
        call_refuse (hearth, &frame->block, STATUS_WOULD_DEADLOCK,
                     "the object's handler waits for the call that this one is made for");
        return;
    }
    if (object->call || object->first || !run_it || hearth->services.depth == SERVICE_NESTING)
        enqueue (hearth, object, frame, data, size);
    else
        run (hearth, object, frame, hearth->now_ms + frame->block.remaining_ms, NULL);
}

static bool same_token (wire_token_t one, wire_token_t other)
{
    return one.slot == other.slot && one.generation == other.generation;
}

//  Where a request is in a queue; NULL if it is not there.
static request_t **find_request (object_t *object, wire_token_t token)
{
    for (request_t **at = &object->first; *at; at = &(*at)->next) {
        wire_frame_t frame;
        wire_read (&frame, (*at)->data, (*at)->size);
        if (same_token (frame.block.token, token))
            return at;
    }
    return NULL;
}

static request_t *take_request (object_t *object, wire_token_t token)
{
    request_t **at = find_request (object, token);
    if (!at)
        return NULL;
    request_t *request = *at;
    *at = request->next;
    if (!*at)
        object->last = at;
    return request;
}

request_t *request_find (const hearth_t *hearth, wire_token_t token)
{
    const services_t *self = &hearth->services;
    for (size_t index = 0; index < self->count; index++) {
        request_t **at = find_request (self->objects [index], token);
        if (at)
            return *at;
    }
    return NULL;
}

void services_cancel (hearth_t *hearth, const wire_frame_t *frame)
{
    services_t *self = &hearth->services;
    wire_token_t token = frame->block.token;
    if (kept_cancel (hearth, token))
        return;
    for (unsigned level = 0; level < self->depth; level++) {
        hearth_call_t *call = self->levels [level];
        if (call->sessions == hearth->session.count && same_token (call->block.token, token)) {
            call->is_cancelled = true;
            yield_cancelled (call);
            return;
        }
    }
    for (size_t index = 0; index < self->count; index++) {
        request_t *request = take_request (self->objects [index], token);
        if (!request)
            continue;
        if (frame->reason == WIRE_CANCEL_DEADLINE)
            call_refuse (hearth, &frame->block, STATUS_DEADLINE, "the deadline passed while the request waited");
        else
            call_refuse (hearth, &frame->block, STATUS_CANCELLED, "the call was cancelled before it ran");
        free (request);
        return;
    }
}
