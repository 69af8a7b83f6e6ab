/*  test_stream_leftovers.c - what is left of a stream whose connection is gone, or whose call was given back
*/
#include <criterion/criterion.h>
#include <string.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void endless (hearth_call_t *call, void *self)
{
    (void) self;
    for (int64_t number = 0; hearth_yield (call, number) == 0; number++)
        continue;
}

static void work (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply_nil (call);
}

static const hearth_method_t methods [] = {
    { "endless", "", NULL, endless, .flags = HEARTH_STREAMING },
    { "work", "", NULL, work, .flags = 0 },
    { .name = NULL },
};

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.leftovers", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.leftovers");
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
}

static void end (void)
{
    hearth_destroy (&client);
    party_destroy (&service);
    fixture_broker_destroy (&broker);
}

TestSuite (stream_leftovers, .init = begin, .fini = end);

static void note_end (hearth_t *hearth, const hearth_call_info_t *call, void *count)
{
    (void) hearth;
    (void) call;
    ++*(unsigned *) count;
}

//  Also where a hook has still to hear of the end, which the destruction is.
Test (stream_leftovers, items_that_came_outlive_their_connection)
{
    static const hearth_hooks_t hooks = { .call_ended = note_end };
    unsigned ends = 0;
    hearth_set_hooks (client, &hooks, &ends);
    hearth_proxy_set_window (proxy, 3, 0);
    hearth_pending_t *stream = hearth_open (proxy, "endless");
    while (hearth_received (stream) < 3)
        cr_assert_eq (hearth_process (client), 0);
    hearth_destroy (&client);
    cr_assert_eq (ends, 1);
    for (int64_t number = 0; number < 3; number++) {
        const hearth_value_t *item = hearth_next (stream, -1);
        cr_assert (item);
        cr_assert_eq (hearth_value_int (item), number);
    }
    cr_assert_null (hearth_next (stream, -1));
    hearth_result_t *result = hearth_wait (&stream, -1);
    cr_assert (strstr (hearth_error (result)->message, "after 3 items"));
    party_expect (result, "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
}

static hearth_call_t *held;
static bool is_back;

static void asked_while_held (hearth_call_t *call, void *context)
{
    (void) call;
    (void) context;
    cr_assert_not (is_back, "it was given back");
}

static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    held = hearth_keep (call);
    cr_assert_eq (hearth_when_asked (held, asked_while_held, NULL), 0);
}

static const hearth_method_t hold_methods [] = {
    { "hold", "", NULL, hold, .flags = HEARTH_STREAMING },
    { .name = NULL },
};

//  Between two turns it is given back, and something has come for it: the next turn finds both.
Test (stream_leftovers, a_call_that_was_given_back_is_not_asked_any_more)
{
    hearth_t *holder = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (holder, "test.holder", hold_methods, NULL), 0);
    cr_assert_eq (hearth_ready (holder, PATIENCE_MS), 0);
    hearth_pending_t *stream = hearth_open (hearth_proxy (client, "test.holder"), "hold");
    while (!held)
        cr_assert_eq (hearth_process (holder), 0);
    cr_assert_eq (hearth_put_end (stream), 0);
    hearth_result_t *result = party_good (hearth_call (proxy, "work"));  //  by now that has come
    hearth_result_destroy (&result);
    is_back = true;
    hearth_call_destroy (&held);
    while (!(result = hearth_wait (&stream, 0)))
        cr_assert_eq (hearth_process (holder), 0);
    party_expect (result, "hearth.NoReply", HEARTH_EXECUTED);
    hearth_destroy (&holder);
}
