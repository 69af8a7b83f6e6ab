/*  test_observer.c - what an observation asks, and when; in a made-up world with a clock of its own */

#include "made_up.h"
#include "observer.h"

typedef struct {
    uint64_t received [MADE_UP_TOPICS];
    uint64_t lost;
    uint64_t told;
    uint64_t ended;
    uint64_t ended_at;
    hearth_t *busy;  //  set: the callback reads and answers while it runs
    unsigned depth;
} record_t;

static hearth_t world;
static record_t facts;

static void record (const hearth_notification_t *notification, void *context)
{
    record_t *self = (record_t *) context;
    cr_assert_eq (self->depth++, 0, "a callback within a callback");
    if (notification->kind == HEARTH_EPOCH_ENDED) {
        self->ended++;
        self->ended_at = notification->number;
    } else {
        self->told += notification->kind == HEARTH_LOST ? notification->lost : 1;
        self->lost += notification->lost;
    }
    if (self->busy)
        made_up_settle (self->busy);
    self->depth--;
}

static hearth_observation_t *observe (const char *service, const char *event, int64_t timeout_ms)
{
    return hearth_observe (&world, service, event, timeout_ms, record, &facts);
}

//  A live observation of a.feed/news/.
static hearth_observation_t *start (uint64_t history)
{
    made_up_begin (&world, history);
    made_up_connect (&world, true);
    hearth_observation_t *self = observe ("a.feed", "news", 1000);
    cr_assert_not_null (self);
    return self;
}

static void publish (int topic, int count)
{
    while (count--)
        made_up_publish (&world, topic);
}

//  Time passes until the observer asks something; how long that was.
static int64_t until_asked (const char *method)
{
    int64_t since_ms = world.now_ms;
    made_up_read (&world, MADE_UP_NOTES);
    while (!*made_up_asked (&world) && made_up_wait (&world))
        made_up_read (&world, MADE_UP_NOTES);
    cr_assert_str_eq (made_up_asked (&world), method);
    return world.now_ms - since_ms;
}

Test (observer, begins_behind_its_marker)
{
    made_up_begin (&world, 100);
    made_up_connect (&world, true);
    world.is_losing = true;
    cr_assert_null (observe ("a.feed", "news", 500));
    cr_assert_eq (world.called, 0, "asked before the marker came");
    cr_assert_eq (world.code, HEARTH_DEADLINE_EXCEEDED);
    made_up_end (&world);
}

Test (observer, is_told_of_no_epoch_s_end_before_its_owner_has_it)
{
    made_up_begin (&world, 100);
    made_up_connect (&world, true);
    hearth_observation_t *self = observers_add (world.observers, "a.feed/news/", "a.feed", "news");
    self->observer = record;
    self->context = &facts;
    observation_proceed (self);
    made_up_settle (&world);
    cr_assert (self->is_ready);
    made_up_disconnect (&world);
    made_up_restart (&world);
    made_up_connect (&world, true);
    cr_assert_eq (facts.ended, 0);
    self->is_returned = true;
    publish (0, 2);
    made_up_settle (&world);
    cr_assert_eq (facts.told, 2);
    made_up_end (&world);
}

Test (observer, asks_again_for_a_marker_that_does_not_come)
{
    made_up_begin (&world, 100);
    made_up_connect (&world, true);
    world.is_losing = true;
    cr_assert_null (observe ("a.feed", "news", 3500));
    cr_assert_eq (world.markers, 3);
    made_up_end (&world);
}

Test (observer, without_a_session_is_unavailable)
{
    made_up_begin (&world, 100);
    cr_assert_null (observe ("a.feed", "news", 500));
    cr_assert_eq (world.code, HEARTH_UNAVAILABLE);
    made_up_end (&world);
}

Test (observer, finds_a_lost_tail_after_a_quiet_second)
{
    start (100);
    publish (0, 2);
    world.is_losing = true;
    publish (0, 3);
    world.is_losing = false;
    made_up_read (&world, MADE_UP_NOTES);
    cr_assert_eq (facts.told, 2);
    int64_t after_ms = until_asked ("topics");
    cr_assert (after_ms >= 1000 && after_ms <= 2000, "after %d ms", (int) after_ms);
    made_up_settle (&world);
    cr_assert_eq (facts.told, 5);
    cr_assert_eq (facts.lost, 0);
    made_up_end (&world);
}

Test (observer, looks_ever_less_often_where_nothing_happens)
{
    static const int64_t intervals [] = { 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000 };
    start (100);
    for (size_t at = 0; at < sizeof intervals / sizeof *intervals; at++) {
        cr_assert_eq (until_asked ("topics"), intervals [at], "interval %zu", at);
        made_up_settle (&world);
    }
    publish (0, 1);
    cr_assert_leq (until_asked ("topics"), 2000, "looks soon after traffic");
    made_up_end (&world);
}

Test (observer, looks_in_the_midst_of_traffic_that_never_ends)
{
    made_up_begin (&world, 100);
    made_up_connect (&world, true);
    cr_assert_not_null (observe ("a.feed", NULL, 1000));
    publish (1, 1);
    made_up_settle (&world);
    world.is_losing = true;
    publish (1, 1);
    world.is_losing = false;
    for (int round = 0; round < 100; round++) {
        publish (0, 1);
        made_up_pass (&world, 400);
    }
    cr_assert_eq (facts.told, 102);
    made_up_end (&world);
}

Test (observer, takes_nothing_for_lost_that_is_still_on_the_socket)
{
    start (10);
    publish (0, 500);
    made_up_read (&world, 1);
    until_asked ("topics");
    cr_assert_eq (facts.told, 500, "all was read before it was quiet");

    world.now_ms += 60000;
    publish (0, 500);
    observers_tick (world.observers, world.now_ms);
    while (made_up_answer (&world))
        continue;
    cr_assert_eq (world.markers, 1, "a claim waits for a marker");
    made_up_settle (&world);
    cr_assert_eq (facts.told, 1000);
    cr_assert_eq (facts.lost, 0);
    made_up_end (&world);
}

Test (observer, goes_on_without_a_marker_where_nothing_comes_in)
{
    start (100);
    world.is_losing = true;
    publish (0, 5);
    made_up_pass (&world, 10000);
    cr_assert_eq (facts.told, 5, "over the session");
    made_up_disconnect (&world);
    publish (0, 5);
    made_up_connect (&world, true);
    made_up_pass (&world, 10000);
    cr_assert_eq (facts.told, 10);
    made_up_end (&world);
}

Test (observer, fills_what_it_missed_while_it_was_away)
{
    start (10);
    publish (0, 2);
    made_up_settle (&world);
    made_up_disconnect (&world);
    publish (0, 30);
    made_up_connect (&world, true);
    made_up_settle (&world);
    cr_assert_eq (facts.told, 32);
    cr_assert_eq (facts.lost, 20);
    cr_assert_eq (facts.ended, 0);
    made_up_end (&world);
}

Test (observer, tells_a_new_epoch_once_and_all_of_it)
{
    start (10);
    publish (0, 3);
    made_up_settle (&world);
    made_up_disconnect (&world);
    made_up_restart (&world);
    publish (0, 15);
    made_up_connect (&world, true);
    publish (0, 1);
    made_up_settle (&world);
    cr_assert_eq (facts.ended, 1);
    cr_assert_eq (facts.ended_at, 3);
    cr_assert_eq (facts.told, 3 + 16);
    made_up_end (&world);
}

Test (observer, tells_a_gap_of_the_old_epoch_before_its_end)
{
    start (10);
    publish (0, 3);
    made_up_settle (&world);
    world.is_losing = true;
    publish (0, 3);
    world.is_losing = false;
    publish (0, 1);
    made_up_read (&world, MADE_UP_NOTES);
    cr_assert_str_eq (made_up_asked (&world), "history");
    made_up_disconnect (&world);
    made_up_restart (&world);
    made_up_connect (&world, true);
    made_up_settle (&world);
    cr_assert_eq (facts.lost, 4);
    cr_assert_eq (facts.ended_at, 7);
    made_up_end (&world);
}

Test (observer, asks_again_after_a_call_that_failed)
{
    start (100);
    world.is_losing = true;
    publish (0, 3);
    world.is_losing = false;
    publish (0, 1);
    made_up_read (&world, MADE_UP_NOTES);
    for (int64_t pause_ms = 100; pause_ms <= 800; pause_ms *= 2) {
        cr_assert_str_eq (made_up_asked (&world), "history");
        made_up_refuse (&world, HEARTH_DEADLINE_EXCEEDED);
        publish (0, 1);
        cr_assert_eq (until_asked ("history"), pause_ms);
    }
    made_up_settle (&world);
    cr_assert_eq (facts.told, 8);
    cr_assert_eq (facts.lost, 0);
    made_up_end (&world);
}

Test (observer, reads_a_listing_page_by_page)
{
    made_up_begin (&world, 100);
    made_up_connect (&world, true);
    for (int topic = 0; topic < MADE_UP_TOPICS; topic++)
        publish (topic, 2);
    hearth_observation_t *family = observe ("a.*", NULL, 1000);
    cr_assert_not_null (family);
    cr_assert_eq (world.called, 2, "two pages");
    for (int topic = 0; topic < MADE_UP_TOPICS; topic++)
        publish (topic, 2);
    made_up_settle (&world);
    cr_assert_eq (facts.told, 6, "what was published before is not its own");
    made_up_end (&world);
}

Test (observer, is_never_called_within_itself_and_loses_nothing_thereby)
{
    start (100);
    facts.busy = &world;
    cr_assert_not_null (observe ("a.feed", NULL, 1000));
    for (int round = 0; round < 20; round++) {
        publish (0, 10);
        world.is_losing = true;
        publish (0, 10);
        world.is_losing = false;
        publish (1, 1);
        publish (0, 1);
        made_up_settle (&world);
    }
    made_up_pass (&world, 5000);
    cr_assert_eq (facts.told, 20 * (21 + 22));
    cr_assert_eq (facts.lost, 0);
    made_up_end (&world);
}

Test (observer, shares_the_subscription_of_a_prefix)
{
    hearth_observation_t *first = start (100);
    hearth_observation_t *second = observe ("a.feed", "news", 0);
    cr_assert_not_null (second, "the prefix is live");
    cr_assert_eq (world.prefix_count, 1);
    hearth_observation_destroy (&first);
    cr_assert_eq (world.prefix_count, 1);
    hearth_observation_destroy (&second);
    cr_assert_eq (world.prefix_count, 0);
    publish (0, 3);
    made_up_settle (&world);
    cr_assert_eq (facts.told, 0);
    made_up_end (&world);
}
