/*  test_notifications.c - an observation's account through a real broker: received + lost = published, in order */

#include "broker.h"
#include "observing.h"

#define MANY 6000  //  more than all queues between a broker and an observer that does not read hold

static fixture_broker_t *broker;
static hearth_t *publisher;
static hearth_t *observer;
static record_t facts;

static void start (const char *const *options)
{
    broker = fixture_broker_new (options);
    publisher = publisher_new (fixture_broker_address (broker), "feed");
    observer = hearth_connect (fixture_broker_address (broker));
    cr_assert_not_null (observer);
}

static void end (void)
{
    hearth_destroy (&observer);
    hearth_destroy (&publisher);
    fixture_broker_destroy (&broker);
}

Test (notifications, what_is_published_after_observe_is_received_and_nothing_before)
{
    start (NULL);
    publish (publisher, "feed", "news", 1, 5);
    observe (observer, "feed", "news", &facts);
    publish (publisher, "feed", "news", 6, 105);
    until (observer, &facts.received, 100);
    cr_assert_eq (facts.value, 105);
    cr_assert_eq (facts.lost + facts.retained + facts.ended, 0);
    end ();
}

Test (notifications, a_gap_is_filled_from_the_history)
{
    const char *const options [] = { "--max-history", "10000", NULL };
    start (options);
    observe (observer, "feed", "news", &facts);
    publish (publisher, "feed", "news", 1, MANY);
    until (observer, &facts.received, MANY);
    cr_assert_eq (facts.value, MANY);
    cr_assert_eq (facts.lost, 0);
    end ();
}

Test (notifications, what_the_history_no_longer_has_is_reported_lost)
{
    const char *const options [] = { "--max-history", "10", NULL };
    start (options);
    observe (observer, "feed", "news", &facts);
    publish (publisher, "feed", "news", 1, MANY);
    until (observer, &facts.told, MANY);
    cr_assert_eq (facts.told, MANY);
    cr_assert_gt (facts.lost, 0);
    cr_assert_eq (facts.value, MANY, "the last one is in the history");
    end ();
}

Test (notifications, a_tail_without_any_history_is_reported_lost)
{
    const char *const options [] = { "--max-history", "0", NULL };
    start (options);
    observe (observer, "feed", "news", &facts);
    publish (publisher, "feed", "news", 1, MANY);
    until (observer, &facts.told, MANY);
    cr_assert_eq (facts.told, MANY);
    cr_assert_gt (facts.lost, 0);
    publish (publisher, "feed", "news", MANY + 1, MANY + 1);
    uint64_t received = facts.received;
    until (observer, &facts.received, received + 1);
    cr_assert_eq (facts.value, MANY + 1);
    end ();
}

Test (notifications, the_last_value_is_delivered_once_and_not_counted)
{
    const char *const options [] = { "--max-history", "0", NULL };
    record_t second = { 0 };
    start (options);
    publish (publisher, "feed", "state", 1, 3);
    publish (publisher, "feed", "news", 1, 3);
    observe (observer, "feed", NULL, &facts);
    until (observer, &facts.retained, 1);
    cr_assert_eq (facts.value, 3);
    observe (observer, "feed", "state", &second);
    until (observer, &second.retained, 1);
    publish (publisher, "feed", "state", 4, 4);
    until (observer, &facts.received, 1);
    until (observer, &second.received, 1);
    cr_assert_eq (facts.retained + second.retained, 2);
    cr_assert_eq (second.value, 4);
    end ();
}

Test (notifications, overlapping_observations_are_each_told_once)
{
    record_t family = { 0 }, service = { 0 }, topic = { 0 }, twin = { 0 };
    start (NULL);
    cr_assert_eq (hearth_serve (publisher, "group.feed", (const hearth_method_t []){ { 0 } }, NULL), 0);
    cr_assert_eq (hearth_ready (publisher, PATIENCE_MS), 0);
    observe (observer, "group.*", NULL, &family);
    observe (observer, "group.feed", NULL, &service);
    observe (observer, "group.feed", "news", &topic);
    hearth_observation_t *gone = observe (observer, "group.feed", "news", &twin);
    publish (publisher, "group.feed", "news", 1, 10);
    until (observer, &twin.received, 10);
    hearth_observation_destroy (&gone);
    publish (publisher, "group.feed", "news", 11, 20);
    until (observer, &topic.received, 20);
    until (observer, &service.received, 20);
    until (observer, &family.received, 20);
    cr_assert_eq (family.received + service.received + topic.received, 60);
    cr_assert_eq (twin.received, 10);
    end ();
}

Test (notifications, a_restarted_broker_ends_the_epoch_and_the_new_one_is_told_from_its_beginning)
{
    record_t all = { 0 };
    start (NULL);
    observe (observer, "feed", "news", &facts);
    observe (observer, "feed", NULL, &all);
    publish (publisher, "feed", "news", 1, 3);
    until (observer, &facts.received, 3);
    until (observer, &all.received, 3);
    uint64_t number = facts.last;

    fixture_broker_kill (broker);
    fixture_broker_start (broker);
    reconnect (publisher);
    publish (publisher, "feed", "news", 4, 7);
    until (observer, &facts.received, 7);
    until (observer, &all.received, 7);
    cr_assert_eq (facts.ended, 1);
    cr_assert_eq (facts.ended_at, number);
    cr_assert_eq (all.ended, 1);
    cr_assert_eq (facts.value, 7);
    cr_assert_eq (facts.lost + all.lost, 0);

    fixture_broker_kill (broker);
    fixture_broker_start (broker);
    until (observer, &facts.ended, 2);
    until (observer, &all.ended, 2);
    cr_assert_eq (facts.received, 7);
    end ();
}

//  ---- callbacks that use the connection ----

typedef struct {
    record_t record;
    hearth_observation_t *self;
    hearth_observation_t *other;
    uint64_t depth;
    uint64_t deepest;
    uint64_t calls;
} nosy_t;

static void destroy_itself (const hearth_notification_t *notification, void *context)
{
    nosy_t *self = (nosy_t *) context;
    record (notification, &self->record);
    if (self->record.received == 2)
        hearth_observation_destroy (&self->self);
}

Test (notifications, an_observation_may_be_destroyed_by_its_own_callback)
{
    nosy_t nosy = { 0 };
    start (NULL);
    nosy.self = hearth_observe (observer, "feed", "news", PATIENCE_MS, destroy_itself, &nosy);
    observe (observer, "feed", "news", &facts);
    publish (publisher, "feed", "news", 1, 5);
    until (observer, &facts.received, 5);
    cr_assert_eq (nosy.record.received, 2);
    cr_assert_null (nosy.self);
    end ();
}

static void call_within (const hearth_notification_t *notification, void *context)
{
    nosy_t *self = (nosy_t *) context;
    record (notification, &self->record);
    self->depth++;
    if (self->deepest < self->depth)
        self->deepest = self->depth;
    hearth_proxy_t *directory = hearth_proxy (observer, "hearth");
    hearth_result_t *result = hearth_call (directory, "ping", 1);
    self->calls += !hearth_failed (result);
    hearth_result_destroy (&result);
    hearth_proxy_destroy (&directory);
    self->depth--;
}

Test (notifications, a_callback_may_call_and_is_not_run_within_itself)
{
    nosy_t nosy = { 0 };
    start (NULL);
    nosy.self = hearth_observe (observer, "feed", "news", PATIENCE_MS, call_within, &nosy);
    publish (publisher, "feed", "news", 1, 50);
    until (observer, &nosy.record.received, 50);
    cr_assert_eq (nosy.calls, 50);
    cr_assert_eq (nosy.deepest, 1);
    end ();
}

static void observe_within (const hearth_notification_t *notification, void *context)
{
    nosy_t *self = (nosy_t *) context;
    record (notification, &self->record);
    if (!self->other)
        self->other = observe (observer, "feed", "state", &facts);
}

Test (notifications, a_callback_may_observe_and_nothing_is_lost_meanwhile)
{
    nosy_t nosy = { 0 };
    start (NULL);
    nosy.self = hearth_observe (observer, "feed", NULL, PATIENCE_MS, observe_within, &nosy);
    publish (publisher, "feed", "news", 1, 50);
    until (observer, &nosy.record.received, 50);
    cr_assert_not_null (nosy.other);
    hearth_observation_destroy (&nosy.self);
    publish (publisher, "feed", "state", 1, 3);
    until (observer, &facts.received, 3);
    cr_assert_eq (nosy.record.received, 50);
    end ();
}

//  ---- failures ----

Test (notifications, what_cannot_be_observed_is_refused)
{
    start (NULL);
    cr_assert_null (hearth_observe (observer, "feed", "not an event", 100, record, &facts));
    cr_assert_eq (hearth_last_error (observer)->code, HEARTH_INVALID_ARGUMENT);
    cr_assert_null (hearth_observe (observer, "group.*", "news", 100, record, &facts));
    cr_assert_null (hearth_observe (observer, "*", NULL, 100, record, &facts));
    cr_assert_null (hearth_observe (observer, "", NULL, 100, record, &facts));
    cr_assert_null (hearth_observe (observer, NULL, NULL, 100, record, &facts));
    end ();
}

Test (notifications, observing_without_a_broker_ends_as_unavailable)
{
    start (NULL);
    fixture_broker_kill (broker);
    cr_assert_null (hearth_observe (observer, "feed", "news", 50, record, &facts));
    cr_assert_eq (hearth_last_error (observer)->code, HEARTH_UNAVAILABLE);
    end ();
}
