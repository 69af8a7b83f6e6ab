/*  test_exhaustion.c - memory runs out at each of the library's allocations in turn, on both sides of a call

    The connection under test is driven by hand, and only what it does is refused memory (failing.h): the broker and the
    other side have enough. Each call ends once, its mark is true, and when there is memory again all works.
*/
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker.h"
#include "failing.h"
#include "observing.h"
#include "party.h"
#include "repetitions.h"

static const char *const options [] = { "--settle", "0", NULL };
static fixture_broker_t *broker;
static atomic_llong executed;  //  by the service under test

static void count (hearth_call_t *call, void *self)
{
    (void) self;
    executed++;
    hearth_reply (call, hearth_arg (call, 0));
}

static void count_and_fail (hearth_call_t *call, void *self)
{
    (void) self;
    executed++;
    hearth_fail (call, HEARTH_ABORTED, "test.Failed", "as asked: %s", hearth_arg_str (call, 0));
}

static const hearth_method_t methods [] = {
    { "count", "value: any", "any", count, .doc = "Counts." },
    { "fail", "why: str = \"x\"", NULL, count_and_fail, .doc = NULL },
    { .name = NULL },
};
static const hearth_event_t events [] = { { "news", "int", .doc = NULL }, { .name = NULL } };

//  The number of allocations that are looked at: each, or one of some where the test is instrumented.
static unsigned long s_step (void)
{
    return 10 / (unsigned long) repetitions (10);
}

static void begin (void)
{
    broker = fixture_broker_new (options);
}

static void end (void)
{
    fixture_broker_destroy (&broker);
}

//  ---- as a caller ----

//  What a mark says must be so. Answers whether the call went well.
static bool s_judge (hearth_result_t *result, int64_t before)
{
    const hearth_error_t *error = hearth_error (result);
    if (!error)
        cr_assert_eq (executed, before + 1);
    else if (error->mark == HEARTH_NOT_EXECUTED)
        cr_assert_eq (executed, before, "%s: %s", error->name, error->message);
    else if (error->mark == HEARTH_EXECUTED)
        cr_assert_eq (executed, before + 1, "%s: %s", error->name, error->message);
    bool is_good = !error;
    hearth_result_destroy (&result);
    return is_good;
}

static hearth_result_t *s_call (hearth_t *hearth)
{
    hearth_proxy_t *proxy = hearth_proxy (hearth, "counter");
    hearth_result_t *result = hearth_call (proxy, "count", "a text that has some length");
    hearth_proxy_destroy (&proxy);
    return result;
}

//  A service in this very program, whose memory is not refused.
static void *s_party_begin (void)
{
    return party_new (fixture_broker_address (broker), "counter", methods, NULL);
}

static void s_call_in_turn (hearth_t *hearth)
{
    failing_begin ();
    int64_t before = executed;
    hearth_result_t *result = s_call (hearth);
    failing_end ();
    s_judge (result, before);
}

static void s_start_in_turn (hearth_t *hearth)
{
    failing_begin ();
    hearth_proxy_t *proxy = hearth_proxy (hearth, "counter");
    hearth_pending_t *pending = hearth_start (proxy, "fail");
    hearth_result_t *oneway = hearth_oneway (proxy, "count", 1);
    hearth_result_t *result = hearth_wait (&pending, 20000);
    hearth_result_t *list = hearth_list (hearth, "", "");
    hearth_result_t *described = hearth_describe (hearth, "counter");
    hearth_result_destroy (&oneway);
    hearth_result_destroy (&result);
    hearth_result_destroy (&list);
    hearth_result_destroy (&described);
    hearth_proxy_destroy (&proxy);
    failing_end ();
}

//  One connection from its beginning, with that allocation refused. False if there is none such.
static bool s_call_refused (unsigned long first, unsigned long more)
{
    long held = failing_held ();
    failing_arm (first, more);
    failing_begin ();
    hearth_t *hearth = hearth_connect (fixture_broker_address (broker));
    failing_end ();
    bool has_begun = hearth;
    if (hearth) {
        s_call_in_turn (hearth);
        s_start_in_turn (hearth);
    }
    failing_disarm ();
    if (hearth) {
        hearth_result_t *last = s_call (hearth);  //  what was sent before has been executed, too
        hearth_result_destroy (&last);
        int64_t before = executed;
        cr_assert (s_judge (s_call (hearth), before), "a call is answered again when %lu was refused", first);
    }
    hearth_destroy (&hearth);
    cr_assert (has_begun || failing_has_failed ());
    cr_assert_eq (failing_held (), held, "%ld are left when %lu was refused", failing_held () - held, first);
    return failing_has_failed ();
}

static void s_call_all (unsigned long more)
{
    party_t *party = s_party_begin ();
    unsigned long first = 1;
    while (s_call_refused (first, more))
        first += s_step ();
    cr_assert_gt (first, 10);
    cr_assert_eq (party_destroy (&party), 0);
}

TestSuite (exhaustion, .init = begin, .fini = end);

Test (exhaustion, a_caller_without_memory_is_told_the_truth)
{
    s_call_all (0);
}

Test (exhaustion, a_caller_without_memory_for_a_while_calls_again_afterwards)
{
    s_call_all (20);
}

//  ---- without descriptors ----

//  Leaves so many descriptors to this process; returns how many there are to be closed again.
static int s_leave (int left, int taken [256])
{
    struct rlimit limit;
    int count = 0, fd;
    cr_assert_eq (getrlimit (RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 256;
    cr_assert_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
    while (count < 256 && (fd = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        taken [count++] = fd;
    while (left-- > 0)
        close (taken [--count]);
    return count;
}

static void s_connect_with (int left)
{
    int taken [256], count = s_leave (left, taken);
    errno = 0;
    hearth_t *hearth = hearth_connect (fixture_broker_address (broker));
    cr_assert (hearth || errno == EMFILE, "%d left: %s", left, strerror (errno));
    hearth_destroy (&hearth);
    while (count > 0)
        close (taken [--count]);
    hearth = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (hearth, PATIENCE_MS), 0);
    hearth_destroy (&hearth);
}

Test (exhaustion, a_program_without_descriptors_gets_no_connection_and_lives)
{
    for (int left = 0; left < 20; left++)
        s_connect_with (left);
}

//  ---- as a service ----

typedef struct {
    hearth_t *client;
    hearth_t *service;
    hearth_proxy_t *proxy;
} pair_t;

static void s_turn (hearth_t *hearth)
{
    cr_assert_eq (hearth_process (hearth), 0, "%s", hearth_last_error (hearth)->message);
}

static void s_wait_for_either (const pair_t *pair)
{
    struct pollfd fds [] = { { .fd = hearth_fd (pair->client), .events = POLLIN },
                             { .fd = hearth_fd (pair->service), .events = POLLIN } };
    int64_t one = hearth_next_timeout_ms (pair->client), other = hearth_next_timeout_ms (pair->service);
    poll (fds, 2, (int) (one < 0 || (other >= 0 && other < one) ? other : one));
}

//  Drives both sides until the call has ended.
static hearth_result_t *s_finish (const pair_t *pair, hearth_pending_t *pending)
{
    hearth_result_t *result = NULL;
    while (pending) {
        failing_begin ();
        s_turn (pair->service);
        failing_end ();
        result = hearth_wait (&pending, 0);
        if (pending)
            s_wait_for_either (pair);
    }
    return result;
}

//  Whether it went well. What a service cannot answer ends with its session, and not with the deadline.
static bool s_ask (const pair_t *pair, const char *method)
{
    static char text [3000];  //  the answer takes more room than any frame before it
    memset (text, 'x', sizeof text - 1);
    int64_t before = executed;
    hearth_result_t *result = s_finish (pair, hearth_start (pair->proxy, method, text));
    const hearth_error_t *error = hearth_error (result);
    cr_assert (!error || strcmp (error->name, "hearth.Deadline") != 0, "%s", error->message);
    if (error && strcmp (error->name, "test.Failed") == 0)
        cr_assert_eq (executed, before + 1);
    return s_judge (result, before);
}

static pair_t s_pair_new (void)
{
    pair_t pair = { .client = hearth_connect (fixture_broker_address (broker)),
                    .service = hearth_connect (fixture_broker_address (broker)) };
    pair.proxy = hearth_proxy (pair.client, "counter");
    hearth_proxy_set_timeout (pair.proxy, 60000);
    hearth_proxy_set_wait (pair.proxy, 60000);
    return pair;
}

//  A service that serves, publishes and observes, and a caller who waits for its name.
static bool s_serve_refused (unsigned long first, unsigned long more)
{
    long held = failing_held ();
    record_t facts = { 0 };
    pair_t pair = s_pair_new ();
    failing_arm (first, more);
    failing_begin ();
    hearth_service_options_t with = { .events = events };
    int code = hearth_serve_with (pair.service, "counter", methods, NULL, &with);
    if (code == 0)
        code = hearth_ready (pair.service, PATIENCE_MS);
    hearth_observation_t *observation = hearth_observe (pair.service, "counter", "news", PATIENCE_MS, record, &facts);
    cr_assert (observation || hearth_last_error (pair.service)->code == HEARTH_RESOURCE_EXHAUSTED);
    failing_end ();
    cr_assert (code == 0 || code == HEARTH_RESOURCE_EXHAUSTED, "%d: %s, %lu was refused", code,
               hearth_last_error (pair.service)->message, first);
    if (code == 0) {
        s_ask (&pair, "count");
        s_ask (&pair, "fail");
        failing_begin ();
        hearth_publish (pair.service, "counter", "news", 1);
        failing_end ();
    }
    failing_disarm ();
    bool has_failed = failing_has_failed ();
    if (code && hearth_unserve (pair.service, "counter") >= 0)
        cr_assert_eq (hearth_serve_with (pair.service, "counter", methods, NULL, &with), 0);
    while (!s_ask (&pair, "count"))
        continue;
    cr_assert (observation || has_failed);
    if (observation) {
        uint64_t told = facts.told;
        cr_assert_eq (hearth_publish (pair.service, "counter", "news", 2), 0);
        until (pair.service, &facts.told, told + 1);
        cr_assert_eq (facts.value, 2);
    }
    hearth_observation_destroy (&observation);
    hearth_proxy_destroy (&pair.proxy);
    hearth_destroy (&pair.service);
    hearth_destroy (&pair.client);
    cr_assert_eq (failing_held (), held, "%ld are left when %lu was refused", failing_held () - held, first);
    return has_failed;
}

static void s_serve_all (unsigned long more)
{
    unsigned long first = 1;
    while (s_serve_refused (first, more))
        first += s_step ();
    cr_assert_gt (first, 20);
}

Test (exhaustion, a_service_without_memory_lets_no_caller_wait)
{
    s_serve_all (0);
}

Test (exhaustion, a_service_without_memory_for_a_while_serves_again_afterwards)
{
    s_serve_all (3);
}
