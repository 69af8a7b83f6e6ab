/*  dispatch.h - requests: queued while their object is busy, else handed to their handlers
*/
#ifndef DISPATCH_H_INCLUDED
#define DISPATCH_H_INCLUDED

#include "service.h"

//  A request that waits: a copy of its frame.
struct request {
    request_t *next;
    int64_t deadline_ms;
    uint64_t items;  //  of a stream: credit that came meanwhile, and whether the caller has no items
    uint64_t bytes;
    bool is_over;
    size_t size;
    uint8_t data [];
};

//  The first request that waits for an object, or NULL; the caller frees it.
request_t *request_pop (object_t *object);

//  The request of that token that waits for any object, or NULL.
request_t *request_find (const hearth_t *hearth, wire_token_t token);

//  Ends whatever waits for an object that is taken away, and forgets that it had something to run.
void dispatch_refuse_all (hearth_t *hearth, object_t *object);

//  The session ended: what waits is of no use to anybody, and nobody waits for what runs.
void dispatch_session_down (hearth_t *hearth);

//  An object may have something to run now.
void dispatch_make_ready (services_t *self, object_t *object);

//  deadlock.c: whether a request for a serial object that is busy waits for itself.
bool dispatch_would_deadlock (const hearth_t *hearth, const object_t *object, const wire_frame_t *frame);

//  service.c: frees an object that was taken away, unless its handler runs or calls are kept.
void services_release (object_t *object);

#endif
