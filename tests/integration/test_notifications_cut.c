/*  test_notifications_cut.c - an observer whose connections break while the broker lives on: the epoch stays the same. And
    one that has nothing to observe while the broker is replaced.
*/

#include <stdio.h>
#include <string.h>

#include "broker.h"
#include "observing.h"
#include "relay.h"

static fixture_broker_t *broker;
static hearth_t *publisher;
static hearth_t *observer;
static relay_t *calls;
static relay_t *events;
static record_t facts;
static uint64_t lost_sessions;

static void count_loss (hearth_t *hearth, const hearth_error_t *why, void *context)
{
    (void) hearth;
    (void) why;
    ++*(uint64_t *) context;
}

static char calls_address [128];
static char events_address [128];

static void mend (void)
{
    relay_mend (calls, calls_address);
    relay_mend (events, events_address);
}

//  A broker that says that it publishes at the relay; that address becomes its last option.
static void start_broker (const char **options, const char **last)
{
    calls = relay_new ();
    events = relay_new ();
    *last = relay_address (events);
    broker = fixture_broker_new (options);
    snprintf (calls_address, sizeof calls_address, "%s", fixture_broker_address (broker));
    snprintf (events_address, sizeof events_address, "%.*s/events",
              (int) (strrchr (calls_address, '/') - calls_address), calls_address);
    mend ();
}

//  The observer reaches the broker through the relays alone.
static void start (const char *history)
{
    static const hearth_hooks_t hooks = { .disconnected = count_loss };
    const char *options [] = { "--max-history", history, "--advertise-publish", NULL, NULL };
    start_broker (options, &options [3]);
    observer = hearth_connect (relay_address (calls));
    cr_assert_not_null (observer);
    hearth_set_hooks (observer, &hooks, &lost_sessions);
    publisher = publisher_new (calls_address, "feed");
    observe (observer, "feed", "news", &facts);
}

static void end (void)
{
    hearth_destroy (&observer);
    hearth_destroy (&publisher);
    relay_destroy (&calls);
    relay_destroy (&events);
    fixture_broker_destroy (&broker);
    cr_assert_eq (facts.ended, 0, "the epoch is the same");
}

Test (notifications_cut, what_was_missed_is_fetched_after_a_reconnect)
{
    start ("1000");
    publish (publisher, "feed", "news", 1, 10);
    until (observer, &facts.received, 10);
    relay_cut (events);
    relay_cut (calls);
    publish (publisher, "feed", "news", 11, 40);
    until (observer, &lost_sessions, 1);
    mend ();
    until (observer, &facts.received, 40);
    publish (publisher, "feed", "news", 41, 50);
    until (observer, &facts.received, 50);
    cr_assert_eq (facts.lost, 0);
    end ();
}

Test (notifications_cut, what_was_missed_and_is_remembered_no_more_is_lost)
{
    start ("10");
    publish (publisher, "feed", "news", 1, 10);
    until (observer, &facts.received, 10);
    relay_cut (events);
    relay_cut (calls);
    publish (publisher, "feed", "news", 11, 40);
    until (observer, &lost_sessions, 1);
    mend ();
    until (observer, &facts.told, 40);
    cr_assert_eq (facts.lost, 20);
    cr_assert_eq (facts.losses, 1);
    end ();
}

Test (notifications_cut, a_tail_that_was_missed_while_the_session_lived_on_is_found)
{
    start ("1000");
    publish (publisher, "feed", "news", 1, 10);
    relay_cut (events);
    publish (publisher, "feed", "news", 11, 40);
    until (observer, &facts.told, 40);
    cr_assert_eq (facts.lost, 0);
    cr_assert_eq (lost_sessions, 0);
    relay_mend (events, events_address);
    publish (publisher, "feed", "news", 41, 50);
    until (observer, &facts.received, 50);
    end ();
}

Test (notifications_cut, notifications_come_on_while_the_session_is_lost)
{
    start ("1000");
    relay_cut (calls);
    until (observer, &lost_sessions, 1);
    publish (publisher, "feed", "news", 1, 10);
    until (observer, &facts.received, 10);
    mend ();
    publish (publisher, "feed", "news", 11, 20);
    until (observer, &facts.received, 20);
    cr_assert_eq (facts.lost, 0);
    end ();
}

typedef struct {
    uint64_t told;
    hearth_change_t last;
} view_t;

static void see (const char *name, hearth_change_t change, void *context)
{
    view_t *self = (view_t *) context;
    cr_assert_str_eq (name, "a.name");
    self->told++;
    self->last = change;
}

Test (notifications_cut, a_watch_is_told_what_changed_while_it_was_away)
{
    view_t view = { 0 };
    start ("1000");
    cr_assert_not_null (hearth_watch (observer, "a.name", see, &view));
    until (observer, &view.told, 1);
    cr_assert_eq (view.last, HEARTH_WENT);
    relay_cut (events);
    relay_cut (calls);
    hearth_t *owner = publisher_new (calls_address, "a.name");
    until (observer, &lost_sessions, 1);
    mend ();
    until (observer, &view.told, 2);
    cr_assert_eq (view.last, HEARTH_APPEARED);
    hearth_destroy (&owner);
    until (observer, &view.told, 3);
    cr_assert_eq (view.last, HEARTH_WENT);
    end ();
}

//  Nobody observes while the broker is replaced by one that publishes elsewhere.
Test (notifications_cut, an_observation_that_begins_after_a_restart_finds_the_new_address)
{
    const char *options [] = { "--advertise-publish", NULL, NULL };
    start_broker (options, &options [1]);
    observer = hearth_connect (calls_address);
    publisher = publisher_new (calls_address, "feed");
    hearth_observation_t *first = observe (observer, "feed", "news", &facts);
    hearth_observation_destroy (&first);
    fixture_broker_kill (broker);
    relay_cut (events);
    options [1] = events_address;
    fixture_broker_start (broker);
    reconnect (publisher);
    reconnect (observer);
    observe (observer, "feed", "news", &facts);
    publish (publisher, "feed", "news", 1, 10);
    until (observer, &facts.received, 10);
    end ();
}
