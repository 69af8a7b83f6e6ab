/*  directory_register.c - register and unregister: what a registration says, and what becomes of it */

#include <stdlib.h>
#include <string.h>

#include "directory.h"

//  ---- what it says ----

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

static bool s_is_str (const hearth_value_t *value)
{
    return hearth_value_type (value) == HEARTH_TYPE_STR;
}

static bool s_metadata (query_t *self, const hearth_value_t *value, declaration_t *declaration)
{
    if (!value)
        return true;
    bool is_map = hearth_value_type (value) == HEARTH_TYPE_MAP;
    for (size_t at = 0; at < (is_map ? hearth_value_size (value) : 1); at++)
        if (!is_map || !s_is_str (hearth_value_key (value, at)) || !s_is_str (hearth_value_at (value, at))) {
            query_refuse (self, STATUS_BAD_ARGUMENTS, "metadata: expected map<str>");
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

//  ---- what becomes of it ----

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

//  An owner that may be dead is waited for: its successor must not be refused because of a ghost. One whose answer
//  nobody awaits has no slot, so that nothing would bound how many wait.
static void s_taken (query_t *self, service_t *service, session_t *owner)
{
    bool is_declined = self->request->wire->block.flags & WIRE_NOACK;
    if (self->request->caller == owner)
        query_refuse (self, STATUS_NAME_TAKEN, "\"%s\" is registered by this session in another mode", service->name);
    else if (owner->suspect && !is_declined) {
        request_wait (self->core, self->request, CALL_HELD, &owner->held, self->request->deadline_ms);
        self->answered = true;
    } else
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
        query_refuse_limit (self, LIMIT_MEMORY, core_held (core));
    else if (registered == REGISTER_TAKEN)
        s_taken (self, service, previous);
    else {
        publish_name_event (core, changes [registered], service, session, previous);
        if (registered == REGISTER_REPLACED)
            notice_replaced (core, previous, service, session);
        s_answer_registered (self, service);
        self->touched = service;
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
        query_refuse_limit (self, LIMIT_MEMORY, core_held (core));
    else if (s_declaration (self, self->arguments [1], &declaration)) {
        s_register (self, service, &declaration);
        s_undeclare (&declaration);
    }
    registry_tidy (&core->registry, &service);
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
