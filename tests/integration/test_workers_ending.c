/*  test_workers_ending.c - workers when things end: calls, objects, sessions, connections
*/
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "gate.h"
#include "party.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };

static gate_t entered = GATE_INITIALIZER, released = GATE_INITIALIZER, told = GATE_INITIALIZER;
static atomic_bool has_finished, was_cancelled;
static char inner_error [64], second_error [64];

//  ---- the service, which the test drives ----

static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&released, 1);
    atomic_store (&was_cancelled, hearth_cancelled (call));
    atomic_store (&has_finished, true);
    hearth_reply (call, "held");
}

static void tell (hearth_call_t *call, void *gate)
{
    (void) call;
    gate_pass (gate);
}

//  Returns when it is cancelled, and not before.
static void await_cancel (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_when_cancelled (call, tell, &told);
    gate_pass (&entered);
    gate_await (&told, 1);
    atomic_store (&was_cancelled, hearth_cancelled (call));
    atomic_store (&has_finished, true);
    hearth_reply (call, "cancelled");
}

static void copy_name (char out [64], hearth_result_t *result)
{
    strncpy (out, hearth_failed (result) ? hearth_error (result)->name : "", 63);
    hearth_result_destroy (&result);
}

//  Calls what answers never, and then once more.
static void call_out (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *proxy = hearth_proxy_within (call, "test.client");
    copy_name (inner_error, hearth_call (proxy, "never"));
    copy_name (second_error, hearth_call (proxy, "never"));
    atomic_store (&has_finished, true);
}

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

static const hearth_method_t methods [] = {
    { "hold", "", "str", hold, .doc = NULL },
    { "await_cancel", "", "str", await_cancel, .doc = NULL },
    { "call_out", "", NULL, call_out, .doc = NULL },
    { "echo", "value: any", NULL, echo, .doc = NULL },
    { .name = NULL },
};

static hearth_call_t *kept;

static void never (hearth_call_t *call, void *self)
{
    (void) self;
    kept = hearth_keep (call);
    gate_pass (&entered);
}

static const hearth_method_t client_methods [] = {
    { "never", "", NULL, never, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static hearth_t *service, *client;
static hearth_proxy_t *proxy;
static const hearth_service_options_t one = { .workers = 1 };

static hearth_t *new_service (void)
{
    hearth_t *hearth = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve_with (hearth, "test.service", methods, NULL, &one), 0);
    cr_assert_eq (hearth_serve (hearth, "test.plain", methods, NULL), 0);
    cr_assert_eq (hearth_ready (hearth, PATIENCE_MS), 0);
    return hearth;
}

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = new_service ();
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (client, "test.client", client_methods, NULL), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.service");
}

static void end (void)
{
    hearth_destroy (&service);
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

TestSuite (workers_ending, .init = begin, .fini = end);

//  Lets both connections go on until as many handlers have begun.
static void await_entered (unsigned count)
{
    while (gate_count (&entered) < count)
        cr_assert (hearth_process (service) == 0 && hearth_process (client) == 0);
}

//  All that was sent to the service before has come when it answers.
static void expect_echo (const char *name)
{
    expect_str (party_await (service, hearth_start (hearth_proxy (client, name), "echo", "alive")), "alive");
}

//  ---- calls ----

Test (workers_ending, a_handler_on_a_worker_hears_that_its_caller_gave_up)
{
    hearth_pending_t *call = hearth_start (proxy, "await_cancel");
    await_entered (1);
    hearth_pending_destroy (&call);
    expect_echo ("test.service");
    cr_assert (atomic_load (&was_cancelled));
}

Test (workers_ending, a_call_that_is_cancelled_before_a_worker_is_free_is_never_run)
{
    hearth_pending_t *first = hearth_start (proxy, "hold"), *second = hearth_start (proxy, "hold");
    await_entered (1);
    hearth_pending_destroy (&second);
    expect_echo ("test.plain");
    gate_pass (&released);
    expect_str (party_await (service, first), "held");
    expect_echo ("test.service");
    cr_assert_eq (gate_count (&entered), 1);
    cr_assert_not (atomic_load (&was_cancelled));
}

Test (workers_ending, a_handler_goes_on_when_its_broker_is_killed)
{
    hearth_pending_t *call = hearth_start (proxy, "await_cancel");
    await_entered (1);
    fixture_broker_kill (broker);
    party_expect (party_await (service, call), "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    fixture_broker_start (broker);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    expect_echo ("test.service");
    cr_assert (atomic_load (&was_cancelled));
}

Test (workers_ending, a_call_that_a_worker_waits_for_ends_with_its_broker)
{
    hearth_pending_t *call = hearth_start (proxy, "call_out");
    await_entered (1);
    fixture_broker_kill (broker);
    hearth_destroy (&client);
    hearth_call_destroy (&kept);
    while (!atomic_load (&has_finished))
        cr_assert_eq (hearth_process (service), 0);
    cr_assert_str_eq (inner_error, "hearth.BrokerGone");
    cr_assert_str_eq (second_error, "hearth.BrokerGone");
    hearth_pending_destroy (&call);
    fixture_broker_start (broker);
}

//  ---- objects ----

Test (workers_ending, an_object_that_is_taken_away_lives_until_its_handlers_have_ended)
{
    hearth_pending_t *first = hearth_start (proxy, "hold"), *second = hearth_start (proxy, "hold");
    await_entered (1);
    expect_echo ("test.plain");
    cr_assert_eq (hearth_unserve (service, "test.service"), 0);
    cr_assert_not (atomic_load (&has_finished));
    party_expect (party_await (service, second), "hearth.Cancelled", HEARTH_NOT_EXECUTED);
    cr_assert_eq (hearth_serve_with (service, "test.service", methods, NULL, &one), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    expect_echo ("test.service");
    gate_pass (&released);
    expect_str (party_await (service, first), "held");
    expect_echo ("test.service");
    cr_assert_eq (gate_count (&entered), 1);
}

//  ---- connections ----

Test (workers_ending, a_connection_waits_for_its_handlers_and_tells_them_when_it_is_destroyed)
{
    hearth_pending_t *first = hearth_start (proxy, "await_cancel"), *second = hearth_start (proxy, "await_cancel");
    await_entered (1);
    expect_echo ("test.plain");
    hearth_destroy (&service);
    cr_assert_null (service);
    cr_assert (atomic_load (&has_finished) && atomic_load (&was_cancelled));
    expect_str (hearth_wait (&first, -1), "cancelled");
    hearth_result_t *result = hearth_wait (&second, -1);
    cr_assert (hearth_failed (result));
    hearth_result_destroy (&result);
    cr_assert_eq (gate_count (&entered), 1);
}

Test (workers_ending, also_when_its_object_was_taken_away_before)
{
    hearth_pending_t *call = hearth_start (proxy, "await_cancel");
    await_entered (1);
    cr_assert_eq (hearth_unserve (service, "test.service"), 0);
    hearth_destroy (&service);
    cr_assert (atomic_load (&has_finished));
    expect_str (hearth_wait (&call, -1), "cancelled");
}

Test (workers_ending, calls_of_workers_end_when_the_connection_is_destroyed)
{
    hearth_pending_t *call = hearth_start (proxy, "call_out");
    await_entered (1);
    hearth_destroy (&service);
    cr_assert (atomic_load (&has_finished));
    cr_assert_str_eq (inner_error, "hearth.Cancelled");
    cr_assert_str_eq (second_error, "hearth.Cancelled");
    party_expect (hearth_wait (&call, -1), "hearth.NoReply", HEARTH_EXECUTED);
    hearth_call_destroy (&kept);
}

static void *run (void *hearth)
{
    return (void *) (intptr_t) hearth_run (hearth);
}

Test (workers_ending, running_ends_although_a_handler_runs_on_a_worker)
{
    pthread_t thread;
    void *code;
    hearth_pending_t *call = hearth_start (proxy, "hold");
    cr_assert_eq (pthread_create (&thread, NULL, run, service), 0);
    gate_await (&entered, 1);
    hearth_stop (service);
    cr_assert_eq (pthread_join (thread, &code), 0);
    cr_assert_null (code);
    cr_assert_not (atomic_load (&has_finished));
    gate_pass (&released);
    expect_str (party_await (service, call), "held");
}
