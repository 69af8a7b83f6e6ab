/*  service.h - the objects that a connection serves: their registrations, their requests, their handlers

    Handlers of a serial object never run concurrently or within each other: while one waits for a call of its own, requests
    for its object queue here, and requests for other objects are run.
*/
#ifndef SERVICE_H_INCLUDED
#define SERVICE_H_INCLUDED

#include "client.h"
#include "declaration.h"
#include "registration.h"

#define SERVICE_NESTING 32  //  handlers within handlers
#define STREAM_LISTS    64  //  that streams are spread over, so that one is found among many

typedef struct object object_t;
typedef struct request request_t;

struct object {
    char *name;   //  "" for the unique name
    size_t size;  //  of the name
    void *context;
    declaration_t declaration;
    registration_t registration;
    hearth_call_t *call;  //  the latest that is being handled, or NULL
    unsigned running;     //  handlers, in the stack and on workers
    unsigned most;        //  of them at a time; 1: it is serial
    struct pool *pool;    //  its workers, or NULL
    request_t *first;     //  requests that wait for it
    request_t **last;
    object_t *next_ready;
    bool is_ready;  //  in the list of those that have something to run
    bool is_gone;   //  taken away while handlers run, or calls are kept
    unsigned kept;  //  calls that outlive their handlers
};

typedef struct {
    object_t **objects;  //  sorted by name
    size_t count;
    hearth_call_t *levels [SERVICE_NESTING];  //  made when first needed, used again
    unsigned depth;                           //  handlers that run
    object_t *ready;
    object_t **ready_last;
    unsigned refused;                       //  objects whose names were refused for good
    int64_t due_ms;                         //  at or before the next registration; -1: none
    hearth_call_t *kept;                    //  all calls that outlive their handlers; under the box's lock
    hearth_call_t *streams [STREAM_LISTS];  //  those that are streams, by their tokens' slots
    struct box *box;                        //  NULL: nothing was ever shared with another thread
    struct pool *pools;                     //  all workers, also of objects that are gone
    unsigned on_workers;                    //  handlers that run there, or are to
    bool has_ending;                        //  there are workers to wait for, which have nothing to do any more
} services_t;

void services_init (services_t *self);
void services_clear (hearth_t *hearth);

//  Serving and not serving any more; see hearth_serve_with and hearth_unserve.
int services_add (hearth_t *hearth, const char *name, const hearth_method_t *methods, void *context,
                  const hearth_service_options_t *options);
int services_remove (hearth_t *hearth, const char *name);
object_t *services_find (const services_t *self, span_t name);

void services_session_up (hearth_t *hearth);
void services_session_down (hearth_t *hearth);
void services_tick (hearth_t *hearth);
int64_t services_deadline (const services_t *self);  //  -1: none
//  The first object whose name was refused for good, or NULL.
object_t *services_refused (const services_t *self);
//  The first object whose name is not registered although it is to be, or NULL.
object_t *services_unregistered (const services_t *self);

//  What comes from the broker. A request is run at once (`run`) or queued.
void services_request (hearth_t *hearth, const wire_frame_t *frame, uint8_t *data, size_t size, bool run);
void services_cancel (hearth_t *hearth, const wire_frame_t *frame);
void services_notice (hearth_t *hearth, const wire_frame_t *frame);

//  Runs requests that waited, a bounded number. services_is_ready: whether there are any that can be run.
void services_run (hearth_t *hearth);
bool services_is_ready (const services_t *self);

#endif
