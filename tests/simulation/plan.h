/*  plan.h - what a seed makes of itself: who takes part, which faults there are, where the limits lie
*/
#ifndef PLAN_H_INCLUDED
#define PLAN_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

#include "dice.h"
#include "limits.h"

//  X (identifier, name, what happens)
#define FAULTS_TABLE(X)                                                                                              \
    X (KILL, "kill", "a peer dies without a word, and comes back")                                                   \
    X (LEAVE, "leave", "a peer says goodbye, and comes back")                                                        \
    X (PAUSE, "pause", "a peer stops for a while, at times for longer than its heartbeats last")                     \
    X (CUT, "cut", "a connection is cut, in one way or both")                                                        \
    X (BREAK, "break", "a connection ends, and both sides hear of it")                                               \
    X (FULL, "full", "a peer's queue has hardly any room")                                                           \
    X (CRASH, "crash", "the broker dies, and another one is started")                                                \
    X (STOP, "stop", "the broker is stopped, and another one is started")                                            \
    X (SUSPECT, "suspect", "the broker is told that a peer may be gone, which it is not")                            \
    X (GHOST, "ghost", "a peer's new session comes while its old one is still there, or the other way round")        \
    X (LIE, "lie", "peers send what nobody may send")                                                                \
    X (LATE, "late", "the broker looks at its clock late")                                                           \
    X (DEAF, "deaf", "notifications are dropped, markers too")                                                       \
    X (SLOW, "slow", "services answer late, or never")                                                               \
    X (TIGHT, "tight", "limits are small")                                                                           \
    X (SCARCE, "scarce", "the broker may hold few bytes")                                                            \
    X (LIBRARY, "library", "programs that use the library take part")                                                \
    X (RAW, "raw", "peers that speak in frames take part")

typedef enum {
#define X(id, name, text) FAULT_##id,
    FAULTS_TABLE (X)
#undef X
        FAULT_COUNT
} fault_t;

extern const char *const fault_names [FAULT_COUNT];
extern const char *const fault_texts [FAULT_COUNT];

#define PEERS_MOST 400
#define NAMES_MOST 24

typedef struct {
    uint64_t seed;
    uint64_t steps;
    uint32_t without;  //  faults that are left out, a bit each
    unsigned peers;    //  only the first so many take part
    uint8_t skipped [PEERS_MOST / 8];
    uint32_t planted;  //  the call whose execution is a failure, for the test of what becomes of one
    bool is_logged;

    //  drawn from the seed
    uint32_t faults;
    unsigned raws;
    unsigned programs;
    unsigned names;
    uint32_t latency_ms;
    uint32_t lag_ms;
    uint32_t room;      //  frames that wait for a peer at most
    uint32_t pace_ms;   //  between what a peer does
    uint32_t fault_ms;  //  between faults
    int64_t settle_ms;
    limits_t limits;
} plan_t;

extern plan_t plan;

//  Draws the rest from seed and without.
void plan_draw (void);

bool plan_has (fault_t fault);
bool plan_takes (unsigned peer);

//  "n.0" is 0, and so on; -1 for what is none of these.
int name_index (const char *data, size_t size);
extern const char *const name_texts [NAMES_MOST];

#endif
