/*  core.c - what the transport calls, and the order of things: handle, end the doomed, publish markers */

#include "state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool s_is_owned (void *context, span_t name)
{
    core_t *self = context;
    uint64_t epoch, number;
    if (name_is_reserved (name.data, name.size))
        return true;
    if (name_is_unique (name.data, name.size, &epoch, &number))
        return epoch == self->config.epoch && peers_find (&self->peers, number);
    const service_t *service = registry_find (&self->registry, name);
    return service && service->instance_count;
}

core_t *core_new (const core_config_t *config, const transport_ops_t *ops, void *transport, int64_t now_ms)
{
    core_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->config = *config;
    self->ops = ops;
    self->transport = transport;
    self->now_ms = self->started_ms = now_ms;
    peers_init (&self->peers, config->hash_key);
    registry_init (&self->registry, config->hash_key);
    pending_init (&self->pending);
    topics_init (&self->topics, &config->limits, config->epoch, config->hash_key, s_is_owned, self);
    timers_init (&self->timers, now_ms);
    table_init (&self->markers, config->hash_key);
    list_init (&self->doomed);
    self->directory = directory_new ();
    if (!self->directory)
        core_destroy (&self);
    return self;
}

//  Ends what was marked meanwhile. Ending one may doom others.
static void s_reap (core_t *self)
{
    list_t *link;
    while ((link = list_first (&self->doomed)))
        session_end (self, CONTAINER_OF (link, session_t, doomed));
}

//  Frees everything without a word to anybody: core_stop has said it.
void core_destroy (core_t **self_p)
{
    core_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    self->stopping = true;
    for (list_t *link = self->peers.all.next; link != &self->peers.all; link = link->next)
        session_doom (self, CONTAINER_OF (link, session_t, all), true);
    s_reap (self);
    peers_clear (&self->peers);
    registry_clear (&self->registry);
    pending_clear (&self->pending);
    topics_clear (&self->topics);
    markers_clear (self);
    directory_destroy (&self->directory);
    free (self);
}

bool core_is_starting (const core_t *self)
{
    return self->now_ms < self->started_ms + self->config.settle_ms;
}

void core_log (core_t *self, log_level_t level, const char *part, const session_t *session, const char *format, ...)
{
    if (!self->config.log)
        return;
    char text [512];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    self->config.log (self->config.log_context, level, part, session ? session->name : "-", text);
}

size_t core_held (const core_t *self)
{
    return self->waiting_bytes + self->peers.bytes + self->registry.bytes + self->topics.records + self->topics.bytes;
}

bool core_has_memory (core_t *self, size_t bytes)
{
    uint64_t most = core_limit (self, LIMIT_MEMORY);
    if (most == 0 || core_held (self) + bytes <= most)
        return true;
    size_t others = core_held (self) - self->topics.bytes + bytes;
    if (others > most)
        return false;
    topics_shrink (&self->topics, most - others);
    return core_held (self) + bytes <= most;
}

static void s_cannot_send (core_t *self, session_t *session)
{
    if (session->state == SESSION_ENDING)
        return;
    core_log (self, LOG_WARNING, "session", session, "does not read what is sent to it: ending its session");
    session_doom (self, session, false);
}

sent_t core_send (core_t *self, session_t *session, frame_t *frame)
{
    if (session->state == SESSION_ENDING)
        return SENT_GONE;
    sent_t sent = self->ops->send (self->transport, session->link, frame);
    if (sent == SENT_FULL)
        s_cannot_send (self, session);
    return sent;
}

sent_t core_send_parts (core_t *self, session_t *session, const wire_frame_t *wire, span_t body)
{
    uint8_t small [WIRE_HEADER_MAX + 1024];
    uint8_t *bytes = body.size <= 1024 ? small : malloc (WIRE_HEADER_MAX + body.size);
    if (!bytes) {
        core_log (self, LOG_ERROR, "session", session, "out of memory for an answer: ending its session");
        session_doom (self, session, false);
        return SENT_FULL;
    }
    size_t size = wire_write_header (wire, bytes, WIRE_HEADER_MAX);
    memcpy (bytes + size, body.data, body.size);
    frame_t frame = { .data = bytes, .size = size + body.size };
    sent_t sent = core_send (self, session, &frame);
    if (bytes != small)
        free (bytes);
    return sent;
}

session_t *core_opened (core_t *self, link_t *link, int64_t now_ms)
{
    self->now_ms = now_ms;
    return peers_open (&self->peers, link);
}

void core_frame (core_t *self, session_t *session, frame_t *frame, int64_t now_ms)
{
    self->now_ms = now_ms;
    route_frame (self, session, frame);
    frame_release (frame);
    s_reap (self);
}

//  The same as when it is found at once.
void core_full (core_t *self, session_t *session, int64_t now_ms)
{
    self->now_ms = now_ms;
    s_cannot_send (self, session);
    s_reap (self);
}

void core_gone (core_t *self, session_t *session, int64_t now_ms)
{
    self->now_ms = now_ms;
    session_doom (self, session, true);
    s_reap (self);
}

bool core_is_greeted (const session_t *session)
{
    return session->state == SESSION_LIVE;
}

void core_suspect (core_t *self, session_t *session, int64_t now_ms)
{
    self->now_ms = now_ms;
    if (session->suspect || session->state != SESSION_LIVE)
        return;
    session->suspect = true;
}

void core_trust (core_t *self, session_t *session, int64_t now_ms)
{
    self->now_ms = now_ms;
    session_clear (self, session);
    session_resume (self, session);
    s_reap (self);
}

void core_turn_end (core_t *self, int64_t now_ms)
{
    self->now_ms = now_ms;
    markers_flush (self);
}

void core_tick (core_t *self, int64_t now_ms)
{
    self->now_ms = now_ms;
    timer_node_t *timer;
    while ((timer = timers_next (&self->timers, now_ms)))
        call_timeout (self, CONTAINER_OF (timer, call_t, timer));
    s_reap (self);
}

int64_t core_deadline (const core_t *self)
{
    return timers_deadline (&self->timers);
}

void core_count_limit (core_t *self, limit_id_t limit)
{
    self->counters.limits [limit]++;
}

void core_stop (core_t *self, int64_t now_ms)
{
    self->now_ms = now_ms;
    self->stopping = true;
    for (size_t at = 0; at < pending_room (&self->pending); at++) {
        call_t *call = pending_at (&self->pending, at);
        if (call)
            call_fail (self, call, STATUS_STOPPING,
                       call->state == CALL_DISPATCHED ? HEARTH_MAY_HAVE_EXECUTED : HEARTH_NOT_EXECUTED,
                       "the broker is stopping");
    }
    for (list_t *link = self->peers.all.next; link != &self->peers.all; link = link->next) {
        session_t *session = CONTAINER_OF (link, session_t, all);
        if (session->state == SESSION_LIVE)
            session_goodbye (self, session, STATUS_STOPPING, "the broker is stopping");
    }
    s_reap (self);
}

size_t core_sessions (const core_t *self)
{
    return self->peers.count;
}
