/*  test_publishing.c - publications that nobody waits for one by one
*/
#include "broker.h"
#include "observing.h"

#define MANY 300

static fixture_broker_t *broker;
static hearth_t *press;

static void begin (void)
{
    static const char *const options [] = { "--settle", "0", NULL };
    broker = fixture_broker_new (options);
    press = publisher_new (fixture_broker_address (broker), "press");
}

static void end (void)
{
    hearth_destroy (&press);
    fixture_broker_destroy (&broker);
}

TestSuite (publishing, .init = begin, .fini = end);

static void expect_refusal (hearth_pending_t *pending, const char *name)
{
    cr_assert_not_null (pending);
    hearth_result_t *result = hearth_wait (&pending, -1);
    cr_assert (hearth_failed (result));
    cr_assert_str_eq (hearth_error (result)->name, name);
    cr_assert_eq (hearth_error (result)->mark, HEARTH_NOT_EXECUTED);
    hearth_result_destroy (&result);
}

Test (publishing, many_in_flight_are_numbered_and_told_in_their_order)
{
    record_t facts = { 0 };
    hearth_pending_t *pending [MANY];
    hearth_t *observer = hearth_connect (fixture_broker_address (broker));
    hearth_observation_t *observation = observe (observer, "press", "news", &facts);
    for (int at = 0; at < MANY; at++)
        cr_assert_not_null (pending [at] = hearth_start_publish (press, "press", "news", at));
    for (int64_t at = 0, first = 0; at < MANY; at++) {
        hearth_result_t *result = hearth_wait (&pending [at], -1);
        cr_assert (!hearth_failed (result), "%s", hearth_error (result)->message);
        first = at ? first : hearth_result_int (result);
        cr_assert_eq (hearth_result_int (result), first + at);
        hearth_result_destroy (&result);
    }
    until (observer, &facts.received, MANY);
    cr_assert_eq (facts.lost, 0);
    cr_assert_eq (facts.value, MANY - 1);
    hearth_observation_destroy (&observation);
    hearth_destroy (&observer);
}

typedef struct {
    hearth_t *observer;
    record_t facts;
    record_t others;
    int64_t order [MANY];
} reader_t;

//  Does what lets turns happen, in the middle of what came together: a call, and another observation, which reads on by itself.
static void read_and_ask (const hearth_notification_t *notification, void *context)
{
    reader_t *self = context;
    self->order [self->facts.received % MANY] = hearth_value_int (notification->value);
    record (notification, &self->facts);
    hearth_proxy_t *directory = hearth_proxy (self->observer, "hearth");
    hearth_result_t *result = hearth_call (directory, "ping");
    cr_assert (!hearth_failed (result));
    hearth_result_destroy (&result);
    hearth_proxy_destroy (&directory);
    if (self->facts.received % 10 == 1) {
        hearth_observation_t *other = observe (self->observer, "press", "state", &self->others);
        hearth_observation_destroy (&other);
    }
}

Test (publishing, what_came_together_stays_in_order_whatever_an_observer_does_meanwhile)
{
    static reader_t reader;
    hearth_pending_t *pending [MANY];
    reader.observer = hearth_connect (fixture_broker_address (broker));
    hearth_observation_t *observation =
        hearth_observe (reader.observer, "press", "news", PATIENCE_MS, read_and_ask, &reader);
    cr_assert_not_null (observation);
    hearth_hold (press);
    for (int at = 0; at < MANY; at++)
        cr_assert_not_null (pending [at] = hearth_start_publish (press, "press", "news", at));
    hearth_flush (press);
    for (int at = 0; at < MANY; at++) {
        hearth_result_t *result = hearth_wait (&pending [at], -1);
        cr_assert (!hearth_failed (result));
        hearth_result_destroy (&result);
    }
    until (reader.observer, &reader.facts.received, MANY);
    cr_assert_eq (reader.facts.lost + reader.others.told, 0);
    for (int at = 0; at < MANY; at++)
        cr_assert_eq (reader.order [at], at);
    hearth_observation_destroy (&observation);
    hearth_destroy (&reader.observer);
}

Test (publishing, one_that_is_not_even_sent_ends_with_its_reason)
{
    expect_refusal (hearth_start_publish (press, "others", "news", 1), "hearth.NotOwner");
    expect_refusal (hearth_start_publish (press, NULL, "news", 1), "hearth.NotOwner");
    expect_refusal (hearth_start_publish (press, "press", "no name", 1), "hearth.BadArguments");
    expect_refusal (hearth_start_publish (press, "press", NULL, 1), "hearth.BadArguments");
    cr_assert_null (hearth_start_publish (NULL, "press", "news", 1));
}

Test (publishing, one_that_is_not_wanted_any_more_is_given_up)
{
    hearth_pending_t *pending = hearth_start_publish (press, "press", "news", 1);
    hearth_pending_destroy (&pending);
    cr_assert_null (pending);
    publish (press, "press", "news", 2, 2);
}
