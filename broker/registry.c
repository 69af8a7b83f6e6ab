/*  registry.c - names and their owners; who is next among several is pool.c's */

#include "registry.h"

#include <stdlib.h>
#include <string.h>

#include "pool.h"

const char *const mode_names [MODE_COUNT] = { "exclusive", "replaceable", "shared" };

void registry_init (registry_t *self, const uint8_t hash_key [16])
{
    memset (self, 0, sizeof *self);
    index_init (&self->names, hash_key);
}

void registry_clear (registry_t *self)
{
    for (size_t at = 0; at < index_count (&self->names); at++) {
        service_t *service = CONTAINER_OF (index_at (&self->names, at), service_t, keyed);
        service_destroy (&service);
    }
    index_clear (&self->names);
    self->recent = NULL;
}

service_t *service_new (span_t name)
{
    service_t *self = calloc (1, sizeof *self + name.size + 1);
    if (!self)
        return NULL;
    memcpy (self->name, name.data, name.size);
    self->keyed.key = self->name;
    self->keyed.size = name.size;
    list_init (&self->instances);
    list_init (&self->queue);
    list_init (&self->parked);
    return self;
}

static void s_undeclare (instance_t *self)
{
    interface_destroy (&self->interface);
    free (self->metadata);
    self->metadata = NULL;
    self->metadata_size = 0;
}

static void s_instance_free (instance_t *self)
{
    s_undeclare (self);
    free (self);
}

void service_destroy (service_t **self_p)
{
    service_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    list_t *link;
    while ((link = list_pop (&self->instances)))
        s_instance_free (CONTAINER_OF (link, instance_t, in_service));
    free (self->ready);
    free (self);
}

service_t *registry_look_up (registry_t *self, span_t name)
{
    keyed_t *found = index_find (&self->names, name.data, name.size);
    if (!found)
        return NULL;
    return self->recent = CONTAINER_OF (found, service_t, keyed);
}

static size_t s_service_weight (const service_t *self)
{
    return sizeof *self + self->keyed.size + 1 + sizeof (keyed_t *);
}

service_t *registry_want (registry_t *self, span_t name)
{
    service_t *service = registry_find (self, name);
    if (service)
        return service;
    service = service_new (name);
    if (service && index_insert (&self->names, &service->keyed) != 0)
        service_destroy (&service);
    if (!service)
        return NULL;
    service->is_named = true;
    self->bytes += s_service_weight (service);
    return service;
}

void registry_tidy (registry_t *self, service_t **service_p)
{
    service_t *service = *service_p;
    if (!service->is_named || service->instance_count || service->queued || service->parked_count)
        return;
    index_remove (&self->names, &service->keyed);
    self->bytes -= s_service_weight (service);
    if (self->recent == service)
        self->recent = NULL;
    service_destroy (service_p);
}

//  Searches the shorter of the two lists that it would be in.
instance_t *service_instance_of (const service_t *self, const session_t *session)
{
    if (session->names < self->instance_count) {
        for (const list_t *link = session->instances.next; link != &session->instances; link = link->next) {
            instance_t *instance = CONTAINER_OF (link, instance_t, in_session);
            if (instance->service == self)
                return instance;
        }
        return NULL;
    }
    for (const list_t *link = self->instances.next; link != &self->instances; link = link->next) {
        instance_t *instance = CONTAINER_OF (link, instance_t, in_service);
        if (instance->session == session)
            return instance;
    }
    return NULL;
}

static size_t s_weight (const instance_t *self)
{
    return sizeof *self + self->metadata_size + interface_weight (self->interface);
}

static bool s_declares_the_same (const instance_t *a, const instance_t *b)
{
    if (!a->interface || !b->interface)
        return a->interface == b->interface;
    span_t left = interface_bytes (a->interface), right = interface_bytes (b->interface);
    return left.size == right.size && memcmp (left.data, right.data, left.size) == 0;
}

//  Looks at all instances.
static void s_update_mixed (service_t *self)
{
    const list_t *first = list_first (&self->instances);
    self->mixed = false;
    for (const list_t *link = first ? first->next : &self->instances; link != &self->instances; link = link->next)
        self->mixed |= !s_declares_the_same (CONTAINER_OF (first, instance_t, in_service),
                                             CONTAINER_OF (link, instance_t, in_service));
}

//  Moves a declaration into an instance.
static void s_declare (registry_t *self, instance_t *instance, declaration_t *declaration)
{
    instance->interface = declaration->interface;
    instance->metadata = declaration->metadata;
    instance->metadata_size = declaration->metadata_size;
    instance->capacity = declaration->capacity;
    declaration->interface = NULL;
    declaration->metadata = NULL;
    self->bytes += s_weight (instance);
    pool_update (instance);
}

//  What an instance has declared is replaced by something else.
static void s_redeclare (registry_t *self, instance_t *instance, declaration_t *declaration)
{
    self->bytes -= s_weight (instance);
    s_undeclare (instance);
    s_declare (self, instance, declaration);
    s_update_mixed (instance->service);
}

static instance_t *s_add (registry_t *self, service_t *service, session_t *session, declaration_t *declaration)
{
    instance_t *instance = calloc (1, sizeof *instance);
    if (!instance || pool_reserve (service) != 0) {
        free (instance);
        return NULL;
    }
    instance->service = service;
    instance->session = session;
    instance->heap_at = INSTANCE_NOT_READY;
    list_append (&service->instances, &instance->in_service);
    list_append (&session->instances, &instance->in_session);
    session->names++;
    if (service->instance_count++ == 0) {
        service->mode = declaration->mode;
        self->registered++;
    }
    s_declare (self, instance, declaration);
    const list_t *first = list_first (&service->instances);
    if (!s_declares_the_same (instance, CONTAINER_OF (first, instance_t, in_service)))
        service->mixed = true;
    return instance;
}

registered_t registry_register (registry_t *self, service_t *service, session_t *session, declaration_t *declaration,
                                session_t **previous)
{
    list_t *link = list_first (&service->instances);
    *previous = NULL;
    if (!link)
        return s_add (self, service, session, declaration) ? REGISTER_APPEARED : REGISTER_NO_MEMORY;

    instance_t *first = CONTAINER_OF (link, instance_t, in_service);
    instance_t *mine = service_instance_of (service, session);
    if (mine && (service->instance_count == 1 || declaration->mode == service->mode)) {
        service->mode = declaration->mode;
        s_redeclare (self, mine, declaration);
        return REGISTER_UPDATED;
    }
    if (!mine && service->mode == MODE_SHARED && declaration->mode == MODE_SHARED)
        return s_add (self, service, session, declaration) ? REGISTER_JOINED : REGISTER_NO_MEMORY;
    *previous = first->session;
    if (mine || service->mode != MODE_REPLACEABLE || !declaration->replace || declaration->mode == MODE_SHARED)
        return REGISTER_TAKEN;
    if (!s_add (self, service, session, declaration))
        return REGISTER_NO_MEMORY;
    service->mode = declaration->mode;
    registry_unregister (self, first);
    return REGISTER_REPLACED;
}

void registry_unregister (registry_t *self, instance_t *instance)
{
    service_t *service = instance->service;
    pool_remove (instance);
    list_remove (&instance->in_service);
    list_remove (&instance->in_session);
    list_remove (&instance->in_stalled);
    instance->session->names--;
    instance->service = NULL;
    self->bytes -= s_weight (instance);
    s_undeclare (instance);
    if (--service->instance_count == 0)
        self->registered--;
    if (service->mixed)
        s_update_mixed (service);
    instance_release (&instance);
}

void instance_release (instance_t **self_p)
{
    instance_t *self = *self_p;
    *self_p = NULL;
    if (!self->service && !self->outstanding)
        s_instance_free (self);
}
