/*  directory.c - the built-in service: its table, its introspection, a request's way to its handler

    It is a service like any other: declared methods, checked arguments, the same errors. Only its handlers run within the
    broker, at once.
*/

#include "directory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"
#include "utf8.h"

#define HEADER_ROOM 1024  //  of a message that is kept for the header and the result's own keys
#define ANSWER_ROOM 512   //  for the answer of a method that changes something

const directory_method_t directory_methods [] = {
    { "register", "name: str, options: map = {}", "map", directory_register,
      "Registers a name for the caller's session; an empty name is its unique name.", true },
    { "unregister", "name: str", "bool", directory_unregister_name,
      "Gives a name back; tells whether the caller had it.", true },
    { "list", "prefix: str = \"\", after: str = \"\", limit: int = 0", "map", directory_list,
      "Lists names in order, a page at a time.", true },
    { "lookup", "name: str", "map", directory_lookup, "Tells who owns a name.", true },
    { "describe", "name: str", "map", directory_describe, "Tells a service's methods and events.", true },
    { "ping", "value: any = nil", "any", directory_ping, "Answers the value.", true },
    { "stats", "", "map", directory_stats, "Tells what the broker holds and has done.", true },
    { "topics", "prefix: str, since: int = 0, after: str = \"\"", "map", directory_topics,
      "Lists topics with a notification after `since`, a page at a time.", true },
    { "history", "topic: str, from: int, to: int", "map", directory_history,
      "Gives what is remembered of a topic's notifications.", true },
    { NULL, NULL, NULL, NULL, NULL, false }
};

#define METHOD_COUNT (sizeof directory_methods / sizeof directory_methods [0] - 1)

struct directory {
    signature_t *signatures [METHOD_COUNT];
    msgpack_zone zone;  //  of the request that is being handled
};

directory_t *directory_new (void)
{
    directory_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    if (!msgpack_zone_init (&self->zone, 4096)) {
        free (self);
        return NULL;
    }
    char problem [128];
    for (size_t at = 0; at < METHOD_COUNT; at++) {
        self->signatures [at] = signature_new (directory_methods [at].parameters, problem, sizeof problem);
        if (!self->signatures [at]) {
            directory_destroy (&self);
            return NULL;
        }
    }
    return self;
}

void directory_destroy (directory_t **self_p)
{
    directory_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (size_t at = 0; at < METHOD_COUNT; at++)
        signature_destroy (&self->signatures [at]);
    msgpack_zone_destroy (&self->zone);
    free (self);
}

span_t query_str (const query_t *self, size_t index)
{
    const hearth_value_t *value = self->arguments [index];
    return (span_t){ hearth_value_str (value), hearth_value_size (value) };
}

void query_refuse (query_t *self, status_t status, const char *format, ...)
{
    char message [512];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (message, sizeof message, format, arguments);
    va_end (arguments);
    request_refuse (self->core, self->request, status, "%s", message);
    self->answered = true;
}

void query_refuse_limit (query_t *self, limit_id_t limit, uint64_t use)
{
    request_refuse_limit (self->core, self->request, limit, use);
    self->answered = true;
}

size_t query_room (const query_t *self)
{
    size_t most = core_limit (self->core, LIMIT_MESSAGE) - HEADER_ROOM;
    return self->result.buffer.size < most ? most - self->result.buffer.size : 0;
}

void query_key (query_t *self, const char *key)
{
    pack_str (&self->result, key);
}

void query_next (query_t *self, const index_t *index, size_t start, size_t end)
{
    span_t prefix = query_str (self, 0);
    query_key (self, "next");
    if (end > start && end < index_count (index)
        && keyed_has_prefix (index_at (index, end), prefix.data, prefix.size))
        pack_text (&self->result, index_at (index, end - 1)->key, index_at (index, end - 1)->size);
    else
        pack_nil (&self->result);
}

//  Whatever is told on must be UTF-8: keys and texts, at any depth (which the decoder has bounded).
static bool s_is_text (const hearth_value_t *value)
{
    hearth_type_t type = hearth_value_type (value);
    if (type == HEARTH_TYPE_STR)
        return utf8_is_valid (hearth_value_str (value), hearth_value_size (value));
    if (type != HEARTH_TYPE_LIST && type != HEARTH_TYPE_MAP)
        return true;
    for (size_t at = 0; at < hearth_value_size (value); at++)
        if (!s_is_text (hearth_value_at (value, at))
            || (type == HEARTH_TYPE_MAP && !s_is_text (hearth_value_key (value, at))))
            return false;
    return true;
}

//  The arguments live in the directory's zone, a copy of the body included: decoding overwrites it, and a registration
//  that is held back needs it as it came.
static bool s_bind (query_t *self, directory_t *directory, const signature_t *signature)
{
    const wire_frame_t *wire = self->request->wire;
    if (wire_check_body (wire, SCAN_NESTING) == WIRE_OK
        && wire_check_body (wire, (unsigned) core_limit (self->core, LIMIT_NESTING)) != WIRE_OK) {
        query_refuse_limit (self, LIMIT_NESTING, core_limit (self->core, LIMIT_NESTING));
        return false;
    }
    uint8_t *body = msgpack_zone_malloc (&directory->zone, wire->body_size);
    if (!body) {
        query_refuse_limit (self, LIMIT_MEMORY, 0);
        return false;
    }
    memcpy (body, wire->body, wire->body_size);
    const hearth_value_t *arguments = value_decode (&directory->zone, body, wire->body_size);
    if (!arguments) {
        query_refuse (self, STATUS_BAD_ARGUMENTS, "the arguments are no msgpack value within the limits");
        return false;
    }
    if (!s_is_text (arguments)) {
        query_refuse (self, STATUS_BAD_ARGUMENTS, "the arguments hold text that is not UTF-8");
        return false;
    }
    char problem [256];
    if (signature_bind (signature, arguments, self->arguments, DIRECTORY_MAX_ARGUMENTS, problem, sizeof problem)
        < 0) {
        query_refuse (self, STATUS_BAD_ARGUMENTS, "%s", problem);
        return false;
    }
    return true;
}

static void s_handle (core_t *core, request_t *request, const directory_method_t *method,
                      const signature_t *signature)
{
    query_t query = { .core = core, .request = request };
    if (!s_bind (&query, core->directory, signature))
        return;
    pack_init (&query.result);
    //  What was changed must be told, so that there is room for the answer before anything is.
    if (pack_room (&query.result, ANSWER_ROOM))
        method->handle (&query);
    if (!query.answered && (query.result.failed || !query.result.buffer.size))
        query_refuse_limit (&query, LIMIT_MEMORY, 0);
    if (!query.answered)
        request_answer (core, request, (span_t){ query.result.buffer.data, query.result.buffer.size });
    pack_clear (&query.result);
    if (query.touched)
        service_revive (core, query.touched);
}

void directory_request (core_t *self, request_t *request)
{
    directory_t *directory = self->directory;
    if (self->stopping) {
        request_refuse (self, request, STATUS_STOPPING, "the broker is stopping");
        return;
    }
    for (size_t at = 0; at < METHOD_COUNT; at++)
        if (span_equals (request->wire->method, directory_methods [at].name)) {
            s_handle (self, request, &directory_methods [at], directory->signatures [at]);
            msgpack_zone_clear (&directory->zone);
            return;
        }
    request_refuse (self, request, STATUS_NO_SUCH_METHOD, "\"hearth\" has no method \"%.*s\"",
                    SPAN_ARGS (request->wire->method));
}
