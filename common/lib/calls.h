/*  calls.h - the caller's calls in flight: slots and generations, deadlines, how each ended; no socket, no clock

    A call is held while there is no session, sent, and ended, once; between two attempts it waits (repeat.h). Its slot stays
    taken until the broker has answered or the session ends, even when nobody waits any more: the broker takes a slot that is
    used twice for an offence.
*/
#ifndef CALLS_H_INCLUDED
#define CALLS_H_INCLUDED

#include <zmq.h>

#include "client.h"
#include "request.h"
#include "retry.h"
#include "stream.h"
#include "timer.h"
#include "wire.h"

typedef enum { CALL_HELD, CALL_SENT, CALL_WAITING, CALL_ENDED } call_state_t;

//  Allocated one by one: a program may keep it longer than the connection, which then is NULL.
struct hearth_pending_t {
    timer_node_t timer;
    hearth_t *hearth;
    hearth_pending_t *next;
    hearth_pending_t *prev;
    hearth_result_t *result;  //  until it has ended: of an attempt that failed, and may have been executed
    client_done_fn *done;     //  NULL: the program waits for it
    void *context;
    stream_t *stream;  //  NULL: it is none
    int64_t started_ms;
    int64_t deadline_ms;  //  of a stream: of its silence
    uint32_t slot;
    uint32_t retries;
    call_state_t state;
    bool is_ended;
    bool is_unread;    //  ended, and the program is told when it has taken the items
    bool is_programs;  //  `done` is the program's: it is told of its end whatever happens
    bool is_call;      //  of the program, to a service: it may be made once more
    bool is_promised;  //  its caller says that it may
    bool is_watched;   //  a hook hears of its end
    bool is_untold;    //  but has not yet
    bool is_awaited;   //  somebody waits for it further down the stack: it must not be freed
    bool *any;         //  set when it ends: somebody waits for any of several
    uint64_t number;   //  for hooks
    call_request_t request;
};

//  What is cleared of a new one.
#define CALL_CLEARED (offsetof (hearth_pending_t, request) + offsetof (call_request_t, in))

typedef struct {
    hearth_pending_t *first;
    hearth_pending_t *last;
} call_list_t;

typedef struct {
    uint32_t generation;
    uint32_t next_free;
    bool taken;
    hearth_pending_t *call;  //  NULL: nobody waits any more
} call_slot_t;

typedef struct {
    call_slot_t *slots;
    uint32_t count;  //  slots that were ever used
    uint32_t room;
    uint32_t free;  //  the first free slot below count, or CALLS_NO_SLOT
    uint32_t limit;
    uint32_t taken;
    call_list_t held;
    call_list_t ended;   //  with `done` still to be called
    call_list_t unread;  //  the same, once their items were taken
    call_list_t kept;    //  ended, until the program takes the result
    call_list_t untold;  //  ended, until a hook has heard of it
    hearth_pending_t *spare;
    timers_t timers;
    retry_t retry;
} calls_t;

#define CALLS_NO_SLOT UINT32_MAX

void calls_init (calls_t *self, int64_t now_ms);
//  Ends all calls as hearth.Cancelled, and lets go of those that the program holds.
void calls_clear (calls_t *self);

//  What the broker of a new session takes.
void calls_set_limit (calls_t *self, uint32_t limit);
bool calls_is_full (const calls_t *self);
//  A new call with a slot of its own, or with CALLS_NO_SLOT if all are taken: then it can only be ended. NULL if memory
//  is short.
hearth_pending_t *calls_open (calls_t *self, hearth_t *hearth, int64_t deadline_ms);
wire_token_t calls_token (const calls_t *self, const hearth_pending_t *call);

//  The request, which the call keeps, could not be sent, since there is no session: ends the call at until_ms.
void calls_hold (calls_t *self, hearth_pending_t *call, int64_t until_ms);
//  An attempt failed: the next one is to be sent at at_ms. False if there is no slot for it.
bool calls_wait (calls_t *self, hearth_pending_t *call, int64_t at_ms);
//  There is a session: the first call that was held, or NULL; it is held no more and still has its request.
hearth_pending_t *calls_next_held (calls_t *self);
//  The same call could not be sent: it is held as before, the first one again.
void calls_hold_again (calls_t *self, hearth_pending_t *call);
//  The socket took the request.
void calls_sent (calls_t *self, hearth_pending_t *call);

//  An answer came: frees the slot. The call that it belongs to, or NULL if nobody waits.
hearth_pending_t *calls_answered (calls_t *self, wire_token_t token);

//  The call of that token that the broker has; NULL if there is none.
hearth_pending_t *calls_find (calls_t *self, wire_token_t token);
//  An item of a stream, or credit, came or went: its silence is broken.
static inline void calls_touch (hearth_pending_t *call, int64_t now_ms)
{
    call->deadline_ms = now_ms + call->stream->silence_ms;
}
//  The program took an item: if that was the last of a call that has ended, it may be told of that.
void calls_drained (calls_t *self, hearth_pending_t *call);

//  Whether a call that is given up now may have been executed.
hearth_mark_t calls_mark (const hearth_pending_t *call);
//  Ends a call; takes the result. Its slot is freed unless the broker has still to answer. If an attempt before may have
//  been executed, and the result says "not executed", the call ends as that attempt did.
void calls_end (calls_t *self, hearth_pending_t *call, hearth_result_t *result);
//  The next ended call whose `done` is to be called, which frees it; false if there is none.
bool calls_next_ended (calls_t *self, client_done_fn **done, void **context, hearth_result_t **result);

//  The program is to be told of its end. One that has ended is told of like any other.
void calls_tell_program (calls_t *self, hearth_pending_t *call, client_done_fn *done, void *context);
//  Ends those that the program has made as hearth.Cancelled.
void calls_cancel_programs (calls_t *self);

//  Whoever waited does not any more; frees the call. True if the broker should be told (its token: calls_token before).
bool calls_abandon (calls_t *self, hearth_pending_t *call);
//  The same for calls with that context and a `done`, until one that was sent: true, and the token that the broker should
//  be told. False: there are no more.
bool calls_forget (calls_t *self, const void *context, wire_token_t *token);
//  Whether one of those is without an answer yet.
bool calls_await (const calls_t *self, const void *context);
//  Takes the result out of an ended call, and frees the call. self is NULL once the connection is gone.
hearth_result_t *calls_take (calls_t *self, hearth_pending_t *call);

//  Ends what is overdue: `why` says why there is no broker. What is held waits on while an attempt to connect is under
//  way, at most until attempt_ms. What waits for its next attempt is held when it is time.
void calls_expire (calls_t *self, int64_t now_ms, int64_t attempt_ms, const char *why);
int64_t calls_deadline (const calls_t *self);  //  -1: none
//  Whether that would look at any.
bool calls_are_due (const calls_t *self, int64_t now_ms);
//  The session ended: ends what was sent, or has it wait for the next one, and frees all slots but those of such calls.
void calls_session_down (calls_t *self, const char *why, int64_t now_ms);

#endif
