/*  nemesis.c - faults */
#include "nemesis.h"

#include "coverage.h"
#include "hub.h"
#include "peer.h"
#include "publishing.h"

static struct {
    dice_t dice;
    alarm_t alarm;
} nemesis;

static peer_t *s_victim (void)
{
    return peer_count ? &peers [dice_roll (&nemesis.dice, peer_count)] : NULL;
}

//  Mostly short; one in six is longer than heartbeats last.
static int64_t s_while (void)
{
    return dice_chance (&nemesis.dice, 16) ? 8000 + dice_roll (&nemesis.dice, 8000)
                                           : 1 + dice_skewed (&nemesis.dice, 4000);
}

static bool s_kill (peer_t *peer)
{
    int64_t back_ms = dice_skewed (&nemesis.dice, 3000);
    peer_kill (peer, back_ms);
    return true;
}

static bool s_leave (peer_t *peer)
{
    if (!peer->kind->leave || !peer->is_alive || peer->is_paused)
        return false;
    peer->kind->leave (peer);
    return true;
}

static bool s_pause (peer_t *peer)
{
    peer_pause (peer, s_while ());
    return true;
}

static bool s_cut (peer_t *peer)
{
    unsigned ways = 1 + dice_roll (&nemesis.dice, 3);
    int64_t ms = s_while ();
    if (!peer->link)
        return false;
    link_cut (peer->link, ways & 1, ways & 2, ms);
    return true;
}

static bool s_break (peer_t *peer)
{
    subscriber_break (peer);
    if (!peer->link)
        return false;
    link_break (peer->link);
    return true;
}

static bool s_crash (peer_t *peer)
{
    (void) peer;
    if (!dice_chance (&nemesis.dice, 8))
        return false;
    hub_crash (dice_chance (&nemesis.dice, 20), dice_skewed (&nemesis.dice, 4000));
    return true;
}

static bool s_stop (peer_t *peer)
{
    (void) peer;
    if (!dice_chance (&nemesis.dice, 8))
        return false;
    hub_stop (dice_skewed (&nemesis.dice, 4000));
    return true;
}

//  False alarms, which are noticed to be that another time: each about some peers, as in a network that flaps.
static bool s_suspect (peer_t *peer)
{
    bool is_done = false;
    for (unsigned count = 1 + dice_roll (&nemesis.dice, 4); count; count--, peer = s_victim ()) {
        if (!peer->link)
            continue;
        link_doubt (peer->link, peer->link->is_suspect);
        is_done = true;
    }
    return is_done;
}

//  The connection ends at the peer's end alone: the broker goes on believing in its session.
static bool s_ghost (peer_t *peer)
{
    if (!peer->link)
        return false;
    link_haunt (peer->link);
    return true;
}

static bool s_deafen (peer_t *peer)
{
    (void) peer;
    subscriber_deafen (1 + dice_skewed (&nemesis.dice, 3000));
    return true;
}

static bool (*const acts [FAULT_COUNT]) (peer_t *peer) = {
    [FAULT_KILL] = s_kill,   [FAULT_LEAVE] = s_leave, [FAULT_PAUSE] = s_pause, [FAULT_CUT] = s_cut,
    [FAULT_BREAK] = s_break, [FAULT_CRASH] = s_crash, [FAULT_STOP] = s_stop,   [FAULT_SUSPECT] = s_suspect,
    [FAULT_GHOST] = s_ghost, [FAULT_DEAF] = s_deafen,
};

static void s_ring (alarm_t *alarm)
{
    alarm_set (alarm, now_ms () + 1 + dice_skewed (&nemesis.dice, plan.fault_ms));
    fault_t fault = dice_roll (&nemesis.dice, FAULT_COUNT);
    peer_t *peer = s_victim ();
    if (acts [fault] && plan_has (fault) && peer && plan_takes (peer->index) && acts [fault](peer))
        cover_fault (fault);
}

void nemesis_begin (void)
{
    dice_init (&nemesis.dice, plan.seed, 3);
    alarm_init (&nemesis.alarm, 1u << 21, s_ring);
    nemesis_go_on ();
    for (fault_t fault = 0; fault < FAULT_COUNT; fault++)
        if (!acts [fault] && plan_has (fault))
            cover_fault (fault);
}

void nemesis_go_on (void)
{
    alarm_set (&nemesis.alarm, now_ms () + 1 + dice_skewed (&nemesis.dice, plan.fault_ms));
}

void nemesis_rest (void)
{
    alarm_stop (&nemesis.alarm);
    for (unsigned at = 0; at < peer_count; at++) {
        if (peers [at].wake.place)
            peer_wake (&peers [at]);
        if (peers [at].link)
            link_doubt (peers [at].link, true);
    }
    for (link_t *link = network_links.next; link != &network_links; link = link->next)
        link->up.cut_until_ms = link->down.cut_until_ms = 0;
}
