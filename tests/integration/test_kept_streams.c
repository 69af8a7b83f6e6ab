/*  test_kept_streams.c - streams without waiting: told of what moved, and streams that other threads send and take
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
#define MANY        5000

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static hearth_t *server;  //  runs in a thread of its own
static pthread_t runner;
static hearth_t *client;
static hearth_proxy_t *proxy;
static atomic_int ended;  //  threads and callbacks that are done with their call

/* ------------------------------------------------------------------------
    The service: kept calls, moved on by callbacks or by threads
*/

//  Counts up as far as it is asked to; the call's own state is what it has sent.
typedef struct {
    int64_t next;
    int64_t end;
} counter_t;

static void finish (hearth_call_t *call, counter_t *counter)
{
    free (counter);
    hearth_call_destroy (&call);
    atomic_fetch_add (&ended, 1);
}

static void count_on (hearth_call_t *call, void *context)
{
    counter_t *counter = context;
    while (counter->next < counter->end && hearth_yield_arg (call, hearth_int (counter->next), 0) == 0)
        counter->next++;
    if (counter->next == counter->end)
        hearth_reply (call, counter->end);
    if (counter->next == counter->end || hearth_cancelled (call))
        finish (call, counter);
}

static void range (hearth_call_t *call, void *self)
{
    (void) self;
    counter_t *counter = calloc (1, sizeof *counter);
    counter->end = hearth_arg_int (call, 0);
    cr_assert_eq (hearth_when_asked (call, count_on, counter), HEARTH_FAILED_PRECONDITION, "it is not kept");
    cr_assert_eq (hearth_when_asked (hearth_keep (call), count_on, counter), 0);
}

static void add_up (hearth_call_t *call, void *context)
{
    counter_t *counter = context;
    for (const hearth_value_t *item; (item = hearth_take (call, 0));)
        counter->next += hearth_value_int (item);
    if (!hearth_input_ended (call))
        return;
    hearth_reply (call, counter->next);
    finish (call, counter);
}

static void sum (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_eq (hearth_when_asked (hearth_keep (call), add_up, calloc (1, sizeof (counter_t))), 0);
}

static void *count_in_thread (void *call_p)
{
    hearth_call_t *call = call_p;
    int64_t end = hearth_arg_int (call, 0);
    for (int64_t number = 0; number < end && hearth_yield (call, number) == 0; number++)
        continue;
    hearth_reply (call, end);
    hearth_call_destroy (&call);
    atomic_fetch_add (&ended, 1);
    return NULL;
}

static void *echo_in_thread (void *call_p)
{
    hearth_call_t *call = call_p;
    for (const hearth_value_t *item; (item = hearth_take (call, -1));)
        if (hearth_yield (call, item) != 0)
            break;
    hearth_reply_nil (call);
    hearth_call_destroy (&call);
    atomic_fetch_add (&ended, 1);
    return NULL;
}

static void start_thread (hearth_call_t *call, void *(*run) (void *) )
{
    pthread_t thread;
    cr_assert_eq (pthread_create (&thread, NULL, run, hearth_keep (call)), 0);
    pthread_detach (thread);
}

static void thread_range (hearth_call_t *call, void *self)
{
    (void) self;
    start_thread (call, count_in_thread);
}

static void thread_echo (hearth_call_t *call, void *self)
{
    (void) self;
    start_thread (call, echo_in_thread);
}

static const hearth_method_t methods [] = {
    { "range", "end: int", "int", range, .flags = HEARTH_STREAMING },
    { "sum", "", "int", sum, .flags = HEARTH_STREAMING },
    { "thread_range", "end: int", "int", thread_range, .flags = HEARTH_STREAMING },
    { "thread_echo", "", "nil", thread_echo, .flags = HEARTH_STREAMING },
    { .name = NULL },
};

static void *run (void *hearth)
{
    hearth_run (hearth);
    return NULL;
}

static void begin (void)
{
    broker = fixture_broker_new (options);
    server = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (server, "test.streams", methods, NULL), 0);
    cr_assert_eq (hearth_ready (server, PATIENCE_MS), 0);
    cr_assert_eq (pthread_create (&runner, NULL, run, server), 0);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.streams");
}

static void stop_server (void)
{
    hearth_stop (server);
    pthread_join (runner, NULL);
}

static void end (void)
{
    hearth_destroy (&client);
    stop_server ();
    hearth_destroy (&server);
    fixture_broker_destroy (&broker);
}

TestSuite (kept_streams, .init = begin, .fini = end);

static void expect_range (const char *method, int64_t end_of_it)
{
    hearth_pending_t *stream = hearth_open (proxy, method, end_of_it);
    int64_t number = 0;
    for (const hearth_value_t *item; (item = hearth_next (stream, -1)); number++)
        cr_assert_eq (hearth_value_int (item), number);
    cr_assert_eq (number, end_of_it);
    expect_int (hearth_wait (&stream, -1), end_of_it);
}

static void await_ended (int count)
{
    while (atomic_load (&ended) < count)
        cr_assert_eq (hearth_process (client), 0);
}

/* ------------------------------------------------------------------------
    Told of what moved
*/

Test (kept_streams, a_handler_that_is_told_yields_what_it_is_asked_for)
{
    expect_range ("range", MANY);
    cr_assert_eq (atomic_load (&ended), 1);
}

Test (kept_streams, handlers_that_are_told_are_not_in_each_others_way)
{
    enum { STREAMS = 20 };
    hearth_pending_t *streams [STREAMS];
    for (int index = 0; index < STREAMS; index++)
        streams [index] = hearth_open (proxy, "range", 1000);
    for (int64_t number = 0; number < 1000; number++)
        for (int index = STREAMS; index-- > 0;)
            cr_assert_eq (hearth_value_int (hearth_next (streams [index], -1)), number);
    for (int index = 0; index < STREAMS; index++)
        expect_int (hearth_wait (&streams [index], -1), 1000);
}

Test (kept_streams, a_handler_that_is_told_takes_what_comes)
{
    hearth_pending_t *stream = hearth_open (proxy, "sum");
    for (int64_t number = 0; number < MANY; number++)
        cr_assert_eq (hearth_put (stream, number), 0);
    cr_assert_eq (hearth_put_end (stream), 0);
    expect_int (hearth_wait (&stream, -1), (int64_t) MANY * (MANY - 1) / 2);
}

Test (kept_streams, a_handler_that_is_told_hears_of_the_callers_end)
{
    hearth_pending_t *stream = hearth_open (proxy, "range", INT64_MAX);
    cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), 0);
    hearth_pending_destroy (&stream);
    await_ended (1);
}

typedef struct {
    int64_t sent;
    int64_t taken;
    int64_t result;
} tally_t;

static void take_all (hearth_pending_t *stream, void *tally_p)
{
    tally_t *tally = tally_p;
    for (const hearth_value_t *item; (item = hearth_next (stream, 0)); tally->taken++)
        cr_assert_eq (hearth_value_int (item), tally->taken);
}

static void note_result (hearth_t *hearth, hearth_result_t *result, void *tally_p)
{
    tally_t *tally = tally_p;
    (void) hearth;
    cr_assert_eq (tally->taken, MANY, "the end comes after the items");
    tally->result = hearth_result_int (party_good (result));
    hearth_result_destroy (&result);
}

Test (kept_streams, a_caller_is_told_of_items_and_then_of_the_end)
{
    tally_t tally = { 0 };
    hearth_pending_t *stream = hearth_open (proxy, "range", MANY);
    cr_assert_eq (hearth_when_ready (stream, take_all, &tally), 0);
    cr_assert_eq (hearth_when_done (stream, note_result, &tally), 0);
    while (!tally.result)
        cr_assert_eq (hearth_process (client), 0);
    cr_assert_eq (tally.result, MANY);
}

static void take_one (hearth_pending_t *stream, void *tally_p)
{
    tally_t *tally = tally_p;
    if (hearth_next (stream, 0))
        tally->taken++;
}

//  It has taken one item each time that it was told; the rest waits until somebody takes it, and so does the end.
Test (kept_streams, the_end_waits_until_the_items_were_taken)
{
    tally_t tally = { 0 };
    hearth_proxy_set_window (proxy, MANY, 1000000);
    hearth_pending_t *stream = hearth_open (proxy, "range", MANY);
    cr_assert_eq (hearth_when_ready (stream, take_one, &tally), 0);
    cr_assert_eq (hearth_when_done (stream, note_result, &tally), 0);
    await_ended (1);
    expect_range ("range", 10);
    cr_assert_eq (tally.result, 0);
    while (hearth_next (stream, 0))
        tally.taken++;
    while (!tally.result)
        cr_assert_eq (hearth_process (client), 0);
}

static void echo_more (hearth_pending_t *stream, void *tally_p)
{
    tally_t *tally = tally_p;
    take_all (stream, tally);
    while (tally->sent < MANY && hearth_put_arg (stream, hearth_int (tally->sent), 0) == 0)
        tally->sent++;
    if (tally->sent == MANY)
        hearth_put_end (stream);
}

Test (kept_streams, a_caller_that_is_told_sends_and_takes)
{
    tally_t tally = { .result = -1 };
    hearth_pending_t *stream = hearth_open (proxy, "thread_echo");
    cr_assert_eq (hearth_when_ready (stream, echo_more, &tally), 0);
    cr_assert_eq (hearth_when_done (stream, note_result, &tally), 0);
    while (tally.result < 0)
        cr_assert_eq (hearth_process (client), 0);
    cr_assert_eq (tally.sent, MANY);
}

static void destroy_it (hearth_pending_t *stream, void *count)
{
    ++*(unsigned *) count;
    hearth_pending_destroy (&stream);
}

Test (kept_streams, a_callback_may_destroy_its_stream)
{
    unsigned count = 0;
    hearth_pending_t *stream = hearth_open (proxy, "range", MANY);
    cr_assert_eq (hearth_when_ready (stream, destroy_it, &count), 0);
    await_ended (1);
    cr_assert_eq (count, 1);
}

Test (kept_streams, any_of_several_is_waited_for)
{
    hearth_pending_t *streams [2] = { hearth_open (proxy, "sum"), hearth_open (proxy, "range", 2) };
    cr_assert_eq (hearth_wait_any (streams, 2, -1), 1);
    cr_assert_eq (hearth_value_int (hearth_next (streams [1], 0)), 0);
    cr_assert_eq (hearth_wait_any (streams, 2, -1), 1);
    cr_assert_eq (hearth_value_int (hearth_next (streams [1], 0)), 1);
    cr_assert_eq (hearth_wait_any (streams, 2, -1), 1);
    cr_assert_null (hearth_next (streams [1], 0));
    expect_int (hearth_wait (&streams [1], 0), 2);
    hearth_pending_destroy (&streams [0]);
}

/* ------------------------------------------------------------------------
    Threads
*/

Test (kept_streams, threads_send_items)
{
    expect_range ("thread_range", repetitions (MANY));
}

Test (kept_streams, threads_take_and_send_items_in_step)
{
    hearth_pending_t *stream = hearth_open (proxy, "thread_echo");
    for (int64_t number = 0; number < repetitions (1000); number++) {
        cr_assert_eq (hearth_put (stream, number), 0);
        cr_assert_eq (hearth_value_int (hearth_next (stream, -1)), number);
    }
    cr_assert_eq (hearth_put_end (stream), 0);
    hearth_result_t *result = party_good (hearth_wait (&stream, -1));
    hearth_result_destroy (&result);
}

Test (kept_streams, many_threads_share_one_connection)
{
    enum { STREAMS = 8 };
    int64_t count = repetitions (1000);
    hearth_pending_t *streams [STREAMS];
    for (int index = 0; index < STREAMS; index++)
        streams [index] = hearth_open (proxy, "thread_range", count);
    for (int64_t number = 0; number < count; number++)
        for (int index = 0; index < STREAMS; index++)
            cr_assert_eq (hearth_value_int (hearth_next (streams [index], -1)), number);
    for (int index = 0; index < STREAMS; index++)
        expect_int (hearth_wait (&streams [index], -1), count);
}

Test (kept_streams, a_thread_that_waits_is_woken_when_its_caller_goes)
{
    hearth_pending_t *streams [2] = { hearth_open (proxy, "thread_echo"),
                                      hearth_open (proxy, "thread_range", INT64_MAX) };
    cr_assert_eq (hearth_put (streams [0], 1), 0);
    cr_assert_eq (hearth_value_int (hearth_next (streams [0], -1)), 1);
    cr_assert_eq (hearth_value_int (hearth_next (streams [1], -1)), 0);
    hearth_pending_destroy (&streams [0]);
    hearth_pending_destroy (&streams [1]);
    await_ended (2);
}

Test (kept_streams, a_thread_that_waits_is_woken_when_its_connection_goes)
{
    for (int round = 0; round < repetitions (50); round++) {
        hearth_pending_t *streams [2] = { hearth_open (proxy, "thread_echo"),
                                          hearth_open (proxy, "thread_range", INT64_MAX) };
        cr_assert_eq (hearth_put (streams [0], 1), 0);
        cr_assert_eq (hearth_value_int (hearth_next (streams [0], -1)), 1);
        cr_assert_eq (hearth_value_int (hearth_next (streams [1], -1)), 0);
        stop_server ();
        hearth_destroy (&server);
        await_ended (2 * (round + 1));
        party_expect (hearth_wait (&streams [0], -1), "hearth.ServiceGone", HEARTH_MAY_HAVE_EXECUTED);
        hearth_pending_destroy (&streams [1]);
        server = hearth_connect (fixture_broker_address (broker));
        cr_assert_eq (hearth_serve (server, "test.streams", methods, NULL), 0);
        cr_assert_eq (hearth_ready (server, PATIENCE_MS), 0);
        cr_assert_eq (pthread_create (&runner, NULL, run, server), 0);
    }
}
