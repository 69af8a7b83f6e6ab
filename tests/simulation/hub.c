/*  hub.c - the broker's life */
#include "hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "coverage.h"
#include "log.h"
#include "published.h"
#include "publishing.h"
#include "state.h"

#define RECORD_MOST 512  //  of a name that a request waits for

static struct {
    core_t *core;
    uint64_t epoch;
    dice_t dice;
    alarm_t tick;
    int64_t due_ms;  //  what the tick is set for, perhaps late
    alarm_t rise;    //  another one comes; or one that was stopped has ended
    int64_t back_ms;
    bool is_stopping;
    bool has_turn;  //  something was done since the last turn ended
} hub;

static void s_start (void)
{
    static const char *const publish [] = { "tcp://*:9798", NULL };
    hub.epoch = 1 + (dice_next (&hub.dice) & 0xfffffffffff);
    core_config_t config = { .limits = plan.limits,
                             .epoch = hub.epoch,
                             .settle_ms = plan.settle_ms,
                             .publish = publish,
                             .version = "hearth-simulated/1" };
    for (size_t at = 0; at < sizeof config.hash_key; at++)
        config.hash_key [at] = (uint8_t) dice_next (&hub.dice);
    hub.core = core_new (&config, &network_ops, NULL, now_ms ());
    if (!hub.core)
        abort ();
    log_event (0, "the broker starts", hub.epoch, 0);
    published_epoch (hub.epoch);
    seam_epoch ();
}

//  A broker that was stopped has answered and said goodbye to all who could hear it.
static void s_check_goodbyes (void)
{
    for (const link_t *link = network_links.next; link != &network_links; link = link->next)
        if (link->session && link->seam.number && !link->is_deaf && !link->is_lying
            && (!link->seam.has_goodbye || !seam_is_answered (link)))
            broken ("the broker has stopped without a word to peer %u", link->index);
}

//  What it holds is bounded, but for its own topics and what a single message may add.
static void s_check_memory (void)
{
    uint64_t most = plan.limits.value [LIMIT_MEMORY];
    size_t held = core_held (hub.core);
    if (most && held > most + 2 * plan.limits.value [LIMIT_MESSAGE] + 8192)
        broken ("the broker holds %zu bytes of %zu", held, (size_t) most);
}

//  A request waits only where there is memory for it, which topics give up.
static void s_check_waiting (size_t others, uint64_t waiting)
{
    uint64_t most = plan.limits.value [LIMIT_MEMORY];
    if (!most || hub.core->waiting_bytes <= waiting)
        return;
    size_t wanted = others + (hub.core->waiting_bytes - waiting);
    if (wanted > most || core_held (hub.core) > most + RECORD_MOST)
        broken ("a request waits, and the broker holds %zu bytes of %zu", core_held (hub.core), (size_t) most);
}

static void s_destroy (bool silently)
{
    if (hub.is_stopping)
        s_check_goodbyes ();
    log_event (0, "the broker is gone", silently, 0);
    cover_core (hub.core);
    core_destroy (&hub.core);
    alarm_stop (&hub.tick);
    seam_settle ();
    hub.is_stopping = hub.has_turn = false;
    network_lose_broker (silently);
    publishing_lose_broker (silently);
    alarm_set (&hub.rise, now_ms () + hub.back_ms);
}

static void s_on_rise (alarm_t *alarm)
{
    (void) alarm;
    if (!hub.core)
        s_start ();
    else if (hub.is_stopping)
        s_destroy (false);
}

//  Whatever the core was told: what it owes now, and when it wants to be called.
static void s_after (void)
{
    seam_settle ();
    hub.has_turn = true;
    int64_t at_ms = core_deadline (hub.core);
    if (at_ms < 0)
        alarm_stop (&hub.tick);
    else if (!hub.tick.place || at_ms < hub.due_ms) {
        hub.due_ms = at_ms;
        alarm_set (&hub.tick, (at_ms > now_ms () ? at_ms : now_ms ()) + dice_skewed (&hub.dice, plan.lag_ms));
    }
}

static void s_on_tick (alarm_t *alarm)
{
    (void) alarm;
    core_tick (hub.core, now_ms ());
    s_after ();
}

void hub_begin (void)
{
    dice_init (&hub.dice, plan.seed, 2);
    alarm_init (&hub.tick, 1u << 20, s_on_tick);
    alarm_init (&hub.rise, (1u << 20) + 1, s_on_rise);
    hub.is_stopping = hub.has_turn = false;
    s_start ();
}

void hub_end (void)
{
    if (!hub.core)
        return;
    cover_core (hub.core);
    core_destroy (&hub.core);
}

bool hub_is_up (void)
{
    return hub.core;
}

uint64_t hub_epoch (void)
{
    return hub.epoch;
}

void hub_frame (link_t *link, packet_t *packet)
{
    if (!link->is_seen) {
        link->is_seen = true;
        link->session = core_opened (hub.core, link, now_ms ());
        if (!link->session)
            abort ();
    }
    seam_in (link, packet->data, packet->size);
    frame_t frame = network_frame (packet);
    size_t others = core_held (hub.core) - hub.core->topics.bytes;
    uint64_t waiting = hub.core->waiting_bytes;
    core_frame (hub.core, link->session, &frame, now_ms ());
    s_check_waiting (others, waiting);
    s_after ();
}

void hub_gone (session_t *session)
{
    core_gone (hub.core, session, now_ms ());
    s_after ();
}

void hub_doubt (session_t *session, bool is_trusted)
{
    (is_trusted ? core_trust : core_suspect) (hub.core, session, now_ms ());
    s_after ();
}

void hub_subscribed (const char *prefix)
{
    if (!hub.core)
        return;
    core_subscribed (hub.core, (const uint8_t *) prefix, strlen (prefix), now_ms ());
    s_after ();
}

void hub_end_turn (void)
{
    if (hub.core && hub.has_turn)
        core_turn_end (hub.core, now_ms ());
    hub.has_turn = false;
}

void hub_crash (bool silently, int64_t back_ms)
{
    if (!hub.core)
        return;
    hub.back_ms = back_ms;
    s_destroy (silently);
}

void hub_stop (int64_t back_ms)
{
    if (!hub.core || hub.is_stopping)
        return;
    log_event (0, "the broker is stopped", 0, 0);
    hub.back_ms = back_ms;
    hub.is_stopping = true;
    core_stop (hub.core, now_ms ());
    s_after ();
    alarm_set (&hub.rise, now_ms () + dice_skewed (&hub.dice, 400));
}

void hub_audit (void)
{
    const char *problem = hub.core ? core_audit (hub.core) : NULL;
    if (hub.core)
        s_check_memory ();
    if (problem)
        broken ("audit: %s", problem);
    if (hub.core && hub.core->topics.number != published_newest ())
        broken ("the broker has numbered more notifications than it has published");
}

bool hub_has_name (const char *name)
{
    const service_t *service = hub.core ? registry_find (&hub.core->registry, SPAN (name)) : NULL;
    return service && service->instance_count;
}

bool hub_is_full (void)
{
    uint64_t most = plan.limits.value [LIMIT_MEMORY];
    return hub.core && most && core_held (hub.core) + 2048 > most;
}

bool hub_has_topic (const char *topic)
{
    return hub.core && topics_find (&hub.core->topics, SPAN (topic));
}

bool hub_has_session (const char *unique_name)
{
    uint64_t epoch = 0, number = 0;
    return hub.core && name_is_unique (unique_name, strlen (unique_name), &epoch, &number) && epoch == hub.epoch
           && peers_find (&hub.core->peers, number);
}

void hub_check_empty (void)
{
    if (!hub.core)
        return;
    const core_t *core = hub.core;
    size_t held = core_held (core) - core->topics.bytes - core->topics.records;
    if (core->peers.count || core->pending.count || index_count (&core->registry.names) || held)
        broken ("everybody has left, and the broker holds %zu sessions, %zu calls, %zu names, %zu bytes",
                core->peers.count, core->pending.count, index_count (&core->registry.names), held);
}
