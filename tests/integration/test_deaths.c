/*  test_deaths.c - services that are killed, stopped, or merely busy while they have a call
*/
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"
#include "repetitions.h"

#define PATIENCE_MS 60000

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static hearth_t *client;
static int entered [2];   //  a handler writes a byte when it has begun
static int released [2];  //  and reads one before it answers

static void hang (hearth_call_t *call, void *self)
{
    char byte;
    (void) self;
    if (write (entered [1], "", 1) == 1 && read (released [0], &byte, 1) == 1)
        hearth_reply (call, hearth_bool (true));
}

static const hearth_method_t methods [] = {
    { "hang", "", "bool", hang, .doc = NULL },
    { .name = NULL },
};

static void begin (void)
{
    cr_assert_eq (pipe (entered), 0);
    cr_assert_eq (pipe (released), 0);
    broker = fixture_broker_new (options);
    client = hearth_connect (fixture_broker_address (broker));
}

static void end (void)
{
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

TestSuite (deaths, .init = begin, .fini = end, .timeout = 600);

//  A process that serves a name until it is killed.
static pid_t serve (const char *name)
{
    pid_t pid = fork ();
    if (pid != 0)
        return pid;
    hearth_t *hearth = hearth_connect (fixture_broker_address (broker));
    if (hearth_serve (hearth, name, methods, NULL) == 0)
        hearth_run (hearth);
    _exit (1);
}

static hearth_pending_t *start (const char *name)
{
    hearth_proxy_t *proxy = hearth_proxy (client, name);
    hearth_proxy_set_timeout (proxy, PATIENCE_MS);
    hearth_proxy_set_wait (proxy, PATIENCE_MS);
    hearth_pending_t *call = hearth_start (proxy, "hang");
    cr_assert (call);
    hearth_result_t *none = hearth_wait (&call, 0);
    cr_assert_null (none);
    hearth_proxy_destroy (&proxy);
    return call;
}

//  Keeps the client's session going until a handler has begun.
static void await_handler (hearth_pending_t **call)
{
    char byte;
    hearth_result_t *none = hearth_wait (call, 0);
    cr_assert_null (none);
    cr_assert_eq (read (entered [0], &byte, 1), 1);
}

static void bury (pid_t pid)
{
    int status;
    kill (pid, SIGKILL);
    cr_assert_eq (waitpid (pid, &status, 0), pid);
    cr_assert (WIFSIGNALED (status));
}

Test (deaths, each_service_that_is_killed_in_the_middle_of_a_call_is_noticed)
{
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    for (int at = repetitions (1000); at > 0; at--) {
        pid_t service = serve ("mortal");
        hearth_pending_t *call = start ("mortal");
        await_handler (&call);
        bury (service);
        party_expect (hearth_wait (&call, -1), "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    }
}

Test (deaths, a_service_that_is_stopped_for_a_moment_answers_when_it_goes_on)
{
    int status;
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    pid_t service = serve ("stopped");
    hearth_pending_t *call = start ("stopped");
    await_handler (&call);
    kill (service, SIGSTOP);
    cr_assert_eq (waitpid (service, &status, WUNTRACED), service);
    cr_assert_eq (write (released [1], "", 1), 1);
    hearth_result_t *none = hearth_wait (&call, 100);
    cr_assert_null (none);
    kill (service, SIGCONT);
    hearth_result_t *result = party_good (hearth_wait (&call, -1));
    cr_assert (hearth_result_bool (result));
    hearth_result_destroy (&result);
    bury (service);
}

//  A stopped process sends no heartbeats, and this one has sent none before; one whose handler is busy does, however long it
//  takes.
Test (deaths, a_stopped_service_is_given_up_and_comes_back_and_a_busy_one_is_not_given_up)
{
    int status;
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    pid_t busy = serve ("busy"), stopped = serve ("stopped");
    hearth_pending_t *long_call = start ("busy"), *lost_call = start ("stopped");
    await_handler (&long_call);
    await_handler (&lost_call);
    kill (stopped, SIGSTOP);
    cr_assert_eq (waitpid (stopped, &status, WUNTRACED), stopped);
    party_expect (hearth_wait (&lost_call, -1), "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);

    cr_assert_eq (write (released [1], "", 1), 1);
    hearth_result_t *result = party_good (hearth_wait (&long_call, -1));
    hearth_result_destroy (&result);

    kill (stopped, SIGCONT);
    cr_assert_eq (write (released [1], "", 1), 1);  //  for the call that nobody waits for any more
    hearth_pending_t *again = start ("stopped");
    await_handler (&again);
    cr_assert_eq (write (released [1], "", 1), 1);
    result = party_good (hearth_wait (&again, -1));
    hearth_result_destroy (&result);
    bury (busy);
    bury (stopped);
}
