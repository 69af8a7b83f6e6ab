/*  kept.c - calls that outlive their handlers, and what other threads hand back of them
*/
#include "kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "connection.h"
#include "dispatch.h"

struct kept_box {
    pthread_mutex_t lock;
    unsigned users;         //  the connection, and each kept call
    hearth_t *hearth;       //  NULL once it is gone
    hearth_call_t *first;   //  all kept calls of a connection that is there
    hearth_call_t *mail;    //  those that another thread handed back
    _Atomic (bool) is_due;  //  something is in `mail`, or to be told
};

static void lock (kept_box_t *self)
{
    pthread_mutex_lock (&self->lock);
}

static void unlock (kept_box_t *self)
{
    pthread_mutex_unlock (&self->lock);
}

//  The same for who may have been the last user: that one frees it.
static void leave (kept_box_t *self)
{
    bool is_last = self->users == 0;
    unlock (self);
    if (!is_last)
        return;
    pthread_mutex_destroy (&self->lock);
    free (self);
}

static kept_box_t *box_of (hearth_t *hearth)
{
    services_t *services = &hearth->services;
    if (services->kept)
        return services->kept;
    kept_box_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    pthread_mutex_init (&self->lock, NULL);
    self->users = 1;
    self->hearth = hearth;
    return services->kept = self;
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

static bool keep (hearth_call_t *call, kept_box_t *box)
{
    hearth_t *hearth = call->hearth;
    if (!box || !keep_arguments (call))
        return false;
    hearth_caller (call);  //  is written when it is first asked for
    kept_t *kept = &call->kept;
    pack_init (&kept->answer);
    kept->message_most = frame_most (hearth);
    kept->is_in_handler = true;
    lock (box);
    box->users++;
    kept->next = box->first;
    if (kept->next)
        kept->next->kept.prev = call;
    box->first = call;
    call->object->kept++;
    unlock (box);
    kept->box = box;
    return true;
}

hearth_call_t *hearth_keep (hearth_call_t *self)
{
    if (!self || self->kept.box)
        return self;
    if (!client_enter (self->hearth))
        return NULL;
    bool is_kept = !atomic_load (&self->is_answered) && keep (self, box_of (self->hearth));
    client_leave (self->hearth);
    return is_kept ? self : NULL;
}

/* ------------------------------------------------------------------------
    Giving back. With the lock held: by the connection's thread, or by any once the connection is gone.
*/

static void unlink_call (kept_box_t *box, hearth_call_t *call)
{
    kept_t *kept = &call->kept;
    if (kept->prev)
        kept->prev->kept.next = kept->next;
    else if (box->first == call)
        box->first = kept->next;
    if (kept->next)
        kept->next->kept.prev = kept->prev;
    kept->next = kept->prev = NULL;
}

static void free_call (kept_box_t *box, hearth_call_t *call)
{
    unlink_call (box, call);
    box->users--;
    while (call->proxies)
        proxy_free (call->proxies);
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

//  Whether this thread may do itself what is to be done.
static bool is_ours (const kept_box_t *box)
{
    return !box->hearth || guard_is_inside (box->hearth);
}

//  The same thing, left to the connection's thread. In a forked child there is none.
static void leave_to_connection (kept_box_t *box, hearth_call_t *call)
{
    if (guard_is_forked (box->hearth))
        return;
    if (!call->kept.is_mailed) {
        call->kept.is_mailed = true;
        call->kept.next_mail = box->mail;
        box->mail = call;
    }
    atomic_store (&box->is_due, true);
    uplink_wake (box->hearth->uplink);
}

void kept_answered (hearth_call_t *call)
{
    kept_box_t *box = call->kept.box;
    lock (box);
    call->kept.has_answer = true;
    if (!is_ours (box))
        leave_to_connection (box, call);
    else if (box->hearth)
        send_answer (box->hearth, call);
    unlock (box);
}

void hearth_call_destroy (hearth_call_t **self_p)
{
    hearth_call_t *self = self_p ? *self_p : NULL;
    if (!self || !self->kept.box)
        return;
    *self_p = NULL;
    kept_box_t *box = self->kept.box;
    call_end (self, STATUS_NO_REPLY, "the call was given back without an answer");
    lock (box);
    self->kept.is_destroyed = true;
    bool is_ours_to_free = is_ours (box) && !self->kept.is_in_handler && !self->kept.is_mailed;
    if (is_ours_to_free)
        free_call (box, self);
    else if (!is_ours (box))
        leave_to_connection (box, self);
    leave (box);
}

void kept_handler_ended (hearth_call_t *call)
{
    kept_box_t *box = call->kept.box;
    lock (box);
    call->kept.is_in_handler = false;
    if (call->kept.is_destroyed && !call->kept.is_mailed)
        free_call (box, call);
    unlock (box);
}

/* ------------------------------------------------------------------------
    For the connection
*/

bool kept_has_work (const kept_box_t *box)
{
    return box && atomic_load_explicit (&box->is_due, memory_order_relaxed);
}

static void empty_box (kept_box_t *box)
{
    hearth_call_t *call;
    while ((call = box->mail)) {
        box->mail = call->kept.next_mail;
        call->kept.is_mailed = false;
        if (call->kept.has_answer && box->hearth)
            send_answer (box->hearth, call);
        if (call->kept.is_destroyed && !call->kept.is_in_handler)
            free_call (box, call);
    }
}

//  The next call that is to be told. The callback may give back any call, so each is looked for anew.
static hearth_call_t *next_to_tell (const kept_box_t *box)
{
    for (hearth_call_t *call = box->first; call; call = call->kept.next)
        if (call->is_cancelled && call->kept.when_cancelled && !call->kept.is_told && !call->kept.is_destroyed
            && !call->is_answered)
            return call;
    return NULL;
}

void kept_work (kept_box_t *box)
{
    if (!kept_has_work (box))
        return;
    lock (box);
    atomic_store (&box->is_due, false);
    empty_box (box);
    hearth_call_t *call;
    while ((call = next_to_tell (box))) {
        call->kept.is_told = true;
        unlock (box);
        call->kept.when_cancelled (call, call->kept.context);
        lock (box);
    }
    unlock (box);
}

bool kept_cancel (kept_box_t *box, uint64_t sessions, wire_token_t token)
{
    for (hearth_call_t *call = box ? box->first : NULL; call; call = call->kept.next) {
        wire_token_t own = call->block.token;
        if (call->sessions != sessions || own.slot != token.slot || own.generation != token.generation)
            continue;
        call->is_cancelled = true;
        atomic_store (&box->is_due, true);
        return true;
    }
    return false;
}

void kept_cancel_all (kept_box_t *box)
{
    for (hearth_call_t *call = box ? box->first : NULL; call; call = call->kept.next) {
        call->is_cancelled = true;
        atomic_store (&box->is_due, true);
    }
}

void hearth_when_cancelled (hearth_call_t *self, hearth_cancelled_fn *told, void *context)
{
    if (!self || !self->kept.box || !client_enter (self->hearth))
        return;
    self->kept.when_cancelled = told;
    self->kept.context = context;
    if (self->is_cancelled)
        atomic_store (&self->kept.box->is_due, true);
    client_leave (self->hearth);
}

void kept_close (kept_box_t *box)
{
    if (!box)
        return;
    lock (box);
    empty_box (box);
    for (hearth_call_t *call; (call = box->first);) {
        unlink_call (box, call);
        while (call->proxies)
            proxy_free (call->proxies);
        call->hearth = NULL;
        call->is_cancelled = true;
    }
    box->hearth = NULL;
    box->users--;
    leave (box);
}
