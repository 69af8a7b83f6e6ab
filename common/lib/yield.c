/*  yield.c - streams on the handler's side: sending items, taking items, being told

    A handler that runs in the connection's thread waits there as for a call of its own. Another thread that has a kept call
    sleeps on a condition, and what it sends are letters to the connection's thread (box.h), as what it owes is.
*/
#include <stdlib.h>

#include "call.h"
#include "clock.h"
#include "connection.h"
#include "dispatch.h"
#include "scan.h"

//  A frame that another thread left to be sent.
typedef struct {
    letter_t letter;
    hearth_call_t *call;
    pack_t frame;
} parcel_t;

/* ------------------------------------------------------------------------
    Beginning and ending
*/

static letter_fn deliver_grant;

bool yield_begin (hearth_call_t *call, const wire_frame_t *frame)
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
    *flow = (flow_t){ .stream = stream, .next = hearth->services.streams, .letter.deliver = deliver_grant };
    if (flow->next)
        flow->next->flow.prev = call;
    hearth->services.streams = call;
    box_condition_init (&flow->moved);
    return true;
}

static void unlink_call (hearth_call_t *call)
{
    flow_t *flow = &call->flow;
    if (flow->prev)
        flow->prev->flow.next = flow->next;
    else if (call->hearth && call->hearth->services.streams == call)
        call->hearth->services.streams = flow->next;
    if (flow->next)
        flow->next->flow.prev = flow->prev;
    flow->next = flow->prev = NULL;
}

void yield_finish (hearth_call_t *call)
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

void yield_cease (hearth_call_t *call)
{
    if (!call->flow.stream)
        return;
    cease (call);
    pthread_cond_broadcast (&call->flow.moved);
}

void yield_cancelled (hearth_call_t *call)
{
    if (!call->flow.stream)
        return;
    lock (call);
    cease (call);
    unlock (call);
}

void yield_leave (hearth_call_t *call)
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

static hearth_call_t *find_call (const hearth_t *hearth, wire_token_t token)
{
    for (hearth_call_t *call = hearth->services.streams; call; call = call->flow.next) {
        wire_token_t own = call->block.token;
        if (call->sessions == hearth->session.count && own.slot == token.slot && own.generation == token.generation)
            return call;
    }
    return NULL;
}

static void touch (hearth_call_t *call, int64_t now_ms)
{
    call->deadline_ms = now_ms + call->flow.stream->silence_ms;
}

static void receive (hearth_t *hearth, hearth_call_t *call, const wire_frame_t *frame, received_t *received)
{
    bool is_good = frame->block.flags & WIRE_END || wire_check_body (frame, SCAN_NESTING) == WIRE_OK;
    lock (call);
    touch (call, hearth->now_ms);
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

void yield_item (hearth_t *self, const wire_frame_t *frame, received_t *received)
{
    hearth_call_t *call = find_call (self, frame->block.token);
    request_t *request = call ? NULL : request_find (self, frame->block.token);
    if (call)
        receive (self, call, frame, received);
    else if (request && frame->block.flags & WIRE_END)
        request->is_over = true;
}

void yield_credit (hearth_t *self, const wire_frame_t *frame)
{
    hearth_call_t *call = find_call (self, frame->block.token);
    request_t *request = call ? NULL : request_find (self, frame->block.token);
    if (request) {
        request->items += frame->items;
        request->bytes += frame->bytes;
    }
    if (!call)
        return;
    lock (call);
    touch (call, self->now_ms);
    stream_credit (call->flow.stream, frame->items, frame->bytes);
    unlock (call);
}

void yield_early (hearth_call_t *call, const request_t *request)
{
    stream_credit (call->flow.stream, request->items, request->bytes);
    if (request->is_over)
        stream_over (call->flow.stream);
}

/* ------------------------------------------------------------------------
    Granting: always in the connection's thread
*/

//  A window that the broker will not allow is asked for all the same: its refusal says which limit it is.
static void open_window (hearth_t *hearth, hearth_call_t *call)
{
    stream_t *stream = call->flow.stream;
    stream_open_window (stream, 0, 0);
    wire_frame_t credit = { .kind = WIRE_CREDIT,
                            .block = { .token = call->block.token },
                            .items = stream->window_items ? stream->window_items : 1,
                            .bytes = stream->window_bytes ? stream->window_bytes : 1 };
    frame_begin (hearth, &credit);
    pack_nil (&hearth->scratch);
    frame_send (hearth);
}

static void grant (hearth_t *hearth, hearth_call_t *call)
{
    if (call->sessions != hearth->session.count || call->flow.stream->is_over)
        return;
    if (call->flow.stream->items_most)
        stream_send_credit (hearth, call->flow.stream, call->block.token, 0);
    else
        open_window (hearth, call);
}

static void deliver_grant (letter_t *letter, hearth_t *hearth)
{
    grant (hearth, (hearth_call_t *) ((char *) letter - offsetof (hearth_call_t, flow.letter)));
}

/* ------------------------------------------------------------------------
    Waiting, in whatever thread this is: entered, or with the box's lock
*/

//  Whether what is to be done is another thread's than the connection's. Then the lock is held.
static bool begin (hearth_call_t *self, bool *is_other, int *code)
{
    *is_other = false;
    *code = HEARTH_FAILED_PRECONDITION;
    if (!self || !self->flow.stream || (self->kept.box && box_is_forked (self->kept.box)))
        return false;
    if (self->kept.box) {
        box_lock (self->kept.box);
        *is_other = !box_hearth (self->kept.box) || !box_is_ours (self->kept.box);
        if (*is_other)
            return true;
        box_unlock (self->kept.box);
    }
    if (client_enter (self->hearth))
        return true;
    *code = (int) guard_code (self->hearth);
    return false;
}

static void end (hearth_call_t *self, bool is_other)
{
    if (is_other)
        box_unlock (self->kept.box);
    else
        client_leave (self->hearth);
}

static int await (hearth_call_t *self, bool is_other, const bool *moved, int64_t timeout_ms)
{
    if (*moved)
        return HEARTH_OK;
    if (timeout_ms == 0)
        return HEARTH_DEADLINE_EXCEEDED;
    int64_t until_ms = timeout_ms < 0 ? INT64_MAX : clock_after_ms (timeout_ms);
    if (!is_other)
        return client_wait (self->hearth, moved, until_ms);
    while (!*moved && (box_wait (self->kept.box, &self->flow.moved, until_ms) || clock_now_ms () < until_ms))
        continue;
    return *moved ? HEARTH_OK : HEARTH_DEADLINE_EXCEEDED;
}

//  Why nothing can be sent; 0: it can.
static int refusal (const hearth_call_t *self)
{
    if (self->is_answered)
        return HEARTH_FAILED_PRECONDITION;
    return self->is_cancelled || self->flow.stream->is_ended ? HEARTH_CANCELLED : HEARTH_OK;
}

/* ------------------------------------------------------------------------
    Sending
*/

//  Writes the item's frame. 0, or why it cannot be one.
static int pack_item (const hearth_call_t *self, pack_t *pack, const hearth_arg_t *item, uint64_t most)
{
    char text [128];
    wire_frame_t header = { .kind = WIRE_ITEM, .block = { .token = self->block.token } };
    frame_begin_in (pack, &header);
    if (frame_pack_arg_in (pack, item, 0))
        return HEARTH_INVALID_ARGUMENT;
    return frame_problem_in (pack, most, text, sizeof text) ? HEARTH_RESOURCE_EXHAUSTED : HEARTH_OK;
}

static int send_here (hearth_call_t *self, const hearth_arg_t *item)
{
    hearth_t *hearth = self->hearth;
    int code = pack_item (self, &hearth->scratch, item, frame_most (hearth));
    if (code)
        return code;
    size_t size = hearth->scratch.buffer.size;
    if (!frame_send (hearth))
        return HEARTH_CANCELLED;
    stream_sent (self->flow.stream, size);
    if (!hearth->is_held && (!self->kept.box || self->kept.is_in_handler))
        uplink_flush (hearth->uplink);  //  nobody knows when the handler sends the next one, or returns
    return HEARTH_OK;
}

static void deliver_parcel (letter_t *letter, hearth_t *hearth)
{
    parcel_t *parcel = (parcel_t *) ((char *) letter - offsetof (parcel_t, letter));
    parcel->call->flow.parcels--;
    if (parcel->call->sessions == hearth->session.count)
        frame_send_from (hearth, &parcel->frame);
    pack_clear (&parcel->frame);
    free (parcel);
}

static int post (hearth_call_t *self, const hearth_arg_t *item)
{
    parcel_t *parcel = malloc (sizeof *parcel);
    if (!parcel)
        return HEARTH_RESOURCE_EXHAUSTED;
    *parcel = (parcel_t){ .letter.deliver = deliver_parcel, .call = self };
    pack_init (&parcel->frame);
    int code = pack_item (self, &parcel->frame, item, self->kept.message_most);
    if (code) {
        pack_clear (&parcel->frame);
        free (parcel);
        return code;
    }
    self->flow.parcels++;
    stream_sent (self->flow.stream, parcel->frame.buffer.size);
    box_post (self->kept.box, &parcel->letter);
    return HEARTH_OK;
}

//  What another thread has left before goes before.
static int post_here (hearth_call_t *self, const hearth_arg_t *item)
{
    box_lock (self->kept.box);
    int code = post (self, item);
    box_unlock (self->kept.box);
    return code;
}

int hearth_yield_arg (hearth_call_t *self, hearth_arg_t item, int64_t timeout_ms)
{
    bool is_other;
    int code;
    if (!begin (self, &is_other, &code))
        return code;
    code = refusal (self);
    if (!code)
        code = await (self, is_other, &self->flow.stream->can_write, timeout_ms);
    if (!code)
        code = refusal (self);
    if (!code)
        code = is_other ? post (self, &item) : self->flow.parcels ? post_here (self, &item) : send_here (self, &item);
    if (!code)
        touch (self, clock_now_ms ());
    end (self, is_other);
    return code;
}

/* ------------------------------------------------------------------------
    Taking
*/

static void ask (hearth_call_t *self, bool is_other)
{
    if (!is_other)
        grant (self->hearth, self);
    else if (box_hearth (self->kept.box))
        box_post (self->kept.box, &self->flow.letter);
}

const hearth_value_t *hearth_take (hearth_call_t *self, int64_t timeout_ms)
{
    bool is_other;
    int code;
    if (!begin (self, &is_other, &code))
        return NULL;
    stream_t *stream = self->flow.stream;
    if (!stream->items_most && !stream->is_over)
        ask (self, is_other);
    await (self, is_other, &stream->can_read, timeout_ms);
    const hearth_value_t *value = stream_take (stream);
    if (value && stream_owes (stream))
        ask (self, is_other);
    end (self, is_other);
    return value;
}

bool hearth_input_ended (hearth_call_t *self)
{
    bool is_other;
    int code;
    if (!begin (self, &is_other, &code))
        return true;
    bool is_over = self->flow.stream->is_over && !self->flow.stream->first;
    end (self, is_other);
    return is_over;
}

static void tell (stream_t *stream)
{
    hearth_call_t *call = stream->owner;
    stream->asked (call, stream->context);
}

int hearth_when_asked (hearth_call_t *self, hearth_asked_fn *asked, void *context)
{
    bool is_other;
    int code;
    if (!begin (self, &is_other, &code))
        return code;
    code = is_other || !self->kept.box ? HEARTH_FAILED_PRECONDITION : HEARTH_OK;
    if (!code) {
        stream_t *stream = self->flow.stream;
        stream->tell = asked ? tell : NULL;
        stream->asked = asked;
        stream->context = context;
        if (!stream->items_most)
            grant (self->hearth, self);
        stream_moved (stream);
    }
    end (self, is_other);
    return code;
}
