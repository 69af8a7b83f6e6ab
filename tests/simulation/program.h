/*  program.h - a peer that is a program and uses the library: what its parts share

    library.c   the library's sockets and clock, simulated
    program.c   the program as a process: a fiber, which dies, leaves and comes back
    acts.c      what it does: calls, publishes, observes, serves and stops serving
    handlers.c  its objects
    later.c     what it answers later than its handlers return, and of what it is told rather than waiting
    opened.c    its streams, as their caller; yielding.c: as their service
    eyes.c      its observations and watches; ledger.c holds what they are told against what was published
*/
#ifndef SIM_PROGRAM_H_INCLUDED
#define SIM_PROGRAM_H_INCLUDED

#include "fiber.h"
#include "hearth.h"
#include "judge.h"
#include "peer.h"
#include "publishing.h"
#include "uplink.h"

#define OBJECTS_MOST  4
#define EYES_MOST     4
#define KEPT_MOST     6
#define LATER_MOST    4
#define OPENED_MOST   4
#define YIELDING_MOST 4

typedef struct eye eye_t;

//  A call in flight that the program keeps.
typedef struct {
    hearth_pending_t *pending;
    uint64_t id;
} kept_t;

//  A call that its handler has left unanswered.
typedef struct {
    hearth_call_t *call;
    uint64_t id;
} later_t;

//  A stream that it has opened.
typedef struct {
    struct program *program;
    hearth_pending_t *pending;
    uint64_t id;
    int64_t timeout_ms;
    uint32_t items;  //  its window
    uint32_t bytes;
    unsigned puts;  //  items that are still to be sent
    bool is_read;   //  as it is told of them
    bool is_slow;   //  takes most of the silence before it takes the next one
} opened_t;

//  A stream that its handler has left to be gone on with.
typedef struct {
    hearth_call_t *call;
    uint64_t id;
    unsigned left;  //  items that are still to be sent or taken
} yielding_t;

//  What a program serves.
typedef struct {
    struct program *program;
    bool is_served;
    bool is_lost;  //  it was told that the name is not its own any more
    bool is_busy;  //  its handler runs
    char name [8];
} object_state_t;

typedef struct program {
    peer_t *peer;
    fiber_t *fiber;
    hearth_t *hearth;
    uplink_t *uplink;
    alarm_t stopper;        //  ends hearth_run
    uint64_t random;        //  seeds what the library draws
    int64_t raced_ms;       //  a dead process' clock runs ahead, so that whatever waits in it ends
    uint64_t epoch;         //  of the last session that it knows of
    unsigned nesting;       //  of handlers
    unsigned pauses;        //  how often it slept, or a handler ran
    int64_t up_ms;          //  since when there is a session; 0: there is none
    int64_t lost_ms;        //  when its session ended last
    unsigned lost_pauses;   //  how often it had been held up by then; 0: an eye was told
    unsigned lost_nesting;  //  of handlers that ran
    bool is_waiting;        //  for news
    bool is_leaving;
    bool is_dying;
    bool has_run;  //  uses hearth_run rather than a loop of its own
    object_state_t objects [OBJECTS_MOST];
    kept_t kept [KEPT_MOST];
    later_t later [LATER_MOST];
    opened_t opened [OPENED_MOST];
    yielding_t yielding [YIELDING_MOST];
    unsigned untold;  //  calls of whose ends it is still to be told
    unsigned begun;   //  calls of which hooks heard that they were begun, and not that they have ended
    eye_t *eyes;
    eye_t *closed_eyes;  //  that must not be told anything any more
    bool is_telling;     //  the callback of an eye runs
    unsigned eye_count;  //  ever
} program_t;

extern const peer_kind_t program_kind;
//  Whose turn it is; NULL outside of all.
extern program_t *program_now;

static inline program_t *program_of (const peer_t *peer)
{
    return peer->state;
}

//  ---- program.c: for what runs in a fiber ----

bool program_goes_on (const program_t *self);
//  Busy elsewhere: nothing is read meanwhile.
void program_sleep (program_t *self, int64_t ms);
//  Until something comes, at most so long (-1: for ever).
void program_wait (program_t *self, int64_t ms);
//  Uses the connection for so long.
void program_process (program_t *self, int64_t ms);

//  ---- library.c ----

bool uplink_has_news (const uplink_t *self);

//  ---- acts.c ----

void program_act (program_t *self);
void program_call (program_t *self);
//  Before it ends: what it keeps is let go of.
void program_let_go (program_t *self);
//  One that is not answered any more.
bool program_is_quiet (const program_t *self);
void program_rest (program_t *self);
//  A call of its own, and its result: judged.
uint64_t program_begin_call (program_t *self, bool is_oneway, int64_t timeout_ms);
unsigned program_pauses (const program_t *self);
//  Somebody to call, perhaps, and how long that may take.
hearth_proxy_t *program_proxy (program_t *self, int64_t *timeout_ms);
void program_end_call (program_t *self, uint64_t id, hearth_result_t **result_p);

//  ---- handlers.c ----

//  NULL if there is no room, or the name is served already.
object_state_t *object_serve (program_t *self, const char *name);
//  One of those that are served, taken at random; NULL: there is none.
object_state_t *object_any (program_t *self);
void object_unserve (object_state_t *self);
//  What the hooks tell of a name.
void object_told (program_t *self, const char *name, bool is_lost);
//  At rest: what is served is registered, and nothing else.
void objects_check (const program_t *self);
//  A method of theirs, chosen at random.
const char *program_method (program_t *self);

//  ---- later.c ----

//  A handler leaves the answer for later; false: it cannot.
bool later_keep (program_t *self, hearth_call_t *call);
//  Answers one of those, or gives it back.
void later_answer_one (program_t *self);
void later_answer_all (program_t *self);
bool later_is_empty (const program_t *self);
//  Has itself told of a call's end instead of waiting for it.
void later_be_told (program_t *self, hearth_pending_t *pending, uint64_t id);

//  ---- opened.c ----

//  Opens a stream, or goes on with one.
void opened_act (program_t *self);
void opened_finish_all (program_t *self);
bool opened_is_empty (const program_t *self);
void opened_let_go (program_t *self);

//  ---- yielding.c ----

//  A handler's part of a stream; true: it has left the rest for later.
bool yielding_run (program_t *self, hearth_call_t *call);
bool yielding_keep (program_t *self, hearth_call_t *call);
void yielding_move_one (program_t *self);
void yielding_answer_all (program_t *self);
bool yielding_is_empty (const program_t *self);

//  ---- eyes.c ----

void eye_observe (program_t *self);
void eye_watch (program_t *self);
void eye_glance (program_t *self);
void eye_close_one (program_t *self);
//  The connection is gone, or will be: forgets all.
void eyes_forget (program_t *self);
void eyes_check (program_t *self);
void eyes_connected (program_t *self, const char *unique_name);

#endif
