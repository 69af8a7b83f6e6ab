/*  cancel.c - calls that are cancelled: those that run, those that were given to a worker, and those that wait for their object
*/
#include <stdlib.h>

#include "call.h"
#include "connection.h"
#include "dispatch.h"
#include "worker.h"

//  Where a request is in a queue; NULL if it is not there.
static request_t **find_request (object_t *object, wire_token_t token)
{
    for (request_t **at = &object->first; *at; at = &(*at)->next) {
        wire_frame_t frame;
        wire_read (&frame, (*at)->data, (*at)->size);
        if (wire_same_token (frame.block.token, token))
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

//  A call that is cancelled before it ran: how it ends, and what is said of it.
typedef struct {
    status_t status;
    const char *why;
} cancelled_t;

static cancelled_t read_reason (const wire_frame_t *cancel)
{
    if (cancel->reason == WIRE_CANCEL_DEADLINE)
        return (cancelled_t){ STATUS_DEADLINE, "the deadline passed while the request waited" };
    return (cancelled_t){ STATUS_CANCELLED, "the call was cancelled before it ran" };
}

//  Whether it was a call that runs, or has run and is kept, or was given to a worker.
static bool cancel_call (hearth_t *hearth, wire_token_t token, cancelled_t how)
{
    services_t *self = &hearth->services;
    hearth_call_t *kept = kept_find (hearth, token);
    if (kept && !workers_take_back (kept, how.status, how.why))
        kept_cancel (kept);
    for (unsigned level = 0; !kept && level < self->depth; level++) {
        hearth_call_t *call = self->levels [level];
        if (!call_is (call, hearth->session.count, token))
            continue;
        call->is_cancelled = true;
        flow_cancelled (call);
        return true;
    }
    return kept;
}

void services_cancel (hearth_t *hearth, const wire_frame_t *frame)
{
    services_t *self = &hearth->services;
    cancelled_t how = read_reason (frame);
    if (cancel_call (hearth, frame->block.token, how))
        return;
    for (size_t index = 0; index < self->count; index++) {
        request_t *request = take_request (self->objects [index], frame->block.token);
        if (!request)
            continue;
        call_refuse (hearth, &frame->block, how.status, how.why);
        free (request);
        return;
    }
}
