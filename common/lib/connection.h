/*  connection.h - a connection: its parts, and what they may ask of the whole
*/
#ifndef CONNECTION_H_INCLUDED
#define CONNECTION_H_INCLUDED

#include <stdatomic.h>

#include "caller.h"
#include "calls.h"
#include "posted.h"
#include "service.h"
#include "session.h"
#include "uplink.h"
#include "wire_note.h"

#define ERROR_TEXT_SIZE 513
#define NO_BROKER_MS    1000  //  how long a call waits for a session

typedef struct subscription subscription_t;

//  The message of the SUB socket that is being taken apart.
typedef struct {
    zmq_msg_t message;
    note_reader_t reader;
    uint64_t number;  //  of those that held several
} incoming_notes_t;

//  A copy of an error, which points into itself.
typedef struct {
    hearth_error_t error;
    char name [NAME_MAX_SIZE + 1];
    char message [ERROR_TEXT_SIZE];
} error_copy_t;

struct hearth_t {
    //  guard.c: which thread is in it, how often, and a byte that is zero in a forked child
    _Atomic (uintptr_t) user;
    _Atomic (uintptr_t) latest;  //  that was in it; 0: none yet
    unsigned depth;
    const volatile char *here;

    char endpoint [ADDRESS_MAX];
    uplink_t *uplink;
    client_session_t session;
    calls_t calls;
    posted_t posted;
    streams_t streams;
    services_t services;
    callers_t callers;
    observers_t *observers;
    hearth_proxy_t *proxies;
    pack_t scratch;  //  the frame that is being written
    pack_t options;  //  the options of its header

    subscription_t *subscriptions;
    char notes_endpoint [ADDRESS_MAX];  //  where the SUB socket is connected, in which epoch
    uint64_t notes_epoch;
    incoming_notes_t notes;

    _Atomic (bool) has_workers;  //  or had

    const hearth_hooks_t *hooks;
    void *hooks_context;
    uint64_t calls_watched;  //  that hooks were told of
    bool in_call_hook;
    error_copy_t last_error;

    int64_t now_ms;             //  of this turn, at most a tick of the kernel's clock late
    int64_t tick;               //  clock_tick at the time; 0: nothing is known
    int64_t ticked_ms;          //  when what is due was looked at last
    int64_t empty_ms;           //  when nothing was left to receive
    bool is_held;               //  what the program sends waits for more of it
    bool is_busy;               //  the last turn that took in any frame, or this one, was not of a single one
    bool is_quick;              //  the callback that was called last returned within a tick
    bool is_fresh;              //  nothing was left when the wait began that has just ended
    unsigned waits;             //  that are nested
    bool is_broken;             //  something that the broker waits for could not be said: the session is to end
    bool is_running;            //  within hearth_run
    bool is_closing;            //  within hearth_destroy: nothing is begun any more
    _Atomic (bool) is_stopped;  //  hearth_stop was called: hearth_run is to end
    _Atomic (bool) is_called;   //  hearth_stop was called: hearth_fd is readable until hearth_process
    _Atomic (bool) has_loop;    //  hearth_fd was called: raise it when work is left
};

//  ---- guard.c ----

//  A page of its own, which a forked child finds zeroed.
bool guard_init (hearth_t *self);
void guard_clear (const volatile char **here_p);
bool guard_is_forked (const hearth_t *self);
//  Whether this thread is in the connection. Any thread.
bool guard_is_inside (const hearth_t *self);
//  Why client_enter would answer false now, or NULL. Static.
const hearth_error_t *guard_refusal (const hearth_t *self);
//  Why it did a moment ago: whoever was in the way may have left meanwhile. Static, never NULL.
const hearth_error_t *guard_why (const hearth_t *self);
//  The same as a code.
hearth_code_t guard_code (const hearth_t *self);

//  ---- connection.c ----

//  The same as a result; the mark is that of the call.
hearth_result_t *connection_refusal (const hearth_t *self, hearth_mark_t mark);

//  ---- frame.c: writing frames into the scratch buffer, and sending them ----

//  Begins a frame; its body is packed into self->scratch next.
void frame_begin (hearth_t *self, const wire_frame_t *header);
//  Packs a value into its body. Why it cannot be one that is nested within `outer` levels, or NULL.
const char *frame_pack_arg (hearth_t *self, const hearth_arg_t *arg, unsigned outer);
//  Why the frame cannot be sent as it is, or NULL; name is the status's name then.
const char *frame_problem (const hearth_t *self, char *text, size_t room);
//  Sends it, if there is a session. False if it could not be sent. Where memory is short the session ends in the next
//  turn: a request that is never answered would take up its place for as long as there is one.
bool frame_send (hearth_t *self);

//  The same in a buffer of one's own, which needs no connection until it is sent. frame_most: bytes that a frame may have;
//  what waits for a session is measured by that session's limit.
void frame_begin_in (pack_t *pack, const wire_frame_t *header);
const char *frame_pack_arg_in (pack_t *pack, const hearth_arg_t *arg, unsigned outer);
uint64_t frame_most (const hearth_t *self);
const char *frame_problem_in (const pack_t *pack, uint64_t most, char *text, size_t room);
bool frame_send_from (hearth_t *self, pack_t *pack);

//  If all slots are taken, takes the answers that have come. May run hooks, so nothing of a call may be begun yet.
void frame_make_room (hearth_t *self);
//  How long a call may take that is to take so long at most: the broker has a limit.
int64_t frame_timeout (const hearth_t *self, int64_t timeout_ms);
//  Opens a call and begins its request or publication; the block of header is filled in. NULL if memory is short.
hearth_pending_t *frame_open_call (hearth_t *self, wire_frame_t *header, int64_t timeout_ms);
//  The body is packed: sends the call, or holds it until there is a session, or ends it.
void frame_send_call (hearth_t *self, hearth_pending_t *call);
//  Sends what was held.
void frame_send_held (hearth_t *self);

//  Tells the broker that nobody waits for an answer any more.
void frame_send_cancel (hearth_t *self, wire_token_t token);
//  Stops waiting for a call, which is cancelled if it was sent.
void frame_abandon (hearth_t *self, hearth_pending_t *call);
//  Cancels a call for which somebody still waits: it has ended then.
void frame_cancel (hearth_t *self, hearth_pending_t *call);

//  ---- proxy.c ----

void proxy_free (hearth_proxy_t *self);

//  ---- pending.c ----

//  Waits for a call, which ends in time by itself, and takes its result.
hearth_result_t *call_finish (hearth_t *self, hearth_pending_t *call);

//  ---- open.c: streams, on the caller's side ----

//  What came for a call of ours.
void open_item (hearth_t *self, const wire_frame_t *frame, received_t *received);
void open_credit (hearth_t *self, const wire_frame_t *frame);
//  Grants the other end what it may send again; `flags`: on whose side we are.
bool stream_send_credit (hearth_t *self, stream_t *stream, wire_token_t token, uint32_t flags);
//  The request was sent.
void open_sent (hearth_t *self, hearth_pending_t *call);
//  Nobody takes its items.
void open_drop (hearth_t *self, hearth_pending_t *call);

//  ---- flow.c: streams, on the handler's side ----

//  A request came with the flag STREAM. False if memory is short.
bool flow_begin (hearth_call_t *call, const wire_frame_t *frame);
//  What came for it while it waited.
void flow_early (hearth_call_t *call, const request_t *request);
//  The call is over: frees its stream, if it has one.
void flow_finish (hearth_call_t *call);
//  What came for a call that we handle.
void flow_item (hearth_t *self, const wire_frame_t *frame, received_t *received);
void flow_credit (hearth_t *self, const wire_frame_t *frame);
//  Nobody waits for the call any more: neither do those who wait for its stream.
void flow_cancelled (hearth_call_t *call);
//  The same with the box's lock held.
void flow_cease (hearth_call_t *call);
//  The connection is going, and the call lives on; with the box's lock.
void flow_leave (hearth_call_t *call);

//  ---- run.c ----

//  Whether there is a session, or one came up in the time that a call waits for it.
bool connection_await_session (hearth_t *self);

//  ---- turn.c: what comes in, and what is due ----

//  Reads the clock into now_ms if a tick has passed since it was read: many calls are made and answered in each.
void connection_note_time (hearth_t *self);

//  Does what can be done without waiting, for a bounded time, and comes back when *until is true. `serve`: handlers may
//  be run.
void turn (hearth_t *self, const bool *until, bool serve);
//  Receives frames without running anything: for a handler that asks for news.
void turn_look (hearth_t *self);
//  Looks after the connection, and receives frames without running anything: for a program that never waits.
void turn_connect (hearth_t *self);
//  Waits for something to do, at most until deadline_ms (-1: for ever).
void turn_wait (hearth_t *self, int64_t deadline_ms);
int64_t turn_deadline (const hearth_t *self);
//  Tells those who asked for it how their calls ended.
void turn_tell_ended (hearth_t *self);

//  ---- outside.c ----

//  Whether what is sent waits for more of it; what waited goes out in any case if not.
void turn_gather (hearth_t *self, bool on);
//  Around each call of the program's: what is sent meanwhile goes out together with what else this turn sends, unless the one
//  before took long.
typedef struct {
    int64_t tick;
    bool is_held;
} outside_t;
outside_t turn_call_out (hearth_t *self);
void turn_called_out (hearth_t *self, outside_t outside);
//  Tells whoever asked for it of what moved in streams.
void turn_tell_streams (hearth_t *self);
//  hearth_hold and hearth_flush.
void turn_hold (hearth_t *self, bool on);

//  ---- notes.c: the SUB socket ----

//  Opens it if there is a session and a subscription, and none or that of another broker is open; true if it did.
bool notes_open (hearth_t *self);
void notes_receive (hearth_t *self);
//  Whether some have been read from the socket, but not been told: a turn ended before.
bool notes_are_waiting (const hearth_t *self);
void notes_init (hearth_t *self);
void notes_clear (hearth_t *self);

#endif
