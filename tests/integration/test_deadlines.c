/*  test_deadlines.c - every call ends within its deadline, and is run only if that has not passed
*/
#include <criterion/criterion.h>
#include <stdatomic.h>

#include "broker.h"
#include "observing.h"
#include "party.h"

#define ROUNDS 50

static const char *const options [] = { "--settle", "0", NULL };

static atomic_int runs;
static atomic_bool released;

//  Answers when the test says so.
static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    while (!atomic_load (&released))
        continue;
    hearth_reply_nil (call);
}

//  Answers when nobody waits any more.
static void outlast (hearth_call_t *call, void *self)
{
    (void) self;
    while (!hearth_cancelled (call))
        continue;
    hearth_reply_nil (call);
}

static void count (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, atomic_fetch_add (&runs, 1) + 1);
}

static void remaining (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_remaining_ms (call));
}

static const hearth_method_t methods [] = {
    { "hold", "", NULL, hold, .doc = NULL },
    { "outlast", "", NULL, outlast, .doc = NULL },
    { "count", "", "int", count, .doc = NULL },
    { "remaining", "", "int", remaining, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.service");
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (deadlines, .init = begin, .fini = end);

//  What the broker has sent to the service before it answers this is on its way, and there after some of them.
static void ask_broker (void)
{
    hearth_result_t *result = party_good (hearth_call (hearth_proxy (client, "hearth"), "ping"));
    hearth_result_destroy (&result);
}

Test (deadlines, a_call_that_is_not_answered_in_time_may_have_executed)
{
    hearth_proxy_set_timeout (proxy, 50);
    party_expect (hearth_call (proxy, "hold"), "hearth.Deadline", HEARTH_MAY_HAVE_EXECUTED);
    atomic_store (&released, true);
}

Test (deadlines, a_request_that_expired_in_the_queue_of_its_object_is_not_run)
{
    hearth_pending_t *busy = hearth_start (proxy, "hold");
    hearth_proxy_set_timeout (proxy, 50);
    hearth_pending_t *late = hearth_start (proxy, "count");
    hearth_result_t *result = hearth_wait (&late, -1);
    cr_assert (hearth_failed (result));
    cr_assert_str_eq (hearth_error (result)->name, "hearth.Deadline");
    hearth_result_destroy (&result);
    for (int round = 0; round < ROUNDS; round++)
        ask_broker ();
    atomic_store (&released, true);
    result = party_good (hearth_wait (&busy, -1));
    hearth_result_destroy (&result);

    hearth_proxy_set_timeout (proxy, 10000);
    result = party_good (hearth_call (proxy, "count"));
    cr_assert_eq (hearth_result_int (result), 1);
    hearth_result_destroy (&result);
}

Test (deadlines, the_handler_is_told_how_long_its_caller_waits)
{
    hearth_proxy_set_timeout (proxy, 5000);
    hearth_result_t *result = party_good (hearth_call (proxy, "remaining"));
    cr_assert_leq (hearth_result_int (result), 5000);
    cr_assert_gt (hearth_result_int (result), 0);
    hearth_result_destroy (&result);
}

Test (deadlines, a_call_that_is_given_up_is_cancelled_at_its_handler)
{
    hearth_pending_t *call = hearth_start (proxy, "outlast");
    cr_assert_null (hearth_wait (&call, 0));
    cr_assert (call);
    hearth_pending_destroy (&call);
    cr_assert_null (call);
    hearth_result_t *result = party_good (hearth_call (proxy, "count"));
    cr_assert_eq (hearth_result_int (result), 1);
    hearth_result_destroy (&result);
}

Test (deadlines, a_call_waits_for_a_name_as_long_as_it_is_told_to)
{
    hearth_proxy_t *later = hearth_proxy (client, "test.later");
    party_expect (hearth_call (later, "count"), "hearth.NoSuchService", HEARTH_NOT_EXECUTED);
    hearth_proxy_set_wait (later, 50);
    party_expect (hearth_call (later, "count"), "hearth.NoSuchService", HEARTH_NOT_EXECUTED);
    hearth_proxy_set_wait (later, 10000);
    hearth_pending_t *call = hearth_start (later, "count");
    cr_assert_null (hearth_wait (&call, 0));
    party_t *other = party_new (fixture_broker_address (broker), "test.later", methods, NULL);
    hearth_result_t *result = party_good (hearth_wait (&call, -1));
    cr_assert_eq (hearth_result_int (result), 1);
    hearth_result_destroy (&result);
    cr_assert_eq (party_destroy (&other), 0);
}

//  ---- an answer that waits while its caller is busy elsewhere ----

#define LATE_MS  100
#define GRACE_MS 250  //  for which a library waits on for the broker's word
#define ATTEMPTS 50

//  Returns when a call that was made before with LATE_MS is overdue at its library, too.
static void outlast_the_call (hearth_t *other)
{
    hearth_proxy_t *absent = hearth_proxy (other, "test.absent");
    hearth_proxy_set_timeout (absent, 10000);
    hearth_proxy_set_wait (absent, LATE_MS + GRACE_MS + LATE_MS);
    party_expect (hearth_call (absent, "count"), "hearth.NoSuchService", HEARTH_NOT_EXECUTED);
    hearth_proxy_destroy (&absent);
}

//  A call that is on its way, and has no answer yet.
static hearth_pending_t *begin_call (void)
{
    hearth_pending_t *call;
    do {
        call = hearth_start (proxy, "count");
        hearth_result_t *early = hearth_wait (&call, 0);
        hearth_result_destroy (&early);
    } while (!call);
    return call;
}

//  Whether the answer counted. It may have been given too late for that.
static bool is_answered (hearth_t *other)
{
    hearth_pending_t *call = begin_call ();
    outlast_the_call (other);
    hearth_result_t *result = hearth_wait (&call, -1);
    bool is_good = !hearth_failed (result);
    hearth_result_destroy (&result);
    return is_good;
}

Test (deadlines, an_answer_counts_that_came_in_time_to_a_caller_who_was_busy_elsewhere)
{
    hearth_t *other = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    hearth_proxy_set_timeout (proxy, LATE_MS);
    int attempts = 0;
    while (!is_answered (other))
        cr_assert_lt (++attempts, 5, "it is given up while its answer waits in the socket");
    hearth_destroy (&other);
}

//  ---- a request that waits while an observer is told something ----

//  A connection that serves and observes, in the test's own thread, so that nothing happens there but within a turn that the
//  test takes.
static hearth_t *both, *publisher;
static hearth_pending_t *busy, *late;
static record_t facts;

//  Returns when a request that was read before has expired: the broker parks a call, which begins now, for longer.
static void outlast_the_request (const hearth_notification_t *notification, void *context)
{
    record (notification, context);
    hearth_proxy_t *absent = hearth_proxy (client, "test.absent");
    hearth_proxy_set_timeout (absent, 10000);
    hearth_proxy_set_wait (absent, 2 * LATE_MS);
    party_expect (hearth_call (absent, "count"), "hearth.NoSuchService", HEARTH_NOT_EXECUTED);
    hearth_proxy_destroy (&absent);
}

//  While it runs a notification comes, then a request, then word that its own call is cancelled: once it knows of that, the
//  request has been read, too, and waits for it.
static void let_others_come (hearth_call_t *call, void *self)
{
    (void) self;
    publish (publisher, "test.publisher", "news", 1, 1);
    late = hearth_start (proxy, "count");
    cr_assert_null (hearth_wait (&late, 0));
    hearth_pending_destroy (&busy);
    while (!hearth_cancelled (call))
        continue;
    hearth_reply_nil (call);
}

static const hearth_method_t busy_methods [] = {
    { "let_others_come", "", NULL, let_others_come, .doc = NULL },
    { "count", "", "int", count, .doc = NULL },
    { .name = NULL },
};

static void begin_both (void)
{
    const char *address = fixture_broker_address (broker);
    both = hearth_connect (address);
    cr_assert_eq (hearth_serve (both, "test.both", busy_methods, NULL), 0);
    cr_assert_eq (hearth_ready (both, PATIENCE_MS), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    publisher = publisher_new (address, "test.publisher");
    cr_assert_not_null (hearth_observe (both, "test.publisher", "news", PATIENCE_MS, outlast_the_request, &facts));
    proxy = hearth_proxy (client, "test.both");
}

//  Whether the request was given up before it ran. It may run, in time, if the notification was not there yet.
static bool try_once (void)
{
    uint64_t told = facts.told;
    hearth_proxy_set_timeout (proxy, 10000);
    busy = hearth_start (proxy, "let_others_come");
    cr_assert_null (hearth_wait (&busy, 0));
    hearth_proxy_set_timeout (proxy, LATE_MS);
    until (both, &facts.told, told + 1);
    hearth_result_t *result = hearth_wait (&late, -1);
    bool is_late = hearth_failed (result);
    hearth_result_destroy (&result);
    return is_late;
}

Test (deadlines, a_request_that_expired_while_an_observer_was_told_is_not_run)
{
    begin_both ();
    int attempts = 0, before = 0;
    do {
        cr_assert_lt (attempts++, ATTEMPTS, "the notification never came before the handler had returned");
        before = atomic_load (&runs);
    } while (!try_once ());
    cr_assert_eq (atomic_load (&runs), before);
    hearth_destroy (&both);
    hearth_destroy (&publisher);
}
