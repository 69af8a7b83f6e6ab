/*  test_workers.c - handlers on threads of their object's own: what runs at the same time, and what a worker may do
*/
#include <criterion/criterion.h>
#include <string.h>

#include "broker.h"
#include "gate.h"
#include "party.h"
#include "repetitions.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };

static gate_t entered = GATE_INITIALIZER, released = GATE_INITIALIZER;

//  ---- the service ----

//  Both of two handlers are there before either returns.
static void meet (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&entered, 2);
    hearth_reply (call, "met");
}

//  Says that it runs, and answers when the test says so.
static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&released, 1);
    hearth_reply (call, hearth_arg (call, 0));
}

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

//  Calls a method of the object of that name on behalf of its own call, and answers with the result or the error's name.
static void relay (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_result_t *result =
        hearth_call (hearth_proxy_within (call, hearth_arg_str (call, 0)), "echo", hearth_arg (call, 1));
    if (hearth_failed (result))
        hearth_reply (call, hearth_error (result)->name);
    else
        hearth_reply (call, hearth_result_value (result));
    hearth_result_destroy (&result);
}

static void silent (hearth_call_t *call, void *self)
{
    (void) call;
    (void) self;
}

static void complain (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_fail (call, HEARTH_ABORTED, "test.Complaint", "%s", hearth_arg_str (call, 0));
    hearth_reply (call, "a second answer");
}

static void describe (hearth_call_t *call, void *self)
{
    hearth_builder_t *list = hearth_builder_new ();
    hearth_builder_open_list (list);
    hearth_builder_add (list, hearth_method (call));
    hearth_builder_add (list, hearth_caller (call));
    hearth_builder_add (list, hearth_unique_name (hearth_connection (call)));
    hearth_builder_add (list, (const char *) self);
    hearth_builder_add (list, hearth_bool (hearth_remaining_ms (call) > 0 && !hearth_cancelled (call)));
    hearth_builder_close (list);
    hearth_reply (call, list);
    hearth_builder_destroy (&list);
}

static const hearth_method_t methods [] = {
    { "meet", "", "str", meet, .doc = NULL },          { "hold", "value: any", NULL, hold, .doc = NULL },
    { "echo", "value: any", NULL, echo, .doc = NULL }, { "relay", "name: str, value: any", NULL, relay, .doc = NULL },
    { "silent", "", NULL, silent, .doc = NULL },       { "complain", "text: str", "int", complain, .doc = NULL },
    { "describe", "", "list", describe, .doc = NULL }, { .name = NULL },
};

//  ---- what a worker's connection is not for ----

static bool is_in_use (const hearth_t *hearth)
{
    return strcmp (hearth_last_error (hearth)->name, "hearth.InUse") == 0;
}

static void try_everything (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_t *hearth = hearth_connection (call), *same = hearth;
    bool is_refused = !hearth_proxy (hearth, "test.plain") && is_in_use (hearth);
    is_refused &= hearth_serve (hearth, "test.more", methods, NULL) == HEARTH_FAILED_PRECONDITION;
    is_refused &= hearth_unserve (hearth, "test.plain") == HEARTH_FAILED_PRECONDITION;
    is_refused &= hearth_process (hearth) == HEARTH_FAILED_PRECONDITION;
    is_refused &= hearth_run (hearth) == HEARTH_FAILED_PRECONDITION;
    is_refused &= hearth_ready (hearth, 0) == HEARTH_FAILED_PRECONDITION;
    is_refused &= !hearth_start (hearth_proxy_within (call, "test.plain"), "echo", 1);
    is_refused &= !hearth_watch (hearth, "test.plain", NULL, NULL) && is_in_use (hearth);
    is_refused &= !hearth_proxy_within (call, "no name") && !is_in_use (hearth);
    hearth_result_t *found = hearth_lookup (hearth, "test.plain");
    is_refused &= hearth_failed (found) && strcmp (hearth_error (found)->name, "hearth.InUse") == 0;
    hearth_result_destroy (&found);
    hearth_call_t *not_kept = call;
    hearth_call_destroy (&not_kept);
    hearth_destroy (&same);
    hearth_reply (call, hearth_bool (is_refused && same && not_kept));
}

static const hearth_method_t bold_methods [] = {
    { "try", "", "bool", try_everything, .doc = NULL },
    { .name = NULL },
};

static char plain [] = "plain", nested [] = "nested", serial [] = "serial", parallel [] = "parallel";

static const party_object_t objects [] = {
    { "test.plain", methods, plain, { .workers = 0 } },
    { "test.nested", methods, nested, { .parallel = true } },
    { "test.serial", methods, serial, { .workers = 4 } },
    { "test.parallel", methods, parallel, { .workers = 2, .parallel = true } },
    { "test.bold", bold_methods, NULL, { .workers = 1 } },
    { .name = NULL },
};

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new_of (fixture_broker_address (broker), objects);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (workers, .init = begin, .fini = end);

static hearth_result_t *call_echo (const char *name, const char *text)
{
    return hearth_call (hearth_proxy (client, name), "echo", text);
}

//  ---- what runs at the same time ----

Test (workers, two_workers_run_two_handlers_of_a_parallel_object_at_once)
{
    hearth_proxy_t *proxy = hearth_proxy (client, "test.parallel");
    hearth_pending_t *one = hearth_start (proxy, "meet"), *other = hearth_start (proxy, "meet");
    expect_str (hearth_wait (&one, -1), "met");
    expect_str (hearth_wait (&other, -1), "met");
}

//  What one connection sends to another one arrives in order: when the plain object answers, the second call has come.
Test (workers, handlers_of_a_serial_object_run_one_by_one_and_leave_the_connection_free)
{
    hearth_proxy_t *proxy = hearth_proxy (client, "test.serial");
    hearth_pending_t *one = hearth_start (proxy, "hold", "one"), *other = hearth_start (proxy, "hold", "other");
    gate_await (&entered, 1);
    expect_str (call_echo ("test.plain", "free"), "free");
    expect_str (call_echo ("test.parallel", "free"), "free");
    cr_assert_eq (gate_count (&entered), 1);
    gate_pass (&released);
    expect_str (hearth_wait (&one, -1), "one");
    expect_str (hearth_wait (&other, -1), "other");
    cr_assert_eq (gate_count (&entered), 2);
}

Test (workers, no_more_handlers_of_a_parallel_object_run_than_it_has_workers)
{
    hearth_pending_t *calls [3];
    hearth_proxy_t *proxy = hearth_proxy (client, "test.parallel");
    for (int index = 0; index < 3; index++)
        calls [index] = hearth_start (proxy, "hold", index);
    gate_await (&entered, 2);
    expect_str (call_echo ("test.plain", "free"), "free");
    cr_assert_eq (gate_count (&entered), 2);
    gate_pass (&released);
    for (int index = 0; index < 3; index++) {
        hearth_result_t *result = party_good (hearth_wait (&calls [index], -1));
        cr_assert_eq (hearth_result_int (result), index);
        hearth_result_destroy (&result);
    }
}

Test (workers, a_parallel_object_without_workers_runs_handlers_within_each_other)
{
    expect_str (hearth_call (hearth_proxy (client, "test.nested"), "relay", "test.nested", "inner"), "inner");
    expect_str (hearth_call (hearth_proxy (client, "test.plain"), "relay", "test.plain", "inner"),
                "hearth.WouldDeadlock");
}

//  ---- a worker's call ----

Test (workers, a_worker_sees_its_call)
{
    hearth_result_t *result = party_good (hearth_call (hearth_proxy (client, "test.serial"), "describe"));
    const hearth_value_t *list = hearth_result_value (result);
    cr_assert_str_eq (hearth_value_str (hearth_value_at (list, 0)), "describe");
    cr_assert_str_eq (hearth_value_str (hearth_value_at (list, 1)), hearth_unique_name (client));
    cr_assert_str_eq (hearth_value_str (hearth_value_at (list, 2)), party_unique_name (service));
    cr_assert_str_eq (hearth_value_str (hearth_value_at (list, 3)), "serial");
    cr_assert (hearth_value_bool (hearth_value_at (list, 4)));
    hearth_result_destroy (&result);
}

Test (workers, a_worker_answers_as_any_handler_does)
{
    hearth_proxy_t *proxy = hearth_proxy (client, "test.serial");
    party_expect (hearth_call (proxy, "silent"), "hearth.NoReply", HEARTH_EXECUTED);
    party_expect (hearth_call (proxy, "complain", "loudly"), "test.Complaint", HEARTH_EXECUTED);
    party_expect (hearth_call (proxy, "complain", 1), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    hearth_result_t *sent = party_good (hearth_oneway (proxy, "echo", "unheard"));
    hearth_result_destroy (&sent);
    static char big [200000];
    memset (big, 'b', sizeof big - 1);
    expect_str (call_echo ("test.serial", big), big);
}

Test (workers, what_else_a_connection_can_do_a_worker_is_refused)
{
    hearth_result_t *result = party_good (hearth_call (hearth_proxy (client, "test.bold"), "try"));
    cr_assert (hearth_result_bool (result));
    hearth_result_destroy (&result);
}

//  Also while nobody else is in the connection.
Test (workers, a_worker_is_refused_between_the_turns_of_a_loop_of_ones_own)
{
    hearth_t *own = hearth_connect (fixture_broker_address (broker));
    const hearth_service_options_t one = { .workers = 1 };
    cr_assert_eq (hearth_serve_with (own, "test.own", bold_methods, NULL, &one), 0);
    cr_assert_eq (hearth_ready (own, PATIENCE_MS), 0);
    hearth_result_t *result = party_await (own, hearth_start (hearth_proxy (client, "test.own"), "try"));
    cr_assert (hearth_result_bool (party_good (result)));
    hearth_result_destroy (&result);
    hearth_destroy (&own);
}

Test (workers, more_than_64_workers_are_refused)
{
    hearth_service_options_t many = { .workers = 65 };
    cr_assert_eq (hearth_serve_with (client, "test.many", methods, NULL, &many), HEARTH_INVALID_ARGUMENT);
    cr_assert (strstr (hearth_last_error (client)->message, "64"), "%s", hearth_last_error (client)->message);
    many = (hearth_service_options_t){ .workers = 64, .parallel = true };
    cr_assert_eq (hearth_serve_with (client, "test.many", methods, NULL, &many), 0);
    cr_assert_eq (hearth_unserve (client, "test.many"), 0);
}

Test (workers, every_call_of_many_ends_once)
{
    enum { COUNT = 64 };
    static const char *const names [] = { "test.serial", "test.parallel", "test.plain", "test.nested" };
    hearth_pending_t *calls [COUNT];
    hearth_proxy_t *proxies [4];
    for (int index = 0; index < 4; index++)
        proxies [index] = hearth_proxy (client, names [index]);
    for (int round = repetitions (100); round > 0; round--) {
        for (int index = 0; index < COUNT; index++)
            calls [index] = hearth_start (proxies [index % 4], "echo", index);
        for (int index = 0; index < COUNT; index++) {
            hearth_result_t *result = party_good (hearth_wait (&calls [index], -1));
            cr_assert_eq (hearth_result_int (result), index);
            hearth_result_destroy (&result);
        }
    }
}
