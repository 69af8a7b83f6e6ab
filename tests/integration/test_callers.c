/*  test_callers.c - what a service keeps of its callers, and that it hears when they are gone
*/
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "gate.h"
#include "party.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static hearth_t *service, *client, *doomed;
static gate_t entered = GATE_INITIALIZER, released = GATE_INITIALIZER, gone = GATE_INITIALIZER;
static char gone_name [64];
static hearth_call_t *kept;

//  ---- the service, which the test drives ----

static void forget (hearth_t *hearth, const char *caller, void *state)
{
    cr_assert_not_null (hearth);
    snprintf (gone_name, sizeof gone_name, "%s", caller);
    free (state);
    gate_pass (&gone);
}

static int64_t *remember (hearth_call_t *call)
{
    int64_t *count = hearth_caller_state (call);
    if (count)
        return count;
    count = calloc (1, sizeof *count);
    cr_assert_eq (hearth_set_caller_state (call, count, forget), 0);
    cr_assert_eq (hearth_caller_state (call), count);
    return count;
}

static void count_calls (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, ++*remember (call));
}

//  On a worker: begins when its caller may be gone.
static void count_late (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&released, 1);
    ++*remember (call);
}

//  On a worker: what it has asked for stays for as long as it runs.
static void count_twice (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t *count = remember (call);
    gate_pass (&entered);
    gate_await (&released, 1);
    hearth_reply (call, *count += 2);
}

static void watch_went (const char *name, hearth_change_t change, void *went)
{
    (void) name;
    *(bool *) went = change == HEARTH_WENT;
}

//  In the connection's thread: its caller goes while it waits.
static void outlive_caller (hearth_call_t *call, void *self)
{
    (void) self;
    bool went = false;
    int64_t *count = remember (call);
    hearth_watch_t *watch = hearth_watch (service, hearth_caller (call), watch_went, &went);
    hearth_destroy (&doomed);
    while (!went) {
        hearth_result_t *result = party_good (hearth_call (hearth_proxy (service, "hearth"), "list"));
        hearth_result_destroy (&result);
    }
    hearth_watch_destroy (&watch);
    cr_assert_eq (gate_count (&gone), 0);
    ++*count;
    gate_pass (&entered);
}

static void keep (hearth_call_t *call, void *self)
{
    (void) self;
    kept = hearth_keep (call);
    ++*remember (call);
    gate_pass (&entered);
}

//  In the connection's thread.
static void release (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_call_destroy (&kept);
    hearth_reply_nil (call);
}

static void take_back (hearth_call_t *call, void *self)
{
    (void) self;
    free (remember (call));
    cr_assert_eq (hearth_set_caller_state (call, NULL, NULL), 0);
    cr_assert_null (hearth_caller_state (call));
    hearth_reply_nil (call);
}

static const hearth_method_t methods [] = {
    { "count", "", "int", count_calls, .doc = NULL },  { "outlive", "", NULL, outlive_caller, .doc = NULL },
    { "keep", "", NULL, keep, .doc = NULL },           { "release", "", NULL, release, .doc = NULL },
    { "take_back", "", NULL, take_back, .doc = NULL }, { .name = NULL },
};

static const hearth_method_t worker_methods [] = {
    { "count", "", "int", count_calls, .doc = NULL },  { "late", "", NULL, count_late, .doc = NULL },
    { "twice", "", "int", count_twice, .doc = NULL },  { "keep", "", NULL, keep, .doc = NULL },
    { "take_back", "", NULL, take_back, .doc = NULL }, { .name = NULL },
};

static const hearth_service_options_t crowd = { .workers = 4, .parallel = true };

static hearth_t *new_client (void)
{
    hearth_t *hearth = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (hearth, PATIENCE_MS), 0);
    return hearth;
}

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (service, "test.plain", methods, NULL), 0);
    cr_assert_eq (hearth_serve_with (service, "test.crowd", worker_methods, NULL, &crowd), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    client = new_client ();
    doomed = new_client ();
}

static void end (void)
{
    hearth_destroy (&doomed);
    hearth_destroy (&client);
    hearth_destroy (&service);
    fixture_broker_destroy (&broker);
}

TestSuite (callers, .init = begin, .fini = end);

//  Sleeps until the service has something to do, and does it.
static void step (void)
{
    struct pollfd item = { .fd = hearth_fd (service), .events = POLLIN };
    cr_assert_geq (poll (&item, 1, (int) hearth_next_timeout_ms (service)), 0);
    cr_assert_eq (hearth_process (service), 0);
}

//  Until `gone` was told as often: that is done in a step.
static void await_gone (unsigned count)
{
    while (gate_count (&gone) < count)
        step ();
}

static hearth_result_t *call (hearth_t *caller, const char *name, const char *method)
{
    hearth_pending_t *pending = hearth_start (hearth_proxy (caller, name), method);
    hearth_result_t *result;
    while (!(result = hearth_wait (&pending, 0)))
        cr_assert_eq (hearth_process (service), 0);
    return party_good (result);
}

static void expect_count (hearth_t *caller, const char *name, int64_t count)
{
    hearth_result_t *result = call (caller, name, "count");
    cr_assert_eq (hearth_result_int (result), count);
    hearth_result_destroy (&result);
}

static hearth_pending_t *start (const char *name, const char *method)
{
    hearth_pending_t *pending = hearth_start (hearth_proxy (doomed, name), method);
    while (gate_count (&entered) < 1)
        cr_assert_eq (hearth_process (service), 0);
    return pending;
}

//  ---- while they are there ----

Test (callers, each_object_keeps_something_of_each_caller)
{
    static const char *const names [] = { "test.plain", "test.crowd" };
    for (int64_t round = 1; round <= 3; round++)
        for (int index = 0; index < 2; index++) {
            expect_count (client, names [index], 2 * round - 1);
            expect_count (client, names [index], 2 * round);
            expect_count (doomed, names [index], round);
        }
    cr_assert_eq (gate_count (&gone), 0);
}

Test (callers, what_is_taken_back_is_not_told_of)
{
    static const char *const names [] = { "test.plain", "test.crowd" };
    for (int index = 0; index < 2; index++) {
        hearth_result_t *result = call (client, names [index], "take_back");
        hearth_result_destroy (&result);
        expect_count (client, names [index], 1);
    }
    cr_assert_eq (gate_count (&gone), 0);
}

//  ---- when they go ----

Test (callers, each_object_hears_once_of_a_caller_that_says_goodbye)
{
    char name [64];
    expect_count (client, "test.plain", 1);
    expect_count (doomed, "test.plain", 1);
    expect_count (doomed, "test.crowd", 1);
    snprintf (name, sizeof name, "%s", hearth_unique_name (doomed));
    hearth_destroy (&doomed);
    await_gone (2);
    cr_assert_str_eq (gone_name, name);
    expect_count (client, "test.plain", 2);
    cr_assert_eq (gate_count (&gone), 2);
}

Test (callers, and_of_all_that_an_epoch_ends)
{
    expect_count (client, "test.plain", 1);
    expect_count (doomed, "test.crowd", 1);
    fixture_broker_kill (broker);
    fixture_broker_start (broker);
    await_gone (2);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    expect_count (client, "test.plain", 1);
}

Test (callers, one_that_had_gone_before_is_told_of_all_the_same)
{
    hearth_pending_t *pending = start ("test.crowd", "late");
    hearth_destroy (&doomed);
    gate_pass (&released);
    await_gone (1);
    hearth_pending_destroy (&pending);
}

Test (callers, a_handler_on_a_worker_uses_what_it_has_asked_for_until_it_returns)
{
    bool went = false;
    cr_assert_not_null (hearth_watch (service, hearth_unique_name (doomed), watch_went, &went));
    hearth_pending_t *pending = start ("test.crowd", "twice");
    hearth_destroy (&doomed);
    while (!went)
        step ();
    cr_assert_eq (gate_count (&gone), 0);
    gate_pass (&released);
    await_gone (1);
    hearth_pending_destroy (&pending);
}

Test (callers, so_does_one_in_the_connections_thread)
{
    hearth_pending_t *pending = start ("test.plain", "outlive");
    await_gone (1);
    hearth_pending_destroy (&pending);
}

//  Given back by nobody's thread in particular, or by a handler.
static void expect_kept (const char *object, bool by_handler)
{
    bool went = false;
    cr_assert_not_null (hearth_watch (service, hearth_unique_name (doomed), watch_went, &went));
    hearth_pending_t *pending = start (object, "keep");
    hearth_destroy (&doomed);
    while (!went)
        step ();
    cr_assert_eq (gate_count (&gone), 0);
    cr_assert_eq (*(int64_t *) hearth_caller_state (kept), 1);
    if (by_handler) {
        hearth_result_t *result = call (client, "test.plain", "release");
        hearth_result_destroy (&result);
    } else
        hearth_call_destroy (&kept);
    await_gone (1);
    hearth_pending_destroy (&pending);
}

Test (callers, so_does_one_that_is_kept)
{
    expect_kept ("test.plain", false);
}

Test (callers, so_does_one_that_is_kept_and_that_another_handler_gives_back)
{
    expect_kept ("test.plain", true);
}

Test (callers, so_does_one_that_a_worker_keeps)
{
    expect_kept ("test.crowd", false);
}

//  ---- when the service does ----

Test (callers, an_object_that_is_taken_away_forgets_its_callers)
{
    expect_count (client, "test.plain", 1);
    expect_count (client, "test.crowd", 1);
    cr_assert_eq (hearth_unserve (service, "test.plain"), 0);
    cr_assert_eq (gate_count (&gone), 1);
    cr_assert_eq (hearth_serve (service, "test.plain", methods, NULL), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    expect_count (client, "test.plain", 1);
    expect_count (client, "test.crowd", 2);
}

static void set_too_late (hearth_call_t *pending, void *self)
{
    (void) self;
    cr_assert_eq (hearth_unserve (service, "test.late"), 0);
    int nothing;
    cr_assert_eq (hearth_set_caller_state (pending, &nothing, forget), HEARTH_FAILED_PRECONDITION);
    cr_assert_null (hearth_caller_state (pending));
    hearth_reply_nil (pending);
}

Test (callers, an_object_that_was_taken_away_keeps_nothing_more)
{
    static const hearth_method_t late_methods [] = { { "set", "", NULL, set_too_late, .doc = NULL }, { 0 } };
    cr_assert_eq (hearth_serve (service, "test.late", late_methods, NULL), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    hearth_result_t *result = call (client, "test.late", "set");
    hearth_result_destroy (&result);
}

Test (callers, a_connection_that_is_destroyed_forgets_all)
{
    expect_count (client, "test.plain", 1);
    expect_count (client, "test.crowd", 1);
    expect_count (doomed, "test.crowd", 1);
    hearth_pending_t *pending = start ("test.plain", "keep");
    hearth_destroy (&service);
    cr_assert_eq (gate_count (&gone), 4);
    cr_assert_null (hearth_caller_state (kept));
    hearth_call_destroy (&kept);
    hearth_pending_destroy (&pending);
}
