/*  test_one_thread.c - a connection is used by one thread at a time, and by no forked child
*/
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"

static const char *const options [] = { "--settle", "0", NULL };

static atomic_bool entered, released;

//  Says that it runs, and answers when the test says so.
static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    atomic_store (&entered, true);
    while (!atomic_load (&released))
        continue;
    hearth_reply (call, "held");
}

static const hearth_method_t methods [] = {
    { "hold", "", "str", hold, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.service");
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

static void *call_hold (void *unused)
{
    (void) unused;
    return hearth_call (proxy, "hold");
}

TestSuite (one_thread, .init = begin, .fini = end);

Test (one_thread, concurrent_use_is_refused_and_does_no_harm)
{
    pthread_t thread;
    void *held;
    cr_assert_eq (pthread_create (&thread, NULL, call_hold, NULL), 0);
    while (!atomic_load (&entered))
        continue;
    party_expect (hearth_call (proxy, "hold"), "hearth.InUse", HEARTH_NOT_EXECUTED);
    cr_assert_null (hearth_start (proxy, "hold"));
    cr_assert_null (hearth_proxy (client, "test.service"));
    cr_assert_eq (hearth_serve (client, "test.mine", methods, NULL), HEARTH_FAILED_PRECONDITION);
    cr_assert_eq (hearth_run (client), HEARTH_FAILED_PRECONDITION);
    cr_assert_eq (hearth_process (client), HEARTH_FAILED_PRECONDITION);
    cr_assert_str_eq (hearth_last_error (client)->name, "hearth.InUse");
    hearth_t *same = client;
    hearth_destroy (&same);
    cr_assert_eq (same, client);

    atomic_store (&released, true);
    cr_assert_eq (pthread_join (thread, &held), 0);
    hearth_result_t *result = party_good (held);
    cr_assert_str_eq (hearth_result_str (result), "held");
    hearth_result_destroy (&result);
}

Test (one_thread, handing_it_over_is_fine)
{
    pthread_t thread;
    void *held;
    atomic_store (&released, true);
    hearth_result_t *result = party_good (hearth_call (proxy, "hold"));
    hearth_result_destroy (&result);
    cr_assert_eq (pthread_create (&thread, NULL, call_hold, NULL), 0);
    cr_assert_eq (pthread_join (thread, &held), 0);
    result = party_good (held);
    hearth_result_destroy (&result);
    result = party_good (hearth_call (proxy, "hold"));
    hearth_result_destroy (&result);
}

static bool is_refused_in_child (void)
{
    hearth_result_t *result = hearth_call (proxy, "hold");
    bool refused = hearth_failed (result) && strcmp (hearth_error (result)->name, "hearth.Forked") == 0
                   && strcmp (hearth_last_error (client)->name, "hearth.Forked") == 0;
    hearth_result_destroy (&result);
    hearth_t *copy = client;
    hearth_destroy (&copy);
    return refused && !copy;
}

Test (one_thread, a_forked_child_is_told_and_its_parent_goes_on)
{
    atomic_store (&released, true);
    hearth_result_t *result = party_good (hearth_call (proxy, "hold"));
    hearth_result_destroy (&result);
    pid_t child = fork ();
    //  It ends as another program: valgrind would call lost what the parent's threads hold, which are not in the child.
    if (child == 0)
        execl (is_refused_in_child () ? "/bin/true" : "/bin/false", "child", NULL);
    int status;
    cr_assert_eq (waitpid (child, &status, 0), child);
    cr_assert (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    result = party_good (hearth_call (proxy, "hold"));
    hearth_result_destroy (&result);
}
