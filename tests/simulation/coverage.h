/*  coverage.h - how often each thing happened: what never does, is not simulated
*/
#ifndef COVERAGE_H_INCLUDED
#define COVERAGE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core.h"

//  X (identifier, what it is called in the table)
#define COVER_TABLE(X)                                                                                               \
    X (NOTIFICATION, "notification published")                                                                       \
    X (MARKER, "marker published")                                                                                   \
    X (NOTE_DROPPED, "notification dropped on its way")                                                              \
    X (NOTES_TOGETHER, "notifications of one topic in one message")                                                  \
    X (SENT_FULL, "a peer that does not read")                                                                       \
    X (STALLED, "as much is dispatched to a session as may be")                                                      \
    X (NOTICE, "notice: replaced")                                                                                   \
    X (LATE_ANSWER, "raw: answered after its deadline")                                                              \
    X (EXECUTED, "raw: executed a call")                                                                             \
    X (CONNECTED, "library: connected")                                                                              \
    X (DISCONNECTED, "library: disconnected")                                                                        \
    X (WAITING, "library: nobody answers")                                                                           \
    X (REGISTERED, "library: registered")                                                                            \
    X (UNREGISTERED, "library: unregistered")                                                                        \
    X (HANDLED, "library: a handler ran")                                                                            \
    X (HANDLER_CANCELLED, "library: a handler saw that it was cancelled")                                            \
    X (WITHIN, "library: a handler called on")                                                                       \
    X (LATER_ANSWERED, "library: a call was answered after its handler")                                             \
    X (LATER_CANCELLED, "library: a call that was kept was cancelled")                                               \
    X (TOLD, "library: a program was told of a call's end")                                                          \
    X (PROMISED, "library: a call that may be made more than once")                                                  \
    X (REPEATED, "library: a call was sent once more")                                                               \
    X (EXECUTED_AGAIN, "a call was executed once more")                                                              \
    X (RETRIED, "library: a hook heard of a call that was sent once more")                                           \
    X (POSTED, "library: a call that nobody answers was sent")                                                       \
    X (NOT_POSTED, "library: a call that nobody answers could not be sent")                                          \
    X (DECLARED_ONEWAY, "a call became one-way, since its method is declared so")                                    \
    X (CALLED_BACK, "library: a callback ran within a call")                                                         \
    X (NO_REPLY, "library: a handler answered nothing")                                                              \
    X (BAD_RESULT, "library: a handler answered the wrong type")                                                     \
    X (PENDING_DROPPED, "library: a call in flight was given up")                                                    \
    X (UNSERVED, "library: an object was taken away")                                                                \
    X (OBSERVED, "library: an observation began")                                                                    \
    X (NOT_OBSERVED, "library: an observation could not begin")                                                      \
    X (MESSAGE, "observer: a message")                                                                               \
    X (RETAINED, "observer: a last value from before")                                                               \
    X (LOST, "observer: told of a loss")                                                                             \
    X (EPOCH_ENDED, "observer: told of an epoch's end")                                                              \
    X (OBSERVATION_ENDED, "observer: an observation was destroyed")                                                  \
    X (FORGOTTEN, "observer: the broker has forgotten what it missed")                                               \
    X (WATCH_APPEARED, "watch: appeared")                                                                            \
    X (WATCH_CHANGED, "watch: changed")                                                                              \
    X (WATCH_WENT, "watch: went")                                                                                    \
    X (STREAM_DRAINED, "stream: all items were taken")                                                               \
    X (STREAM_DROPPED, "stream: the items were dropped")                                                             \
    X (STREAM_STOPPED, "stream: its caller has stopped early")                                                       \
    X (STREAM_CUT, "stream: told how many items came before its end")                                                \
    X (STREAM_PUT, "stream: an item up was sent")                                                                    \
    X (STREAM_PUT_END, "stream: its caller said that no more will come")                                             \
    X (STREAM_READY, "stream: its caller was told that it may go on")                                                \
    X (STREAM_YIELDED, "stream: a handler sent an item")                                                             \
    X (STREAM_TOOK, "stream: a handler took an item")                                                                \
    X (STREAM_INPUT_ENDED, "stream: a handler took the last item")                                                   \
    X (STREAM_LEFT, "stream: a handler saw that it was cancelled")                                                   \
    X (STREAM_ASKED, "stream: a kept call was told that it may go on")                                               \
    X (STREAM_GONE, "stream: a kept call has outlived its connection")                                               \
    X (STREAM_RAW_DOWN, "stream: a raw service has sent an item")                                                    \
    X (STREAM_RAW_UP, "stream: a raw caller has sent an item")

typedef enum {
#define X(id, text) COVER_##id,
    COVER_TABLE (X)
#undef X
        COVER_COUNT
} cover_t;

//  Counters are shared with child processes that are forked later.
void cover_begin (void);

extern uint64_t *cover_counts;
#define COVER(id) (cover_counts [id]++)

void cover_fault (unsigned fault);
//  To the core: a frame of a kind (0: garbage), malformed or not, before or after the hello. From it: a kind.
void cover_kind_in (unsigned kind, bool is_malformed, bool is_greeted);
void cover_kind_out (unsigned kind);
void cover_status (int status);
//  A status that the library made or passed on.
void cover_told (const char *name, size_t size);
void cover_reason (unsigned reason);
void cover_method (const char *name, size_t size);
void cover_outcome (unsigned code, unsigned mark);
//  What a core has counted in its life: limits and drops.
void cover_core (const core_t *core);

//  The table, to standard output.
void cover_print (void);
//  How many were never hit that should have been; tells each.
unsigned cover_missing (void);

#endif
