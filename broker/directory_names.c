/*  directory_names.c - register, unregister, list, lookup, describe */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "utf8.h"

//  ---- register ----

static bool s_mode (query_t *self, const hearth_value_t *value, service_mode_t *mode)
{
    *mode = MODE_EXCLUSIVE;
    if (!value)
        return true;
    for (int at = 0; at < MODE_COUNT; at++)
        if (hearth_value_type (value) == HEARTH_TYPE_STR && strcmp (hearth_value_str (value), mode_names [at]) == 0) {
            *mode = (service_mode_t) at;
            return true;
        }
    query_refuse (self, STATUS_BAD_ARGUMENTS, "mode: expected \"exclusive\", \"replaceable\" or \"shared\"");
    return false;
}

static bool s_capacity (query_t *self, const hearth_value_t *value, uint32_t *capacity)
{
    uint64_t most = core_limit (self->core, LIMIT_CAPACITY);
    *capacity = (uint32_t) most;
    if (!value)
        return true;
    if (hearth_value_type (value) != HEARTH_TYPE_INT || hearth_value_int (value) < 1) {
        query_refuse (self, STATUS_BAD_ARGUMENTS, "capacity: expected an int from 1");
        return false;
    }
    if (hearth_value_uint (value) > most) {
        query_refuse_limit (self, LIMIT_CAPACITY, hearth_value_uint (value));
        return false;
    }
    *capacity = (uint32_t) hearth_value_uint (value);
    return true;
}

static bool s_is_text (const hearth_value_t *value)
{
    return hearth_value_type (value) == HEARTH_TYPE_STR
           && utf8_is_valid (hearth_value_str (value), hearth_value_size (value));
}

static bool s_metadata (query_t *self, const hearth_value_t *value, declaration_t *declaration)
{
    if (!value)
        return true;
    bool is_map = hearth_value_type (value) == HEARTH_TYPE_MAP;
    for (size_t at = 0; at < (is_map ? hearth_value_size (value) : 1); at++)
        if (!is_map || !s_is_text (hearth_value_key (value, at)) || !s_is_text (hearth_value_at (value, at))) {
            query_refuse (self, STATUS_BAD_ARGUMENTS, "metadata: expected map<str> in UTF-8");
            return false;
        }
    pack_t bytes;
    pack_init (&bytes);
    pack_value (&bytes, value);
    if (!bytes.failed && bytes.buffer.size > core_limit (self->core, LIMIT_METADATA))
        query_refuse_limit (self, LIMIT_METADATA, bytes.buffer.size);
    else if (bytes.failed || !(declaration->metadata = malloc (bytes.buffer.size)))
        query_refuse_limit (self, LIMIT_MEMORY, 0);
    else {
        declaration->metadata_size = bytes.buffer.size;
        memcpy (declaration->metadata, bytes.buffer.data, bytes.buffer.size);
    }
    pack_clear (&bytes);
    return !self->answered;
}

static bool s_interface (query_t *self, const hearth_value_t *value, interface_t **interface)
{
    if (!value)
        return true;
    char problem [256] = "";
    pack_t bytes;
    pack_init (&bytes);
    pack_value (&bytes, value);
    if (!bytes.failed && bytes.buffer.size > core_limit (self->core, LIMIT_INTERFACE))
        query_refuse_limit (self, LIMIT_INTERFACE, bytes.buffer.size);
    else if (!bytes.failed)
        *interface = interface_new ((const uint8_t *) bytes.buffer.data, bytes.buffer.size, problem, sizeof problem);
    pack_clear (&bytes);
    if (!*interface && !self->answered && problem [0])
        query_refuse (self, STATUS_BAD_ARGUMENTS, "interface: %s", problem);
    else if (!*interface && !self->answered)
        query_refuse_limit (self, LIMIT_MEMORY, 0);
    return !self->answered;
}

static void s_undeclare (declaration_t *declaration)
{
    interface_destroy (&declaration->interface);
    free (declaration->metadata);
    declaration->metadata = NULL;
}

static bool s_declaration (query_t *self, const hearth_value_t *options, declaration_t *declaration)
{
    *declaration = (declaration_t){ .replace = hearth_value_bool (hearth_value_get (options, "replace")) };
    if (s_mode (self, hearth_value_get (options, "mode"), &declaration->mode)
        && s_capacity (self, hearth_value_get (options, "capacity"), &declaration->capacity)
        && s_metadata (self, hearth_value_get (options, "metadata"), declaration)
        && s_interface (self, hearth_value_get (options, "interface"), &declaration->interface))
        return true;
    s_undeclare (declaration);
    return false;
}

//  The service that a registration is for: named, or the session's own. NULL: refused.
static service_t *s_wanted (query_t *self, span_t name)
{
    session_t *session = self->request->caller;
    if (!name.size) {
        if (!session->own)
            session->own = service_new (SPAN (session->name));
        if (!session->own)
            query_refuse_limit (self, LIMIT_MEMORY, 0);
        return session->own;
    }
    service_t *service = NULL;
    if (!name_is_valid (name.data, name.size))
        query_refuse (self, STATUS_BAD_ARGUMENTS,
                      "name: expected letters, digits, '-' and '_', in parts joined by '.', at most 255 bytes");
    else if (name_is_reserved (name.data, name.size))
        query_refuse (self, STATUS_BAD_ARGUMENTS, "name: `hearth` and what is below it are reserved");
    else if (!(service = registry_want (&self->core->registry, name)))
        query_refuse_limit (self, LIMIT_MEMORY, 0);
    return service;
}

//  An owner that may be dead is waited for: its successor must not be refused because of a ghost.
static void s_taken (query_t *self, service_t *service, session_t *owner)
{
    if (owner->suspect) {
        request_wait (self->core, self->request, CALL_HELD, &owner->held, self->request->deadline_ms);
        self->answered = true;
    } else if (self->request->caller == owner)
        query_refuse (self, STATUS_NAME_TAKEN, "\"%s\" is registered by this session in another mode", service->name);
    else
        query_refuse (self, STATUS_NAME_TAKEN, "\"%s\" belongs to %s", service->name, owner->name);
}

static void s_answer_registered (query_t *self, const service_t *service)
{
    pack_map (&self->result, 2);
    query_key (self, "name");
    pack_str (&self->result, service->name);
    query_key (self, "number");
    pack_uint (&self->result, self->core->topics.number);
}

static void s_register (query_t *self, service_t *service, declaration_t *declaration)
{
    static const char *const changes [] = { [REGISTER_APPEARED] = "appeared",
                                            [REGISTER_UPDATED] = "changed",
                                            [REGISTER_JOINED] = "joined",
                                            [REGISTER_REPLACED] = "changed" };
    core_t *core = self->core;
    session_t *session = self->request->caller, *previous;
    registered_t registered = registry_register (&core->registry, service, session, declaration, &previous);
    if (registered == REGISTER_NO_MEMORY)
        query_refuse_limit (self, LIMIT_MEMORY, core->registry.bytes);
    else if (registered == REGISTER_TAKEN)
        s_taken (self, service, previous);
    else {
        publish_name_event (core, changes [registered], service, session, previous);
        if (registered == REGISTER_REPLACED)
            notice_replaced (core, previous, service, session);
        s_answer_registered (self, service);
    }
}

void directory_register (query_t *self)
{
    core_t *core = self->core;
    session_t *session = self->request->caller;
    declaration_t declaration;
    service_t *service = s_wanted (self, query_str (self, 0));
    if (!service)
        return;
    bool is_known = service_instance_of (service, session);
    if (!is_known && session->names >= core_limit (core, LIMIT_NAMES))
        query_refuse_limit (self, LIMIT_NAMES, session->names);
    else if (!core_has_memory (core, self->request->frame->size))
        query_refuse_limit (self, LIMIT_MEMORY, core->registry.bytes);
    else if (s_declaration (self, self->arguments [1], &declaration)) {
        s_register (self, service, &declaration);
        s_undeclare (&declaration);
    }
    self->touched = service;
}

//  ---- unregister ----

void directory_unregister (core_t *self, instance_t *instance)
{
    service_t *service = instance->service;
    const session_t *session = instance->session;
    registry_unregister (&self->registry, instance);
    publish_name_event (self, service->instance_count ? "left" : "went", service, session, NULL);
    service_revive (self, service);
}

void directory_unregister_name (query_t *self)
{
    session_t *session = self->request->caller;
    span_t name = query_str (self, 0);
    service_t *service = name.size ? registry_find (&self->core->registry, name) : session->own;
    instance_t *instance = service ? service_instance_of (service, session) : NULL;
    if (instance)
        directory_unregister (self->core, instance);
    pack_bool (&self->result, instance != NULL);
}

//  ---- list, lookup, describe ----

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

static const instance_t *s_first (const service_t *service)
{
    return CONTAINER_OF (list_first (&service->instances), instance_t, in_service);
}

static void s_pack_entry (query_t *self, const service_t *service)
{
    pack_map (&self->result, 4);
    s_pack_text (self, "name", service->name);
    s_pack_text (self, "mode", mode_names [service->mode]);
    s_pack_number (self, "instances", service->instance_count);
    s_pack_metadata (self, s_first (service));
}

static size_t s_entry_size (const service_t *service)
{
    return service->keyed.size + s_first (service)->metadata_size + 64;
}

//  Walks the names of a page: packs them, or counts them first, since a list begins with its length.
static size_t s_walk (query_t *self, size_t *at, size_t most, size_t room, bool pack)
{
    const index_t *names = &self->core->registry.names;
    span_t prefix = query_str (self, 0);
    size_t count = 0;
    for (; *at < index_count (names) && keyed_has_prefix (index_at (names, *at), prefix.data, prefix.size); ++*at) {
        const service_t *service = CONTAINER_OF (index_at (names, *at), service_t, keyed);
        if (!service->instance_count)
            continue;
        if (count == most || s_entry_size (service) > room)
            break;
        room -= s_entry_size (service);
        count++;
        if (pack)
            s_pack_entry (self, service);
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
    query_next (self, names, count, end);
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
    s_pack_metadata (self, service && service->instance_count ? s_first (service) : NULL);
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
    const instance_t *instance = service && service->instance_count ? s_first (service) : NULL;
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
