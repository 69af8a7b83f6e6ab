/*  sessions.c - how a session begins and ends (docs/protocol.md, section 5) */

#include "state.h"

#include <string.h>

#include "utf8.h"
#include "value.h"

void session_goodbye (core_t *self, session_t *session, status_t status, const char *message)
{
    const status_row_t *row = status_row (status);
    wire_frame_t wire = { .kind = WIRE_GOODBYE, .code = row->code };
    uint8_t body [1024];
    size_t size = wire_write_error (SPAN (row->name), SPAN (message), body, sizeof body);
    core_send_parts (self, session, &wire, (span_t){ (const char *) body, size });
}

void session_doom (core_t *self, session_t *session, bool silent)
{
    session->silent |= silent;
    if (session->state == SESSION_ENDING)
        return;
    session->state = SESSION_ENDING;
    list_append (&self->doomed, &session->doomed);
}

static void s_refuse_hello (core_t *self, session_t *session, status_t status, const char *message)
{
    core_log (self, LOG_WARNING, "session", session, "hello refused: %s", message);
    session_goodbye (self, session, status, message);
    session_doom (self, session, false);
}

static void s_pack_limits (const core_t *self, pack_t *pack)
{
    static const struct {
        const char *key;
        limit_id_t limit;
    } rows [] = { { "message", LIMIT_MESSAGE },   { "nesting", LIMIT_NESTING },
                  { "calls", LIMIT_CALLS },       { "deadline", LIMIT_DEADLINE },
                  { "capacity", LIMIT_CAPACITY }, { "names", LIMIT_NAMES },
                  { "parked", LIMIT_PARKED },     { "subscriptions", LIMIT_SUBSCRIPTIONS },
                  { "granted", LIMIT_GRANTED },   { "granted_bytes", LIMIT_GRANTED_BYTES } };
    size_t count = sizeof rows / sizeof rows [0];
    pack_map (pack, count);
    for (size_t at = 0; at < count; at++) {
        pack_str (pack, rows [at].key);
        pack_uint (pack, core_limit (self, rows [at].limit));
    }
}

static void s_welcome (core_t *self, session_t *session)
{
    wire_frame_t wire = { .kind = WIRE_WELCOME,
                          .block = { .session = session->number },
                          .version = WIRE_VERSION,
                          .epoch = self->config.epoch,
                          .name = SPAN (session->name) };
    size_t addresses = 0;
    while (self->config.publish && self->config.publish [addresses])
        addresses++;
    pack_t body;
    pack_init (&body);
    pack_map (&body, 3 + self->config.bundles);
    pack_str (&body, "limits");
    s_pack_limits (self, &body);
    pack_str (&body, "publish");
    pack_list (&body, addresses);
    for (size_t at = 0; at < addresses; at++)
        pack_str (&body, self->config.publish [at]);
    pack_str (&body, "broker");
    pack_str (&body, self->config.version);
    if (self->config.bundles) {
        pack_str (&body, "bundles");
        pack_bool (&body, true);
    }
    if (body.failed)
        session_doom (self, session, false);
    else
        core_send_parts (self, session, &wire, (span_t){ body.buffer.data, body.buffer.size });
    pack_clear (&body);
}

void on_hello (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    (void) frame;
    if (session->state == SESSION_LIVE) {
        session_goodbye (self, session, STATUS_MALFORMED, "a session has one hello");
        session_doom (self, session, false);
        return;
    }
    if (wire->version != WIRE_VERSION) {
        s_refuse_hello (self, session, STATUS_BAD_VERSION, "this broker speaks version 1 of the Hearth protocol");
        return;
    }
    if (wire->sessions == 0 || !utf8_is_valid (wire->library.data, wire->library.size)) {
        s_refuse_hello (self, session, STATUS_MALFORMED,
                        "the session count is 0, or the library's name is not UTF-8");
        return;
    }
    session_t *older = peers_find_instance (&self->peers, wire->instance);
    if (older && older->sessions >= wire->sessions) {
        s_refuse_hello (self, session, STATUS_STALE_SESSION, "a newer session of this instance exists");
        return;
    }
    if (older) {
        core_log (self, LOG_INFO, "session", older, "ended by a newer session of its instance");
        session_doom (self, older, false);
        session_end (self, older);
    }
    if (peers_admit (&self->peers, session, wire, self->config.epoch) != 0) {
        s_refuse_hello (self, session, STATUS_LIMIT, "the broker is out of memory");
        return;
    }
    self->counters.sessions++;
    core_log (self, LOG_DEBUG, "session", session, "begins");
    s_welcome (self, session);
    publish_session_event (self, "appeared", session, wire->library);
}

void on_goodbye (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    (void) wire;
    (void) frame;
    session_doom (self, session, false);
}

//  What others hold back because of this session's death, or near death, goes on.
void session_clear (core_t *self, session_t *session)
{
    session->suspect = false;
    list_t held;
    list_init (&held);
    list_splice (&held, &session->held);
    list_t *link;
    while ((link = list_first (&held)))
        call_retry (self, CONTAINER_OF (link, call_t, link));
}

//  Nobody waits for its calls any more; services that have them are told.
static void s_end_as_caller (core_t *self, session_t *session)
{
    for (uint32_t slot = 0; slot < session->slot_room; slot++) {
        call_t *call = session->slots [slot];
        if (!call)
            continue;
        if (call->state == CALL_DISPATCHED)
            call_notify_cancel (self, call, WIRE_CANCEL_GONE);
        call_leave (self, call);
    }
    list_t *link;
    while ((link = list_first (&session->unheard))) {
        call_t *call = CONTAINER_OF (link, call_t, unheard);
        if (call->state == CALL_QUEUED) {
            list_remove (link);
            call->caller = NULL;
        } else
            call_leave (self, call);
    }
}

static void s_end_as_service (core_t *self, session_t *session)
{
    list_t *link;
    while ((link = list_first (&session->instances)))
        directory_unregister (self, CONTAINER_OF (link, instance_t, in_session));
    while ((link = list_first (&session->dispatched))) {
        call_t *call = CONTAINER_OF (link, call_t, link);
        call_fail (self, call, STATUS_SERVICE_GONE, HEARTH_MAY_HAVE_EXECUTED,
                   "the service's session ended during the call");
        call_finish (self, call);
    }
    if (session->own)
        service_destroy (&session->own);
}

void session_end (core_t *self, session_t *session)
{
    bool was_live = session->number != 0;
    list_remove (&session->doomed);
    s_end_as_caller (self, session);
    s_end_as_service (self, session);
    session_clear (self, session);
    if (!session->silent)
        self->ops->kick (self->transport, session->link);
    if (was_live) {
        core_log (self, LOG_DEBUG, "session", session, session->silent ? "is gone" : "ends");
        publish_session_event (self, "went", session, (span_t){ "", 0 });
    }
    peers_close (&self->peers, &session);
}
