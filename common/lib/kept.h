/*  kept.h - calls that outlive their handlers, and what other threads hand back of them

    The one part of the library that threads share. A kept call may be answered and given back by any thread, also after
    its connection is gone: all that takes place under the lock of a box, which the connection and its kept calls hold
    together. Another thread than the connection's only leaves the call in the box and wakes the connection, which sends
    and frees. Arguments and declaration stay as they are as long as the call does, so that reading them needs no lock.
*/
#ifndef KEPT_H_INCLUDED
#define KEPT_H_INCLUDED

#include "client.h"

typedef struct kept_box kept_box_t;

//  What a kept call has beside what every call has.
typedef struct {
    kept_box_t *box;  //  NULL: the call is not kept
    hearth_call_t *next;
    hearth_call_t *prev;
    hearth_call_t *next_mail;
    uint8_t *bytes;         //  what its arguments point to
    pack_t answer;          //  a frame, once it is answered
    uint64_t message_most;  //  bytes that it may have
    hearth_cancelled_fn *when_cancelled;
    void *context;
    bool is_in_handler;
    bool is_mailed;     //  in the box
    bool has_answer;    //  still to be sent
    bool is_destroyed;  //  still to be freed
    bool is_told;       //  that it is cancelled
} kept_t;

//  The handler that kept its call has returned.
void kept_handler_ended (hearth_call_t *call);
//  Hands the answer over, whatever thread this is.
void kept_answered (hearth_call_t *call);

//  Those of a connection, for its own thread. box may be NULL: nothing was ever kept.

//  A kept call that the broker says is cancelled; false if there is none with that token.
bool kept_cancel (kept_box_t *box, uint64_t sessions, wire_token_t token);
//  Their session ended: nobody waits for them any more.
void kept_cancel_all (kept_box_t *box);
//  Sends and frees what other threads left, and tells those that are cancelled. kept_has_work: whether there is any such.
void kept_work (kept_box_t *box);
bool kept_has_work (const kept_box_t *box);
//  The connection is going. Calls live on until they are given back, and their objects with them.
void kept_close (kept_box_t *box);

#endif
