/*  test_owners.c - who owns a name: the first, whoever outlives a ghost, whoever takes over, or all together
*/
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"

#define READY_MS 30000

static const char *const options [] = { "--settle", "0", NULL };

static void whose (hearth_call_t *call, void *self)
{
    hearth_reply (call, (const char *) self);
}

static const hearth_method_t methods [] = {
    { "whose", "", "str", whose, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static hearth_t *client;
static char lost [256];  //  what the hook told last

//  A process that serves the name as "ghost" when it is told to. It is made before this one has any threads: what those
//  hold would be held in a forked child for ever.
static pid_t ghost;
static int order [2], ready [2];

static hearth_t *serve (const char *owner, const hearth_service_options_t *how);

static void make_ghost (void)
{
    char byte;
    cr_assert_eq (pipe (order), 0);
    cr_assert_eq (pipe (ready), 0);
    ghost = fork ();
    if (ghost != 0)
        return;
    close (order [1]);  //  it ends with whoever might tell it
    if (read (order [0], &byte, 1) != 1)
        _exit (0);
    hearth_t *hearth = serve ("ghost", NULL);
    if (hearth_ready (hearth, READY_MS) == 0 && write (ready [1], "", 1) == 1)
        hearth_run (hearth);
    _exit (1);
}

static void begin (void)
{
    broker = fixture_broker_new (options);
    make_ghost ();
    client = hearth_connect (fixture_broker_address (broker));
}

static void end (void)
{
    if (ghost && kill (ghost, SIGKILL) == 0)
        waitpid (ghost, NULL, 0);
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

static void on_unregistered (hearth_t *self, const char *name, const hearth_error_t *why, void *context)
{
    (void) self;
    (void) context;
    snprintf (lost, sizeof lost, "%s: %s", name, why->name);
}

static const hearth_hooks_t hooks = { .unregistered = on_unregistered };

static void expect_owner (const char *owner)
{
    hearth_result_t *result = party_good (hearth_call (hearth_proxy (client, "test.service"), "whose"));
    cr_assert_str_eq (hearth_result_str (result), owner);
    hearth_result_destroy (&result);
}

static hearth_t *serve (const char *owner, const hearth_service_options_t *how)
{
    hearth_t *hearth = hearth_connect (fixture_broker_address (broker));
    hearth_set_hooks (hearth, &hooks, NULL);
    cr_assert_eq (hearth_serve_with (hearth, "test.service", methods, (void *) owner, how), 0);
    return hearth;
}

TestSuite (owners, .init = begin, .fini = end);

Test (owners, a_second_owner_fails_at_once_if_it_asks_for_that)
{
    party_t *first = party_new (fixture_broker_address (broker), "test.service", methods, (void *) "first");
    static const hearth_service_options_t at_once = { .fail_if_taken = true };
    hearth_t *second = serve ("second", &at_once);
    cr_assert_eq (hearth_run (second), HEARTH_ALREADY_EXISTS);
    cr_assert_str_eq (hearth_last_error (second)->name, "hearth.NameTaken");
    cr_assert_str_eq (lost, "test.service: hearth.NameTaken");
    cr_assert_eq (hearth_ready (second, 0), HEARTH_ALREADY_EXISTS);
    hearth_destroy (&second);
    expect_owner ("first");
    cr_assert_eq (party_destroy (&first), 0);
}

Test (owners, a_connection_serves_a_name_once)
{
    hearth_t *hearth = serve ("first", NULL);
    cr_assert_eq (hearth_serve (hearth, "test.service", methods, NULL), HEARTH_ALREADY_EXISTS);
    hearth_destroy (&hearth);
}

Test (owners, a_second_owner_tries_on_and_gets_the_name_when_the_first_goes)
{
    party_t *first = party_new (fixture_broker_address (broker), "test.service", methods, (void *) "first");
    hearth_t *second = serve ("second", NULL);
    cr_assert_eq (hearth_ready (second, 200), HEARTH_ALREADY_EXISTS);
    cr_assert_eq (party_destroy (&first), 0);
    cr_assert_eq (hearth_ready (second, READY_MS), 0);
    hearth_destroy (&second);
}

//  A service whose process hangs keeps its name until it is dead; its successor waits for that.
Test (owners, a_service_that_comes_back_outlives_its_ghost)
{
    char byte;
    int status;
    cr_assert_eq (write (order [1], "", 1), 1);
    cr_assert_eq (read (ready [0], &byte, 1), 1);
    kill (ghost, SIGSTOP);
    cr_assert_eq (waitpid (ghost, &status, WUNTRACED), ghost);
    hearth_t *successor = serve ("successor", NULL);
    cr_assert_eq (hearth_ready (successor, 100), HEARTH_ALREADY_EXISTS);
    kill (ghost, SIGKILL);
    cr_assert_eq (waitpid (ghost, &status, 0), ghost);
    ghost = 0;
    cr_assert_eq (hearth_ready (successor, READY_MS), 0);
    cr_assert_str_eq (lost, "");
    hearth_destroy (&successor);
}

Test (owners, a_replaceable_name_is_taken_over_and_its_owner_is_told)
{
    static const hearth_service_options_t replaceable = { .mode = HEARTH_REPLACEABLE };
    static const hearth_service_options_t replacing = { .mode = HEARTH_REPLACEABLE, .replace = true };
    hearth_t *first = serve ("first", &replaceable);
    cr_assert_eq (hearth_ready (first, READY_MS), 0);
    hearth_t *second = serve ("second", &replacing);
    cr_assert_eq (hearth_ready (second, READY_MS), 0);
    while (!*lost)
        cr_assert_eq (hearth_process (first), 0);
    cr_assert_str_eq (lost, "test.service: hearth.NameTaken");
    cr_assert_eq (hearth_ready (first, READY_MS), 0);
    hearth_destroy (&first);
    hearth_destroy (&second);
}

Test (owners, instances_share_a_name)
{
    static const hearth_service_options_t shared = { .mode = HEARTH_SHARED };
    hearth_t *first = serve ("first", &shared);
    hearth_t *second = serve ("second", &shared);
    cr_assert_eq (hearth_ready (first, READY_MS), 0);
    cr_assert_eq (hearth_ready (second, READY_MS), 0);
    hearth_result_t *result = party_good (hearth_lookup (client, "test.service"));
    const hearth_value_t *owners = hearth_value_get (hearth_result_value (result), "owners");
    cr_assert_eq (hearth_value_size (owners), 2);
    hearth_result_destroy (&result);
    hearth_destroy (&first);
    hearth_destroy (&second);
}

Test (owners, a_name_that_is_taken_away_is_free)
{
    hearth_t *first = serve ("first", NULL);
    cr_assert_eq (hearth_ready (first, READY_MS), 0);
    cr_assert_eq (hearth_unserve (first, "test.service"), 0);
    cr_assert_eq (hearth_unserve (first, "test.service"), HEARTH_NOT_FOUND);
    hearth_t *second = serve ("second", NULL);
    cr_assert_eq (hearth_ready (first, READY_MS), 0);
    cr_assert_eq (hearth_ready (second, READY_MS), 0);
    hearth_destroy (&first);
    hearth_destroy (&second);
}

Test (owners, only_what_is_served_is_published)
{
    hearth_t *hearth = serve ("first", NULL);
    cr_assert_eq (hearth_publish (hearth, "test.service", "event", 1), 0);
    cr_assert_eq (hearth_publish (hearth, "", "event", 1), HEARTH_PERMISSION_DENIED);
    cr_assert_eq (hearth_serve (hearth, "", methods, NULL), 0);
    cr_assert_eq (hearth_publish (hearth, "", "event", 1), 0);
    cr_assert_eq (hearth_publish (hearth, "test.other", "event", 1), HEARTH_PERMISSION_DENIED);
    cr_assert_str_eq (hearth_last_error (hearth)->name, "hearth.NotOwner");
    cr_assert_eq (hearth_publish (hearth, "test.service", "not an event", 1), HEARTH_INVALID_ARGUMENT);
    hearth_destroy (&hearth);
}
