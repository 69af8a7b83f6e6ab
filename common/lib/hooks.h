/*  hooks.h - what the program is told of its connection, and of its calls: that they began, are made once more, and how they ended

    All that a hook is shown of a call is a copy, since it may use the connection: the call may be over, and its memory another's,
    before the hook returns. What is told within a hook of the calls that it makes itself is nothing.
*/
#ifndef HOOKS_H_INCLUDED
#define HOOKS_H_INCLUDED

#include "connection.h"

//  Nobody answers.
void hooks_waiting (hearth_t *self);
//  A session was lost, and why.
void hooks_disconnected (hearth_t *self);

//  Whether anybody wants to hear of calls.
static inline bool hooks_want_calls (const hearth_t *self)
{
    const hearth_hooks_t *hooks = self->hooks;
    return hooks && !self->in_call_hook && (hooks->call_started || hooks->call_ended || hooks->call_retried);
}

//  A call was begun, or has ended in that: the name and method of its request, which it need not have kept.
void hooks_call_began (hearth_t *self, hearth_pending_t *call, const wire_frame_t *request);
//  Its next attempt was sent.
void hooks_call_retried (hearth_t *self, hearth_pending_t *call);
//  It has ended, and nobody has heard of it yet.
void hooks_call_ended (hearth_t *self, hearth_pending_t *call);
//  Abandons a call (frame_abandon), which ends it as `why` if it has not ended yet.
void hooks_call_abandoned (hearth_t *self, hearth_pending_t *call, const hearth_error_t *why);
//  Tells of all that have.
void hooks_calls_ended (hearth_t *self);

#endif
