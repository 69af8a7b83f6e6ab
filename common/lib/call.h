/*  call.h - a call as its handler sees it
*/
#ifndef CALL_H_INCLUDED
#define CALL_H_INCLUDED

#include <stdatomic.h>

#include "kept.h"
#include "stream.h"
#include "name.h"
#include "service.h"
#include "status.h"

//  What a call that is a stream has beside what every call has (yield.c). With the box's lock once it is kept.
typedef struct {
    stream_t *stream;     //  NULL: it is none
    hearth_call_t *next;  //  in the connection's list of them
    hearth_call_t *prev;
    pthread_cond_t moved;  //  for a thread that waits
    letter_t letter;       //  to grant what is owed
    unsigned parcels;      //  frames that another thread left to the connection's
} flow_t;

struct hearth_call_t {
    hearth_t *hearth;
    object_t *object;
    method_t *method;
    wire_block_t block;
    uint64_t sessions;  //  which of our sessions it came in: its count, its number, its epoch
    uint64_t session;
    uint64_t epoch;
    _Atomic (int64_t) deadline_ms;
    int64_t looked_ms;  //  when hearth_cancelled last looked for news
    span_t via;         //  elements of the option `via`, as msgpack
    size_t via_count;
    const hearth_value_t **argv;
    size_t argc;
    uint8_t *body;  //  what the arguments point to
    size_t body_size;
    _Atomic (bool) is_answered;
    _Atomic (bool) is_cancelled;
    hearth_proxy_t *proxies;
    struct caller *caller_state;  //  that it holds, or NULL
    char caller [UNIQUE_NAME_SIZE];
    msgpack_zone zone;  //  of the arguments
    kept_t kept;
    flow_t flow;
};

//  Whether it is the call of that token, in that session of ours.
static inline bool call_is (const hearth_call_t *self, uint64_t sessions, wire_token_t token)
{
    return self->sessions == sessions && wire_same_token (self->block.token, token);
}

//  The answer to a request that was not run.
void call_refuse (hearth_t *hearth, const wire_block_t *block, status_t status, const char *message);
//  The system's answer to a call whose handler ran.
void call_end (hearth_call_t *self, status_t status, const char *message);

//  Reads the option `via` of a request; what is no such list counts as none.
void call_read_via (hearth_call_t *self, span_t options);
//  Whether a request with these options is made on behalf of a call.
bool call_is_in_via (const hearth_call_t *self, span_t options);
//  Whether a call waits for another one, which is made on its behalf.
bool call_waits_for (const hearth_call_t *self, const hearth_call_t *other);
//  The option `via` of a request that is made on behalf of a call. False if it would be too long.
bool call_pack_via (const hearth_call_t *self, pack_t *pack);

#endif
