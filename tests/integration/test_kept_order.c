/*  test_kept_order.c - kept streams between the turns of their connection: in its own thread, in another one, behind a worker
*/
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>

#include "broker.h"
#include "gate.h"
#include "party.h"

#define PATIENCE_MS 20000
#define MANY        100

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static hearth_t *service, *client;  //  the service is the test's own thread's
static hearth_proxy_t *proxy;
static hearth_call_t *kept;
static gate_t entered = GATE_INITIALIZER, released = GATE_INITIALIZER;

//  ---- the service, which the test drives ----

static void keep (hearth_call_t *call, void *self)
{
    (void) self;
    kept = hearth_keep (call);
}

static void keep_and_hold (hearth_call_t *call, void *self)
{
    keep (call, self);
    gate_pass (&entered);
    gate_await (&released, 1);
}

static const hearth_method_t methods [] = {
    { "keep", "", NULL, keep, .flags = HEARTH_STREAMING },
    { "keep_and_hold", "", NULL, keep_and_hold, .flags = HEARTH_STREAMING },
    { .name = NULL },
};

static void begin (void)
{
    const hearth_service_options_t with = { .workers = 1 };
    broker = fixture_broker_new (options);
    service = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (service, "test.plain", methods, NULL), 0);
    cr_assert_eq (hearth_serve_with (service, "test.worker", methods, NULL, &with), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.plain");
}

static void end (void)
{
    hearth_destroy (&client);
    hearth_destroy (&service);
    fixture_broker_destroy (&broker);
}

TestSuite (kept_order, .init = begin, .fini = end);

static void await_kept (void)
{
    while (!kept)
        cr_assert_eq (hearth_process (service), 0);
}

static void *put_many (void *unused)
{
    (void) unused;
    hearth_pending_t *stream = hearth_open (proxy, "keep");
    for (int64_t number = 0; number < MANY; number++) {
        cr_assert_eq (hearth_put (stream, number), 0);
        cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), number);
    }
    cr_assert_eq (hearth_put_end (stream), 0);
    hearth_result_t *result = party_good (hearth_wait (&stream, -1));
    hearth_result_destroy (&result);
    return NULL;
}

//  Nobody else takes the connection's turns.
Test (kept_order, the_connections_thread_waits_for_items_between_its_turns)
{
    pthread_t caller;
    cr_assert_eq (pthread_create (&caller, NULL, put_many, NULL), 0);
    await_kept ();
    for (const hearth_value_t *item; (item = hearth_take (kept, -1));)
        cr_assert_eq (hearth_yield (kept, item), 0);
    cr_assert (hearth_input_ended (kept));
    cr_assert_not (hearth_cancelled (kept));
    hearth_reply_nil (kept);
    hearth_call_destroy (&kept);
    cr_assert_eq (hearth_process (service), 0);
    pthread_join (caller, NULL);
}

static void *take_many (void *unused)
{
    (void) unused;
    hearth_proxy_set_window (proxy, 1, 1000);
    hearth_pending_t *stream = hearth_open (proxy, "keep");
    for (int64_t number = 0; number < MANY; number++)
        cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), number);
    hearth_result_t *result = party_good (hearth_wait (&stream, -1));
    hearth_result_destroy (&result);
    return NULL;
}

Test (kept_order, the_connections_thread_waits_for_credit_between_its_turns)
{
    pthread_t caller;
    cr_assert_eq (pthread_create (&caller, NULL, take_many, NULL), 0);
    await_kept ();
    for (int64_t number = 0; number < MANY; number++)
        cr_assert_eq (hearth_yield (kept, number), 0);
    hearth_reply_nil (kept);
    hearth_call_destroy (&kept);
    cr_assert_eq (hearth_process (service), 0);
    pthread_join (caller, NULL);
}

static void *move_and_end (void *unused)
{
    (void) unused;
    cr_assert_null (hearth_take (kept, 0));
    cr_assert_eq (hearth_yield_arg (kept, hearth_int (7), 0), 0);
    hearth_reply_nil (kept);
    hearth_call_destroy (&kept);
    return NULL;
}

static void do_in_thread (void *(*run) (void *) )
{
    pthread_t thread;
    cr_assert_eq (pthread_create (&thread, NULL, run, NULL), 0);
    pthread_join (thread, NULL);
}

//  That the handler has returned is the connection's first letter, and the others come behind it.
Test (kept_order, a_workers_call_ends_behind_what_another_thread_has_sent)
{
    hearth_proxy_t *worker = hearth_proxy (client, "test.worker");
    hearth_pending_t *stream = hearth_open (worker, "keep_and_hold");
    struct pollfd item = { .fd = hearth_fd (service), .events = POLLIN };
    while (gate_count (&entered) < 1)
        cr_assert_eq (hearth_process (service), 0);
    while (poll (&item, 1, 0) != 0)
        cr_assert_eq (hearth_process (service), 0);
    gate_pass (&released);
    cr_assert_eq (poll (&item, 1, PATIENCE_MS), 1);
    do_in_thread (move_and_end);
    const hearth_value_t *value;
    while (!(value = hearth_next (stream, 0)) && !hearth_is_over (stream))
        cr_assert_eq (hearth_process (service), 0);
    cr_assert_eq (hearth_value_int (value), 7);
    hearth_result_t *result = party_good (hearth_wait (&stream, -1));
    hearth_result_destroy (&result);
}

//  ---- callbacks that are set anew within themselves ----

static void ask_again (hearth_call_t *call, void *count)
{
    ++*(int *) count;
    cr_assert_eq (hearth_when_asked (call, ask_again, count), 0);
}

Test (kept_order, a_handler_that_asks_again_whenever_it_is_told_does_not_keep_its_connection)
{
    int count = 0;
    hearth_pending_t *stream = hearth_open (proxy, "keep");
    await_kept ();
    cr_assert_eq (hearth_when_asked (kept, ask_again, &count), 0);
    while (count < 3)
        cr_assert_eq (hearth_process (service), 0);
    hearth_pending_destroy (&stream);
    hearth_call_destroy (&kept);
}

static void be_told_again (hearth_pending_t *stream, void *count)
{
    ++*(int *) count;
    cr_assert_eq (hearth_when_ready (stream, be_told_again, count), 0);
}

Test (kept_order, a_caller_that_asks_again_whenever_it_is_told_does_not_keep_its_connection)
{
    int count = 0;
    hearth_pending_t *stream = hearth_open (proxy, "keep");
    await_kept ();
    cr_assert_null (hearth_take (kept, 0));  //  grants a window
    cr_assert_eq (hearth_when_ready (stream, be_told_again, &count), 0);
    while (count < 3)
        cr_assert_eq (hearth_process (client), 0);
    hearth_pending_destroy (&stream);
    hearth_call_destroy (&kept);
}
