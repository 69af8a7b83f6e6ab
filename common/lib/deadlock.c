/*  deadlock.c - whether a request waits for itself: what waits for what, as far as it shows in this connection

    A handler waits for the calls that were made on its behalf (`via`). One in the stack waits for those above it, too: they
    have to return first. One on a worker waits for nothing else.
*/
#include "call.h"
#include "connection.h"
#include "dispatch.h"

//  Whether the handler waits for one in the stack at or below that level.
static bool waits_below (const services_t *self, const hearth_call_t *call, unsigned level)
{
    for (unsigned index = 0; index <= level; index++)
        if (call_waits_for (call, self->levels [index]))
            return true;
    return false;
}

//  The object's handler waits for the request if that is made on its behalf; or on behalf of a handler in the stack for which it
//  waits: one above it, or, if it runs on a worker, one above (or the same as) a handler that it has called.
bool dispatch_would_deadlock (const hearth_t *hearth, const object_t *object, const wire_frame_t *frame)
{
    const services_t *services = &hearth->services;
    const hearth_call_t *busy = object->most == 1 ? object->call : NULL;
    if (!busy)
        return false;
    if (call_is_in_via (busy, frame->options))
        return true;
    for (unsigned level = services->depth; level-- > 0;) {
        const hearth_call_t *call = services->levels [level];
        if (call == busy)
            return false;
        if (call_is_in_via (call, frame->options) && (!object->pool || waits_below (services, busy, level)))
            return true;
    }
    return false;
}
