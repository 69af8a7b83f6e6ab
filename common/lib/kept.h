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
    hearth_call_t *next;
    hearth_call_t *prev;
    uint8_t *bytes;         //  what its arguments point to
    pack_t answer;          //  a frame, once it is answered
    uint64_t message_most;  //  bytes that it may have
    hearth_cancelled_fn *when_cancelled;
    void *context;
    bool is_in_handler;
    bool has_answer;    //  still to be sent
    bool is_destroyed;  //  still to be freed
    bool is_told;       //  that it is cancelled
} kept_t;

//  The handler that kept its call has returned.
void kept_handler_ended (hearth_call_t *call);
//  Hands the answer over, whatever thread this is.
void kept_answered (hearth_call_t *call);

//  Those of a connection, for its own thread.

//  A kept call that the broker says is cancelled; false if there is none with that token.
bool kept_cancel (hearth_t *hearth, wire_token_t token);
//  Their session ended: nobody waits for them any more.
void kept_cancel_all (hearth_t *hearth);
//  Has the box delivered, which sends and frees, and tells those that are cancelled.
void kept_work (hearth_t *hearth);
//  The connection is going. Calls live on until they are given back, and their objects with them.
void kept_close (hearth_t *hearth);

#endif
