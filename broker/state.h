/*  state.h - the core's state, and what its parts do for each other

    core.c       what the transport calls; the order of things within a turn
    router.c     a frame's kind to its handler
    sessions.c   hello, goodbye, the end of a session
    calls.c      a request's way to a service: finding, waiting, dispatching
    answers.c    how calls end: reply, cancel, deadline, refusal
    streams.c    what a call carries between its dispatch and its end: items and credit
    publisher.c  notifications, markers, the directory's events
    directory*.c the built-in service `hearth`

    Sessions end late: session_doom only marks one, core.c ends the marked ones when a handler is done. So nobody's
    pointers go stale while it works.
*/
#ifndef STATE_H_INCLUDED
#define STATE_H_INCLUDED

#include "core.h"
#include "registry.h"
#include "status.h"
#include "topics.h"

//  What is dropped without an answer, each counted under its name in the directory's stats.
#define DROPS_TABLE(X)                                                                                               \
    X (GARBAGE, "garbage")     /*  not even a block  */                                                              \
    X (MALFORMED, "malformed") /*  known by its kind only */                                                         \
    X (BEFORE_HELLO, "before_hello")                                                                                 \
    X (STRAY_REPLY, "stray_replies") /*  a token that is not, or not theirs */                                       \
    X (LATE_REPLY, "late_replies")   /*  nobody waits any more */                                                    \
    X (STRAY_ITEM, "stray_items")    /*  items and credits, as replies */                                            \
    X (LATE_ITEM, "late_items")                                                                                      \
    X (UNHEARD, "unheard")            /*  refusals that the caller declined */                                       \
    X (SUBSCRIPTION, "subscriptions") /*  ill-formed prefixes */                                                     \
    X (STOPPING, "stopping")          /*  came while stopping */

typedef enum {
#define X(id, name) DROP_##id,
    DROPS_TABLE (X)
#undef X
        DROP_COUNT
} drop_t;

#define CODE_COUNT (HEARTH_UNAUTHENTICATED + 1)

typedef struct {
    uint64_t outcomes [CODE_COUNT];  //  of ended calls
    uint64_t limits [LIMIT_COUNT];   //  times that each was hit
    uint64_t drops [DROP_COUNT];
    uint64_t requests;
    uint64_t items;     //  passed on
    uint64_t sessions;  //  ever
} counters_t;

typedef struct directory directory_t;

struct core {
    core_config_t config;
    const transport_ops_t *ops;
    void *transport;
    int64_t now_ms;
    int64_t started_ms;
    bool stopping;
    peers_t peers;
    registry_t registry;
    pending_t pending;
    topics_t topics;
    timers_t timers;
    counters_t counters;
    list_t doomed;           //  sessions to be ended
    uint64_t waiting_bytes;  //  of waiting calls and the copies of their frames
    table_t markers;         //  prefixes to be answered at the end of the turn
    directory_t *directory;
};

//  A request on its way: as it came in, or again after it has waited (then `call` is there).
typedef struct {
    session_t *caller;
    const wire_frame_t *wire;
    frame_t *frame;
    call_t *call;
    int64_t deadline_ms;  //  absolute
} request_t;

#define LIMIT_MESSAGE_SIZE 256

#define SPAN_ARGS(span) (int) (span).size, (span).data

//  ---- core.c ----

bool core_is_starting (const core_t *self);
void core_log (core_t *self, log_level_t level, const char *part, const session_t *session, const char *format, ...)
    HEARTH_PRINTF (5, 6);
static inline void core_drop (core_t *self, drop_t drop)
{
    self->counters.drops [drop]++;
}
static inline uint64_t core_limit (const core_t *self, limit_id_t limit)
{
    return self->config.limits.value [limit];
}

//  What counts against the limit of memory.
size_t core_held (const core_t *self);
//  Whether so many more bytes may be held; forgets history if that helps.
bool core_has_memory (core_t *self, size_t bytes);
//  Sends a frame, whoever made it. A session that does not read is doomed. Returns what the transport says.
sent_t core_send (core_t *self, session_t *session, frame_t *frame);
//  The same for a header and a body of our own.
sent_t core_send_parts (core_t *self, session_t *session, const wire_frame_t *wire, span_t body);

//  ---- router.c ----

//  Reads a frame and hands it to its kind's handler. The frame may have been sent on when this returns.
void route_frame (core_t *self, session_t *session, frame_t *frame);

//  ---- sessions.c ----

void on_hello (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);
void on_goodbye (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);
//  Says goodbye with an error; the session stays.
void session_goodbye (core_t *self, session_t *session, status_t status, const char *message);
//  Marks it to be ended: `silent` if its connection is gone already.
void session_doom (core_t *self, session_t *session, bool silent);
//  Ends it now: its calls, its registrations, its connection.
void session_end (core_t *self, session_t *session);
//  Settles a suspicion: registrations that were held back because of it go on.
void session_clear (core_t *self, session_t *session);

//  ---- calls.c ----

void on_request (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);
//  Whether the token and the size of a request or publish are in order; if not, it was refused or its session doomed.
bool request_admit (core_t *self, request_t *request);
//  Makes a waiting call of a request: a copy of its frame, in a list. False if a limit forbids it (it was refused).
bool request_wait (core_t *self, request_t *request, call_state_t state, list_t *list, int64_t until_ms);
//  Gives a name's waiting calls to instances while there are both.
void service_pump (core_t *self, service_t *service);
//  The owners of a name, or what they declare, changed: those who wait for it try again. A service that nobody owns or
//  waits for any more is freed.
void service_revive (core_t *self, service_t *service);
//  A call that has waited tries again from the beginning.
void call_retry (core_t *self, call_t *call);
//  Takes a call out of its waiting list, if it is in one; its copy stays.
void call_unwait (core_t *self, call_t *call);
//  Frees the copy of a call that waits no more.
void call_drop_copy (core_t *self, call_t *call);

//  ---- answers.c ----

void on_reply (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);
void on_cancel (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);
void call_timeout (core_t *self, call_t *call);
//  An error to whoever sent a frame with that token.
void reply_error (core_t *self, session_t *session, wire_token_t token, status_t status, hearth_mark_t mark,
                  uint32_t flags, const char *message);
//  Ends a request with an error, or with a result of the broker's own; a call that was made of it goes, too.
void request_refuse (core_t *self, request_t *request, status_t status, const char *format, ...) HEARTH_PRINTF (4, 5);
//  Counts that a limit was reached, and says so.
void limit_reached (core_t *self, limit_id_t limit, uint64_t use, char message [LIMIT_MESSAGE_SIZE]);
void request_refuse_limit (core_t *self, request_t *request, limit_id_t limit, uint64_t use);
void request_answer (core_t *self, request_t *request, span_t body);
//  Ends a call for its caller with the broker's word, if anybody waits for it.
void call_fail (core_t *self, call_t *call, status_t status, hearth_mark_t mark, const char *message);
//  Acknowledges a one-way call that was dispatched.
void call_acknowledge (core_t *self, call_t *call);
//  Nobody waits for the call any more: frees it, unless a service still has it.
void call_leave (core_t *self, call_t *call);
//  The service is done with a dispatched call: frees it, and its place goes to the next.
void call_finish (core_t *self, call_t *call);
void call_notify_cancel (core_t *self, call_t *call, unsigned reason);
//  Offers a service's instances that were stalled what waits for them.
void session_resume (core_t *self, session_t *callee);

//  ---- streams.c ----

void on_item (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);
void on_credit (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);
//  Books the first credit of a request that becomes this call. False: it was too much, and the request was refused.
bool stream_open (core_t *self, request_t *request, call_t *call);
//  It was dispatched: the service is told what came while it waited. Frees its copy, in which the request's options may be.
void stream_dispatched (core_t *self, call_t *call, span_t options);
//  It has left its caller: what is granted is given back.
void stream_close (call_t *call);

//  ---- publisher.c ----

void on_publish (core_t *self, session_t *session, const wire_frame_t *wire, frame_t *frame);
void publish_name_event (core_t *self, const char *change, const service_t *service, const session_t *session,
                         const session_t *previous);
void publish_session_event (core_t *self, const char *change, const session_t *session, span_t library);
//  Tells the old owner that its name was taken over.
void notice_replaced (core_t *self, session_t *session, const service_t *service, const session_t *owner);
//  Publishes the markers that this turn's subscriptions asked for.
void markers_flush (core_t *self);
void markers_clear (core_t *self);

//  ---- directory.c ----

directory_t *directory_new (void);
void directory_destroy (directory_t **self_p);
//  A request to `hearth`; consumes it.
void directory_request (core_t *self, request_t *request);
//  Ends a session's registration and tells the world.
void directory_unregister (core_t *self, instance_t *instance);

#endif
