/*  judge.h - what became of each call: sent, dispatched, executed, ended, and whether what its caller was told is true

    Each call of an honest peer carries a number that nobody else knows, in its first argument and in its result. So it is
    known at every place where it passes.
*/
#ifndef JUDGE_H_INCLUDED
#define JUDGE_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void judge_begin (void);
void judge_end (void);

//  A new call of an honest peer, which has until then; its id.
uint64_t judge_call (unsigned peer, bool is_oneway, int64_t promised_ms);
//  Its caller allows it to be made more than once. Otherwise a call is sent again only when the broker has said that it may be.
void judge_promised (uint64_t id);
//  Whether it may be sent again now, whatever has become of its session.
bool judge_may_again (uint64_t id);
//  The id in the arguments of a call; 0 if there is none.
uint64_t judge_read_id (const uint8_t *body, size_t size);
bool judge_knows (uint64_t id);

//  It left its caller; it came to the broker, which has until then; the broker sent it to a service's session, where it came
//  in and may be run until then.
void judge_sent (uint64_t id, uint32_t remaining_ms);
//  When it was; 0: not yet.
int64_t judge_sent_ms (uint64_t id);
void judge_arrived (uint64_t id, int64_t deadline_ms);
//  It is a stream, and something was passed on, or came in: it ends no earlier than then; or no later, if the broker counts it.
void judge_lasts (uint64_t id, int64_t until_ms);
void judge_may_last (uint64_t id, int64_t until_ms);
void judge_dispatched (uint64_t id, uint64_t callee, uint32_t remaining_ms, bool is_to_liar);
//  As one that wants no result, whatever its caller said.
void judge_oneway (uint64_t id);
void judge_received (uint64_t id, uint32_t remaining_ms);
//  Its service has heard that nobody waits for it any more.
void judge_cancelled (uint64_t id);
//  A service runs it.
void judge_executed (uint64_t id, unsigned peer);

typedef struct {
    unsigned code;
    unsigned mark;
    const char *name;  //  an error's; NULL: a result
    size_t name_size;
    uint64_t value;  //  a result's
    bool may_again;  //  the broker says that the method may be called again
} outcome_t;

//  The broker answers (answering session 0), or passes a service's answer on.
void judge_answered (uint64_t id, uint64_t session, const outcome_t *outcome);
//  Its caller's library has read a result.
void judge_result_came (uint64_t id);
//  Its caller was told. `late_ms`: how long after the deadline that may be; -1: anything may be.
void judge_ended (uint64_t id, const outcome_t *outcome);
//  Nobody waits for it any more: its caller is gone, has cancelled it, or asked for no answer.
void judge_forgotten (uint64_t id);

size_t judge_calls (void);
void judge_check_rest (void);

#endif
