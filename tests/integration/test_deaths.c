/*  test_deaths.c - services that are killed, stopped, or merely busy while they have a call; callers that are killed
*/
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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

//  A process that lives until it is killed (mortal.c).
static pid_t spawn (const char *const *argv)
{
    char path [4096];
    const char *build = getenv ("HEARTH_BUILD_DIR");
    snprintf (path, sizeof path, "%s/tests/mortal", build ? build : "build");
    cr_assert_eq (setenv ("HEARTH_BROKER", fixture_broker_address (broker), 1), 0);
    pid_t pid = fork ();
    if (pid == 0) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        execv (path, (char *const *) argv);
        _exit (127);
    }
    cr_assert_gt (pid, 0);
    return pid;
}

static pid_t serve (const char *name)
{
    char in [16], out [16];
    snprintf (in, sizeof in, "%d", entered [1]);
    snprintf (out, sizeof out, "%d", released [0]);
    return spawn ((const char *[]){ "mortal", "serve", name, in, out, NULL });
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

//  Though the method is declared idempotent, and another service has the name at once, it is not begun once more.
Test (deaths, a_stream_whose_service_is_killed_ends_and_tells_how_many_items_came)
{
    pid_t service = serve ("mortal");
    hearth_proxy_t *proxy = hearth_proxy (client, "mortal");
    hearth_proxy_set_timeout (proxy, PATIENCE_MS);
    hearth_proxy_set_wait (proxy, PATIENCE_MS);
    hearth_pending_t *items = hearth_open (proxy, "stream");
    for (int number = 0; number < 3; number++)
        cr_assert_eq (hearth_value_int (hearth_next (items, -1)), number);
    await_handler (&items);
    bury (service);
    pid_t next = serve ("mortal");
    cr_assert_null (hearth_next (items, -1));
    hearth_result_t *result = hearth_wait (&items, -1);
    cr_assert (strstr (hearth_error (result)->message, "after 3 items"), "%s", hearth_error (result)->message);
    party_expect (result, "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
    bury (next);
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

//  ---- callers ----

static unsigned called, gone;

static void forget (hearth_t *hearth, const char *caller, void *state)
{
    (void) hearth;
    (void) caller;
    cr_assert_eq (state, &called);
    gone++;
}

static void remember (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_eq (hearth_set_caller_state (call, &called, forget), 0);
    called++;
    hearth_reply_nil (call);
}

static const hearth_method_t remembering_methods [] = {
    { "remember", "", "nil", remember, .doc = NULL },
    { .name = NULL },
};

//  Sleeps until the service has something to do, and does it, until a count is as high as that.
static void await (const unsigned *count, unsigned least)
{
    struct pollfd item = { .fd = hearth_fd (client), .events = POLLIN };
    while (*count < least) {
        cr_assert_geq (poll (&item, 1, (int) hearth_next_timeout_ms (client)), 0);
        cr_assert_eq (hearth_process (client), 0);
    }
}

Test (deaths, a_service_hears_of_each_caller_that_is_killed)
{
    cr_assert_eq (hearth_serve (client, "test.memory", remembering_methods, NULL), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    for (unsigned round = 1; round <= (unsigned) repetitions (100); round++) {
        pid_t caller = spawn ((const char *[]){ "mortal", "call", NULL });
        await (&called, round);
        cr_assert_eq (gone, round - 1);
        bury (caller);
        await (&gone, round);
    }
}
