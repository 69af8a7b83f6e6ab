/*  call_list.h - lists of calls, within their members; a call is in one at most
*/
#ifndef CALL_LIST_H_INCLUDED
#define CALL_LIST_H_INCLUDED

#include "calls.h"

static inline void list_append (call_list_t *list, hearth_pending_t *call)
{
    call->next = NULL;
    call->prev = list->last;
    if (list->last)
        list->last->next = call;
    else
        list->first = call;
    list->last = call;
}

static inline void list_prepend (call_list_t *list, hearth_pending_t *call)
{
    call->prev = NULL;
    call->next = list->first;
    if (list->first)
        list->first->prev = call;
    else
        list->last = call;
    list->first = call;
}

static inline void list_remove (call_list_t *list, hearth_pending_t *call)
{
    *(call->prev ? &call->prev->next : &list->first) = call->next;
    *(call->next ? &call->next->prev : &list->last) = call->prev;
    call->next = call->prev = NULL;
}

static inline hearth_pending_t *list_pop (call_list_t *list)
{
    hearth_pending_t *call = list->first;
    if (call)
        list_remove (list, call);
    return call;
}

//  Where a call that has ended is.
static inline call_list_t *list_of (calls_t *self, const hearth_pending_t *call)
{
    if (call->is_untold)
        return &self->untold;
    if (!call->done)
        return &self->kept;
    return call->is_unread ? &self->unread : &self->ended;
}

//  Whoever takes the items as they come is told of the end after them.
static inline void append_ended (calls_t *self, hearth_pending_t *call)
{
    call->is_unread = call->is_programs && call->stream && call->stream->tell && call->stream->first;
    list_append (list_of (self, call), call);
}

//  A hook has heard of its end.
static inline void calls_told (calls_t *self, hearth_pending_t *call)
{
    list_remove (&self->untold, call);
    call->is_untold = false;
    request_drop (&call->request);
    append_ended (self, call);
}

//  Of calls.c, for calls_all.c.
void calls_free_slot (calls_t *self, uint32_t slot);

#endif
