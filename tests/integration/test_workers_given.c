/*  test_workers_given.c - calls that workers were given and have perhaps not begun, threads, and children that handlers fork
*/
#include <criterion/criterion.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"
#include "gate.h"
#include "party.h"
#include "repetitions.h"
#include "threads.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };

static gate_t entered = GATE_INITIALIZER, released = GATE_INITIALIZER;

//  ---- the service, which the test drives ----

static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&released, 1);
    hearth_reply (call, "held");
}

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

static const hearth_method_t methods [] = {
    { "hold", "", "str", hold, .doc = NULL },
    { "echo", "value: any", NULL, echo, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static hearth_t *service, *client;

static hearth_t *new_service (void)
{
    hearth_t *hearth = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (hearth, "test.plain", methods, NULL), 0);
    cr_assert_eq (hearth_ready (hearth, PATIENCE_MS), 0);
    return hearth;
}

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = new_service ();
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
}

static void end (void)
{
    hearth_destroy (&service);
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

TestSuite (workers_given, .init = begin, .fini = end);

//  All that was sent to the service before has come when it answers.
static void expect_echo (const char *name)
{
    expect_str (party_await (service, hearth_start (hearth_proxy (client, name), "echo", "alive")), "alive");
}

//  ---- calls that were given to a worker, and perhaps not begun ----

enum { CROWD = 4 };

static const hearth_service_options_t crowd = { .workers = 2, .parallel = true, .capacity = CROWD };

static void serve_crowd (void)
{
    cr_assert_eq (hearth_serve_with (service, "test.crowd", methods, NULL, &crowd), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
}

static void start_crowd (hearth_pending_t *calls [CROWD])
{
    hearth_proxy_t *name = hearth_proxy (client, "test.crowd");
    for (int index = 0; index < CROWD; index++)
        calls [index] = hearth_start (name, "echo", "alive");
    hearth_proxy_destroy (&name);
}

//  Whether it was answered, or refused as not executed.
static bool has_ended_well (hearth_result_t *result)
{
    const hearth_error_t *error = hearth_error (result);
    bool is_good = !error || (error->code == HEARTH_CANCELLED && error->mark == HEARTH_NOT_EXECUTED);
    hearth_result_destroy (&result);
    return is_good;
}

//  What is not answered would take up the capacity.
Test (workers_given, calls_that_are_cancelled_at_once_are_answered_all_the_same)
{
    hearth_pending_t *calls [CROWD];
    serve_crowd ();
    for (int round = repetitions (300); round > 0; round--) {
        start_crowd (calls);
        for (int index = 0; index < CROWD; index++)
            hearth_pending_destroy (&calls [index]);
        expect_echo ("test.crowd");
    }
    start_crowd (calls);
    for (int index = 0; index < CROWD; index++)
        expect_str (party_await (service, calls [index]), "alive");
}

Test (workers_given, an_object_that_is_taken_away_at_once_answers_what_it_was_given)
{
    hearth_pending_t *calls [CROWD];
    for (int round = repetitions (300); round > 0; round--) {
        serve_crowd ();
        start_crowd (calls);
        expect_echo ("test.plain");
        cr_assert_eq (hearth_unserve (service, "test.crowd"), 0);
        for (int index = 0; index < CROWD; index++)
            cr_assert (has_ended_well (party_await (service, calls [index])));
    }
}

Test (workers_given, so_does_a_connection_that_is_destroyed_at_once)
{
    hearth_pending_t *calls [CROWD];
    for (int round = repetitions (100); round > 0; round--) {
        serve_crowd ();
        start_crowd (calls);
        expect_echo ("test.plain");
        hearth_destroy (&service);
        for (int index = 0; index < CROWD; index++) {
            hearth_result_t *result = hearth_wait (&calls [index], -1);
            cr_assert (!hearth_failed (result) || hearth_error (result)->mark != HEARTH_EXECUTED);
            hearth_result_destroy (&result);
        }
        service = new_service ();
    }
}

//  ---- threads ----

Test (workers_given, the_threads_of_an_object_end_with_it)
{
    unsigned threads = count_threads ();
    serve_crowd ();
    while (count_threads () != threads + 2)
        cr_assert_eq (hearth_process (service), 0);
    cr_assert_eq (hearth_unserve (service, "test.crowd"), 0);
    while (count_threads () != threads)
        cr_assert_eq (hearth_process (service), 0);
    serve_crowd ();
    hearth_pending_t *call = hearth_start (hearth_proxy (client, "test.crowd"), "hold");
    while (gate_count (&entered) < 1)
        cr_assert_eq (hearth_process (service), 0);
    cr_assert_eq (hearth_unserve (service, "test.crowd"), 0);
    gate_pass (&released);
    expect_str (party_await (service, call), "held");
    while (count_threads () != threads)
        cr_assert_eq (hearth_process (service), 0);
}

//  ---- processes ----

//  Sees its connection as another process's, whatever it tries; ends as another program, or by returning.
static void fork_in_handler (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *plain = hearth_proxy_within (call, "test.plain");
    pid_t child = fork ();
    if (child == 0) {
        hearth_result_t *result = hearth_call (plain, "echo", 1);
        bool is_refused = hearth_failed (result) && strcmp (hearth_error (result)->name, "hearth.Forked") == 0;
        is_refused &= hearth_publish (hearth_connection (call), "test.fork", "event", 1) != 0;
        is_refused &= !hearth_proxy (hearth_connection (call), "test.plain");
        hearth_reply (call, "from the child");
        hearth_call_t *same = hearth_keep (call);
        hearth_call_destroy (&same);
        execl (is_refused ? "/bin/true" : "/bin/false", "child", NULL);
        _exit (2);
    }
    int status = -1;
    bool is_good = waitpid (child, &status, 0) == child && WIFEXITED (status) && WEXITSTATUS (status) == 0;
    hearth_reply (call, hearth_bool (is_good));
}

static const hearth_method_t forking_methods [] = {
    { "fork", "", "bool", fork_in_handler, .doc = NULL },
    { .name = NULL },
};

Test (workers_given, a_child_that_a_handler_forks_is_told_and_its_parent_goes_on)
{
    cr_assert_eq (hearth_serve_with (service, "test.fork", forking_methods, NULL, &crowd), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    hearth_result_t *result =
        party_good (party_await (service, hearth_start (hearth_proxy (client, "test.fork"), "fork")));
    cr_assert (hearth_result_bool (result));
    hearth_result_destroy (&result);
    expect_echo ("test.plain");
}
