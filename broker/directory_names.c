/*  directory_names.c - list, lookup, describe: what is told of names and their owners */

#include <string.h>

#include "directory.h"

static void s_pack_text (query_t *self, const char *key, const char *text)
{
    query_key (self, key);
    pack_str (&self->result, text);
}

static void s_pack_number (query_t *self, const char *key, uint64_t number)
{
    query_key (self, key);
    pack_uint (&self->result, number);
}

static void s_pack_metadata (query_t *self, const instance_t *instance)
{
    query_key (self, "metadata");
    if (instance && instance->metadata)
        pack_raw (&self->result, instance->metadata, instance->metadata_size);
    else
        pack_map (&self->result, 0);
}

//  NULL: nobody owns the name, calls wait for it.
static const instance_t *s_first (const service_t *service)
{
    const list_t *link = list_first (&service->instances);
    return link ? CONTAINER_OF (link, instance_t, in_service) : NULL;
}

static void s_pack_entry (query_t *self, const service_t *service, const instance_t *first)
{
    pack_map (&self->result, 4);
    s_pack_text (self, "name", service->name);
    s_pack_text (self, "mode", mode_names [service->mode]);
    s_pack_number (self, "instances", service->instance_count);
    s_pack_metadata (self, first);
}

static size_t s_entry_size (const service_t *service, const instance_t *first)
{
    return service->keyed.size + first->metadata_size + 64;
}

//  Walks the names of a page: packs them, or counts them first, since a list begins with its length. One goes into any
//  page: what was registered in a message fits one.
static size_t s_walk (query_t *self, size_t *at, size_t most, size_t room, bool pack)
{
    const index_t *names = &self->core->registry.names;
    span_t prefix = query_str (self, 0);
    size_t count = 0, last = *at + DIRECTORY_PAGE_LOOKS;
    for (; *at < index_count (names) && *at < last; ++*at) {
        if (!keyed_has_prefix (index_at (names, *at), prefix.data, prefix.size))
            break;
        const service_t *service = CONTAINER_OF (index_at (names, *at), service_t, keyed);
        const instance_t *first = s_first (service);
        if (!first)
            continue;
        size_t size = s_entry_size (service, first);
        if (count == most || (count && size > room))
            break;
        room -= size < room ? size : room;
        count++;
        if (pack)
            s_pack_entry (self, service, first);
    }
    return count;
}

void directory_list (query_t *self)
{
    const index_t *names = &self->core->registry.names;
    span_t prefix = query_str (self, 0), after = query_str (self, 1);
    int64_t limit = hearth_value_int (self->arguments [2]);
    size_t most = limit > 0 ? (size_t) limit : SIZE_MAX;
    size_t start = index_page (names, prefix.data, prefix.size, after.data, after.size);
    size_t at = start, end = start, room = query_room (self);
    size_t count = s_walk (self, &end, most, room, false);
    pack_map (&self->result, 3);
    query_key (self, "names");
    pack_list (&self->result, count);
    s_walk (self, &at, count, room, true);
    query_next (self, names, start, end);
    s_pack_number (self, "number", self->core->topics.number);
}

//  The service of a name that somebody owns, unique names included. NULL: refused.
static const service_t *s_owned (query_t *self)
{
    core_t *core = self->core;
    span_t name = query_str (self, 0);
    uint64_t epoch, number;
    const service_t *service = registry_find (&core->registry, name);
    if (name_is_unique (name.data, name.size, &epoch, &number)) {
        session_t *session = epoch == core->config.epoch ? peers_find (&core->peers, number) : NULL;
        if (session && session->state == SESSION_LIVE && !session->own)
            session->own = service_new (SPAN (session->name));
        service = session && session->state == SESSION_LIVE ? session->own : NULL;
        if (service)
            return service;
    }
    if (service && service->instance_count)
        return service;
    query_refuse (self, core_is_starting (core) ? STATUS_STARTING : STATUS_NO_SUCH_SERVICE,
                  "there is no service \"%.*s\"", SPAN_ARGS (name));
    return NULL;
}

static void s_pack_owners (query_t *self, const service_t *service)
{
    query_key (self, "owners");
    if (!service->is_named) {
        pack_list (&self->result, 1);
        pack_str (&self->result, service->name);
        return;
    }
    pack_list (&self->result, service->instance_count);
    for (const list_t *link = service->instances.next; link != &service->instances; link = link->next)
        pack_str (&self->result, CONTAINER_OF (link, instance_t, in_service)->session->name);
}

static bool s_is_directory (const query_t *self)
{
    return span_equals (query_str (self, 0), "hearth");
}

void directory_lookup (query_t *self)
{
    const service_t *service = s_is_directory (self) ? NULL : s_owned (self);
    if (self->answered)
        return;
    pack_map (&self->result, 5);
    s_pack_text (self, "name", service ? service->name : "hearth");
    s_pack_text (self, "mode", service ? mode_names [service->mode] : "exclusive");
    if (service)
        s_pack_owners (self, service);
    else {
        query_key (self, "owners");
        pack_list (&self->result, 0);
    }
    s_pack_metadata (self, service ? s_first (service) : NULL);
    s_pack_number (self, "number", self->core->topics.number);
}

//  A key of the interface as its owner sent it.
static void s_pack_declared (query_t *self, const instance_t *instance, const char *key, const char *absent)
{
    span_t value = { NULL, 0 };
    if (instance && instance->interface)
        value = wire_option (interface_bytes (instance->interface), key);
    query_key (self, key);
    if (value.size)
        pack_raw (&self->result, value.data, value.size);
    else
        pack_raw (&self->result, absent, 1);
}

static void s_pack_own_methods (query_t *self)
{
    size_t count = 0;
    while (directory_methods [count].name)
        count++;
    s_pack_text (self, "doc", "The directory: names, what they offer, and notifications.");
    query_key (self, "methods");
    pack_list (&self->result, count);
    for (size_t at = 0; at < count; at++) {
        const directory_method_t *method = &directory_methods [at];
        pack_map (&self->result, 5);
        s_pack_text (self, "name", method->name);
        s_pack_text (self, "parameters", method->parameters);
        s_pack_text (self, "result", method->result);
        s_pack_text (self, "doc", method->doc);
        query_key (self, "flags");
        pack_list (&self->result, method->idempotent);
        if (method->idempotent)
            pack_str (&self->result, "idempotent");
    }
}

static void s_pack_own_events (query_t *self)
{
    static const char *const events [][2] = { { "name", "A name appeared, changed hands, or went." },
                                              { "session", "A session appeared or went." } };
    query_key (self, "events");
    pack_list (&self->result, 2);
    for (size_t at = 0; at < 2; at++) {
        pack_map (&self->result, 3);
        s_pack_text (self, "name", events [at][0]);
        s_pack_text (self, "type", "map");
        s_pack_text (self, "doc", events [at][1]);
    }
}

void directory_describe (query_t *self)
{
    const service_t *service = s_is_directory (self) ? NULL : s_owned (self);
    if (self->answered)
        return;
    const instance_t *instance = service ? s_first (service) : NULL;
    pack_map (&self->result, 8);
    s_pack_text (self, "name", service ? service->name : "hearth");
    s_pack_text (self, "mode", service ? mode_names [service->mode] : "exclusive");
    s_pack_number (self, "instances", service ? service->instance_count : 1);
    s_pack_metadata (self, instance);
    if (service) {
        s_pack_declared (self, instance, "doc", "\xa0");
        s_pack_declared (self, instance, "methods", instance && instance->interface ? "\x90" : "\xc0");
        s_pack_declared (self, instance, "events", "\x90");
    } else {
        s_pack_own_methods (self);
        s_pack_own_events (self);
    }
    s_pack_number (self, "number", self->core->topics.number);
}
