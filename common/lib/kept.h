/*  kept.h - calls that outlive their handlers, and what other threads hand back of them

    A kept call may be answered and given back by any thread, also after its connection is gone: all that takes place under
    the lock of a box (box.h), which the connection and its kept calls hold together. Another thread than the connection's
    only posts the call, and the connection sends and frees. Arguments and declaration stay as they are as long as the call
    does, so that reading them needs no lock.
*/
#ifndef KEPT_H_INCLUDED
#define KEPT_H_INCLUDED

#include "box.h"

//  What a kept call has beside what every call has.
typedef struct {
    box_t *box;       //  NULL: the call is not kept
    letter_t letter;  //  what other threads left to the connection's
    hearth_call_t *next_given;
    hearth_call_t *next;
    hearth_call_t *prev;
    uint8_t *bytes;         //  what its arguments point to
    pack_t answer;          //  a frame, once it is answered
    uint64_t message_most;  //  bytes that it may have
    hearth_cancelled_fn *when_cancelled;
    void *context;
    bool is_in_handler;
    bool is_programs;   //  kept by hearth_keep; else by a worker, until its handler returns
    bool is_given;      //  to a worker, who has not begun it
    bool has_ended;     //  a worker's handler, of which the connection's thread is to be told
    bool has_answer;    //  still to be sent
    bool is_destroyed;  //  still to be freed
    bool is_told;       //  that it is cancelled
} kept_t;

//  The handler that kept its call has returned.
void kept_handler_ended (hearth_call_t *call);
//  The same on a worker, or in its place. With the lock held.
void kept_worker_returned (hearth_call_t *call);
//  Hands the answer over, whatever thread this is.
void kept_answered (hearth_call_t *call);

//  Those of a connection, for its own thread.

//  Keeps a call for a worker; `bytes` are what its arguments lie in, and freed with it.
void kept_give (hearth_call_t *call, void *bytes);
//  The kept call of this session with that token, or NULL.
hearth_call_t *kept_find (const hearth_t *hearth, wire_token_t token);
//  Nobody waits for its answer.
void kept_cancel (hearth_call_t *call);
//  The same for those whose handlers run on workers.
void kept_cancel_handled (hearth_t *hearth);
//  Their session ended: nobody waits for them any more.
void kept_cancel_all (hearth_t *hearth);
//  Has the box delivered, which sends and frees, and tells those that are cancelled.
void kept_work (hearth_t *hearth);
//  The connection is going. Calls live on until they are given back, and their objects with them.
void kept_close (hearth_t *hearth);

#endif
