/*  caller.c - what objects keep of their callers, and how they hear that one is gone
*/
#include "caller.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "connection.h"
#include "errand.h"
#include "worker.h"

//  A caller's session, of which at least one object keeps something.
typedef struct {
    textmap_node_t node;
    hearth_t *hearth;
    caller_t *first;
    hearth_watch_t *watch;
    char name [UNIQUE_NAME_SIZE];
} session_t;

struct caller {
    caller_t *next;  //  of its session, then of those that are over
    session_t *session;
    const object_t *object;
    void *state;
    hearth_caller_gone_fn *gone;
    unsigned holders;
    bool is_over;
    char name [UNIQUE_NAME_SIZE];
};

static void lock (box_t *box)
{
    if (box)
        box_lock (box);
}

static void unlock (box_t *box)
{
    if (box)
        box_unlock (box);
}

/* ------------------------------------------------------------------------
    Ending. With the lock held, but for what tells.
*/

static void put_over (callers_t *self, caller_t *caller)
{
    caller->next = self->over;
    self->over = caller;
}

static void end (callers_t *self, caller_t *caller)
{
    caller_t **at = &caller->session->first;
    while (*at != caller)
        at = &(*at)->next;
    *at = caller->next;
    caller->session = NULL;
    caller->is_over = true;
    if (!caller->holders)
        put_over (self, caller);
}

//  Once nothing is kept of it.
static void drop_session (callers_t *self, session_t *session)
{
    textmap_remove (&self->sessions, &session->node);
    hearth_watch_destroy (&session->watch);
    free (session);
}

void callers_release (hearth_call_t *call)
{
    caller_t *caller = call->caller_state;
    if (!caller)
        return;
    call->caller_state = NULL;
    if (--caller->holders > 0 || !caller->is_over)
        return;
    put_over (&call->hearth->callers, caller);
    if (call->hearth->services.box)
        box_note_work (call->hearth->services.box);
}

void callers_tell (hearth_t *hearth)
{
    for (;;) {
        box_t *box = hearth->services.box;
        lock (box);
        caller_t *caller = hearth->callers.over;
        if (caller)
            hearth->callers.over = caller->next;
        unlock (box);
        if (!caller)
            return;
        if (caller->state && caller->gone)
            caller->gone (hearth, caller->name, caller->state);
        free (caller);
    }
}

//  Ends what an object keeps of a session; NULL: what all of them do.
static void end_session (callers_t *self, session_t *session, const object_t *object)
{
    for (caller_t *caller = session->first, *next; caller; caller = next) {
        next = caller->next;
        if (!object || caller->object == object)
            end (self, caller);
    }
    if (!session->first)
        drop_session (self, session);
}

static void end_sessions (hearth_t *hearth, const object_t *object)
{
    callers_t *self = &hearth->callers;
    box_t *box = hearth->services.box;
    lock (box);
    for (textmap_node_t *node = textmap_first (&self->sessions), *next; node; node = next) {
        next = textmap_next (&self->sessions, node);
        end_session (self, (session_t *) node, object);
    }
    unlock (box);
}

void callers_drop (hearth_t *hearth, const object_t *object)
{
    end_sessions (hearth, object);
    callers_tell (hearth);
}

void callers_close (hearth_t *hearth)
{
    box_t *box = hearth->services.box;
    end_sessions (hearth, NULL);
    lock (box);
    for (hearth_call_t *call = hearth->services.kept; call; call = call->kept.next)
        callers_release (call);
    unlock (box);
    callers_tell (hearth);
    textmap_clear (&hearth->callers.sessions);
}

/* ------------------------------------------------------------------------
    Keeping. With the lock held, but for what begins.
*/

//  What the call's object keeps of its caller, which the call holds from here on; NULL: nothing.
static caller_t *hold (hearth_call_t *call)
{
    if (call->caller_state || !call->hearth)
        return call->caller_state;
    const char *name = hearth_caller (call);
    const session_t *session = (session_t *) textmap_find (&call->hearth->callers.sessions, SPAN (name));
    caller_t *caller = session ? session->first : NULL;
    while (caller && caller->object != call->object)
        caller = caller->next;
    if (caller)
        caller->holders++;
    return call->caller_state = caller;
}

static void watched (const char *name, hearth_change_t change, void *context)
{
    (void) name;
    session_t *session = context;
    hearth_t *hearth = session->hearth;
    if (change != HEARTH_WENT)
        return;
    box_t *box = hearth->services.box;
    lock (box);
    end_session (&hearth->callers, session, NULL);
    unlock (box);
    callers_tell (hearth);
}

//  A session that something is to be kept of. NULL if memory is short.
static session_t *open_session (hearth_t *hearth, const char *name)
{
    session_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->hearth = hearth;
    strcpy (self->name, name);
    self->watch = hearth_watch (hearth, name, watched, self);
    box_t *box = hearth->services.box;
    lock (box);
    bool is_in = self->watch && textmap_insert (&hearth->callers.sessions, &self->node, SPAN (self->name)) == 0;
    unlock (box);
    if (is_in)
        return self;
    hearth_watch_destroy (&self->watch);
    free (self);
    return NULL;
}

typedef struct {
    hearth_call_t *call;
    void *state;
    hearth_caller_gone_fn *gone;
} keeping_t;

static box_t *box_of_call (const hearth_call_t *call)
{
    return call->kept.box ? call->kept.box : call->hearth->services.box;
}

//  Whether there was something to replace.
static bool replace (const keeping_t *keeping)
{
    box_t *box = box_of_call (keeping->call);
    lock (box);
    caller_t *caller = hold (keeping->call);
    if (caller) {
        caller->state = keeping->state;
        caller->gone = keeping->gone;
    }
    unlock (box);
    return caller;
}

//  By the connection's thread, where nothing was kept yet.
static int begin (hearth_t *hearth, void *argument)
{
    const keeping_t *keeping = argument;
    hearth_call_t *call = keeping->call;
    if (replace (keeping))
        return HEARTH_OK;
    if (call->object->is_gone)
        return client_fail (hearth, HEARTH_FAILED_PRECONDITION, "hearth.NoSuchService", "the object was taken away");
    const char *name = hearth_caller (call);
    session_t *session = (session_t *) textmap_find (&hearth->callers.sessions, SPAN (name));
    caller_t *caller = calloc (1, sizeof *caller);
    if (caller && !session)
        session = open_session (hearth, name);
    if (!caller || !session) {
        free (caller);
        return client_fail (hearth, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "memory is short");
    }
    *caller = (caller_t){
        .session = session, .object = call->object, .state = keeping->state, .gone = keeping->gone, .holders = 1
    };
    strcpy (caller->name, name);
    box_t *box = hearth->services.box;
    lock (box);
    caller->next = session->first;
    session->first = caller;
    call->caller_state = caller;
    unlock (box);
    return HEARTH_OK;
}

/* ------------------------------------------------------------------------
    The public side
*/

//  Whether this thread may ask: a call that is not kept is its handler's, in the connection's thread.
static bool may_ask (const hearth_call_t *call)
{
    return call && (call->kept.box ? !box_is_forked (call->kept.box) : !guard_refusal (call->hearth));
}

void *hearth_caller_state (hearth_call_t *self)
{
    if (!may_ask (self))
        return NULL;
    box_t *box = box_of_call (self);
    lock (box);
    const caller_t *caller = hold (self);
    void *state = caller ? caller->state : NULL;
    unlock (box);
    return state;
}

int hearth_set_caller_state (hearth_call_t *self, void *state, hearth_caller_gone_fn *gone)
{
    if (!may_ask (self))
        return HEARTH_FAILED_PRECONDITION;
    keeping_t keeping = { .call = self, .state = state, .gone = gone };
    if (replace (&keeping) || !state)
        return HEARTH_OK;
    if (worker_handles (self))
        return errand_do (self->hearth, begin, &keeping, self->deadline_ms);
    hearth_t *hearth = self->hearth;
    if (!client_enter (hearth))
        return (int) guard_code (hearth);
    int code = begin (hearth, &keeping);
    client_leave (hearth);
    return code;
}
