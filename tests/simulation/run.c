/*  run.c - the loop: alarms ring one after the other, and after each of them nothing may be broken

    Now and then, and at the end, the world comes to rest: faults stop, nothing new is begun, and what was begun has to end.
*/
#include "run.h"

#include <stdio.h>
#include <string.h>

#include "coverage.h"
#include "flows.h"
#include "hub.h"
#include "judge.h"
#include "log.h"
#include "nemesis.h"
#include "peer.h"
#include "program.h"
#include "published.h"
#include "publishing.h"
#include "raw.h"

#define AUDIT_STEPS 1000
#define REST_STEPS  2000000
#define REST_MS     200000  //  all deadlines of honest peers are shorter, and so is what the library is patient with
#define QUIET_MS    45000   //  observers compare their account at least every 30 s

static uint64_t steps;

static void s_step (void)
{
    int64_t at_ms = schedule_peek ();
    if (at_ms > now_ms ())
        hub_end_turn ();
    alarm_t *alarm = schedule_next ();
    if (!alarm)
        return;
    alarm->ring (alarm);
    if (++steps % AUDIT_STEPS == 0)
        hub_audit ();
}

static void s_begin (void)
{
    packets_alive = 0;
    schedule_begin (plan.seed);
    log_begin (plan.is_logged);
    network_begin ();
    publishing_begin ();
    judge_begin ();
    flows_begin ();
    seam_begin ();
    hub_begin ();
    dice_t dice;
    dice_init (&dice, plan.seed, 5);
    peer_count = plan.raws + plan.programs < PEERS_MOST ? plan.raws + plan.programs : PEERS_MOST;
    for (unsigned index = 0; index < peer_count; index++) {
        bool is_lying = dice_chance (&dice, 10) && plan_has (FAULT_LIE);
        peer_init (&peers [index], index, index < plan.raws ? &raw_kind : &program_kind);
        peers [index].is_lying = is_lying && index < plan.raws;
    }
    for (unsigned index = 0; index < peer_count; index++)
        if (plan_takes (index))
            peer_start (&peers [index]);
    nemesis_begin ();
}

static bool s_is_resting (void)
{
    for (unsigned index = 0; index < peer_count; index++)
        if (plan_takes (index) && !peers [index].is_lying && !peers [index].kind->is_resting (&peers [index]))
            return false;
    return hub_is_up ();
}

//  Until all have come to rest, and then for as long as observers may need to find what they miss.
static void s_settle (void)
{
    uint64_t last_step = steps + REST_STEPS;
    int64_t last_ms = now_ms () + REST_MS;
    while (!is_broken () && steps < last_step && now_ms () < last_ms && !s_is_resting ())
        s_step ();
    last_ms = now_ms () + QUIET_MS;
    while (!is_broken () && steps < last_step && schedule_peek () >= 0 && schedule_peek () < last_ms)
        s_step ();
    if (steps >= last_step)
        broken ("the world does not come to rest");
}

static void s_rest (void)
{
    log_event (0, "rest", 0, 0);
    nemesis_rest ();
    for (unsigned index = 0; index < peer_count; index++)
        if (plan_takes (index)) {
            peers [index].is_resting = true;
            peers [index].kind->rest (&peers [index]);
        }
    s_settle ();
    for (unsigned index = 0; index < peer_count && !is_broken (); index++)
        if (plan_takes (index))
            peers [index].kind->check (&peers [index]);
    hub_audit ();
    if (!is_broken ()) {
        judge_check_rest ();
        seam_check_rest ();
    }
}

//  Everybody leaves: nothing may be left behind.
static void s_leave (void)
{
    log_event (0, "everybody leaves", 0, 0);
    for (unsigned index = 0; index < peer_count; index++) {
        peer_kill (&peers [index], 0);
        alarm_stop (&peers [index].wake);
        alarm_stop (&peers [index].alarm);
    }
    int64_t last_ms = now_ms () + 86400000;
    while (!is_broken () && schedule_peek () >= 0 && schedule_peek () < last_ms)
        s_step ();
    hub_audit ();
    hub_check_empty ();
}

static void s_end (void)
{
    for (unsigned index = 0; index < peer_count; index++)
        peers [index].kind->destroy (&peers [index]);
    hub_end ();
    network_end ();
    publishing_end ();
    if (packets_alive && !is_broken ())
        broken ("%ld frames were left behind", packets_alive);
    schedule_end ();
}

void run_plan (verdict_t *verdict)
{
    steps = 0;
    s_begin ();
    while (!is_broken () && steps < plan.steps)
        s_step ();
    if (!is_broken ())
        s_rest ();
    if (!is_broken ())
        s_leave ();
    *verdict = (verdict_t){ .steps = steps,
                            .calls = judge_calls (),
                            .notifications = published_newest (),
                            .digest = log_digest (),
                            .broken_at = is_broken () ? steps : 0 };
    if (!is_broken ())
        s_end ();
    if (is_broken ()) {
        verdict->broken_at = steps;
        snprintf (verdict->text, sizeof verdict->text, "%s", broken_text ());
    }
    judge_end ();
    flows_end ();
}
