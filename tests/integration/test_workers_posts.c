/*  test_workers_posts.c - what handlers on workers send and want no word of (hearth_post): the connection's thread sends it
*/
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <string.h>

#include "broker.h"
#include "gate.h"
#include "party.h"

#define PATIENCE_MS 20000
#define MANY        100

static const char *const options [] = { "--settle", "0", NULL };

static gate_t entered = GATE_INITIALIZER, released = GATE_INITIALIZER, noted = GATE_INITIALIZER;
static atomic_int code;     //  of a post
static char why [64];       //  the name of its error
static hearth_mark_t mark;  //  and whether it was executed

//  ---- what is called ----

static void note (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&noted);
    hearth_reply_nil (call);
}

static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&released, 1);
    hearth_reply (call, "held");
}

static const hearth_method_t methods [] = {
    { "note", "", NULL, note, .doc = NULL },
    { "hold", "", "str", hold, .doc = NULL },
    { .name = NULL },
};

//  ---- who posts ----

//  Remembers how that post went.
static void remember (hearth_call_t *call, int post)
{
    code = post;
    const hearth_error_t *error = hearth_last_error (hearth_connection (call));
    strncpy (why, code ? error->name : "", sizeof why - 1);
    mark = code ? error->mark : HEARTH_NO_MARK;
}

static void post_many (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t posted = 0;
    hearth_proxy_t *near = hearth_proxy_within (call, "test.plain"), *far = hearth_proxy_within (call, "test.remote");
    for (int at = 0; at < MANY; at++)
        posted += (hearth_post (near, "note") == 0) + (hearth_post (far, "note") == 0);
    hearth_reply (call, posted);
}

static void post_wrongly (hearth_call_t *call, void *self)
{
    static const char bytes [2 << 20];
    (void) self;
    hearth_proxy_t *proxy = hearth_proxy_within (call, "test.plain");
    remember (call, hearth_post (proxy, "no name!"));
    bool is_right = code == HEARTH_INVALID_ARGUMENT && strcmp (why, "hearth.BadArguments") == 0;
    remember (call, hearth_post (proxy, "note", hearth_bin (bytes, sizeof bytes)));
    is_right &= code == HEARTH_RESOURCE_EXHAUSTED && strcmp (why, "hearth.Limit") == 0;
    hearth_reply (call, hearth_bool (is_right));
}

//  From when the test says so until it is refused: the loss of the broker has to be noticed first.
static void post_on (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *proxy = hearth_proxy_within (call, "test.remote");
    gate_pass (&entered);
    gate_await (&released, 1);
    do
        remember (call, hearth_post (proxy, "note"));
    while (code == 0);
    gate_pass (&noted);
}

static void tell (hearth_call_t *call, void *context)
{
    (void) call;
    (void) context;
    gate_pass (&released);
}

//  When the connection is being destroyed, of which it is told.
static void post_at_the_end (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *proxy = hearth_proxy_within (call, "test.remote");
    hearth_when_cancelled (call, tell, NULL);
    gate_pass (&entered);
    gate_await (&released, 1);
    remember (call, hearth_post (proxy, "note"));
    gate_pass (&entered);
}

//  When the connection's thread is busy (`hold` runs in it), which it is until this is over.
static void post_to_busy (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    gate_await (&entered, 2);
    hearth_proxy_t *proxy = hearth_proxy_within (call, "test.plain");
    hearth_proxy_set_timeout (proxy, hearth_arg_int (call, 0));
    remember (call, hearth_post (proxy, "note"));
    gate_pass (&released);
    hearth_reply (call, "over");
}

//  What is detached has the proxy's timeout, of which a program need not know how much of it counts.
static void post_for_ever (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *proxy = hearth_proxy_within (call, "test.remote");
    hearth_proxy_set_detached (proxy, true);
    hearth_proxy_set_timeout (proxy, INT64_MAX);
    remember (call, hearth_post (proxy, "note"));
    hearth_result_t *result = hearth_call (proxy, "note");
    hearth_reply (call, hearth_bool (code == 0 && !hearth_failed (result)));
    hearth_result_destroy (&result);
}

static const hearth_method_t worker_methods [] = {
    { "for_ever", "", "bool", post_for_ever, .doc = NULL },
    { "many", "", "int", post_many, .doc = NULL },
    { "wrongly", "", "bool", post_wrongly, .doc = NULL },
    { "on", "", NULL, post_on, .doc = NULL },
    { "at_the_end", "", NULL, post_at_the_end, .doc = NULL },
    { "to_busy", "timeout_ms: int", "str", post_to_busy, .doc = NULL },
    { .name = NULL },
};

static const party_object_t objects [] = {
    { "test.plain", methods, NULL, { .workers = 0 } },
    { "test.worker", worker_methods, NULL, { .workers = 1 } },
    { .name = NULL },
};

static fixture_broker_t *broker;
static party_t *service, *remote;
static hearth_t *client;
static hearth_proxy_t *worker;

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new_of (fixture_broker_address (broker), objects);
    remote = party_new (fixture_broker_address (broker), "test.remote", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    worker = hearth_proxy (client, "test.worker");
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    cr_assert_eq (party_destroy (&remote), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (workers_posts, .init = begin, .fini = end);

Test (workers_posts, what_a_worker_posts_is_executed)
{
    expect_int (hearth_call (worker, "many"), 2 * MANY);
    gate_await (&noted, 2 * MANY);
}

Test (workers_posts, what_cannot_be_sent_is_told_the_worker)
{
    hearth_result_t *result = party_good (hearth_call (worker, "wrongly"));
    cr_assert (hearth_result_bool (result), "%s", why);
    hearth_result_destroy (&result);
}

Test (workers_posts, a_timeout_may_be_as_long_as_a_number_can_be)
{
    hearth_result_t *result = party_good (hearth_call (worker, "for_ever"));
    cr_assert (hearth_result_bool (result), "%s", why);
    hearth_result_destroy (&result);
    gate_await (&noted, 2);
}

Test (workers_posts, without_a_session_nothing_is_sent)
{
    hearth_pending_t *call = hearth_start (worker, "on");
    gate_await (&entered, 1);
    fixture_broker_kill (broker);
    gate_pass (&released);
    gate_await (&noted, 1);
    cr_assert_eq (code, HEARTH_UNAVAILABLE);
    cr_assert_str_eq (why, "hearth.BrokerGone");
    cr_assert_eq (mark, HEARTH_NOT_EXECUTED);
    party_expect (hearth_wait (&call, -1), "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    fixture_broker_start (broker);
}

Test (workers_posts, while_the_connection_is_being_destroyed_nothing_is_sent)
{
    hearth_pending_t *call = hearth_start (worker, "at_the_end");
    gate_await (&entered, 1);
    cr_assert_eq (party_destroy (&service), 0);
    gate_await (&entered, 2);
    cr_assert_eq (code, HEARTH_CANCELLED);
    cr_assert_str_eq (why, "hearth.Cancelled");
    cr_assert_eq (mark, HEARTH_NOT_EXECUTED);
    hearth_result_t *result = hearth_wait (&call, -1);
    cr_assert (hearth_failed (result));
    hearth_result_destroy (&result);
    service = party_new_of (fixture_broker_address (broker), objects);
}

//  What was not sent by then never is: what the same connection sends afterwards comes alone.
static void expect_not_sent (void)
{
    gate_await (&released, 1);  //  what is looked at here was written before
    cr_assert_eq (code, HEARTH_DEADLINE_EXCEEDED);
    cr_assert_str_eq (why, "hearth.Deadline");
    cr_assert_eq (mark, HEARTH_NOT_EXECUTED);
    expect_int (hearth_call (worker, "many"), 2 * MANY);
    gate_await (&noted, 2 * MANY);
    hearth_result_t *after = party_good (hearth_call (hearth_proxy (client, "test.plain"), "note"));
    hearth_result_destroy (&after);
    cr_assert_eq (gate_count (&noted), 2 * MANY + 1);
}

Test (workers_posts, a_busy_connection_does_not_keep_a_worker_beyond_its_proxys_timeout)
{
    hearth_pending_t *call = hearth_start (worker, "to_busy", 20);
    gate_await (&entered, 1);
    hearth_pending_t *busy = hearth_start (hearth_proxy (client, "test.plain"), "hold");
    expect_str (hearth_wait (&call, -1), "over");
    expect_str (hearth_wait (&busy, -1), "held");
    expect_not_sent ();
}

//  The proxy's timeout is longer than the test may take.
Test (workers_posts, nor_beyond_the_deadline_of_its_call)
{
    hearth_proxy_set_timeout (worker, 2000);
    hearth_pending_t *call = hearth_start (worker, "to_busy", 3600000);
    gate_await (&entered, 1);
    hearth_pending_t *busy = hearth_start (hearth_proxy (client, "test.plain"), "hold");
    party_expect (hearth_wait (&call, -1), "hearth.Deadline", HEARTH_MAY_HAVE_EXECUTED);
    expect_str (hearth_wait (&busy, -1), "held");
    hearth_proxy_set_timeout (worker, PATIENCE_MS);
    expect_not_sent ();
}
