/*  test_one_thread.c - a connection is used by one thread at a time, and by no forked child
*/
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"
#include "repetitions.h"

static const char *const options [] = { "--settle", "0", NULL };

static atomic_bool entered, released, finished;

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

//  ---- at the same moment ----

#define ANSWERS 2000

static pthread_barrier_t together;
static atomic_uint attempts, refusals;

//  A call ends in one of two ways; true if it was answered.
static bool is_answered (hearth_result_t *result)
{
    cr_assert (result);
    const hearth_error_t *error = hearth_error (result);
    bool is_refused = error;
    if (error)
        cr_assert_str_eq (error->name, "hearth.InUse", "%s: %s", error->name, error->message);
    else
        cr_assert_str_eq (hearth_result_str (result), "held");
    hearth_result_destroy (&result);
    atomic_fetch_add (&refusals, is_refused);
    return !is_refused;
}

//  Once it has been started, somebody else may still be in the way of waiting for it.
static bool start_and_wait (void)
{
    hearth_pending_t *call = hearth_start (proxy, "hold");
    atomic_fetch_add (&refusals, !call);
    bool ends = false;
    while (call)
        ends = is_answered (hearth_wait (&call, -1));
    return ends;
}

static void *call_at_once (void *unused)
{
    (void) unused;
    pthread_barrier_wait (&together);
    const int least = repetitions (ANSWERS), most = 20 * least;
    for (int answered = 0; answered < least || (answered < most && !atomic_load (&refusals));) {
        bool waits = atomic_fetch_add (&attempts, 1) % 2;
        answered += waits ? start_and_wait () : is_answered (hearth_call (proxy, "hold"));
        sched_yield ();
    }
    return NULL;
}

//  Is in the connection for a moment at each attempt of the other thread, which often finds nobody there when it asks why it
//  was refused.
static void *process_at_once (void *unused)
{
    (void) unused;
    pthread_barrier_wait (&together);
    while (!atomic_load (&finished)) {
        unsigned seen = atomic_load (&attempts);
        int code = hearth_process (client);
        cr_assert (code == HEARTH_OK || code == HEARTH_FAILED_PRECONDITION, "%d", code);
        atomic_fetch_add (&refusals, code != HEARTH_OK);
        while (atomic_load (&attempts) == seen && !atomic_load (&finished))
            sched_yield ();
    }
    return NULL;
}

static void use_together (void *(*first) (void *), void *(*second) (void *) )
{
    pthread_t threads [2];
    atomic_store (&released, true);
    cr_assert_eq (pthread_barrier_init (&together, NULL, 2), 0);
    cr_assert_eq (pthread_create (&threads [0], NULL, first, NULL), 0);
    cr_assert_eq (pthread_create (&threads [1], NULL, second, NULL), 0);
    cr_assert_eq (pthread_join (threads [0], NULL), 0);
    atomic_store (&finished, true);
    cr_assert_eq (pthread_join (threads [1], NULL), 0);
    cr_assert_gt (atomic_load (&refusals), 0);
    pthread_barrier_destroy (&together);
    hearth_result_t *result = party_good (hearth_call (proxy, "hold"));
    hearth_result_destroy (&result);
}

Test (one_thread, two_threads_at_once_get_answers_or_errors_and_nothing_else)
{
    use_together (call_at_once, call_at_once);
}

Test (one_thread, who_is_refused_is_told_why_although_the_reason_has_passed)
{
    use_together (call_at_once, process_at_once);
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
