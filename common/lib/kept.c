/*  kept.c - calls that outlive their handlers, and what other threads hand back of them
*/
#include "kept.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "connection.h"
#include "dispatch.h"
#include "worker.h"

static hearth_call_t *call_of (letter_t *letter)
{
    return (hearth_call_t *) ((char *) letter - offsetof (hearth_call_t, kept.letter));
}

/* ------------------------------------------------------------------------
    Keeping
*/

//  Arguments point into the frame, which the connection uses again: they get a copy of it. The frame's own bytes end strs
//  with zeros where they lie, so that copy and original are alike.
static bool keep_arguments (hearth_call_t *call)
{
    size_t via_size = call->via_count ? call->via.size : 0;
    uint8_t *bytes = malloc (call->body_size + via_size + 1);
    if (!bytes)
        return false;
    memcpy (bytes, call->body, call->body_size);
    for (size_t index = 0; index < call->argc; index++)
        value_rebase (call->argv [index], call->body, call->body_size, bytes);
    if (via_size) {
        memcpy (bytes + call->body_size, call->via.data, via_size);
        call->via.data = (const char *) bytes + call->body_size;
    }
    call->kept.bytes = bytes;
    call->body = bytes;
    return true;
}

static letter_fn deliver;

static void enlist (hearth_call_t *call, box_t *box)
{
    hearth_t *hearth = call->hearth;
    hearth_caller (call);  //  is written when it is first asked for
    kept_t *kept = &call->kept;
    pack_init (&kept->answer);
    kept->letter.deliver = deliver;
    kept->message_most = frame_most (hearth);
    kept->is_in_handler = true;
    box_lock (box);
    box_join (box);
    kept->next = hearth->services.kept;
    if (kept->next)
        kept->next->kept.prev = call;
    hearth->services.kept = call;
    call->object->kept++;
    box_unlock (box);
    kept->box = box;
}

static bool keep (hearth_call_t *call, box_t *box)
{
    if (!box || !keep_arguments (call))
        return false;
    enlist (call, box);
    return call->kept.is_programs = true;
}

void kept_give (hearth_call_t *call, void *bytes)
{
    call->kept.bytes = bytes;
    enlist (call, call->hearth->services.box);
}

//  A worker keeps its call anyway.
static hearth_call_t *keep_on_worker (hearth_call_t *call)
{
    if (!worker_handles (call) || atomic_load (&call->is_answered))
        return NULL;
    call->kept.is_programs = true;
    return call;
}

hearth_call_t *hearth_keep (hearth_call_t *self)
{
    if (!self || self->kept.is_programs)
        return self;
    if (self->kept.box)
        return keep_on_worker (self);
    if (!client_enter (self->hearth))
        return NULL;
    bool is_kept = !atomic_load (&self->is_answered) && keep (self, box_of (self->hearth));
    client_leave (self->hearth);
    return is_kept ? self : NULL;
}

/* ------------------------------------------------------------------------
    Giving back. With the lock held: by the connection's thread, or by any once the connection is gone.
*/

static void unlink_call (hearth_call_t *call)
{
    kept_t *kept = &call->kept;
    if (kept->prev)
        kept->prev->kept.next = kept->next;
    else if (call->hearth && call->hearth->services.kept == call)
        call->hearth->services.kept = kept->next;
    if (kept->next)
        kept->next->kept.prev = kept->prev;
    kept->next = kept->prev = NULL;
}

//  Who frees a call leaves the box for it.
static void free_call (hearth_call_t *call)
{
    unlink_call (call);
    flow_finish (call);
    while (call->proxies)
        proxy_free (call->proxies);
    callers_release (call);
    call->object->kept--;
    services_release (call->object);
    msgpack_zone_destroy (&call->zone);
    pack_clear (&call->kept.answer);
    free (call->kept.bytes);
    free (call);
}

static void send_answer (hearth_t *hearth, hearth_call_t *call)
{
    call->kept.has_answer = false;
    if (call->sessions == hearth->session.count)
        frame_send_from (hearth, &call->kept.answer);
    pack_clear (&call->kept.answer);
    pack_init (&call->kept.answer);
}

//  Does what was left to the connection's thread.
static void deliver (letter_t *letter, hearth_t *hearth)
{
    hearth_call_t *call = call_of (letter);
    box_t *box = call->kept.box;
    if (call->kept.has_answer)
        send_answer (hearth, call);
    if (call->kept.has_ended)
        workers_ended (hearth, call);
    call->kept.has_ended = false;
    if (!call->kept.is_destroyed || call->kept.is_in_handler)
        return;
    free_call (call);
    box_drop (box);
}

//  Whether it has left items or credit to the connection's next turn.
static bool has_mail (const hearth_call_t *call)
{
    return call->flow.stream && (call->flow.parcels || call->flow.letter.is_posted);
}

//  Whether what is to be done is left to the connection's next turn: this is another thread, or it left something there that
//  goes before.
static bool must_post (const hearth_call_t *call)
{
    const box_t *box = call->kept.box;
    return !box_is_ours (box) || (has_mail (call) && box_hearth (box));
}

//  Behind all that it has left: the call may be freed by it.
static void post (hearth_call_t *call)
{
    box_t *box = call->kept.box;
    if (has_mail (call))
        box_withdraw (box, &call->kept.letter);
    box_post (box, &call->kept.letter);
}

void kept_answered (hearth_call_t *call)
{
    box_t *box = call->kept.box;
    if (box_is_forked (box))
        return;
    box_lock (box);
    hearth_t *hearth = box_hearth (box);
    call->kept.has_answer = hearth;
    if (must_post (call))
        post (call);
    else if (hearth)
        send_answer (hearth, call);
    box_unlock (box);
}

void hearth_call_destroy (hearth_call_t **self_p)
{
    hearth_call_t *self = self_p ? *self_p : NULL;
    if (!self || !self->kept.is_programs)
        return;
    *self_p = NULL;
    box_t *box = self->kept.box;
    if (box_is_forked (box))
        return;
    call_end (self, STATUS_NO_REPLY, "the call was given back without an answer");
    box_lock (box);
    self->kept.is_destroyed = true;
    if (must_post (self))
        post (self);
    else if (!self->kept.is_in_handler && !self->kept.letter.is_posted) {
        free_call (self);
        box_leave (box);
        return;
    }
    box_unlock (box);
}

void kept_handler_ended (hearth_call_t *call)
{
    box_t *box = call->kept.box;
    box_lock (box);
    call->kept.is_in_handler = false;
    bool is_over = call->kept.is_destroyed && !call->kept.letter.is_posted;
    if (is_over)
        free_call (call);
    if (is_over)
        box_leave (box);
    else
        box_unlock (box);
}

void kept_worker_returned (hearth_call_t *call)
{
    call->kept.is_in_handler = false;
    call->kept.has_ended = true;
    call->kept.is_destroyed |= !call->kept.is_programs;
    post (call);
}

/* ------------------------------------------------------------------------
    For the connection
*/

//  With the lock held.
static void cancel (hearth_call_t *call)
{
    call->is_cancelled = true;
    flow_cease (call);
    box_note_work (call->kept.box);
}

//  The next call that is to be told. The callback may give back any call, so each is looked for anew.
static hearth_call_t *next_to_tell (const hearth_t *hearth)
{
    for (hearth_call_t *call = hearth->services.kept; call; call = call->kept.next)
        if (call->is_cancelled && call->kept.when_cancelled && !call->kept.is_told && !call->kept.is_destroyed
            && !call->is_answered)
            return call;
    return NULL;
}

void kept_work (hearth_t *hearth)
{
    box_t *box = hearth->services.box;
    if (!box_deliver (box))
        return;
    workers_reap (hearth);
    callers_tell (hearth);
    box_lock (box);
    hearth_call_t *call;
    while ((call = next_to_tell (hearth))) {
        call->kept.is_told = true;
        box_unlock (box);
        outside_t outside = turn_call_out (hearth);
        call->kept.when_cancelled (call, call->kept.context);
        turn_called_out (hearth, outside);
        box_lock (box);
    }
    box_unlock (box);
}

hearth_call_t *kept_find (const hearth_t *hearth, wire_token_t token)
{
    for (hearth_call_t *call = hearth->services.kept; call; call = call->kept.next)
        if (call_is (call, hearth->session.count, token))
            return call;
    return NULL;
}

void kept_cancel (hearth_call_t *call)
{
    box_lock (call->kept.box);
    cancel (call);
    box_unlock (call->kept.box);
}

void kept_cancel_all (hearth_t *hearth)
{
    for (hearth_call_t *call = hearth->services.kept; call; call = call->kept.next)
        kept_cancel (call);
}

void kept_cancel_handled (hearth_t *hearth)
{
    box_lock (hearth->services.box);
    for (hearth_call_t *call = hearth->services.kept; call; call = call->kept.next)
        if (call->kept.is_in_handler)
            cancel (call);
    box_unlock (hearth->services.box);
}

//  On a worker the connection's thread may be looking at it, and is to look again.
static void tell_worker (hearth_call_t *call, hearth_cancelled_fn *told, void *context)
{
    box_t *box = call->kept.box;
    if (box_is_forked (box))
        return;
    box_lock (box);
    call->kept.when_cancelled = told;
    call->kept.context = context;
    if (call->is_cancelled)
        box_post (box, &call->kept.letter);
    box_unlock (box);
}

void hearth_when_cancelled (hearth_call_t *self, hearth_cancelled_fn *told, void *context)
{
    if (self && worker_handles (self))
        tell_worker (self, told, context);
    if (!self || !self->kept.is_programs || !client_enter (self->hearth))
        return;
    self->kept.when_cancelled = told;
    self->kept.context = context;
    if (self->is_cancelled)
        box_note_work (self->kept.box);
    client_leave (self->hearth);
}

void kept_close (hearth_t *hearth)
{
    box_t *box = hearth->services.box;
    if (!box_close (box))
        return;
    for (hearth_call_t *call; (call = hearth->services.kept);) {
        unlink_call (call);
        flow_leave (call);
        while (call->proxies)
            proxy_free (call->proxies);
        call->hearth = NULL;
        call->is_cancelled = true;
    }
    box_leave (box);
}
