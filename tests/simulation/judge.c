/*  judge.c - a record for each call, and the rules of docs/protocol.md, sections 2 and 6, held against it

    A call that may be made more than once is held to less once it was: several attempts of it may be under way, of which one is
    not told from the other. It is dispatched and executed at most as often as it was sent, and never ends as "not executed".
*/
#include "judge.h"
#include "flows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "dice.h"
#include "status.h"
#include "log.h"
#include "plan.h"
#include "schedule.h"
#include "seam.h"

#define SLACK_MS 8  //  the library reads its clock once in a tick

typedef enum { TOLD_NOTHING, TOLD_RESULT, TOLD_ERROR, TOLD_NOBODY } told_t;

typedef struct {
    int64_t promised_ms;  //  its caller's deadline
    int64_t sent_ms;
    int64_t deadline_ms;  //  the broker's
    int64_t latest_ms;    //  of a stream: it may end so late
    int64_t run_by_ms;    //  the service's; 0: it says itself when it is too late
    uint64_t callee;
    uint16_t peer;
    uint8_t told;
    uint8_t mark;
    uint8_t dispatched;
    uint8_t executed;
    uint8_t attempts;  //  how often it was sent
    uint8_t answers;
    bool is_oneway;
    bool is_promised;
    bool may_again;  //  the broker's last word on it allows another attempt
    bool is_cancelled;
    bool is_refused;  //  the broker said that it was not executed
    bool is_answered;
    bool is_lied_about;  //  a liar had it
    bool has_result;     //  its caller's library has read it
} record_t;

static struct {
    record_t *records;
    size_t count;
    size_t room;
} judge;

void judge_begin (void)
{
    judge.count = 1;
}

void judge_end (void)
{
    judge.count = 1;
}

static uint64_t s_id (size_t index)
{
    return (dice_mix (plan.seed ^ 0xabc, index) & 0x3fffffff00000000u) | 0x4000000000000000u | index;
}

uint64_t judge_call (unsigned peer, bool is_oneway, int64_t promised_ms)
{
    if (judge.count >= judge.room) {
        judge.room = judge.room ? 2 * judge.room : 4096;
        judge.records = realloc (judge.records, judge.room * sizeof *judge.records);
        if (!judge.records)
            abort ();
    }
    judge.records [judge.count] =
        (record_t){ .peer = (uint16_t) peer, .is_oneway = is_oneway, .promised_ms = promised_ms };
    return s_id (judge.count++);
}

size_t judge_calls (void)
{
    return judge.count - 1;
}

static record_t *s_find (uint64_t id)
{
    size_t index = (uint32_t) id;
    return index && index < judge.count && s_id (index) == id ? &judge.records [index] : NULL;
}

bool judge_knows (uint64_t id)
{
    return s_find (id);
}

uint64_t judge_read_id (const uint8_t *body, size_t size)
{
    static const uint8_t named [] = { 0x81, 0xa2, 'i', 'd' };
    uint64_t id = 0;
    bool is_map = size > sizeof named && memcmp (body, named, sizeof named) == 0;
    size_t at = is_map ? sizeof named : 1;
    if (size < at + 9 || (!is_map && (body [0] & 0xf0) != 0x90) || body [at++] != 0xcf)
        return 0;
    for (unsigned byte = 0; byte < 8; byte++)
        id = id << 8 | body [at + byte];
    return s_find (id) ? id : 0;
}

void judge_promised (uint64_t id)
{
    s_find (id)->is_promised = true;
}

bool judge_may_again (uint64_t id)
{
    const record_t *call = s_find (id);
    return call->is_promised || call->may_again;
}

static bool s_is_repeated (const record_t *call)
{
    return call->attempts > 1;
}

//  ---- on its way ----

void judge_sent (uint64_t id, uint32_t remaining_ms)
{
    record_t *call = s_find (id);
    if (!call)
        return;
    if (call->attempts && !judge_may_again (id))
        broken ("call %u was sent twice", (uint32_t) id);
    if (call->attempts)
        COVER (COVER_REPEATED);
    if (call->told != TOLD_NOTHING && call->told != TOLD_NOBODY)
        broken ("call %u was sent after its caller was told how it ended", (uint32_t) id);
    if (remaining_ms && now_ms () + remaining_ms > call->promised_ms + SLACK_MS)
        broken ("call %u was sent with %u ms, it has %" PRId64, (uint32_t) id, remaining_ms,
                call->promised_ms - now_ms ());
    call->attempts++;
    call->may_again = call->has_result = false;
    call->sent_ms = now_ms ();
}

int64_t judge_sent_ms (uint64_t id)
{
    const record_t *call = s_find (id);
    return call ? call->sent_ms : 0;
}

void judge_received (uint64_t id, uint32_t remaining_ms)
{
    record_t *call = s_find (id);
    if (call && call->run_by_ms < now_ms () + remaining_ms)
        call->run_by_ms = now_ms () + remaining_ms;
}

void judge_arrived (uint64_t id, int64_t deadline_ms)
{
    record_t *call = s_find (id);
    if (call && call->deadline_ms < deadline_ms)
        call->deadline_ms = call->latest_ms = deadline_ms;
}

void judge_lasts (uint64_t id, int64_t until_ms)
{
    record_t *call = s_find (id);
    if (call)
        call->deadline_ms = until_ms;
    judge_may_last (id, until_ms);
}

void judge_may_last (uint64_t id, int64_t until_ms)
{
    record_t *call = s_find (id);
    if (call && until_ms > call->latest_ms)
        call->latest_ms = until_ms;
}

void judge_cancelled (uint64_t id)
{
    record_t *call = s_find (id);
    if (call)
        call->is_cancelled = true;
}

void judge_dispatched (uint64_t id, uint64_t callee, uint32_t remaining_ms, bool is_to_liar)
{
    record_t *call = s_find (id);
    if (!call)
        return;
    log_event (call->peer, "call is dispatched, to session", (uint32_t) id, callee);
    call->callee = callee;
    call->is_lied_about |= is_to_liar;
    if (call->dispatched++ >= call->attempts)
        broken ("call %u was dispatched more often than it was sent", (uint32_t) id);
    if (call->is_refused && !s_is_repeated (call))
        broken ("call %u was dispatched after the broker said that it was not executed", (uint32_t) id);
    if (call->is_answered && !call->is_oneway && !s_is_repeated (call))
        broken ("call %u was dispatched after it had ended", (uint32_t) id);
    if (flow_find_silence (id) ? remaining_ms != flow_find_silence (id) || now_ms () >= call->deadline_ms
                               : !remaining_ms || now_ms () + remaining_ms > call->deadline_ms)
        broken ("call %u was dispatched with %u ms, its deadline is in %" PRId64, (uint32_t) id, remaining_ms,
                call->deadline_ms - now_ms ());
}

void judge_oneway (uint64_t id)
{
    record_t *call = s_find (id);
    if (!call || call->is_oneway)
        return;
    COVER (COVER_DECLARED_ONEWAY);
    call->is_oneway = true;
}

void judge_executed (uint64_t id, unsigned peer)
{
    record_t *call = s_find (id);
    if (!call)
        return;
    log_event (peer, "executes call of peer", (uint32_t) id, call->peer);
    if (call->run_by_ms && !s_is_repeated (call) && now_ms () > call->run_by_ms + SLACK_MS)
        broken ("call %u is executed %" PRId64 " ms after its deadline", (uint32_t) id, now_ms () - call->run_by_ms);
    if (call->is_cancelled && !s_is_repeated (call))
        broken ("call %u is executed after its cancel was read, or its session had ended", (uint32_t) id);
    if ((uint32_t) id == plan.planted)
        broken ("call %u is executed, as planted", (uint32_t) id);
    if (call->executed++ >= call->attempts)
        broken ("call %u was executed more often than it was sent", (uint32_t) id);
    if (call->executed > 1)
        COVER (COVER_EXECUTED_AGAIN);
    if (!call->dispatched)
        broken ("call %u was executed and never dispatched", (uint32_t) id);
    if (call->told == TOLD_ERROR && call->mark == HEARTH_NOT_EXECUTED)
        broken ("call %u was executed after its caller was told that it was not", (uint32_t) id);
}

//  ---- its end ----

static bool s_is_named (const outcome_t *outcome, const char *name)
{
    return outcome->name && outcome->name_size == strlen (name)
           && memcmp (outcome->name, name, outcome->name_size) == 0;
}

//  The broker's own word: it knows exactly whether it dispatched the call.
static void s_check_broker (uint64_t id, const record_t *call, const outcome_t *outcome)
{
    if (s_is_repeated (call))
        return;
    unsigned wanted = outcome->mark == HEARTH_NOT_EXECUTED ? 0 : 1;
    if (call->dispatched != wanted)
        broken ("the broker answers call %u with \"%s\" (%.*s), it was dispatched %u times", (uint32_t) id,
                hearth_mark_name (outcome->mark), (int) outcome->name_size, outcome->name ? outcome->name : "",
                call->dispatched);
    if (!outcome->name && !call->is_oneway)
        broken ("the broker makes up a result of call %u", (uint32_t) id);
    if (s_is_named (outcome, "hearth.ServiceGone"))
        seam_said_gone (call->callee);
    if (s_is_named (outcome, "hearth.Deadline") && now_ms () < call->deadline_ms && call->deadline_ms)
        broken ("call %u ends %" PRId64 " ms before its deadline", (uint32_t) id, call->deadline_ms - now_ms ());
}

//  Whether the broker's word allows another attempt of a call, whose caller has not said so.
static bool s_allows_again (const record_t *call, const outcome_t *outcome)
{
    bool is_absent = s_is_named (outcome, "hearth.NoSuchService") || s_is_named (outcome, "hearth.Starting")
                     || (s_is_named (outcome, "hearth.Stopping") && outcome->mark == HEARTH_NOT_EXECUTED);
    return outcome->may_again || (is_absent && s_is_repeated (call));
}

void judge_answered (uint64_t id, uint64_t session, const outcome_t *outcome)
{
    record_t *call = s_find (id);
    if (!call)
        return;
    if (call->answers++ >= call->attempts)
        broken ("the broker answers call %u more often than it was sent", (uint32_t) id);
    call->is_answered = true;
    call->may_again = s_allows_again (call, outcome);
    if (session == 0)
        s_check_broker (id, call, outcome);
    else if (outcome->mark == HEARTH_MAY_HAVE_EXECUTED && !call->is_lied_about)
        broken ("the service of call %u does not say whether it was executed", (uint32_t) id);
    else if (outcome->name && !call->is_lied_about && !status_service_may_say (outcome->name, outcome->name_size))
        broken ("call %u is answered %.*s by a service", (uint32_t) id, (int) outcome->name_size, outcome->name);
    else if ((session != call->callee || call->is_oneway) && !s_is_repeated (call))
        broken ("call %u is answered by session %" PRIu64 ", it went to %" PRIu64, (uint32_t) id, session,
                call->callee);
    if (session == 0 && outcome->mark == HEARTH_NOT_EXECUTED)
        call->is_refused = true;
    if (now_ms () > call->latest_ms + plan.lag_ms && call->deadline_ms)
        broken ("call %u is answered %" PRId64 " ms after its deadline", (uint32_t) id, now_ms () - call->latest_ms);
}

void judge_result_came (uint64_t id)
{
    record_t *call = s_find (id);
    if (call)
        call->has_result = true;
}

static void s_check_result (uint64_t id, const record_t *call, const outcome_t *outcome)
{
    if (call->is_lied_about)
        return;
    if (!(call->is_oneway ? call->dispatched : call->executed))
        broken ("call %u has a result, it was dispatched %u times and executed %u times", (uint32_t) id,
                call->dispatched, call->executed);
    if (!call->is_oneway && outcome->value != id)
        broken ("call %u has the result of another one", (uint32_t) id);
}

static void s_check_mark (uint64_t id, const record_t *call, const outcome_t *outcome)
{
    if (call->has_result && s_is_named (outcome, "hearth.BrokerGone"))
        broken ("call %u had a result, and its caller is told that the broker is gone", (uint32_t) id);
    bool is_false = (outcome->mark == HEARTH_NOT_EXECUTED && (call->executed || s_is_repeated (call)))
                    || (outcome->mark == HEARTH_MAY_HAVE_EXECUTED && !call->attempts)
                    || (outcome->mark == HEARTH_EXECUTED && !call->executed) || outcome->mark < HEARTH_NOT_EXECUTED
                    || outcome->mark > HEARTH_EXECUTED;
    if (is_false && !call->is_lied_about)
        broken ("call %u failed as %.*s, \"%s\", but was sent %u, dispatched %u, executed %u times", (uint32_t) id,
                (int) outcome->name_size, outcome->name, hearth_mark_name (outcome->mark), call->attempts,
                call->dispatched, call->executed);
    if (call->is_oneway && outcome->mark != HEARTH_NOT_EXECUTED && !s_is_named (outcome, "hearth.BrokerGone")
        && !s_is_named (outcome, "hearth.Deadline") && !s_is_named (outcome, "hearth.Cancelled"))
        broken ("one-way call %u is neither acknowledged nor refused: %.*s", (uint32_t) id, (int) outcome->name_size,
                outcome->name);
}

void judge_ended (uint64_t id, const outcome_t *outcome)
{
    record_t *call = s_find (id);
    if (!call) {
        broken ("a call that nobody made has ended");
        return;
    }
    log_event (call->peer, outcome->name ? "call has failed, mark" : "call has a result", (uint32_t) id,
               outcome->mark);
    if (call->told == TOLD_RESULT || call->told == TOLD_ERROR)
        broken ("call %u has ended twice", (uint32_t) id);
    cover_outcome (outcome->code, outcome->mark);
    call->told = outcome->name ? TOLD_ERROR : TOLD_RESULT;
    call->mark = (uint8_t) outcome->mark;
    if (outcome->name)
        s_check_mark (id, call, outcome);
    else
        s_check_result (id, call, outcome);
}

void judge_forgotten (uint64_t id)
{
    record_t *call = s_find (id);
    if (call && call->told == TOLD_NOTHING)
        call->told = TOLD_NOBODY;
}

void judge_check_rest (void)
{
    for (size_t index = 1; index < judge.count; index++)
        if (judge.records [index].told == TOLD_NOTHING) {
            broken ("call %zu of peer %u has not ended", index, judge.records [index].peer);
            return;
        }
}
