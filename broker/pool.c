/*  pool.c - a binary heap of instances with room, each of which knows its place */

#include "pool.h"

#include <stdlib.h>

static bool s_before (const instance_t *a, const instance_t *b)
{
    return a->outstanding != b->outstanding ? a->outstanding < b->outstanding : a->turn < b->turn;
}

static void s_put (service_t *service, size_t at, instance_t *instance)
{
    service->ready [at] = instance;
    instance->heap_at = at;
}

//  Moves an instance up or down until the heap is in order again.
static void s_settle (service_t *service, size_t at, instance_t *instance)
{
    while (at > 0 && s_before (instance, service->ready [(at - 1) / 2])) {
        s_put (service, at, service->ready [(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < service->ready_count && s_before (service->ready [child + 1], service->ready [child]))
            child++;
        if (child >= service->ready_count || !s_before (service->ready [child], instance))
            break;
        s_put (service, at, service->ready [child]);
        at = child;
    }
    s_put (service, at, instance);
}

int pool_reserve (service_t *service)
{
    if (service->instance_count < service->ready_room)
        return 0;
    size_t room = service->ready_room ? service->ready_room * 2 : 1;
    instance_t **ready = realloc (service->ready, room * sizeof *ready);
    if (!ready)
        return -1;
    service->ready = ready;
    service->ready_room = room;
    return 0;
}

void pool_remove (instance_t *instance)
{
    service_t *service = instance->service;
    size_t at = instance->heap_at;
    if (at == INSTANCE_NOT_READY)
        return;
    instance->heap_at = INSTANCE_NOT_READY;
    instance_t *last = service->ready [--service->ready_count];
    if (last != instance)
        s_settle (service, at, last);
}

void pool_update (instance_t *instance)
{
    bool has_room = instance->outstanding < instance->capacity && !list_is_linked (&instance->in_stalled);
    if (!has_room)
        pool_remove (instance);
    else if (instance->heap_at == INSTANCE_NOT_READY)
        s_settle (instance->service, instance->service->ready_count++, instance);
    else if (instance->service->ready_count > 1)
        s_settle (instance->service, instance->heap_at, instance);
}

void instance_taken (instance_t *self)
{
    self->outstanding++;
    self->turn = ++self->service->turns;
    pool_update (self);
}

void instance_answered (instance_t *self)
{
    self->outstanding--;
    if (self->service)
        pool_update (self);
}

void instance_stall (instance_t *self)
{
    list_append (&self->session->stalled, &self->in_stalled);
    pool_update (self);
}

void instance_resume (instance_t *self)
{
    list_remove (&self->in_stalled);
    pool_update (self);
}

bool service_has_room_for (const service_t *self, span_t method)
{
    for (size_t at = 0; at < self->ready_count; at++)
        if (instance_method (self->ready [at], method))
            return true;
    return false;
}

//  Instances that declare different things: the best of those with room that have the method.
static pick_t s_pick_mixed (const service_t *self, span_t method, instance_t **instance, const member_t **member)
{
    *instance = NULL;
    for (size_t at = 0; at < self->ready_count; at++) {
        instance_t *candidate = self->ready [at];
        const member_t *found = instance_method (candidate, method);
        if (found && (!*instance || s_before (candidate, *instance))) {
            *instance = candidate;
            *member = found;
        }
    }
    if (*instance)
        return PICK_INSTANCE;
    for (const list_t *link = self->instances.next; link != &self->instances; link = link->next)
        if (instance_method (CONTAINER_OF (link, instance_t, in_service), method))
            return PICK_BUSY;
    return PICK_NO_METHOD;
}

static pick_t s_pick_first (const service_t *self, span_t method, instance_t **instance, const member_t **member)
{
    *instance = self->ready [0];
    *member = instance_method (*instance, method);
    return *member ? PICK_INSTANCE : PICK_NO_METHOD;
}

pick_t service_pick (service_t *self, span_t method, instance_t **instance, const member_t **member)
{
    if (self->ready_count && !self->mixed)
        return s_pick_first (self, method, instance, member);
    const list_t *first = list_first (&self->instances);
    if (!first)
        return PICK_NO_SERVICE;
    if (self->mixed)
        return s_pick_mixed (self, method, instance, member);
    *instance = CONTAINER_OF (first, instance_t, in_service);
    *member = instance_method (*instance, method);
    return *member ? PICK_BUSY : PICK_NO_METHOD;
}
