/*  core.h - the broker without I/O: (peer, frame, now) in, (peer, frame) out

    Owns sessions, names, pending calls and topics. Owns no socket, reads no clock, prints nothing: it is told the time
    and calls the transport (transport.h) and the log sink that it was given. Single-threaded.

    What the transport calls, and when: core_opened when a link has been seen first; core_frame for each frame from it;
    core_suspect when there is a hint that it died, and core_trust when the hint proved wrong; core_gone when it is gone
    (not after a kick). core_subscribed for each subscription; core_turn_end after each bounded turn of its loop, before it
    waits; core_tick when core_deadline has come.
*/
#ifndef CORE_H_INCLUDED
#define CORE_H_INCLUDED

#include "limits.h"
#include "transport.h"

typedef struct core core_t;
typedef struct session session_t;

typedef enum { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG } log_level_t;

typedef struct {
    limits_t limits;
    uint64_t epoch;              //  random, 48 bits, not 0
    int64_t settle_ms;           //  how long after the start hearth.Starting is answered
    int64_t wall_offset_ms;      //  wall clock minus the clock that the core is told
    const char *const *publish;  //  addresses for the welcome, up to NULL; borrowed
    uint8_t hash_key [16];       //  random: seeds the hash of names
    const char *version;         //  for people
    bool bundles;                //  the transport takes apart and makes bundles (bundle.h); the welcome says so
    //  One event: level, part ("session", "directory", …), peer (":EPOCH.N" or "-"), text. May be NULL.
    void (*log) (void *context, log_level_t level, const char *part, const char *peer, const char *text);
    void *log_context;
} core_config_t;

//  The configuration is copied. NULL if memory is short.
core_t *core_new (const core_config_t *config, const transport_ops_t *ops, void *transport, int64_t now_ms);
void core_destroy (core_t **self_p);

//  NULL if memory is short: the transport then drops the link.
session_t *core_opened (core_t *self, link_t *link, int64_t now_ms);
//  Consumes the frame. The session may have ended when this returns: the transport knows by its kick.
void core_frame (core_t *self, session_t *session, frame_t *frame, int64_t now_ms);
void core_gone (core_t *self, session_t *session, int64_t now_ms);
//  A peer does not read what the transport has taken for it already.
void core_full (core_t *self, session_t *session, int64_t now_ms);
//  Whether it has said hello, and was welcome.
bool core_is_greeted (const session_t *session);
void core_suspect (core_t *self, session_t *session, int64_t now_ms);
void core_trust (core_t *self, session_t *session, int64_t now_ms);
//  Answered by a marker, at most one a prefix and turn; an ill-formed prefix is counted.
void core_subscribed (core_t *self, const uint8_t *prefix, size_t size, int64_t now_ms);
void core_turn_end (core_t *self, int64_t now_ms);

//  Does what is due. core_deadline: when to call it, on the clock of now_ms; -1: no need.
void core_tick (core_t *self, int64_t now_ms);
int64_t core_deadline (const core_t *self);

//  The transport counts what it did on its own: `limit` was hit (a row of kind TRANSPORT).
void core_count_limit (core_t *self, limit_id_t limit);

//  Ends all pending calls as hearth.Stopping, says goodbye to every session, and refuses whatever comes later.
void core_stop (core_t *self, int64_t now_ms);
//  Live sessions: after core_stop, those that have not taken their goodbye yet.
size_t core_sessions (const core_t *self);

#endif
