/*  pending.h - the calls that the broker answers for, by the token that their service knows

    A slab: records never move, a token is an index and a generation, finding one takes no hash. Knows nothing of
    routing; what links a call to sessions and services is the router's.
*/
#ifndef PENDING_H_INCLUDED
#define PENDING_H_INCLUDED

#include "peers.h"
#include "timer.h"

#define PENDING_CHUNK 256  //  calls that are allocated at once

typedef struct instance instance_t;

typedef enum {
    CALL_FREE,
    CALL_PARKED,     //  waits for its name to appear: in service->parked
    CALL_QUEUED,     //  waits for an instance with room: in service->queue
    CALL_HELD,       //  a registration that waits for a verdict: in session->held
    CALL_DISPATCHED  //  a service has it: in callee->dispatched
} call_state_t;

//  What one side of a stream may still send. The last item may exceed the bytes: then they are below 0.
typedef struct {
    int64_t bytes;
    uint32_t items;
} credit_t;

struct call {
    list_t link;  //  in the one list that its state names
    union {
        list_t unheard;  //  NOACK: in caller->unheard
        credit_t down;   //  STREAM: granted by the caller, while there is one
    };
    timer_node_t timer;  //  the deadline, or the end of parking
    session_t *caller;   //  NULL: nobody waits for the answer
    uint64_t caller_number;
    wire_token_t caller_token;
    uint32_t index;
    uint32_t generation;
    uint32_t flags;       //  of the request
    uint32_t size;        //  of the frame
    uint32_t silence_ms;  //  STREAM: the longest, once it is dispatched
    uint8_t state;        //  call_state_t
    bool idempotent;      //  as declared
    bool has_ended_up;    //  STREAM: the caller sends no more items
    int64_t deadline_ms;  //  of a stream that was dispatched: moves, and its timer follows when it fires
    union {
        service_t *service;    //  waiting: for whom
        instance_t *instance;  //  dispatched: to which, also once that was unregistered
    };
    union {
        int64_t parked_until_ms;  //  waiting: 0 if it was not parked
        session_t *callee;        //  dispatched: to whom
    };
    uint8_t *bytes;  //  waiting: a copy of the frame
    union {
        span_t method;  //  waiting: within bytes
        credit_t up;    //  STREAM, dispatched: granted by the service, while there is a caller
    };
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

//  A call of nobody with a token of its own, in no list, without a timer or a copy; its other members are the caller's to
//  set. NULL if memory is short.
call_t *pending_new (pending_t *self);
//  Frees its copy of the frame, too. It must be in no list and its timer stopped.
void pending_free (pending_t *self, call_t *call);

//  To walk all calls: positions below room, each a call or NULL.
static inline size_t pending_room (const pending_t *self)
{
    return self->chunk_count * PENDING_CHUNK;
}

static inline call_t *pending_at (const pending_t *self, size_t position)
{
    call_t *call = &self->chunks [position / PENDING_CHUNK][position % PENDING_CHUNK];
    return call->state != CALL_FREE ? call : NULL;
}

//  The call of that token if there is one.
static inline call_t *pending_find (const pending_t *self, wire_token_t token)
{
    call_t *call = token.slot < pending_room (self) ? pending_at (self, token.slot) : NULL;
    return call && call->generation == token.generation ? call : NULL;
}

static inline wire_token_t call_token (const call_t *self)
{
    return (wire_token_t){ self->index, self->generation };
}

//  What its service is told: the rest of the deadline; of a stream, how long it may be silent, whatever it has waited.
static inline uint32_t call_remaining (const call_t *self, int64_t now_ms)
{
    return self->flags & WIRE_STREAM ? self->silence_ms : (uint32_t) (self->deadline_ms - now_ms);
}

//  ---- a caller's slots, which peers.h keeps room for ----

static inline bool session_has_slot (const session_t *self, uint32_t slot)
{
    return slot < self->slot_room && self->slots [slot];
}

static inline void session_take_slot (session_t *self, call_t *call)
{
    self->slots [call->caller_token.slot] = call;
    self->in_flight++;
}

static inline void session_free_slot (session_t *self, const call_t *call)
{
    self->slots [call->caller_token.slot] = NULL;
    self->in_flight--;
}

#endif
