/*  test_workers_calls.c - what handlers on workers do with their connection: calls in chains, notifications, kept calls
*/
#include <criterion/criterion.h>
#include <string.h>

#include "broker.h"
#include "gate.h"
#include "party.h"
#include "repetitions.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };

static gate_t entered = GATE_INITIALIZER, released = GATE_INITIALIZER, echoed = GATE_INITIALIZER;

//  ---- the services ----

//  Answers with a call's result, or the name of its error.
static void pass_on (hearth_call_t *call, hearth_result_t *result)
{
    if (hearth_failed (result))
        hearth_reply (call, hearth_error (result)->name);
    else
        hearth_reply (call, hearth_result_value (result));
    hearth_result_destroy (&result);
}

//  Calls the same method of the first object of a path with the rest of it.
static void follow (hearth_call_t *call, void *self)
{
    (void) self;
    const hearth_value_t *path = hearth_arg (call, 0);
    if (!hearth_value_size (path)) {
        hearth_reply (call, "the end");
        return;
    }
    hearth_builder_t *rest = hearth_builder_new ();
    hearth_builder_open_list (rest);
    for (size_t index = 1; index < hearth_value_size (path); index++)
        hearth_builder_add (rest, hearth_value_at (path, index));
    hearth_builder_close (rest);
    hearth_proxy_t *next = hearth_proxy_within (call, hearth_value_str (hearth_value_at (path, 0)));
    pass_on (call, hearth_call (next, "follow", rest));
    hearth_builder_destroy (&rest);
}

static void relay (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *next = hearth_proxy_within (call, hearth_arg_str (call, 0));
    pass_on (call, hearth_call (next, hearth_arg_str (call, 1)));
}

static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&released, 1);
    hearth_reply (call, "held");
}

//  Waits for an object of another connection.
static void linger (hearth_call_t *call, void *self)
{
    (void) self;
    pass_on (call, hearth_call (hearth_proxy_within (call, "test.remote"), "hold"));
}

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&echoed);
    hearth_reply (call, "echoed");
}

static void remaining (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_remaining_ms (call));
}

static const hearth_method_t methods [] = {
    { "follow", "path: list<str>", "str", follow, .doc = NULL },
    { "relay", "name: str, method: str", NULL, relay, .doc = NULL },
    { "hold", "", "str", hold, .doc = NULL },
    { "linger", "", "str", linger, .doc = NULL },
    { "echo", "", "str", echo, .doc = NULL },
    { "remaining", "", "int", remaining, .doc = NULL },
    { .name = NULL },
};

//  ---- what only some of them have ----

//  Makes as many calls of two objects, one of its own connection; how many were answered.
static void make_many (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t answered = 0;
    hearth_proxy_t *near = hearth_proxy_within (call, "test.plain"), *far = hearth_proxy_within (call, "test.remote");
    for (int64_t left = hearth_arg_int (call, 0); left > 0; left--) {
        hearth_result_t *one = hearth_call (near, "echo"), *other = hearth_oneway (far, "echo");
        answered += !hearth_failed (one) + !hearth_failed (other);
        hearth_result_destroy (&one);
        hearth_result_destroy (&other);
    }
    hearth_reply (call, answered);
}

static void announce (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_t *hearth = hearth_connection (call);
    bool is_right = hearth_publish (hearth, "test.worker", "news", 7) == 0;
    is_right &= hearth_publish (hearth, "test.remote", "news", 8) == HEARTH_PERMISSION_DENIED;
    is_right &= strcmp (hearth_last_error (hearth)->name, "hearth.NotOwner") == 0;
    hearth_reply (call, hearth_bool (is_right));
}

//  Calls when the connection's thread is busy (`hold` runs in it), and lets it go on afterwards.
static void hurry (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&entered, 2);
    hearth_proxy_t *proxy = hearth_proxy_within (call, "test.plain");
    hearth_proxy_set_timeout (proxy, 20);
    hearth_result_t *result = hearth_call (proxy, "echo");
    gate_pass (&released);
    const hearth_error_t *error = hearth_error (result);
    hearth_reply (call, error && error->mark == HEARTH_NOT_EXECUTED ? error->name : "it was called");
    hearth_result_destroy (&result);
}

//  The same with a call that was sent before.
static void hurry_far (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *proxy = hearth_proxy_within (call, "test.remote");
    hearth_proxy_set_timeout (proxy, 300);
    hearth_result_t *result = hearth_call (proxy, "hold");
    gate_pass (&released);
    pass_on (call, result);
}

static hearth_call_t *kept;

static void keep (hearth_call_t *call, void *self)
{
    (void) self;
    kept = hearth_keep (call);
    gate_pass (&entered);
}

static void keep_late (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, "answered");
    cr_assert_null (hearth_keep (call));
}

static void yield_late (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_t *hearth = hearth_connection (call);
    bool is_stream = hearth_yield (call, "an item") != HEARTH_FAILED_PRECONDITION;
    bool is_right = is_stream || strstr (hearth_last_error (hearth)->message, "no stream");
    hearth_reply (call, hearth_bool (is_right));
    is_right = hearth_yield (call, "late") == HEARTH_FAILED_PRECONDITION;
    cr_assert (is_right && strstr (hearth_last_error (hearth)->message, is_stream ? "answered" : "no stream"));
}

static const hearth_method_t worker_methods [] = {
    { "follow", "path: list<str>", "str", follow, .doc = NULL },
    { "relay", "name: str, method: str", NULL, relay, .doc = NULL },
    { "hold", "", "str", hold, .doc = NULL },
    { "echo", "", "str", echo, .doc = NULL },
    { "many", "count: int", "int", make_many, .doc = NULL },
    { "announce", "", "bool", announce, .doc = NULL },
    { "hurry", "", "str", hurry, .doc = NULL },
    { "hurry_far", "", "str", hurry_far, .doc = NULL },
    { "keep", "", NULL, keep, .doc = NULL },
    { "keep_late", "", NULL, keep_late, .doc = NULL },
    { "yield_late", "", "bool", yield_late, .doc = NULL },
    { .name = NULL },
};

static const party_object_t objects [] = {
    { "test.plain", methods, NULL, { .workers = 0 } },
    { "test.upper", methods, NULL, { .workers = 0 } },
    { "test.worker", worker_methods, NULL, { .workers = 1 } },
    { "test.other", worker_methods, NULL, { .workers = 1 } },
    { "test.crowd", worker_methods, NULL, { .workers = 8, .parallel = true } },
    { .name = NULL },
};

static fixture_broker_t *broker;
static party_t *service, *remote;
static hearth_t *client;

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new_of (fixture_broker_address (broker), objects);
    remote = party_new (fixture_broker_address (broker), "test.remote", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    cr_assert_eq (party_destroy (&remote), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (workers_calls, .init = begin, .fini = end);

//  Calls the first object of a path, whose handler calls the next one, and so on.
static void expect_path (const char *const *path, const char *text)
{
    hearth_builder_t *rest = hearth_builder_new ();
    hearth_builder_open_list (rest);
    for (const char *const *name = path + 1; *name; name++)
        hearth_builder_add (rest, *name);
    hearth_builder_close (rest);
    expect_str (hearth_call (hearth_proxy (client, path [0]), "follow", rest), text);
    hearth_builder_destroy (&rest);
}

#define EXPECT_PATH(text, ...) expect_path ((const char *const []){ __VA_ARGS__, NULL }, text)

//  ---- chains ----

Test (workers_calls, handlers_on_workers_and_in_the_stack_call_each_other)
{
    EXPECT_PATH ("the end", "test.worker", "test.plain");
    EXPECT_PATH ("the end", "test.plain", "test.worker");
    EXPECT_PATH ("the end", "test.worker", "test.other", "test.remote");
    EXPECT_PATH ("the end", "test.worker", "test.plain", "test.other", "test.upper", "test.remote");
    EXPECT_PATH ("the end", "test.crowd", "test.crowd", "test.plain", "test.crowd", "test.crowd");
}

Test (workers_calls, a_serial_object_that_would_wait_for_itself_is_told_so)
{
    EXPECT_PATH ("hearth.WouldDeadlock", "test.worker", "test.worker");
    EXPECT_PATH ("hearth.WouldDeadlock", "test.worker", "test.plain", "test.worker");
    EXPECT_PATH ("hearth.WouldDeadlock", "test.plain", "test.worker", "test.plain");
    EXPECT_PATH ("hearth.WouldDeadlock", "test.worker", "test.other", "test.worker");
    EXPECT_PATH ("hearth.WouldDeadlock", "test.worker", "test.remote", "test.worker");
    EXPECT_PATH ("hearth.WouldDeadlock", "test.remote", "test.worker", "test.remote");
    EXPECT_PATH ("hearth.WouldDeadlock", "test.crowd", "test.plain", "test.worker", "test.plain");
    EXPECT_PATH ("hearth.WouldDeadlock", "test.plain", "test.crowd", "test.worker", "test.upper", "test.worker");
}

//  worker waits for plain, which waits in the stack beneath upper, which calls worker.
Test (workers_calls, a_handler_above_one_that_a_worker_waits_for_is_told_so_too)
{
    hearth_pending_t *first = hearth_start (hearth_proxy (client, "test.worker"), "relay", "test.plain", "linger");
    gate_await (&entered, 1);
    hearth_pending_t *queued = hearth_start (hearth_proxy (client, "test.worker"), "echo");
    expect_str (hearth_call (hearth_proxy (client, "test.upper"), "relay", "test.worker", "echo"),
                "hearth.WouldDeadlock");
    gate_pass (&released);
    expect_str (hearth_wait (&first, -1), "held");
    expect_str (hearth_wait (&queued, -1), "echoed");
}

Test (workers_calls, a_handler_that_a_busy_worker_does_not_wait_for_waits_for_the_worker)
{
    hearth_pending_t *first = hearth_start (hearth_proxy (client, "test.worker"), "hold");
    gate_await (&entered, 1);
    hearth_pending_t *second = hearth_start (hearth_proxy (client, "test.upper"), "relay", "test.worker", "echo");
    expect_str (hearth_call (hearth_proxy (client, "test.plain"), "echo"), "echoed");
    gate_pass (&released);
    expect_str (hearth_wait (&first, -1), "held");
    expect_str (hearth_wait (&second, -1), "echoed");
}

Test (workers_calls, many_workers_call_at_once_and_every_call_ends)
{
    enum { COUNT = 8 };
    int each = repetitions (500);
    hearth_pending_t *calls [COUNT];
    for (int index = 0; index < COUNT; index++)
        calls [index] = hearth_start (hearth_proxy (client, "test.crowd"), "many", each);
    for (int index = 0; index < COUNT; index++) {
        hearth_result_t *result = party_good (hearth_wait (&calls [index], -1));
        cr_assert_eq (hearth_result_int (result), 2 * each);
        hearth_result_destroy (&result);
    }
    cr_assert_geq (gate_count (&echoed), (unsigned) (COUNT * each));
}

//  ---- deadlines ----

Test (workers_calls, the_deadline_of_a_workers_call_is_that_of_its_calls)
{
    hearth_proxy_t *proxy = hearth_proxy (client, "test.worker");
    hearth_proxy_set_timeout (proxy, HEARTH_DEFAULT_TIMEOUT_MS / 2);
    hearth_result_t *result = party_good (hearth_call (proxy, "relay", "test.plain", "remaining"));
    cr_assert_gt (hearth_result_int (result), 0);
    cr_assert_leq (hearth_result_int (result), HEARTH_DEFAULT_TIMEOUT_MS / 2);
    hearth_result_destroy (&result);
}

Test (workers_calls, a_busy_connection_does_not_keep_a_worker_beyond_its_deadline)
{
    hearth_pending_t *call = hearth_start (hearth_proxy (client, "test.worker"), "hurry");
    gate_await (&entered, 1);
    hearth_pending_t *busy = hearth_start (hearth_proxy (client, "test.plain"), "hold");
    expect_str (hearth_wait (&call, -1), "hearth.Deadline");
    expect_str (hearth_wait (&busy, -1), "held");
    EXPECT_PATH ("the end", "test.worker", "test.plain");
    cr_assert_eq (gate_count (&echoed), 0);
}

Test (workers_calls, nor_with_a_call_that_was_sent)
{
    hearth_pending_t *call = hearth_start (hearth_proxy (client, "test.worker"), "hurry_far");
    gate_await (&entered, 1);
    hearth_pending_t *busy = hearth_start (hearth_proxy (client, "test.plain"), "hold");
    expect_str (hearth_wait (&call, -1), "hearth.Deadline");
    expect_str (hearth_wait (&busy, -1), "held");
    EXPECT_PATH ("the end", "test.worker", "test.plain", "test.remote");
}

//  ---- notifications ----

static void note (const hearth_notification_t *notification, void *number)
{
    if (notification->kind == HEARTH_MESSAGE)
        *(int64_t *) number = hearth_value_int (notification->value);
}

Test (workers_calls, a_worker_publishes)
{
    int64_t number = 0;
    hearth_observation_t *news = hearth_observe (client, "test.worker", "news", PATIENCE_MS, note, &number);
    cr_assert_not_null (news);
    hearth_result_t *result = party_good (hearth_call (hearth_proxy (client, "test.worker"), "announce"));
    cr_assert (hearth_result_bool (result));
    hearth_result_destroy (&result);
    while (!number)
        expect_str (hearth_call (hearth_proxy (client, "test.plain"), "echo"), "echoed");
    cr_assert_eq (number, 7);
}

//  ---- kept calls ----

Test (workers_calls, a_call_that_a_worker_keeps_is_answered_by_anybody)
{
    hearth_pending_t *call = hearth_start (hearth_proxy (client, "test.worker"), "keep");
    gate_await (&entered, 1);
    expect_str (hearth_call (hearth_proxy (client, "test.worker"), "echo"), "echoed");
    cr_assert_str_eq (hearth_caller (kept), hearth_unique_name (client));
    cr_assert_null (hearth_proxy_within (kept, "test.plain"));
    hearth_reply (kept, "later");
    hearth_call_destroy (&kept);
    expect_str (hearth_wait (&call, -1), "later");
    expect_str (hearth_call (hearth_proxy (client, "test.worker"), "keep_late"), "answered");
}

Test (workers_calls, a_call_that_a_worker_keeps_may_outlive_its_connection)
{
    hearth_pending_t *call = hearth_start (hearth_proxy (client, "test.worker"), "keep");
    gate_await (&entered, 1);
    expect_str (hearth_call (hearth_proxy (client, "test.worker"), "echo"), "echoed");
    cr_assert_eq (party_destroy (&service), 0);
    party_expect (hearth_wait (&call, -1), "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    hearth_reply (kept, "nobody");
    hearth_call_destroy (&kept);
    service = party_new_of (fixture_broker_address (broker), objects);
}

Test (workers_calls, a_worker_is_told_why_it_cannot_yield)
{
    hearth_proxy_t *worker = hearth_proxy (client, "test.worker");
    hearth_result_t *result = party_good (hearth_call (worker, "yield_late"));
    cr_assert (hearth_result_bool (result));
    hearth_result_destroy (&result);
    hearth_pending_t *stream = hearth_open (worker, "yield_late");
    cr_assert_str_eq (hearth_value_str (hearth_next (stream, -1)), "an item");
    result = party_good (hearth_wait (&stream, -1));
    cr_assert (hearth_result_bool (result));
    hearth_result_destroy (&result);
    expect_str (hearth_call (worker, "echo"), "echoed");
}
