/*  proxy.c - names to call, and what their calls are told
*/
#include "proxy.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "worker.h"

static hearth_proxy_t *proxy_new (hearth_t *hearth, const char *name, hearth_call_t *call, hearth_proxy_t **list)
{
    address_t address;
    name = client_resolve (hearth, name, &address);
    if (!name)
        return NULL;
    hearth_proxy_t *self = malloc (sizeof *self);
    if (!self) {
        client_fail (hearth, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "memory is short");
        return NULL;
    }
    *self = (hearth_proxy_t){
        .hearth = hearth, .call = call, .next = *list, .at = list, .timeout_ms = HEARTH_DEFAULT_TIMEOUT_MS
    };
    strcpy (self->name, name);
    if (self->next)
        self->next->at = &self->next;
    return *list = self;
}

void proxy_free (hearth_proxy_t *self)
{
    *self->at = self->next;
    if (self->next)
        self->next->at = self->at;
    free (self);
}

hearth_proxy_t *hearth_proxy (hearth_t *self, const char *name)
{
    if (!client_enter (self))
        return NULL;
    hearth_proxy_t *proxy = proxy_new (self, name, NULL, &self->proxies);
    client_leave (self);
    return proxy;
}

hearth_proxy_t *hearth_proxy_within (hearth_call_t *self, const char *name)
{
    if (worker_handles (self))
        return proxy_new (self->hearth, name, self, &self->proxies);
    if (!client_enter (self->hearth))
        return NULL;
    hearth_proxy_t *proxy = proxy_new (self->hearth, name, self, &self->proxies);
    client_leave (self->hearth);
    return proxy;
}

void hearth_proxy_destroy (hearth_proxy_t **self_p)
{
    hearth_proxy_t *self = self_p ? *self_p : NULL;
    if (!self || !client_enter (self->hearth))
        return;
    *self_p = NULL;
    hearth_t *hearth = self->hearth;
    proxy_free (self);
    client_leave (hearth);
}

const char *hearth_proxy_name (const hearth_proxy_t *self)
{
    return self ? self->name : "";
}

void hearth_proxy_set_timeout (hearth_proxy_t *self, int64_t timeout_ms)
{
    if (self)
        self->timeout_ms = timeout_ms;
}

void hearth_proxy_set_wait (hearth_proxy_t *self, int64_t wait_ms)
{
    if (self)
        self->wait_ms = wait_ms;
}

void hearth_proxy_set_idempotent (hearth_proxy_t *self, bool is_idempotent)
{
    if (self)
        self->is_idempotent = is_idempotent;
}

void hearth_proxy_set_detached (hearth_proxy_t *self, bool is_detached)
{
    if (self)
        self->is_detached = is_detached;
}

void hearth_proxy_set_window (hearth_proxy_t *self, uint32_t items, uint32_t bytes)
{
    if (!self)
        return;
    self->window_items = items;
    self->window_bytes = bytes;
}
