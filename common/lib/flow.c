/*  flow.c - streams on the handler's side: beginning and ending, what comes, what is granted; always in the connection's thread

    What handlers do with them, in whatever thread, is yield.c's.
*/
#include "flow.h"

#include "clock.h"
#include "connection.h"
#include "dispatch.h"
#include "scan.h"

/* ------------------------------------------------------------------------
    Beginning and ending
*/

static letter_fn deliver_grant;

//  The first of the streams that a token may belong to. The broker numbers calls by slots, so that these are spread evenly.
static hearth_call_t **streams_like (hearth_t *hearth, wire_token_t token)
{
    return &hearth->services.streams [token.slot % STREAM_LISTS];
}

bool flow_begin (hearth_call_t *call, const wire_frame_t *frame)
{
    flow_t *flow = &call->flow;
    hearth_t *hearth = call->hearth;
    stream_t *stream = stream_new (&hearth->streams);
    if (!stream)
        return false;
    uint64_t items, bytes;
    if (wire_option_credit (frame->options, &items, &bytes))
        stream_credit (stream, items, bytes);
    stream->owner = call;
    stream->silence_ms = frame->block.remaining_ms;
    hearth_call_t **first = streams_like (hearth, call->block.token);
    *flow = (flow_t){ .stream = stream, .next = *first, .letter.deliver = deliver_grant };
    if (flow->next)
        flow->next->flow.prev = call;
    *first = call;
    box_condition_init (&flow->moved);
    return true;
}

static void unlink_call (hearth_call_t *call)
{
    flow_t *flow = &call->flow;
    if (flow->prev)
        flow->prev->flow.next = flow->next;
    else if (call->hearth && *streams_like (call->hearth, call->block.token) == call)
        *streams_like (call->hearth, call->block.token) = flow->next;
    if (flow->next)
        flow->next->flow.prev = flow->prev;
    flow->next = flow->prev = NULL;
}

void flow_finish (hearth_call_t *call)
{
    if (!call->flow.stream)
        return;
    unlink_call (call);
    stream_destroy (&call->flow.stream);
    pthread_cond_destroy (&call->flow.moved);
}

static void lock (const hearth_call_t *call)
{
    if (call->kept.box)
        box_lock (call->kept.box);
}

static void unlock (hearth_call_t *call)
{
    if (!call->kept.box)
        return;
    pthread_cond_broadcast (&call->flow.moved);
    box_unlock (call->kept.box);
}

static void cease (hearth_call_t *call)
{
    stream_over (call->flow.stream);
    stream_end (call->flow.stream);
}

void flow_cease (hearth_call_t *call)
{
    if (!call->flow.stream)
        return;
    cease (call);
    pthread_cond_broadcast (&call->flow.moved);
}

void flow_cancelled (hearth_call_t *call)
{
    if (!call->flow.stream)
        return;
    lock (call);
    cease (call);
    unlock (call);
}

void flow_leave (hearth_call_t *call)
{
    if (!call->flow.stream)
        return;
    unlink_call (call);
    cease (call);
    stream_leave (call->flow.stream);
    pthread_cond_broadcast (&call->flow.moved);
}

/* ------------------------------------------------------------------------
    What comes
*/

static hearth_call_t *find_call (hearth_t *hearth, wire_token_t token)
{
    for (hearth_call_t *call = *streams_like (hearth, token); call; call = call->flow.next)
        if (call_is (call, hearth->session.count, token))
            return call;
    return NULL;
}

void flow_touch (hearth_call_t *call, int64_t now_ms)
{
    call->deadline_ms = now_ms + call->flow.stream->silence_ms;
}

static void receive (hearth_t *hearth, hearth_call_t *call, const wire_frame_t *frame, received_t *received)
{
    bool is_good = frame->block.flags & WIRE_END || wire_check_body (frame, SCAN_NESTING) == WIRE_OK;
    lock (call);
    flow_touch (call, hearth->now_ms);
    if (frame->block.flags & WIRE_END)
        stream_over (call->flow.stream);
    else if (is_good)
        stream_receive (call->flow.stream, frame, received->size, received_own (received));
    else
        cease (call);
    unlock (call);
    if (!is_good)
        call_end (call, STATUS_BAD_ARGUMENTS, "an item came that cannot be read");
}

static void touch_request (const hearth_t *hearth, request_t *request, const wire_frame_t *frame)
{
    request->deadline_ms = hearth->now_ms + frame->block.remaining_ms;
}

void flow_item (hearth_t *self, const wire_frame_t *frame, received_t *received)
{
    hearth_call_t *call = find_call (self, frame->block.token);
    request_t *request = call ? NULL : request_find (self, frame->block.token);
    if (call)
        receive (self, call, frame, received);
    else if (request) {
        touch_request (self, request, frame);
        request->is_over |= frame->block.flags & WIRE_END;
    }
}

void flow_credit (hearth_t *self, const wire_frame_t *frame)
{
    hearth_call_t *call = find_call (self, frame->block.token);
    request_t *request = call ? NULL : request_find (self, frame->block.token);
    if (request) {
        touch_request (self, request, frame);
        request->items += frame->items;
        request->bytes += frame->bytes;
    }
    if (!call)
        return;
    lock (call);
    flow_touch (call, self->now_ms);
    stream_credit (call->flow.stream, frame->items, frame->bytes);
    unlock (call);
}

void flow_early (hearth_call_t *call, const request_t *request)
{
    stream_credit (call->flow.stream, request->items, request->bytes);
    if (request->is_over)
        stream_over (call->flow.stream);
}

/* ------------------------------------------------------------------------
    Granting
*/

//  A window that the broker will not allow is asked for all the same: its refusal says which limit it is.
static bool open_window (hearth_t *hearth, hearth_call_t *call)
{
    stream_t *stream = call->flow.stream;
    stream_open_window (stream, 0, 0);
    wire_frame_t credit = { .kind = WIRE_CREDIT,
                            .block = { .token = call->block.token },
                            .items = stream->window_items ? stream->window_items : 1,
                            .bytes = stream->window_bytes ? stream->window_bytes : 1 };
    frame_begin (hearth, &credit);
    pack_nil (&hearth->scratch);
    return frame_send (hearth);
}

void flow_grant (hearth_t *hearth, hearth_call_t *call)
{
    if (call->sessions != hearth->session.count || call->flow.stream->is_over)
        return;
    if (call->flow.stream->items_most ? stream_send_credit (hearth, call->flow.stream, call->block.token, 0)
                                      : open_window (hearth, call))
        flow_touch (call, clock_now_ms ());
}

static void deliver_grant (letter_t *letter, hearth_t *hearth)
{
    flow_grant (hearth, (hearth_call_t *) ((char *) letter - offsetof (hearth_call_t, flow.letter)));
}
