/*  observer.h - the observations of a connection, as its observer's parts see them

    observer.c     all of them: who is concerned by what comes in, when the session comes and goes, when something is due
    observation.c  what one of them does next
    conversation.c its calls to the directory
    tell.c         what its callback is told
    observe.c      the public functions
    watch.c        names and sessions, on top of observations of the directory's events
*/
#ifndef OBSERVER_H_INCLUDED
#define OBSERVER_H_INCLUDED

#include "account.h"
#include "client.h"
#include "name.h"
#include "textmap.h"

#define OBSERVATION_NEVER      INT64_MAX
#define OBSERVATION_QUIET_MS   1000   //  without traffic before a listing; for a marker to come
#define OBSERVATION_LONGEST_MS 30000  //  between listings

typedef struct watches watches_t;

//  A prefix that the SUB socket is subscribed to, shared by all who observe it.
typedef struct {
    textmap_node_t node;
    hearth_observation_t *first;
    bool is_live;     //  its marker has come on the present socket
    uint64_t marked;  //  broker-wide number of the last marker
    char text [];
} prefix_t;

struct observers {
    hearth_t *hearth;
    textmap_t prefixes;
    hearth_observation_t *first;
    watches_t *watches;
    uint64_t epoch;
    uint64_t session;  //  counts sessions
    bool is_up;
    bool is_telling;    //  a callback runs: nothing is delivered meanwhile
    bool is_put_off;    //  something waits until it has returned
    bool has_dead;      //  observations that are to be freed
    unsigned starting;  //  callbacks that wait for a new observation, whose marker must be received
    int64_t now_ms;
    int64_t due_ms;     //  at or before the first thing to do, or OBSERVATION_NEVER
    msgpack_zone zone;  //  of the value that is being told
};

typedef enum {
    OBSERVATION_DOWN,        //  there is no session
    OBSERVATION_MARKING,     //  waits for the marker of its prefix
    OBSERVATION_LISTING,     //  asks `topics`
    OBSERVATION_ASKING,      //  asks `history`
    OBSERVATION_CONFIRMING,  //  waits for a marker behind what the directory claims
    OBSERVATION_RESTING,     //  after a call that failed
    OBSERVATION_IDLE
} observation_state_t;

//  An observer within the library; it is also told the broker-wide number (0 if it is no message).
typedef void observation_fn (const hearth_notification_t *notification, uint64_t number, void *context);

struct hearth_observation_t {
    observers_t *observers;
    hearth_observation_t *next;     //  of the connection
    hearth_observation_t *sibling;  //  of the prefix
    prefix_t *prefix;
    account_t *account;
    hearth_observer_fn *observer;
    observation_fn *internal;  //  instead of it
    void *context;

    observation_state_t state;
    uint64_t session;          //  that it has taken notice of
    hearth_result_t *answer;   //  that came while a callback ran
    hearth_result_t *failure;  //  why it could not begin
    account_gap_t gap;         //  that is asked for
    uint64_t since;            //  of the listing under way
    uint64_t listed;           //  its number
    char *after;               //  its next page, or NULL
    uint64_t claimed;          //  a marker of this number confirms what was listed; 0: nothing to confirm

    int64_t due_ms;     //  while marking, confirming, resting
    int64_t check_ms;   //  of the next listing, while idle
    int64_t latest_ms;  //  the same, whatever comes in
    int64_t noted_ms;   //  when something came in
    int64_t interval_ms;
    int64_t pause_ms;
    bool has_traffic;  //  something came in since this was looked at
    bool is_listing_due;
    bool is_unmarked;  //  the marker has not come in time: goes on without it
    bool is_ready;     //  it has begun, or failed to
    bool is_returned;  //  its owner has it: callbacks may run
    bool is_exact;     //  a whole topic
    bool is_dead;

    const char *event;  //  "" for all
    char service [];    //  as it was given, and the event behind it
};

//  ---- observer.c ----

//  A new observation of a prefix. NULL if memory is short.
hearth_observation_t *observers_add (observers_t *self, const char *prefix, const char *service, const char *event);
//  Frees what died, and does what was put off, unless a callback runs.
void observers_settle (observers_t *self);
void observers_remove (observers_t *self, hearth_observation_t *observation);
//  Something is to be done at that time.
void observers_due (observers_t *self, int64_t at_ms);
//  Callbacks of the library's own: false if another one runs. Each begin has its end.
bool observers_begin_telling (observers_t *self);
void observers_end_telling (observers_t *self);

//  ---- observation.c ----

//  Does what is next, unless a call is in flight or a callback runs.
void observation_proceed (hearth_observation_t *self);
//  Takes the answer that was put off, and goes on.
void observation_take_up (hearth_observation_t *self);
//  Something of this epoch came in; returns whether it is to be told now.
bool observation_note (hearth_observation_t *self, const wire_note_t *note);
void observation_marker (hearth_observation_t *self, uint64_t number);
void observation_tick (hearth_observation_t *self);
int64_t observation_deadline (const hearth_observation_t *self);  //  OBSERVATION_NEVER: none
//  Whether a callback runs, and this one may have something to tell.
bool observation_must_wait (const hearth_observation_t *self);
//  All that the directory claims and that was on its way has come.
void observation_confirm (hearth_observation_t *self);

//  ---- conversation.c ----

//  Asks for the next page of a listing; for the next gap, telling what is lost on the way.
void conversation_list (hearth_observation_t *self);
void conversation_ask (hearth_observation_t *self);
//  An answer; takes it. Goes on with what is next.
void conversation_take (hearth_observation_t *self, hearth_result_t *result);
//  The listing under way is begun again.
void conversation_drop_page (hearth_observation_t *self);

//  ---- tell.c ----

//  value NULL: what came is no value; it is told as lost.
void tell_message (hearth_observation_t *self, span_t topic, uint64_t topic_number, uint64_t number, int64_t time_ms,
                   bool retained, const hearth_value_t *value);
//  Nothing if lost is 0.
void tell_lost (hearth_observation_t *self, span_t topic, uint64_t number, uint64_t lost);
void tell_epoch_ended (hearth_observation_t *self, uint64_t number);

//  ---- watch.c ----

watches_t *watches_new (observers_t *observers);
void watches_destroy (watches_t **self_p);
void watches_session_up (watches_t *self);
//  Looks up what is to be looked up.
void watches_tick (watches_t *self);

#endif
