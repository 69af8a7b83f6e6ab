/*  dispatch.c - requests: queued while their object is busy, else handed to their handlers
*/
#include "dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "connection.h"
#include "worker.h"

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

static bool is_busy (const object_t *object)
{
    return object->running >= object->most;
}

void dispatch_make_ready (services_t *self, object_t *object)
{
    if (object->is_ready || is_busy (object) || !object->first)
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

//  NULL if memory is short: then it is refused.
static request_t *copy_request (hearth_t *hearth, const wire_frame_t *frame, const uint8_t *data, size_t size)
{
    request_t *request = malloc (sizeof *request + size);
    if (!request) {
        call_refuse (hearth, &frame->block, STATUS_CANCELLED, "the service's memory is short");
        return NULL;
    }
    *request = (request_t){ .next = NULL };
    request->deadline_ms = hearth->now_ms + frame->block.remaining_ms;
    request->size = size;
    memcpy (request->data, data, size);
    return request;
}

static void enqueue (hearth_t *hearth, object_t *object, const wire_frame_t *frame, const uint8_t *data, size_t size)
{
    request_t *request = copy_request (hearth, frame, data, size);
    if (!request)
        return;
    *object->last = request;
    object->last = &request->next;
    dispatch_make_ready (&hearth->services, object);
}

void dispatch_refuse_all (hearth_t *hearth, object_t *object)
{
    for (request_t *request; (request = request_pop (object));) {
        wire_frame_t frame;
        wire_read (&frame, request->data, request->size);
        call_refuse (hearth, &frame.block, STATUS_CANCELLED, "the object was taken away");
        free (request);
    }
    workers_take_back_all (hearth, object, "the object was taken away");
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
        flow_cancelled (self->levels [level]);
    }
    workers_take_back_all (hearth, NULL, "the session ended");
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

//  The handler was not kept, so that nobody else looks at its call; others may at what it holds.
static void release_caller (hearth_call_t *call)
{
    box_t *box = call->hearth->services.box;
    if (box)
        box_lock (box);
    callers_release (call);
    if (box)
        box_unlock (box);
    callers_tell (call->hearth);
}

static void run_handler (hearth_call_t *call)
{
    hearth_t *hearth = call->hearth;
    object_t *object = call->object;
    hearth_call_t *outer = object->call;
    object->call = call;
    object->running++;
    hearth->services.depth++;
    hearth->is_quick = hearth->is_quick && call->method->is_quick;
    outside_t outside = turn_call_out (hearth);
    call->method->handler (call, object->context);
    turn_called_out (hearth, outside);
    call->method->is_quick = hearth->is_quick;
    unsigned level = --hearth->services.depth;
    object->running--;
    object->call = outer;
    if (call->kept.box) {
        hearth->services.levels [level] = NULL;
        kept_handler_ended (call);
        return;
    }
    call_end (call, STATUS_NO_REPLY, "the handler returned without an answer");
    flow_finish (call);
    while (call->proxies)
        proxy_free (call->proxies);
    if (call->caller_state)
        release_caller (call);
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
    if (!why && frame->block.flags & WIRE_STREAM && !flow_begin (call, frame))
        why = "the service's memory is short";
    if (why)
        snprintf (problem, room, "%s", why);
    else if (call->flow.stream && request)
        flow_early (call, request);
    return !why;
}

//  A worker's call takes the level's place, and what its arguments lie in.
static void give_to_worker (hearth_call_t *call, request_t **request_p)
{
    services_t *services = &call->hearth->services;
    services->levels [services->depth] = NULL;
    workers_give (call, *request_p);
    *request_p = NULL;
}

//  Hands a request to its method, or says why not. The frame's bytes are overwritten; they lie in a request if it has waited
//  or there are workers.
static void handle (hearth_t *hearth, object_t *object, const wire_frame_t *frame, int64_t deadline_ms,
                    request_t **request_p)
{
    char problem [PROBLEM_SIZE];
    if (hearth->now_ms >= deadline_ms) {
        call_refuse (hearth, &frame->block, STATUS_DEADLINE, "the deadline passed while the request waited");
        return;
    }
    hearth_call_t *call = take_level (&hearth->services);
    method_t *method = declaration_method (&object->declaration, frame->method);
    if (!call || !method) {
        call_refuse (hearth, &frame->block, STATUS_CANCELLED,
                     call ? "the object has no such method" : "the service's memory is short");
        return;
    }
    begin_call (call, hearth, object, frame, deadline_ms);
    call->method = method;
    if (prepare (call, frame, request_p ? *request_p : NULL, problem, sizeof problem)) {
        if (object->pool)
            give_to_worker (call, request_p);
        else
            run_handler (call);
        return;
    }
    call_refuse (hearth, &frame->block, STATUS_BAD_ARGUMENTS, problem);
    msgpack_zone_clear (&call->zone);
}

static void run (hearth_t *hearth, object_t *object, const wire_frame_t *frame, int64_t deadline_ms,
                 request_t **request_p)
{
    handle (hearth, object, frame, deadline_ms, request_p);
    dispatch_make_ready (&hearth->services, object);
    services_release (object);
}

//  The same with a request, which is taken.
static void run_request (hearth_t *hearth, object_t *object, request_t *request)
{
    wire_frame_t frame;
    wire_read (&frame, request->data, request->size);
    run (hearth, object, &frame, request->deadline_ms, &request);
    free (request);
}

void services_run (hearth_t *hearth)
{
    services_t *self = &hearth->services;
    kept_work (hearth);
    int64_t end_ms = hearth->now_ms + RUN_MS;
    for (unsigned count = 0; count < RUNS_A_TURN && may_run (self) && hearth->now_ms <= end_ms; count++) {
        object_t *object = pop_ready (self);
        request_t *request = is_busy (object) ? NULL : request_pop (object);
        if (request)
            run_request (hearth, object, request);
    }
}

/* ------------------------------------------------------------------------
    What comes in
*/

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
    if (is_busy (object) && dispatch_would_deadlock (hearth, object, frame)) {
        call_refuse (hearth, &frame->block, STATUS_WOULD_DEADLOCK,
                     "the object's handler waits for the call that this one is made for");
        return;
    }
    if (is_busy (object) || object->first || !run_it || hearth->services.depth == SERVICE_NESTING)
        enqueue (hearth, object, frame, data, size);
    else if (!object->pool)
        run (hearth, object, frame, hearth->now_ms + frame->block.remaining_ms, NULL);
    else {
        request_t *request = copy_request (hearth, frame, data, size);
        if (request)
            run_request (hearth, object, request);
    }
}
