/*  router.c - from a frame's kind to its handler: a feature adds a row

    What comes before the hello, what is malformed, and what comes while stopping is answered here; handlers see only
    well-formed frames of live sessions.
*/

#include "state.h"

typedef void handler_fn (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);

typedef struct {
    handler_fn *handle;  //  NULL: not for the broker; dropped
    bool awaits_answer;  //  refusals go to its token
    bool after_stop;     //  handled while stopping, too
} route_t;

static const route_t routes [WIRE_KINDS] = {
    [WIRE_HELLO] = { on_hello, false, false },    [WIRE_GOODBYE] = { on_goodbye, false, true },
    [WIRE_REQUEST] = { on_request, true, false }, [WIRE_REPLY] = { on_reply, false, true },
    [WIRE_CANCEL] = { on_cancel, false, true },   [WIRE_PUBLISH] = { on_publish, true, false },
    [WIRE_ITEM] = { on_item, false, false },      [WIRE_CREDIT] = { on_credit, false, false },
};

//  Where the answer is declined nothing goes back: the token means nothing, or may be another call's.
static bool s_wants_answer (const wire_frame_t *wire)
{
    return wire->kind < WIRE_KINDS && routes [wire->kind].awaits_answer && !(wire->block.flags & WIRE_NOACK);
}

static void s_refuse (core_t *self, session_t *session, const wire_frame_t *wire, status_t status,
                      const char *message)
{
    reply_error (self, session, wire->block.token, status, status_row (status)->mark, 0, message);
}

//  Whatever is not a hello, from a peer that has not said one. Errors are not answered by errors.
static void s_before_hello (core_t *self, session_t *session, wire_result_t result, const wire_frame_t *wire)
{
    core_drop (self, DROP_BEFORE_HELLO);
    if (result == WIRE_GARBAGE || wire->kind == WIRE_GOODBYE || wire->kind == WIRE_REPLY || wire->kind == WIRE_PROBE)
        return;
    if (result == WIRE_BAD_FRAME && wire->kind == WIRE_HELLO) {
        session_goodbye (self, session, STATUS_MALFORMED, "the hello is malformed");
        session_doom (self, session, false);
        return;
    }
    session_goodbye (self, session, STATUS_HELLO_FIRST, "the first frame of a session is a hello");
}

static void s_malformed (core_t *self, session_t *session, const wire_frame_t *wire)
{
    core_drop (self, DROP_MALFORMED);
    if (s_wants_answer (wire))
        s_refuse (self, session, wire, STATUS_MALFORMED, "the frame's header is not as its kind asks");
}

static void s_stopping (core_t *self, session_t *session, const wire_frame_t *wire)
{
    core_drop (self, DROP_STOPPING);
    if (s_wants_answer (wire) && session->state == SESSION_LIVE)
        s_refuse (self, session, wire, STATUS_STOPPING, "the broker is stopping");
}

//  Of a session that is under way, or about to begin.
static void s_handle (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame)
{
    const route_t *route = &routes [wire->kind];
    if (self->stopping && !route->after_stop)
        s_stopping (self, session, wire);
    else if (route->handle)
        route->handle (self, session, wire, frame);
    else if (wire->kind != WIRE_PROBE)
        core_drop (self, DROP_MALFORMED);
}

void route_frame (core_t *self, session_t *session, frame_t *frame)
{
    wire_frame_t wire;
    if (session->state == SESSION_ENDING)
        return;
    wire_result_t result = wire_read (&wire, frame->data, frame->size);
    bool is_hello = result == WIRE_OK && wire.kind == WIRE_HELLO;
    if (session->state == SESSION_NEW && !is_hello)
        s_before_hello (self, session, result, &wire);
    else if (result == WIRE_OK)
        s_handle (self, session, &wire, frame);
    else if (result == WIRE_GARBAGE)
        core_drop (self, DROP_GARBAGE);
    else
        s_malformed (self, session, &wire);
}
