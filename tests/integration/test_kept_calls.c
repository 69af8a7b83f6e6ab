/*  test_kept_calls.c - calls that outlive their handlers: answered later, by any thread, or by nobody
*/
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"
#include "party.h"
#include "repetitions.h"

#define PATIENCE_MS 20000
#define THREADS     4

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static hearth_t *client;  //  serves, too: its handlers run while it waits
static hearth_proxy_t *proxy;
static hearth_call_t *kept;
static unsigned told;

static void count_told (hearth_call_t *call, void *count)
{
    (void) call;
    ++*(unsigned *) count;
}

static void keep (hearth_call_t *call, void *self)
{
    (void) self;
    kept = hearth_keep (call);
    cr_assert_eq (kept, call);
    cr_assert_eq (hearth_keep (kept), kept);
    hearth_when_cancelled (kept, count_told, &told);
}

//  Answers what `keep` has kept.
static void release (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (kept, hearth_arg (kept, 0));
    hearth_call_destroy (&kept);
    hearth_reply_nil (call);
}

static void give_back (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_call_t *mine = hearth_keep (call);
    hearth_call_destroy (&mine);
    cr_assert_null (mine);
}

static void too_late (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, "answered");
    cr_assert_null (hearth_keep (call));
}

static void *answer_in_thread (void *call_p)
{
    hearth_call_t *call = call_p;
    hearth_reply (call, hearth_arg (call, 0));
    hearth_fail (call, HEARTH_ABORTED, "test.Again", "a second answer");
    hearth_call_destroy (&call);
    return NULL;
}

static void in_thread (hearth_call_t *call, void *self)
{
    (void) self;
    pthread_t thread;
    cr_assert_eq (pthread_create (&thread, NULL, answer_in_thread, hearth_keep (call)), 0);
    pthread_detach (thread);
}

static const hearth_method_t methods [] = {
    { "keep", "value: any, other: list = []", "any", keep, .doc = NULL },
    { "release", "", "nil", release, .doc = NULL },
    { "give_back", "", NULL, give_back, .doc = NULL },
    { "too_late", "", "str", too_late, .doc = NULL },
    { "in_thread", "value: any", "any", in_thread, .doc = NULL },
    { .name = NULL },
};

static void begin (void)
{
    broker = fixture_broker_new (options);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (client, "test.service", methods, NULL), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.service");
}

static void end (void)
{
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

TestSuite (kept_calls, .init = begin, .fini = end);

static void await_kept (void)
{
    while (!kept)
        cr_assert_eq (hearth_process (client), 0);
}

Test (kept_calls, the_answer_comes_later_and_the_object_goes_on_meanwhile)
{
    hearth_pending_t *call = hearth_start (proxy, "keep", "later");
    hearth_result_t *result = party_good (hearth_call (proxy, "release"));
    hearth_result_destroy (&result);
    expect_str (hearth_wait (&call, -1), "later");
}

Test (kept_calls, arguments_stay_as_they_were)
{
    hearth_builder_t *list = hearth_builder_new ();
    hearth_builder_open_list (list);
    hearth_builder_add (list, "inner");
    hearth_builder_open_map (list);
    hearth_builder_key (list, "key");
    hearth_builder_add (list, hearth_bin ("\0\1\2", 3));
    hearth_builder_close (list);
    hearth_builder_close (list);
    hearth_pending_t *call = hearth_start (proxy, "keep", "first", list);
    hearth_builder_destroy (&list);
    await_kept ();
    for (int index = 0; index < 100; index++)
        expect_str (hearth_call (proxy, "too_late"), "answered");
    char *text = hearth_value_text (hearth_arg (kept, 1));
    cr_assert_str_eq (text, "[\"inner\", {\"key\": h'000102'}]", "%s", text);
    free (text);
    cr_assert_str_eq (hearth_method (kept), "keep");
    cr_assert_str_eq (hearth_caller (kept), hearth_unique_name (client));
    cr_assert_gt (hearth_remaining_ms (kept), 0);
    hearth_result_t *result = party_good (hearth_call (proxy, "release"));
    hearth_result_destroy (&result);
    expect_str (hearth_wait (&call, -1), "first");
}

Test (kept_calls, one_that_is_given_back_without_an_answer_has_none)
{
    party_expect (hearth_call (proxy, "give_back"), "hearth.NoReply", HEARTH_EXECUTED);
}

Test (kept_calls, what_was_answered_cannot_be_kept)
{
    expect_str (hearth_call (proxy, "too_late"), "answered");
}

Test (kept_calls, other_threads_answer_once)
{
    hearth_pending_t *calls [64];
    for (int round = repetitions (50); round > 0; round--) {
        for (int index = 0; index < 64; index++)
            calls [index] = hearth_start (proxy, "in_thread", index);
        for (int index = 0; index < 64; index++) {
            hearth_result_t *result = party_good (hearth_wait (&calls [index], -1));
            cr_assert_eq (hearth_result_int (result), index);
            hearth_result_destroy (&result);
        }
    }
}

Test (kept_calls, a_caller_that_gives_up_is_told_of_once)
{
    hearth_pending_t *call = hearth_start (proxy, "keep", "unwanted");
    await_kept ();
    cr_assert_not (hearth_cancelled (kept));
    hearth_pending_destroy (&call);
    while (!told)
        cr_assert_eq (hearth_process (client), 0);
    cr_assert (hearth_cancelled (kept));
    expect_str (hearth_call (proxy, "too_late"), "answered");
    cr_assert_eq (told, 1);
    hearth_call_destroy (&kept);
}

Test (kept_calls, an_answer_of_another_session_goes_nowhere)
{
    hearth_pending_t *call = hearth_start (proxy, "keep", "lost");
    await_kept ();
    fixture_broker_kill (broker);
    party_expect (hearth_wait (&call, -1), "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert (hearth_cancelled (kept));
    fixture_broker_start (broker);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    hearth_reply (kept, "late");
    hearth_call_destroy (&kept);
    expect_str (hearth_call (proxy, "too_late"), "answered");
}

Test (kept_calls, they_outlive_their_object)
{
    hearth_pending_t *call = hearth_start (proxy, "keep", "still there");
    await_kept ();
    cr_assert_eq (hearth_unserve (client, "test.service"), 0);
    hearth_reply (kept, hearth_arg (kept, 0));
    hearth_call_destroy (&kept);
    expect_str (hearth_wait (&call, -1), "still there");
}

Test (kept_calls, they_outlive_their_connection)
{
    hearth_t *other = hearth_connect (fixture_broker_address (broker));
    hearth_pending_t *call = hearth_start (hearth_proxy (other, "test.service"), "keep", "orphaned");
    while (!kept)
        cr_assert (!hearth_wait (&call, 0) && hearth_process (client) == 0);
    hearth_destroy (&client);
    party_expect (hearth_wait (&call, -1), "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert (hearth_cancelled (kept));
    cr_assert_str_eq (hearth_arg_str (kept, 0), "orphaned");
    hearth_reply (kept, "nobody");
    hearth_call_destroy (&kept);
    hearth_destroy (&other);
}

//  ---- while the connection ends ----

static hearth_call_t *many [THREADS];
static atomic_int arrived;

static void keep_many (hearth_call_t *call, void *self)
{
    (void) self;
    many [hearth_arg_int (call, 0)] = hearth_keep (call);
    atomic_fetch_add (&arrived, 1);
}

static void *answer_at_once (void *call_p)
{
    hearth_call_t *call = call_p;
    atomic_fetch_sub (&arrived, 1);
    while (atomic_load (&arrived) > 0)
        continue;
    hearth_reply (call, "done");
    hearth_call_destroy (&call);
    return NULL;
}

static void race_once (void)
{
    static const hearth_method_t many_methods [] = { { "keep", "index: int", NULL, keep_many, .doc = NULL }, { 0 } };
    pthread_t threads [THREADS];
    hearth_t *service = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (service, "test.many", many_methods, NULL), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    hearth_pending_t *calls [THREADS];
    hearth_proxy_t *name = hearth_proxy (client, "test.many");
    for (int index = 0; index < THREADS; index++)
        calls [index] = hearth_start (name, "keep", index);
    while (atomic_load (&arrived) < THREADS)
        cr_assert_eq (hearth_process (service), 0);
    for (int index = 0; index < THREADS; index++)
        cr_assert_eq (pthread_create (&threads [index], NULL, answer_at_once, many [index]), 0);
    hearth_destroy (&service);
    for (int index = 0; index < THREADS; index++) {
        pthread_join (threads [index], NULL);
        hearth_result_t *result = hearth_wait (&calls [index], -1);
        cr_assert (!hearth_failed (result) || strcmp (hearth_error (result)->name, "hearth.ServiceGone") == 0);
        hearth_result_destroy (&result);
    }
    hearth_proxy_destroy (&name);
}

Test (kept_calls, threads_answer_while_the_connection_is_destroyed)
{
    for (int round = repetitions (100); round > 0; round--)
        race_once ();
}
