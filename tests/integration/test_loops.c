/*  test_loops.c - driving a connection: hearth_run and its end, a loop of the program's own, what outlives it
*/
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "broker.h"
#include "party.h"

static const char *const options [] = { "--settle", "0", NULL };

static atomic_bool entered;

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

//  Calls a name, says that it does, and hands on how that failed.
static void relay (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_pending_t *pending = hearth_start (hearth_proxy_within (call, hearth_arg_str (call, 0)), "outlast");
    atomic_store (&entered, true);
    hearth_result_t *result = hearth_wait (&pending, -1);
    const hearth_error_t *error = hearth_error (result);
    hearth_fail (call, HEARTH_ABORTED, "test.Passed", "%s", error ? error->name : "none");
    hearth_result_destroy (&result);
}

static void outlast (hearth_call_t *call, void *self)
{
    (void) self;
    while (!hearth_cancelled (call))
        continue;
    hearth_reply_nil (call);
}

static const hearth_method_t methods [] = {
    { "echo", "value: any", NULL, echo, .doc = NULL },
    { "relay", "name: str", NULL, relay, .doc = NULL },
    { "outlast", "", NULL, outlast, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void begin (void)
{
    broker = fixture_broker_new (options);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.service");
    hearth_proxy_set_wait (proxy, 10000);
}

static void end (void)
{
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

TestSuite (loops, .init = begin, .fini = end);

Test (loops, a_stop_before_the_run_ends_it)
{
    hearth_stop (client);
    cr_assert_eq (hearth_run (client), 0);
    hearth_result_t *result = party_good (hearth_call (hearth_proxy (client, "hearth"), "ping", 5));
    cr_assert_eq (hearth_result_int (result), 5);
    hearth_result_destroy (&result);
}

static hearth_t *stopped;

static void on_alarm (int number)
{
    (void) number;
    hearth_stop (stopped);
}

Test (loops, a_signal_handler_may_stop_it)
{
    stopped = client;
    signal (SIGALRM, on_alarm);
    raise (SIGALRM);
    cr_assert_eq (hearth_run (client), 0);
}

Test (loops, a_handler_that_waits_does_not_keep_it_from_stopping)
{
    party_t *relaying = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    party_t *outlasting = party_new (fixture_broker_address (broker), "test.other", methods, NULL);
    hearth_pending_t *call = hearth_start (proxy, "relay", "test.other");
    while (!atomic_load (&entered))
        cr_assert_null (hearth_wait (&call, 0));
    cr_assert_eq (party_destroy (&relaying), 0);
    hearth_result_t *result = hearth_wait (&call, -1);
    cr_assert (hearth_failed (result));
    cr_assert_str_eq (hearth_error (result)->message, "hearth.Cancelled");
    hearth_result_destroy (&result);
    cr_assert_eq (party_destroy (&outlasting), 0);
}

typedef struct {
    hearth_t *hearth;
    atomic_bool ends;
} looping_t;

//  A loop of the program's own: it sleeps whenever the descriptor says that there is nothing to do.
static void *loop (void *context)
{
    looping_t *self = context;
    struct pollfd item = { .fd = hearth_fd (self->hearth), .events = POLLIN };
    while (!atomic_load (&self->ends)) {
        poll (&item, 1, (int) hearth_next_timeout_ms (self->hearth));
        int code = hearth_process (self->hearth);
        if (code)
            return (void *) (intptr_t) code;
    }
    return NULL;
}

Test (loops, a_service_in_a_loop_of_the_programs_own_misses_nothing)
{
    looping_t self = { .hearth = hearth_connect (fixture_broker_address (broker)) };
    pthread_t thread;
    void *code;
    cr_assert_eq (hearth_serve (self.hearth, "test.service", methods, NULL), 0);
    cr_assert_eq (pthread_create (&thread, NULL, loop, &self), 0);
    for (int round = 0; round < 200; round++) {
        hearth_pending_t *calls [8];
        for (int index = 0; index < 8; index++)
            calls [index] = hearth_start (proxy, "echo", index);
        for (int index = 0; index < 8; index++) {
            hearth_result_t *result = party_good (hearth_wait (&calls [index], -1));
            cr_assert_eq (hearth_result_int (result), index);
            hearth_result_destroy (&result);
        }
    }
    atomic_store (&self.ends, true);
    hearth_stop (self.hearth);
    cr_assert_eq (pthread_join (thread, &code), 0);
    cr_assert_null (code);
    hearth_destroy (&self.hearth);
}

//  Every send may swallow the news that an answer has come: the descriptor must say so all the same.
Test (loops, a_caller_in_a_loop_of_the_programs_own_misses_nothing)
{
    party_t *service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    struct pollfd item = { .fd = hearth_fd (client), .events = POLLIN };
    hearth_pending_t *calls [16] = { NULL };
    int started = 0, ended = 0;
    while (ended < 2000) {
        for (int index = 0; index < 16; index++) {
            hearth_result_t *result = calls [index] ? hearth_wait (&calls [index], 0) : NULL;
            if (result) {
                party_good (result);
                hearth_result_destroy (&result);
                ended++;
            }
            if (!calls [index] && started < 2000) {
                calls [index] = hearth_start (proxy, "echo", index);
                started++;
            }
        }
        if (ended < 2000)
            cr_assert_geq (poll (&item, 1, (int) hearth_next_timeout_ms (client)), 0);
        cr_assert_eq (hearth_process (client), 0);
    }
    cr_assert_eq (party_destroy (&service), 0);
}

Test (loops, results_and_calls_outlive_the_connection)
{
    static char big [100000];
    memset (big, 'b', sizeof big - 1);
    party_t *service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    hearth_result_t *small = party_good (hearth_call (proxy, "echo", "small"));
    hearth_result_t *large = party_good (hearth_call (proxy, "echo", big));
    hearth_pending_t *call = hearth_start (proxy, "outlast");
    hearth_pending_t *other = hearth_start (proxy, "outlast");
    hearth_destroy (&client);
    cr_assert_null (client);
    cr_assert_str_eq (hearth_result_str (small), "small");
    cr_assert_str_eq (hearth_result_str (large), big);
    party_expect (hearth_wait (&call, -1), "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_null (call);
    hearth_pending_destroy (&other);
    hearth_result_destroy (&small);
    hearth_result_destroy (&large);
    cr_assert_eq (party_destroy (&service), 0);
}
