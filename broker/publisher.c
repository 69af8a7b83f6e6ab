/*  publisher.c - notifications: from services, from the directory itself, and the markers that answer subscriptions

    docs/protocol.md, sections 7.3 and 8.
*/

#include "state.h"

#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "value.h"

#define MARKERS_MOST 1024  //  prefixes remembered in a turn; then it is flushed early

static void s_send_blob (core_t *self, blob_t *blob)
{
    self->ops->publish (self->transport, blob);
    blob_unref (blob);
}

//  Whether a session may publish under a name, and how that name declares the event.
static bool s_may_publish (core_t *self, const session_t *session, span_t name, span_t event, bool *retained)
{
    const service_t *service =
        span_equals (name, session->name) ? session->own : registry_find (&self->registry, name);
    const instance_t *instance = service ? service_instance_of (service, session) : NULL;
    const member_t *member = instance && instance->interface ? interface_event (instance->interface, event) : NULL;
    *retained = member && member->retained;
    return instance || span_equals (name, session->name);
}

//  A topic that would be new: this session has begun too many, or there are too many at all.
static void s_refuse_topic (core_t *self, request_t *request)
{
    uint64_t begun = request->caller->topics;
    if (begun >= core_limit (self, LIMIT_SESSION_TOPICS))
        request_refuse_limit (self, request, LIMIT_SESSION_TOPICS, begun);
    else
        request_refuse_limit (self, request, LIMIT_TOPICS, index_count (&self->topics.names));
}

void on_publish (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    request_t request = { session, wire, frame, NULL, 0 };
    publication_t publication = { .service = wire->name,
                                  .event = wire->method,
                                  .body = { (const char *) wire->body, wire->body_size },
                                  .wall_ms = self->now_ms + self->config.wall_offset_ms };
    if (!request_admit (self, &request))
        return;
    if (!name_is_valid (wire->method.data, wire->method.size)) {
        request_refuse (self, &request, STATUS_MALFORMED, "\"%.*s\" is no name of an event",
                        SPAN_ARGS (wire->method));
        return;
    }
    if (!s_may_publish (self, session, wire->name, wire->method, &publication.retained)) {
        request_refuse (self, &request, STATUS_NOT_OWNER, "\"%.*s\" is not yours to publish under",
                        SPAN_ARGS (wire->name));
        return;
    }
    if (!core_has_memory (self, frame->size)) {
        request_refuse_limit (self, &request, LIMIT_MEMORY, self->topics.bytes);
        return;
    }
    publication.may_begin = session->topics < core_limit (self, LIMIT_SESSION_TOPICS);
    blob_t *blob;
    wire_note_t note;
    switch (topics_publish (&self->topics, &publication, &blob, &note)) {
    case PUBLISH_LIMIT: s_refuse_topic (self, &request); return;
    case PUBLISH_NO_MEMORY: request_refuse_limit (self, &request, LIMIT_MEMORY, self->topics.bytes); return;
    case PUBLISHED: break;
    }
    session->topics += note.topic_number == note.topic_first;
    s_send_blob (self, blob);
    uint8_t answer [16];
    emit_t number = { .out = answer, .room = sizeof answer };
    emit_uint (&number, note.topic_number);
    request_answer (self, &request, (span_t){ (const char *) answer, emit_size (&number) });
}

//  ---- the directory's own ----

//  One for which memory is short is accounted for as lost.
static void s_publish_event (core_t *self, const char *event, pack_t *body)
{
    blob_t *blob;
    wire_note_t note;
    publication_t publication = { .service = SPAN ("hearth"),
                                  .event = SPAN (event),
                                  .body = { body->buffer.data, body->buffer.size },
                                  .may_begin = true,
                                  .wall_ms = self->now_ms + self->config.wall_offset_ms };
    if (!self->stopping) {
        if (!body->failed && topics_publish (&self->topics, &publication, &blob, &note) == PUBLISHED)
            s_send_blob (self, blob);
        else {
            topics_lose (&self->topics, publication.service, publication.event);
            core_log (self, LOG_ERROR, "directory", NULL, "out of memory: an event \"%s\" is lost", event);
        }
    }
    pack_clear (body);
}

static void s_pack_pair (pack_t *self, const char *key, const char *value)
{
    pack_str (self, key);
    pack_str (self, value);
}

void publish_name_event (core_t *self, const char *change, const service_t *service, const session_t *session,
                         const session_t *previous)
{
    pack_t body;
    pack_init (&body);
    pack_map (&body, previous ? 4 : 3);
    s_pack_pair (&body, "name", service->name);
    s_pack_pair (&body, "change", change);
    s_pack_pair (&body, "session", session->name);
    if (previous)
        s_pack_pair (&body, "previous", previous->name);
    core_log (self, LOG_INFO, "directory", session, "%s %s", service->name, change);
    s_publish_event (self, "name", &body);
}

void publish_session_event (core_t *self, const char *change, const session_t *session, span_t library)
{
    pack_t body;
    pack_init (&body);
    pack_map (&body, library.size ? 3 : 2);
    s_pack_pair (&body, "session", session->name);
    s_pack_pair (&body, "change", change);
    if (library.size) {
        pack_str (&body, "library");
        pack_text (&body, library.data, library.size);
    }
    s_publish_event (self, "session", &body);
}

void notice_replaced (core_t *self, session_t *session, const service_t *service, const session_t *owner)
{
    wire_frame_t wire = { .kind = WIRE_PUBLISH, .name = SPAN ("hearth"), .method = SPAN ("replaced") };
    pack_t body;
    pack_init (&body);
    pack_map (&body, 2);
    s_pack_pair (&body, "name", service->name);
    s_pack_pair (&body, "session", owner->name);
    //  One that does not know would go on in the belief that the name is its own.
    if (body.failed)
        session_doom (self, session, false);
    else
        core_send_parts (self, session, &wire, (span_t){ body.buffer.data, body.buffer.size });
    pack_clear (&body);
}

//  ---- markers ----

typedef struct {
    keyed_t keyed;
    char prefix [];
} marker_t;

//  Empties the table; publishes what was in it, or not.
static void s_markers_end (core_t *self, bool publish)
{
    for (size_t at = 0; self->markers.count && at <= self->markers.mask; at++) {
        if (!self->markers.slots [at])
            continue;
        marker_t *marker = CONTAINER_OF (self->markers.slots [at], marker_t, keyed);
        span_t prefix = { marker->prefix, marker->keyed.size };
        blob_t *blob =
            publish ? topics_marker (&self->topics, prefix, self->now_ms + self->config.wall_offset_ms) : NULL;
        if (blob)
            s_send_blob (self, blob);
        free (marker);
    }
    table_clear (&self->markers);
}

void markers_flush (core_t *self)
{
    if (self->markers.count)
        s_markers_end (self, true);
}

void markers_clear (core_t *self)
{
    s_markers_end (self, false);
}

void core_subscribed (core_t *self, const uint8_t *prefix, size_t size, int64_t now_ms)
{
    self->now_ms = now_ms;
    if (!name_is_prefix ((const char *) prefix, size)) {
        core_drop (self, DROP_SUBSCRIPTION);
        return;
    }
    if (table_find (&self->markers, prefix, size))
        return;
    if (self->markers.count >= MARKERS_MOST)
        markers_flush (self);
    marker_t *marker = malloc (sizeof *marker + size);
    if (!marker)
        return;
    marker->keyed.key = marker->prefix;
    marker->keyed.size = size;
    memcpy (marker->prefix, prefix, size);
    if (table_insert (&self->markers, &marker->keyed) != 0)
        free (marker);
}
