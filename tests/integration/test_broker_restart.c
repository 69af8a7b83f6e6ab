/*  test_broker_restart.c - a broker is killed and comes back: services live on, calls end, and none is executed late
*/
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "broker.h"
#include "party.h"

static const char *const options [] = { "--settle", "0", NULL };

static atomic_int runs;
static atomic_bool entered;

static void count (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, atomic_fetch_add (&runs, 1) + 1);
}

//  Says that it runs, and answers when nobody waits any more.
static void outlast (hearth_call_t *call, void *self)
{
    (void) self;
    atomic_store (&entered, true);
    while (!hearth_cancelled (call))
        continue;
    hearth_reply_nil (call);
}

static const hearth_method_t methods [] = {
    { "count", "", "int", count, .doc = NULL },
    { "outlast", "", NULL, outlast, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void begin (void)
{
    broker = fixture_broker_new (options);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.service");
    hearth_proxy_set_wait (proxy, 10000);
}

static void end (void)
{
    hearth_destroy (&client);
    fixture_broker_destroy (&broker);
}

//  A call waits a second for a session, which a machine that is busy may not find in that time.
static void expect_count (int number)
{
    cr_assert_eq (hearth_ready (client, 20000), 0);
    hearth_result_t *result = party_good (hearth_call (proxy, "count"));
    cr_assert_eq (hearth_result_int (result), number);
    hearth_result_destroy (&result);
}

//  Until the client has noticed: what it sends then can only go to the next broker.
static void await_disconnect (void)
{
    while (hearth_unique_name (client))
        cr_assert_eq (hearth_process (client), 0);
}

TestSuite (broker_restart, .init = begin, .fini = end);

Test (broker_restart, a_service_and_a_client_live_on)
{
    party_t *service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    expect_count (1);
    char name [64];
    strcpy (name, hearth_unique_name (client));
    fixture_broker_kill (broker);
    await_disconnect ();
    fixture_broker_start (broker);
    expect_count (2);
    cr_assert_str_neq (hearth_unique_name (client), name);
    cr_assert_eq (party_destroy (&service), 0);
}

Test (broker_restart, a_call_in_flight_may_have_executed)
{
    party_t *service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    hearth_pending_t *call = hearth_start (proxy, "outlast");
    while (!atomic_load (&entered))
        cr_assert_null (hearth_wait (&call, 0));
    fixture_broker_kill (broker);
    party_expect (hearth_wait (&call, -1), "hearth.BrokerGone", HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_start (broker);
}

Test (broker_restart, a_call_without_a_broker_is_never_executed_by_the_next)
{
    party_t *service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    expect_count (1);
    fixture_broker_kill (broker);
    await_disconnect ();
    hearth_proxy_set_timeout (proxy, 100);
    party_expect (hearth_call (proxy, "count"), "hearth.BrokerGone", HEARTH_NOT_EXECUTED);
    hearth_proxy_set_timeout (proxy, 10000);
    fixture_broker_start (broker);
    expect_count (2);
    cr_assert_eq (party_destroy (&service), 0);
}

//  The client may not have noticed yet: then the call is lost with its socket. Or it has: then the call waits.
Test (broker_restart, a_call_on_the_verge_is_executed_once_or_reported)
{
    party_t *service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    expect_count (1);
    fixture_broker_kill (broker);
    hearth_pending_t *call = hearth_start (proxy, "count");
    fixture_broker_start (broker);
    hearth_result_t *result = hearth_wait (&call, -1);
    bool failed = hearth_failed (result);
    if (failed)
        cr_assert_str_eq (hearth_error (result)->name, "hearth.BrokerGone");
    else
        cr_assert_eq (hearth_result_int (result), 2);
    hearth_result_destroy (&result);
    expect_count (failed ? 2 : 3);
    cr_assert_eq (party_destroy (&service), 0);
}

static void *run (void *hearth)
{
    return (void *) (intptr_t) hearth_run (hearth);
}

Test (broker_restart, the_order_of_starting_does_not_matter)
{
    fixture_broker_kill (broker);
    pthread_t thread;
    hearth_t *service = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (service, "test.service", methods, NULL), 0);
    cr_assert_eq (hearth_ready (service, 50), HEARTH_UNAVAILABLE);
    cr_assert_str_eq (hearth_last_error (service)->name, "hearth.BrokerGone");
    cr_assert_eq (pthread_create (&thread, NULL, run, service), 0);
    fixture_broker_start (broker);
    expect_count (1);
    hearth_stop (service);
    void *code;
    pthread_join (thread, &code);
    cr_assert_null (code);
    hearth_destroy (&service);
}

typedef struct {
    int connected, disconnected, waiting, registered;
} told_t;

static void on_connected (hearth_t *self, const char *name, void *context)
{
    cr_assert_str_eq (hearth_unique_name (self), name);
    ((told_t *) context)->connected++;
}

static void on_disconnected (hearth_t *self, const hearth_error_t *why, void *context)
{
    cr_assert_null (hearth_unique_name (self));
    cr_assert_eq (why->code, HEARTH_UNAVAILABLE);
    ((told_t *) context)->disconnected++;
}

static void on_waiting (hearth_t *self, const char *address, void *context)
{
    cr_assert_str_eq (address, hearth_broker (self));
    ((told_t *) context)->waiting++;
}

static void on_registered (hearth_t *self, const char *name, void *context)
{
    (void) self;
    cr_assert_str_eq (name, "test.mine");
    ((told_t *) context)->registered++;
}

Test (broker_restart, the_program_is_told_of_its_session)
{
    static const hearth_hooks_t hooks = {
        .connected = on_connected, .disconnected = on_disconnected, .waiting = on_waiting, .registered = on_registered
    };
    told_t told = { 0, 0, 0, 0 };
    hearth_set_hooks (client, &hooks, &told);
    cr_assert_eq (hearth_serve (client, "test.mine", methods, NULL), 0);
    cr_assert_eq (hearth_ready (client, 20000), 0);
    cr_assert_eq (told.connected, 1);
    cr_assert_eq (told.registered, 1);
    told.waiting = 0;  //  a machine that is busy may have had it wait at first, too
    fixture_broker_kill (broker);
    await_disconnect ();
    while (told.waiting == 0)
        cr_assert_eq (hearth_ready (client, 50), HEARTH_UNAVAILABLE);
    cr_assert_eq (told.disconnected, 1);
    cr_assert_eq (hearth_ready (client, 200), HEARTH_UNAVAILABLE);
    cr_assert_eq (told.waiting, 1);
    fixture_broker_start (broker);
    cr_assert_eq (hearth_ready (client, 20000), 0);
    cr_assert_eq (told.connected, 2);
    cr_assert_eq (told.registered, 2);
    hearth_set_hooks (client, NULL, NULL);
}
