/*  test_within_callbacks.c - what a program does to its own calls, names and sessions at the wrong moment ends well
*/
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "broker.h"
#include "party.h"
#include "repetitions.h"
#include "threads.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", "--max-calls", "8", "--max-message", "4M", NULL };

static fixture_broker_t *broker;
static hearth_t *client;
static hearth_pending_t *pending;

//  ---- the client serves, too: its handlers run while it waits ----

static void destroy_pending (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_pending_destroy (&pending);
    hearth_reply_nil (call);
}

static void wait_for_pending (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_result_t *result = hearth_wait (&pending, -1);
    hearth_reply (call, hearth_error (result) ? hearth_error (result)->name : "");
    hearth_result_destroy (&result);
}

static const hearth_method_t callbacks [] = {
    { "destroy", "", NULL, destroy_pending, .doc = NULL },
    { "wait", "", "str", wait_for_pending, .doc = NULL },
    { .name = NULL },
};

//  ---- the service ----

//  Calls the client's method, and answers what that answered.
static void call_back (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *caller = hearth_proxy_within (call, hearth_caller (call));
    hearth_result_t *result = hearth_call_with (caller, hearth_arg_str (call, 0), hearth_arg (call, 1));
    hearth_reply (call, hearth_result_value (result));
    hearth_result_destroy (&result);
}

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

static const hearth_method_t methods [] = {
    { "call_back", "method: str, arguments: list", NULL, call_back, .doc = NULL },
    { "echo", "value: any", NULL, echo, .doc = NULL },
    { .name = NULL },
};

static party_t *service;
static hearth_proxy_t *proxy;

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (client, "", callbacks, NULL), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.service");
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (within_callbacks, .init = begin, .fini = end);

static void expect_echo (void)
{
    expect_str (hearth_call (proxy, "echo", "alive"), "alive");
}

//  Sleeps until there is something to do, and does it.
static void step (hearth_t *hearth)
{
    struct pollfd item = { .fd = hearth_fd (hearth), .events = POLLIN };
    cr_assert_geq (poll (&item, 1, (int) hearth_next_timeout_ms (hearth)), 0);
    cr_assert_eq (hearth_process (hearth), 0);
}

//  ---- calls that are waited for ----

static hearth_pending_t *start_call_back (const char *method)
{
    hearth_builder_t *none = hearth_builder_new ();
    hearth_builder_open_list (none);
    hearth_builder_close (none);
    hearth_pending_t *call = hearth_start (proxy, "call_back", method, none);
    hearth_builder_destroy (&none);
    return call;
}

Test (within_callbacks, a_call_that_is_destroyed_while_it_is_waited_for_is_cancelled)
{
    pending = start_call_back ("destroy");
    hearth_pending_t *call = pending;
    party_expect (hearth_wait (&call, -1), "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_null (call);
    cr_assert_null (pending);
    expect_echo ();
}

Test (within_callbacks, a_call_is_waited_for_by_one)
{
    pending = start_call_back ("wait");
    hearth_pending_t *call = pending;
    expect_str (hearth_wait (&call, PATIENCE_MS), "hearth.InUse");
    cr_assert_not_null (pending);
    pending = NULL;
    expect_echo ();
}

Test (within_callbacks, the_longest_times_are_no_times_that_have_passed)
{
    cr_assert_eq (hearth_ready (client, INT64_MAX), 0);
    hearth_pending_t *call = hearth_start (proxy, "echo", "late");
    expect_str (hearth_wait (&call, INT64_MAX), "late");
    hearth_proxy_set_timeout (proxy, INT64_MAX);
    hearth_proxy_set_timeout (NULL, 1);
    hearth_proxy_set_wait (NULL, 1);
    expect_echo ();
}

Test (within_callbacks, a_broker_that_is_dead_is_not_called_ready)
{
    struct pollfd item = { .fd = hearth_fd (client), .events = POLLIN };
    while (hearth_next_timeout_ms (client) == 0)
        cr_assert_eq (hearth_process (client), 0);
    fixture_broker_kill (broker);
    cr_assert_eq (poll (&item, 1, PATIENCE_MS), 1);
    cr_assert_eq (hearth_ready (client, 0), HEARTH_UNAVAILABLE);
    fixture_broker_start (broker);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
}

Test (within_callbacks, a_descriptor_that_is_asked_for_late_tells_of_what_is_left)
{
    hearth_t *other = hearth_connect (fixture_broker_address (broker));
    hearth_pending_t *call = hearth_start (hearth_proxy (other, "test.service"), "echo", "left");
    cr_assert_eq (hearth_next_timeout_ms (other), 0);
    struct pollfd item = { .fd = hearth_fd (other), .events = POLLIN };
    cr_assert_eq (poll (&item, 1, 0), 1);
    expect_str (hearth_wait (&call, -1), "left");
    hearth_destroy (&other);
}

//  ---- names ----

static void note (const hearth_notification_t *notification, void *service_p)
{
    if (notification->kind == HEARTH_MESSAGE)
        *(bool *) service_p = strcmp (notification->service, hearth_unique_name (client)) == 0;
}

static void appeared (const char *name, hearth_change_t change, void *is_there)
{
    *(bool *) is_there = change == HEARTH_APPEARED && strcmp (name, "test.service") == 0;
}

Test (within_callbacks, where_a_name_may_stand_a_uri_may)
{
    bool is_noted = false, is_there = false;
    char *uri = hearth_uri (client, "test.service"), *own = hearth_uri (client, hearth_unique_name (client));
    hearth_result_t *found = party_good (hearth_lookup (client, uri));
    hearth_result_destroy (&found);
    found = party_good (hearth_describe (client, uri));
    hearth_result_destroy (&found);
    hearth_observation_t *observation = hearth_observe (client, own, "event", PATIENCE_MS, note, &is_noted);
    hearth_watch_t *watch = hearth_watch (client, uri, appeared, &is_there);
    cr_assert_not_null (observation);
    cr_assert_not_null (watch);
    cr_assert_eq (hearth_publish (client, "", "event", 1), 0);
    while (!is_noted || !is_there)
        expect_echo ();
    free (uri);
    free (own);
}

Test (within_callbacks, a_uri_of_another_broker_is_no_name_here)
{
    static const char *const wrong [] = { "hearth://127.0.0.1:1/test.service", "tcp://127.0.0.1:1", "no name", "" };
    bool unused;
    for (size_t index = 0; index < sizeof wrong / sizeof *wrong; index++) {
        cr_assert_null (hearth_observe (client, wrong [index], NULL, 1000, note, &unused));
        cr_assert_eq (hearth_last_error (client)->code, HEARTH_INVALID_ARGUMENT);
        cr_assert_null (hearth_watch (client, wrong [index], appeared, &unused));
        cr_assert_eq (hearth_last_error (client)->code, HEARTH_INVALID_ARGUMENT);
        if (strstr (wrong [index], "://"))
            party_expect (hearth_lookup (client, wrong [index]), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    }
}

//  ---- sessions ----

Test (within_callbacks, a_name_that_was_taken_away_and_is_served_again_meanwhile_stays)
{
    struct pollfd item = { .fd = hearth_fd (client), .events = POLLIN };
    cr_assert_eq (hearth_serve (client, "test.mine", callbacks, NULL), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    while (hearth_next_timeout_ms (client) == 0)
        cr_assert_eq (hearth_process (client), 0);
    fixture_broker_kill (broker);
    cr_assert_eq (poll (&item, 1, PATIENCE_MS), 1);
    cr_assert_eq (hearth_unserve (client, "test.mine"), 0);
    cr_assert_eq (hearth_serve (client, "test.mine", callbacks, NULL), 0);
    fixture_broker_start (broker);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    hearth_result_t *found = party_good (hearth_lookup (client, "test.mine"));
    hearth_result_destroy (&found);
}

Test (within_callbacks, a_call_before_the_session_is_measured_by_its_brokers_limit)
{
    static char big [2 << 20], bigger [5 << 20];
    memset (big, 'b', sizeof big - 1);
    memset (bigger, 'b', sizeof bigger - 1);
    hearth_t *other = hearth_connect (fixture_broker_address (broker));
    expect_str (hearth_call (hearth_proxy (other, "test.service"), "echo", big), big);
    hearth_destroy (&other);
    other = hearth_connect (fixture_broker_address (broker));
    party_expect (hearth_call (hearth_proxy (other, "test.service"), "echo", bigger), "hearth.Limit",
                  HEARTH_NOT_EXECUTED);
    hearth_destroy (&other);
}

typedef struct {
    uint64_t delivered, lost;
    bool has_ended;
} account_t;

//  In the first of its callbacks the broker dies and comes back, while the others' messages wait on the socket.
static void outlive_broker (const hearth_notification_t *notification, void *context)
{
    account_t *account = context;
    account->delivered += notification->kind == HEARTH_MESSAGE;
    account->lost += notification->lost;
    account->has_ended |= notification->kind == HEARTH_EPOCH_ENDED;
    if (account->delivered != 1 || account->lost || account->has_ended)
        return;
    fixture_broker_kill (broker);
    fixture_broker_start (broker);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
}

static void count_notes (const hearth_notification_t *notification, void *count)
{
    *(unsigned *) count += notification->kind == HEARTH_MESSAGE;
}

Test (within_callbacks, what_waits_on_the_socket_at_the_end_of_an_epoch_is_accounted_for)
{
    account_t account = { 0 };
    unsigned count = 0;
    hearth_t *publisher = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (publisher, "test.news", callbacks, NULL), 0);
    cr_assert_eq (hearth_ready (publisher, PATIENCE_MS), 0);
    cr_assert_not_null (hearth_observe (client, "test.news", "event", PATIENCE_MS, outlive_broker, &account));
    cr_assert_not_null (hearth_observe (publisher, "test.news", "event", PATIENCE_MS, count_notes, &count));
    for (int index = 0; index < 10; index++)
        cr_assert_eq (hearth_publish (publisher, "test.news", "event", index), 0);
    while (count < 10)
        step (publisher);
    while (!account.has_ended)
        step (client);
    cr_assert_eq (account.delivered + account.lost, 10);
    hearth_destroy (&publisher);
}

//  ---- slots ----

Test (within_callbacks, an_object_is_registered_although_all_calls_are_taken)
{
    hearth_pending_t *calls [8];
    for (int index = 0; index < 8; index++)
        calls [index] = hearth_start (proxy, "echo", index);
    cr_assert_eq (hearth_serve (client, "test.late", callbacks, NULL), 0);
    for (int index = 0; index < 8; index++) {
        hearth_result_t *result = party_good (hearth_wait (&calls [index], -1));
        hearth_result_destroy (&result);
    }
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0, "%s", hearth_last_error (client)->message);
}

//  ---- signals ----

static volatile sig_atomic_t alarms;

static void on_alarm (int number)
{
    (void) number;
    alarms++;
}

Test (within_callbacks, signals_do_not_keep_a_connection_from_ending)
{
    struct sigaction action = { .sa_handler = on_alarm };
    const struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
    unsigned threads = count_threads ();
    sigaction (SIGALRM, &action, NULL);
    setitimer (ITIMER_REAL, &often, NULL);
    for (int round = 0; round < repetitions (200) || alarms == 0; round++) {
        hearth_t *other = hearth_connect (fixture_broker_address (broker));
        cr_assert_not_null (other, "%m");
        cr_assert_eq (hearth_ready (other, PATIENCE_MS), 0, "%s", hearth_last_error (other)->message);
        hearth_destroy (&other);
    }
    setitimer (ITIMER_REAL, &never, NULL);
    cr_assert_eq (count_threads (), threads);
    expect_echo ();
}
