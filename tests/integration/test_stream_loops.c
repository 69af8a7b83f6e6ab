/*  test_stream_loops.c - streams in loops of the program's own: what moved is told although nothing more comes
*/
#include <criterion/criterion.h>
#include <poll.h>

#include "broker.h"
#include "party.h"

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void count_on (hearth_call_t *call, void *context)
{
    (void) context;
    for (int number = 0; number < 3; number++)
        cr_assert_eq (hearth_yield_arg (call, hearth_int (number), 0), 0);
    hearth_reply (call, 3);
    hearth_call_destroy (&call);
}

static void range (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_eq (hearth_when_asked (hearth_keep (call), count_on, NULL), 0);
}

static const hearth_method_t methods [] = {
    { "range", "", "int", range, .flags = HEARTH_STREAMING },
    { .name = NULL },
};

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.streams", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.streams");
}

static void end (void)
{
    hearth_destroy (&client);
    party_destroy (&service);
    fixture_broker_destroy (&broker);
}

TestSuite (stream_loops, .init = begin, .fini = end);

static void note (hearth_pending_t *stream, void *was_told)
{
    (void) stream;
    *(bool *) was_told = true;
}

static bool is_due (void)
{
    struct pollfd events = { .fd = hearth_fd (client), .events = POLLIN };
    return poll (&events, 1, 0) == 1;
}

static void process_all (void)
{
    while (is_due () || hearth_next_timeout_ms (client) == 0)
        cr_assert_eq (hearth_process (client), 0);
}

//  All of it has come before anybody asked to be told.
Test (stream_loops, who_asks_to_be_told_is_told_of_what_has_come_already)
{
    bool was_told = false;
    hearth_pending_t *stream = hearth_open (proxy, "range");
    while (!hearth_is_over (stream) && hearth_received (stream) < 3)
        cr_assert_eq (hearth_process (client), 0);
    process_all ();
    cr_assert_eq (hearth_when_ready (stream, note, &was_told), 0);
    cr_assert (is_due (), "hearth_fd");
    cr_assert_eq (hearth_next_timeout_ms (client), 0);
    cr_assert_eq (hearth_process (client), 0);
    cr_assert (was_told);
    hearth_pending_destroy (&stream);
}
