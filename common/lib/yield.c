/*  yield.c - streams on the handler's side: sending items, taking items, being told

    The connection's thread waits as for a call of its own: within a handler, and between its turns, when nobody else would take
    one. Another thread that has a kept call sleeps on a condition, and what it sends are letters to the connection's thread
    (box.h), as what it owes is.
*/
#include <stdio.h>
#include <stdlib.h>

#include "call.h"
#include "clock.h"
#include "connection.h"
#include "flow.h"
#include "limits.h"
#include "worker.h"

//  A frame that another thread left to be sent.
typedef struct {
    letter_t letter;
    hearth_call_t *call;
    pack_t frame;
} parcel_t;

/* ------------------------------------------------------------------------
    Failing: what hearth_last_error answers is the connection's in its own thread, a worker's own there; others have none
*/

static int fail (hearth_call_t *self, bool is_other, hearth_code_t code, const char *name, const char *why)
{
    hearth_t *hearth = is_other ? box_hearth (self->kept.box) : self->hearth;
    if (!is_other || worker_is_here (hearth))
        client_fail (hearth, code, name, "%s", why);
    return (int) code;
}

/* ------------------------------------------------------------------------
    Waiting, in whatever thread this is: entered, or with the box's lock
*/

//  The lock keeps the connection where it is, and stays held for another thread.
static bool begin_kept (box_t *box, bool *is_other, int *code)
{
    box_lock (box);
    hearth_t *hearth = box_hearth (box);
    bool is_ours = hearth && box_is_ours (box);
    bool is_in = hearth && (is_ours ? client_enter (hearth) : client_enter_again (hearth));
    *is_other = !is_ours && !is_in;
    if (*is_other)
        return true;
    box_unlock (box);
    if (!is_in)
        *code = (int) guard_code (hearth);
    return is_in;
}

static bool begin_unkept (hearth_t *hearth, int *code)
{
    if (client_enter (hearth))
        return true;
    *code = (int) guard_code (hearth);
    return false;
}

static void end (hearth_call_t *self, bool is_other)
{
    if (is_other)
        box_unlock (self->kept.box);
    else
        client_leave (self->hearth);
}

//  Whether what is to be done is another thread's than the connection's. Then the lock is held.
static bool begin (hearth_call_t *self, bool *is_other, int *code)
{
    *is_other = false;
    *code = HEARTH_FAILED_PRECONDITION;
    if (!self || (self->kept.box && box_is_forked (self->kept.box)))
        return false;
    if (!(self->kept.box ? begin_kept (self->kept.box, is_other, code) : begin_unkept (self->hearth, code)))
        return false;
    if (self->flow.stream)
        return true;
    *code = fail (self, *is_other, HEARTH_FAILED_PRECONDITION, "hearth.BadArguments", "the call is no stream");
    end (self, *is_other);
    return false;
}

static int await_until (hearth_call_t *self, bool is_other, const bool *moved, int64_t until_ms)
{
    if (!is_other)
        return client_wait (self->hearth, moved, until_ms);
    while (!*moved && (box_wait (self->kept.box, &self->flow.moved, until_ms) || clock_now_ms () < until_ms))
        continue;
    return *moved ? HEARTH_OK : HEARTH_DEADLINE_EXCEEDED;
}

static int64_t own_end_ms (const hearth_call_t *self)
{
    return self->deadline_ms + (int64_t) limit_rows [LIMIT_GRACE].value;
}

//  The broker says when the call has been silent for too long; a broker that does not is not waited for. While others move
//  the stream its end moves, too.
static int await (hearth_call_t *self, bool is_other, const bool *moved, int64_t timeout_ms)
{
    if (*moved)
        return HEARTH_OK;
    if (timeout_ms == 0)
        return HEARTH_DEADLINE_EXCEEDED;
    int64_t until_ms = timeout_ms < 0 ? INT64_MAX : clock_after_ms (timeout_ms);
    for (;;) {
        int64_t end_ms = own_end_ms (self);
        int code = await_until (self, is_other, moved, until_ms < end_ms ? until_ms : end_ms);
        if (code != HEARTH_DEADLINE_EXCEEDED || clock_now_ms () >= until_ms)
            return code;
        if (clock_now_ms () < own_end_ms (self))
            continue;
        self->is_cancelled = true;
        return HEARTH_CANCELLED;
    }
}

//  Why nothing can be sent; 0: it can.
static int refusal (hearth_call_t *self, bool is_other)
{
    if (self->is_answered)
        return fail (self, is_other, HEARTH_FAILED_PRECONDITION, "hearth.BadArguments", "the call was answered");
    if (self->is_cancelled || self->flow.stream->is_ended)
        return fail (self, is_other, HEARTH_CANCELLED, "hearth.Cancelled", "nobody takes an item any more");
    return HEARTH_OK;
}

//  Waits until an item may be sent. 0, or why it may not.
static int await_credit (hearth_call_t *self, bool is_other, int64_t timeout_ms)
{
    int code = refusal (self, is_other);
    if (code)
        return code;
    code = await (self, is_other, &self->flow.stream->can_write, timeout_ms);
    if (code == HEARTH_DEADLINE_EXCEEDED)
        return fail (self, is_other, HEARTH_DEADLINE_EXCEEDED, "hearth.Deadline", "the caller asks for no items yet");
    if (code == HEARTH_CANCELLED && !self->is_cancelled)
        return fail (self, is_other, HEARTH_CANCELLED, "hearth.Cancelled", "hearth_stop ended the wait");
    return code && code != HEARTH_CANCELLED ? code : refusal (self, is_other);
}

/* ------------------------------------------------------------------------
    Sending
*/

//  Writes the item's frame. 0, or why it cannot be one.
static int pack_item (hearth_call_t *self, bool is_other, pack_t *pack, const hearth_arg_t *item, uint64_t most)
{
    char text [128], why [160];
    wire_frame_t header = { .kind = WIRE_ITEM, .block = { .token = self->block.token } };
    frame_begin_in (pack, &header);
    const char *problem = frame_pack_arg_in (pack, item, 0);
    if (problem) {
        snprintf (why, sizeof why, "the item %s", problem);
        return fail (self, is_other, HEARTH_INVALID_ARGUMENT, "hearth.BadArguments", why);
    }
    problem = frame_problem_in (pack, most, text, sizeof text);
    return problem ? fail (self, is_other, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", problem) : HEARTH_OK;
}

static int send_here (hearth_call_t *self, const hearth_arg_t *item)
{
    hearth_t *hearth = self->hearth;
    int code = pack_item (self, false, &hearth->scratch, item, frame_most (hearth));
    if (code)
        return code;
    size_t size = hearth->scratch.buffer.size;
    if (!frame_send (hearth))
        return fail (self, false, HEARTH_CANCELLED, "hearth.Cancelled", "the connection to the broker was lost");
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

static int post (hearth_call_t *self, bool is_other, const hearth_arg_t *item)
{
    parcel_t *parcel = malloc (sizeof *parcel);
    if (!parcel)
        return fail (self, is_other, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "memory is short");
    *parcel = (parcel_t){ .letter.deliver = deliver_parcel, .call = self };
    pack_init (&parcel->frame);
    int code = pack_item (self, is_other, &parcel->frame, item, self->kept.message_most);
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
    int code = post (self, false, item);
    box_unlock (self->kept.box);
    return code;
}

int hearth_yield_arg (hearth_call_t *self, hearth_arg_t item, int64_t timeout_ms)
{
    bool is_other;
    int code;
    if (!begin (self, &is_other, &code))
        return code;
    code = await_credit (self, is_other, timeout_ms);
    if (!code)
        code = is_other             ? post (self, true, &item)
               : self->flow.parcels ? post_here (self, &item)
                                    : send_here (self, &item);
    if (!code)
        flow_touch (self, clock_now_ms ());
    end (self, is_other);
    return code;
}

/* ------------------------------------------------------------------------
    Taking
*/

static void ask (hearth_call_t *self, bool is_other)
{
    if (!is_other)
        flow_grant (self->hearth, self);
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
    bool is_over = (self->flow.stream->is_over || self->is_cancelled) && !self->flow.stream->first;
    end (self, is_other);
    return is_over;
}

//  What was answered or given back waits for the next turn, in which something may move: that is nobody's any more.
static void tell (stream_t *stream)
{
    hearth_call_t *call = stream->owner;
    box_lock (call->kept.box);
    bool is_over = call->is_answered || call->kept.is_destroyed;
    box_unlock (call->kept.box);
    if (!is_over)
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
            flow_grant (self->hearth, self);
        stream_moved (stream);
    }
    end (self, is_other);
    return code;
}
