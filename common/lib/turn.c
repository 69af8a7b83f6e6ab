/*  turn.c - what comes in, and what is due: one turn of a connection, and waiting for the next

    The edge between the sockets, which know nothing of the protocol, and the protocol's parts, which know no sockets. A
    turn looks at the clock once, is bounded in frames and time, and runs callbacks only where all parts are consistent: each
    of them may use the connection, so that turns are nested.
*/
#include <string.h>

#include "clock.h"
#include "connection.h"
#include "hooks.h"
#include "repeat.h"
#include "result.h"

#define TURN_FRAMES   256
#define TURN_MS       1
#define ANSWERS       6      //  beside the one that is waited for: malloc has seven of a size at hand
#define BEHIND_MS     2      //  since the socket was empty: what it holds may have waited there as long
#define BEHIND_FRAMES 16384  //  all that can be dispatched to a session, and what comes with it

/* ------------------------------------------------------------------------
    The session comes and goes
*/

static void drop_pending_frames (hearth_t *self);

static void session_ended (hearth_t *self)
{
    bool was_up = self->session.state == CLIENT_UP;
    self->is_broken = false;
    drop_pending_frames (self);
    uplink_close (self->uplink, 0);
    if (session_lost (&self->session, self->now_ms))
        hooks_waiting (self);
    if (!was_up)
        return;
    calls_session_down (&self->calls, self->session.why, self->now_ms);
    services_session_down (self);
    observers_session_down (self->observers, self->now_ms);
    hooks_disconnected (self);
}

//  Whether a callback waited for so long that this session is over, or there is another one.
static bool is_over (const hearth_t *self, uint64_t count)
{
    return !client_is_up (self) || self->session.count != count;
}

static void session_began (hearth_t *self)
{
    calls_set_limit (&self->calls, (uint32_t) self->session.limits.calls);
    streams_set_limits (&self->streams, self->session.limits.granted, self->session.limits.granted_bytes);
    services_session_up (self);
    if (self->session.bundles)
        uplink_allow_bundles (self->uplink);
    uint64_t count = self->session.count;
    frame_send_held (self);
    bool reopened = !is_over (self, count) && notes_open (self);
    if (is_over (self, count))
        return;
    observers_session_up (self->observers, self->session.epoch, reopened, self->now_ms);
    if (!is_over (self, count) && self->hooks && self->hooks->connected)
        self->hooks->connected (self, self->session.unique_name, self->hooks_context);
}

static void say_hello (hearth_t *self)
{
    uint8_t hello [256];
    zmq_msg_t message;
    size_t size = session_write_hello (&self->session, hello, sizeof hello, self->now_ms);
    if (zmq_msg_init_size (&message, size) != 0) {
        session_ended (self);
        return;
    }
    memcpy (zmq_msg_data (&message), hello, size);
    if (!uplink_send (self->uplink, &message)) {
        zmq_msg_close (&message);
        session_ended (self);
    }
}

static void open_socket (hearth_t *self)
{
    session_opened (&self->session, self->now_ms);
    if (uplink_open (self->uplink, self->endpoint) != 0)
        session_ended (self);
}

static void look_at_socket (hearth_t *self)
{
    if (self->is_broken)
        session_broken (&self->session);
    if (self->is_broken || uplink_is_lost (self->uplink))
        session_ended (self);
    else if (self->session.state == CLIENT_OPENING && uplink_is_writable (self->uplink))
        say_hello (self);
}

//  After what came in was read: a program that was busy elsewhere is no reason to give up what is there.
static void tick_session (hearth_t *self)
{
    session_task_t task = session_task (&self->session, self->now_ms);
    if (task == SESSION_GIVE_UP)
        session_ended (self);
    else if (task == SESSION_OPEN)
        open_socket (self);
}

/* ------------------------------------------------------------------------
    Frames
*/

typedef struct {
    wire_frame_t frame;
    received_t *received;
    bool serve;
} incoming_t;

static void on_welcome (hearth_t *self, incoming_t *in)
{
    if (self->session.state != CLIENT_GREETING)
        return;
    if (session_welcome (&self->session, &in->frame, self->endpoint))
        session_began (self);
    else
        session_ended (self);
}

static void on_goodbye (hearth_t *self, incoming_t *in)
{
    session_goodbye (&self->session, &in->frame);
    session_ended (self);
}

static void on_reply (hearth_t *self, incoming_t *in)
{
    hearth_pending_t *call = calls_answered (&self->calls, in->frame.block.token);
    zmq_msg_t *own = received_own (in->received);
    if (call && !repeat_answered (&self->calls, call, &in->frame, own, self->now_ms))
        calls_end (&self->calls, call, result_from_reply (&in->frame, own));
}

static void on_item (hearth_t *self, incoming_t *in)
{
    if (in->frame.block.flags & WIRE_UP)
        flow_item (self, &in->frame, in->received);
    else
        open_item (self, &in->frame, in->received);
}

static void on_credit (hearth_t *self, incoming_t *in)
{
    if (in->frame.block.flags & WIRE_UP)
        flow_credit (self, &in->frame);
    else
        open_credit (self, &in->frame);
}

static void on_request (hearth_t *self, incoming_t *in)
{
    services_request (self, &in->frame, in->received->data, in->received->size, in->serve);
}

static void on_cancel (hearth_t *self, incoming_t *in)
{
    services_cancel (self, &in->frame);
}

static void on_notice (hearth_t *self, incoming_t *in)
{
    services_notice (self, &in->frame);
}

//  What a peer understands; it drops everything else. Only welcome and goodbye make sense before a session.
static const struct {
    void (*handle) (hearth_t *self, incoming_t *in);
    bool needs_session;
} kinds [WIRE_KINDS] = {
    [WIRE_WELCOME] = { on_welcome, false }, [WIRE_GOODBYE] = { on_goodbye, false },
    [WIRE_REPLY] = { on_reply, true },      [WIRE_REQUEST] = { on_request, true },
    [WIRE_CANCEL] = { on_cancel, true },    [WIRE_PUBLISH] = { on_notice, true },
    [WIRE_ITEM] = { on_item, true },        [WIRE_CREDIT] = { on_credit, true },
};

static void handle_frame (hearth_t *self, received_t *received, bool serve)
{
    incoming_t in;  //  what counts of the frame is set as it is read
    in.received = received;
    in.serve = serve;
    if (wire_read (&in.frame, received->data, received->size) != WIRE_OK)
        return;
    if (!kinds [in.frame.kind].handle || (kinds [in.frame.kind].needs_session && self->session.state != CLIENT_UP))
        return;
    kinds [in.frame.kind].handle (self, &in);
}

//  The session is over, but what the broker said before counts: answers, and why it ended.
static void drop_pending_frames (hearth_t *self)
{
    received_t received;
    received_init (&received);
    for (unsigned count = 0; count < BEHIND_FRAMES && uplink_receive (self->uplink, &received); count++) {
        incoming_t in = { .received = &received };
        if (wire_read (&in.frame, received.data, received.size) != WIRE_OK)
            continue;
        if (in.frame.kind == WIRE_REPLY)
            on_reply (self, &in);
        if (in.frame.kind == WIRE_ITEM)
            on_item (self, &in);
        if (in.frame.kind == WIRE_GOODBYE)
            session_goodbye (&self->session, &in.frame);
    }
    received_clear (&received);
}

//  What they do takes its time.
void turn_tell_ended (hearth_t *self)
{
    client_done_fn *done;
    void *context;
    hearth_result_t *result;
    hooks_calls_ended (self);
    while (calls_next_ended (&self->calls, &done, &context, &result)) {
        outside_t outside = turn_call_out (self);
        done (self, result, context);
        turn_called_out (self, outside);
        hooks_calls_ended (self);
    }
}

static bool is_true (const bool *until)
{
    return until && *until;
}

//  Who has what he waited for goes on; but where other calls of his are in flight and nobody calls him, their answers are
//  taken in, too: each turn costs as much as an answer.
static bool has_enough (const hearth_t *self, const bool *until, unsigned count)
{
    return is_true (until) && (count >= ANSWERS || !self->calls.taken || self->services.count);
}

//  Where frames come one at a time nothing is gathered: each look for more of them would cost as much as a message does.
//
//  Requests that waited in the socket while a handler ran, or the program did something else, may have expired or been
//  cancelled, and word of that waits behind them. So whoever is behind reads all of it first and runs nothing meanwhile.
static void receive_frames (hearth_t *self, const bool *until, bool serve)
{
    bool is_behind = self->now_ms - self->empty_ms > BEHIND_MS;
    unsigned most = is_behind ? BEHIND_FRAMES : TURN_FRAMES;
    int64_t end_ms = self->now_ms + TURN_MS;
    unsigned count = 0;
    bool is_empty = false;
    received_t received;
    received_init (&received);
    for (; count < most && self->now_ms <= end_ms && !has_enough (self, until, count); count++) {
        is_empty = !uplink_receive (self->uplink, &received);
        if (is_empty) {
            self->empty_ms = self->now_ms;
            break;
        }
        if (count == 1 && !self->is_busy)
            turn_gather (self, self->is_busy = true);
        handle_frame (self, &received, serve && !is_behind);
        turn_tell_ended (self);
    }
    if (count)
        self->is_busy = count > 1 || !is_empty;
    received_clear (&received);
}

//  Runs nothing.
static void read_frames (hearth_t *self, unsigned most, bool needs_session)
{
    received_t received;
    received_init (&received);
    for (unsigned count = 0; count < most && (client_is_up (self) || !needs_session); count++) {
        if (!uplink_receive (self->uplink, &received))
            break;
        handle_frame (self, &received, false);
    }
    received_clear (&received);
}

//  Takes in what has come by now, at most so much of it, and runs nothing.
static void look (hearth_t *self, unsigned most)
{
    uplink_look_again (self->uplink);
    if (client_is_up (self))
        look_at_socket (self);
    read_frames (self, most, true);
}

void turn_look (hearth_t *self)
{
    look (self, TURN_FRAMES);
}

void turn_connect (hearth_t *self)
{
    connection_note_time (self);
    uplink_look_again (self->uplink);
    look_at_socket (self);
    read_frames (self, TURN_FRAMES, false);
    tick_session (self);
}

/* ------------------------------------------------------------------------
    Turns
*/

static void tick (hearth_t *self)
{
    //  What keeps a call alive, or is its answer, may have come while a handler ran, or the program did something else.
    if (calls_are_due (&self->calls, self->now_ms))
        look (self, BEHIND_FRAMES);
    tick_session (self);
    calls_expire (&self->calls, self->now_ms, session_attempt (&self->session),
                  *self->session.why ? self->session.why : "no broker has answered yet");
    if (self->calls.held.first && client_is_up (self))
        frame_send_held (self);
    services_tick (self);
    observers_tick (self->observers, self->now_ms);
    turn_tell_ended (self);
}

void connection_note_time (hearth_t *self)
{
    int64_t tick = clock_tick ();
    if (tick == self->tick)
        return;
    self->tick = tick;
    self->now_ms = clock_now_ms ();
}

static void take_turn (hearth_t *self, const bool *until, bool serve)
{
    connection_note_time (self);
    if (self->is_fresh)
        self->empty_ms = self->now_ms;
    self->is_fresh = false;
    look_at_socket (self);
    turn_gather (self, self->is_busy);
    receive_frames (self, until, serve);
    if (self->streams.due)
        turn_tell_streams (self);
    turn_gather (self, false);
    //  Who has what he waited for goes on; what is due is looked at once a millisecond all the same.
    if (is_true (until) && self->now_ms == self->ticked_ms)
        return;
    self->ticked_ms = self->now_ms;
    notes_receive (self);
    connection_note_time (self);  //  a request may have expired while observers were told
    if (serve && !is_true (until)) {
        turn_gather (self, true);
        services_run (self);
        turn_gather (self, false);
    }
    tick (self);
}

void turn (hearth_t *self, const bool *until, bool serve)
{
    take_turn (self, until, serve);
    turn_gather (self, false);
}

static int64_t sooner (int64_t one, int64_t other)
{
    if (one < 0 || other < 0)
        return one < 0 ? other : one;
    return one < other ? one : other;
}

//  Streams that moved outside of a turn, or behind the place in it where they are told, are told in the next.
int64_t turn_deadline (const hearth_t *self)
{
    if (self->is_broken || self->streams.due)
        return 0;
    int64_t at = sooner (session_deadline (&self->session), calls_deadline (&self->calls));
    at = sooner (at, services_deadline (&self->services));
    return sooner (at, observers_deadline (self->observers));
}

void turn_wait (hearth_t *self, int64_t deadline_ms)
{
    self->now_ms = clock_now_ms ();
    int64_t at = sooner (deadline_ms, turn_deadline (self));
    int64_t left = at < 0 ? -1 : at > self->now_ms ? at - self->now_ms : 0;
    uplink_mind_notes (self->uplink, !observers_busy (self->observers));
    self->is_fresh = !uplink_is_ready (self->uplink);
    uplink_wait (self->uplink, services_is_ready (&self->services) || notes_are_waiting (self) ? 0 : left);
    self->tick = 0;
}
