/*  pending.h - the calls that the broker answers for, by the token that their service knows

    A slab: records never move, a token is an index and a generation, finding one takes no hash. Knows nothing of
    routing; what links a call to sessions and services is the router's.
*/
#ifndef PENDING_H_INCLUDED
#define PENDING_H_INCLUDED

#include "peers.h"
#include "timer.h"

typedef struct instance instance_t;

typedef enum {
    CALL_FREE,
    CALL_PARKED,     //  waits for its name to appear: in service->parked
    CALL_QUEUED,     //  waits for an instance with room: in service->queue
    CALL_HELD,       //  a registration that waits for a verdict: in session->held
    CALL_DISPATCHED  //  a service has it: in callee->dispatched
} call_state_t;

struct call {
    list_t link;         //  in the one list that its state names
    list_t unheard;      //  in caller->unheard
    timer_node_t timer;  //  the deadline, or the end of parking
    session_t *caller;   //  NULL: nobody waits for the answer
    uint64_t caller_number;
    wire_token_t caller_token;
    uint32_t index;
    uint32_t generation;
    call_state_t state;
    uint32_t flags;        //  of the request
    bool idempotent;       //  as declared
    service_t *service;    //  waiting: for whom
    instance_t *instance;  //  dispatched: to which; NULL once that was unregistered
    session_t *callee;     //  dispatched: to whom
    int64_t deadline_ms;
    int64_t parked_until_ms;
    size_t size;     //  of the frame
    uint8_t *bytes;  //  waiting: a copy of the frame
    span_t method;   //  waiting: within bytes
};

typedef struct {
    call_t **chunks;
    size_t chunk_count;
    list_t free;
    size_t count;
} pending_t;

void pending_init (pending_t *self);
//  Frees everything, copies of frames included.
void pending_clear (pending_t *self);

//  A zeroed call with a token of its own; NULL if memory is short.
call_t *pending_new (pending_t *self);
//  Frees its copy of the frame, too. It must be in no list and its timer stopped.
void pending_free (pending_t *self, call_t *call);
//  The call of that token if there is one.
call_t *pending_find (const pending_t *self, wire_token_t token);

//  To walk all calls: positions below room, each a call or NULL.
size_t pending_room (const pending_t *self);
call_t *pending_at (const pending_t *self, size_t position);

wire_token_t call_token (const call_t *self);

#endif
