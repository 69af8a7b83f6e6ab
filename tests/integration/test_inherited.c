/*  test_inherited.c - what a call passes on to the calls that are made for it: its deadline, and that nobody waits any more
*/
#include <criterion/criterion.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static party_t *outer, *inner;
static hearth_t *client;
static hearth_proxy_t *proxy;
static int events [2];  //  the innermost handler writes a byte when it has the call, and one when nobody waits for it

static void say (char what)
{
    if (write (events [1], &what, 1) != 1)
        _exit (1);
}

static void expect_event (char what)
{
    char byte = 0;
    cr_assert_eq (read (events [0], &byte, 1), 1);
    cr_assert_eq (byte, what, "'%c' instead of '%c'", byte, what);
}

static void remaining (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_remaining_ms (call));
}

static void tell_cancelled (hearth_call_t *call, void *context)
{
    (void) context;
    say ('c');
    hearth_call_destroy (&call);
}

//  Answers nothing, and tells when nobody waits.
static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_call_t *kept = hearth_keep (call);
    hearth_when_cancelled (kept, tell_cancelled, NULL);
    say ('h');
}

//  How long a call may take that is made for this one, with so long a timeout of its own, bound to this one's or not.
static void ask (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *next = hearth_proxy_within (call, "test.inner");
    hearth_proxy_set_timeout (next, hearth_arg_int (call, 0));
    hearth_proxy_set_detached (next, hearth_arg_bool (call, 1));
    hearth_result_t *result = hearth_call (next, "remaining");
    hearth_reply (call, hearth_result_int (result));
    hearth_result_destroy (&result);
}

//  The call that is made for another one; it is over first, whatever happens.
typedef struct {
    hearth_call_t *call;
    hearth_pending_t *made;
} errand_t;

static errand_t errand;

static void give_up (hearth_call_t *call, void *context)
{
    (void) context;
    say ('o');
    hearth_pending_destroy (&errand.made);
    hearth_call_destroy (&call);
}

static void keep_and_pass_on (hearth_call_t *call, void *self)
{
    (void) self;
    errand.call = hearth_keep (call);
    hearth_when_cancelled (errand.call, give_up, NULL);
    errand.made = hearth_start (hearth_proxy_within (errand.call, "test.inner"), "hold");
}

//  Waits, and does not ask whether anybody waits for it.
static void pass_on (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_result_t *result = hearth_call (hearth_proxy_within (call, "test.inner"), "hold");
    const hearth_error_t *error = hearth_error (result);
    say (error && error->code == HEARTH_DEADLINE_EXCEEDED && hearth_cancelled (call) ? 'd' : '?');
    hearth_result_destroy (&result);
}

static const hearth_method_t methods [] = {
    { "remaining", "", "int", remaining, .doc = NULL },
    { "hold", "", NULL, hold, .doc = NULL },
    { "ask", "timeout_ms: int, is_detached: bool", "int", ask, .doc = NULL },
    { "pass_on", "", NULL, pass_on, .doc = NULL },
    { "keep_and_pass_on", "", NULL, keep_and_pass_on, .doc = NULL },
    { .name = NULL },
};

static void begin (void)
{
    cr_assert_eq (pipe (events), 0);
    broker = fixture_broker_new (options);
    outer = party_new (fixture_broker_address (broker), "test.outer", methods, NULL);
    inner = party_new (fixture_broker_address (broker), "test.inner", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.outer");
    hearth_proxy_set_timeout (proxy, PATIENCE_MS);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&outer), 0);
    cr_assert_eq (party_destroy (&inner), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (inherited, .init = begin, .fini = end);

static int64_t ask_remaining (int64_t timeout_ms, bool is_detached)
{
    hearth_result_t *result = party_good (hearth_call (proxy, "ask", timeout_ms, hearth_bool (is_detached)));
    int64_t remaining_ms = hearth_result_int (result);
    hearth_result_destroy (&result);
    return remaining_ms;
}

Test (inherited, a_call_that_is_made_for_another_one_ends_with_it_unless_it_is_detached)
{
    int64_t longer_ms = 3 * (int64_t) PATIENCE_MS;
    cr_assert_leq (ask_remaining (longer_ms, false), PATIENCE_MS);
    cr_assert_gt (ask_remaining (longer_ms, true), PATIENCE_MS);
    cr_assert_leq (ask_remaining (longer_ms, true), longer_ms);
}

Test (inherited, a_shorter_timeout_of_its_own_counts_in_any_case)
{
    cr_assert_leq (ask_remaining (PATIENCE_MS / 2, false), PATIENCE_MS / 2);
    cr_assert_leq (ask_remaining (PATIENCE_MS / 2, true), PATIENCE_MS / 2);
}

Test (inherited, a_caller_that_gives_up_is_heard_of_two_calls_further)
{
    hearth_pending_t *call = hearth_start (proxy, "keep_and_pass_on");
    cr_assert_null (hearth_wait (&call, 0));
    expect_event ('h');
    hearth_pending_destroy (&call);
    expect_event ('o');
    expect_event ('c');
}

Test (inherited, a_caller_that_is_gone_is_heard_of_two_calls_further)
{
    hearth_pending_t *call = hearth_start (proxy, "keep_and_pass_on");
    cr_assert_null (hearth_wait (&call, 0));
    expect_event ('h');
    hearth_destroy (&client);
    expect_event ('o');
    expect_event ('c');
    hearth_result_t *result = hearth_wait (&call, -1);
    hearth_result_destroy (&result);
}

//  The innermost call has the same deadline, so that it ends whether or not the handler in between looks.
Test (inherited, a_deadline_passes_at_all_of_them)
{
    hearth_proxy_set_timeout (proxy, 300);
    party_expect (hearth_call (proxy, "pass_on"), "hearth.Deadline", HEARTH_MAY_HAVE_EXECUTED);
    expect_event ('h');
    char first = 0, second = 0;
    cr_assert (read (events [0], &first, 1) == 1 && read (events [0], &second, 1) == 1);
    cr_assert ((first == 'c' && second == 'd') || (first == 'd' && second == 'c'), "'%c' and '%c'", first, second);
}
