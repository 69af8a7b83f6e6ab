/*  streaming.c - what tests of streams share (streaming.h)
*/
#include "streaming.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const char *const options [] = { "--settle", "0", NULL };

fixture_broker_t *broker;
hearth_t *client;
hearth_proxy_t *proxy;

static party_t *service;

/* ------------------------------------------------------------------------
    The service
*/

static int last_code;
static char last_message [256];
static uint64_t yielded;

//  Of this service's own thread.
static int note (const hearth_call_t *call, int result)
{
    last_code = result;
    snprintf (last_message, sizeof last_message, "%s", hearth_last_error (hearth_connection (call))->message);
    return result;
}

static void range (hearth_call_t *call, void *self)
{
    (void) self;
    for (int64_t number = 0; number < hearth_arg_int (call, 0); number++)
        if (hearth_yield (call, number) != 0)
            return;
    hearth_reply (call, hearth_arg (call, 0));
}

static void endless (hearth_call_t *call, void *self)
{
    (void) self;
    for (yielded = 0; note (call, hearth_yield (call, yielded)) == 0; yielded++)
        continue;
}

static void code (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, last_code);
}

static void why (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, last_message);
}

static void yield_list (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_builder_t *list = hearth_builder_new ();
    hearth_builder_open_list (list);
    note (call, hearth_yield (call, list));
    hearth_builder_destroy (&list);
    hearth_reply_nil (call);
}

//  As many as the caller has asked for.
static void fill (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t count = 0;
    while (note (call, hearth_yield_arg (call, hearth_int (count), 0)) == 0)
        count++;
    hearth_reply (call, count);
}

static void sum (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t total = 0;
    for (const hearth_value_t *item; (item = hearth_take (call, -1));)
        total += hearth_value_int (item);
    cr_assert (hearth_input_ended (call));
    hearth_reply (call, total);
}

static void echo_all (hearth_call_t *call, void *self)
{
    (void) self;
    for (const hearth_value_t *item; (item = hearth_take (call, -1));)
        if (hearth_yield (call, item) != 0)
            return;
    hearth_reply_nil (call);
}

static void take_one (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_take (call, -1));
    note (call, hearth_yield (call, 1));
    cr_assert_null (hearth_take (call, 0));
}

static void fail_after (hearth_call_t *call, void *self)
{
    (void) self;
    for (int64_t number = 0; number < hearth_arg_int (call, 0); number++)
        cr_assert_eq (hearth_yield (call, number), 0);
    hearth_fail (call, HEARTH_ABORTED, "test.Enough", "no more");
}

static void fall_silent (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_eq (hearth_yield (call, "one"), 0);
    cr_assert_null (hearth_take (call, -1));
    cr_assert (hearth_cancelled (call));
}

static void plain (hearth_call_t *call, void *self)
{
    (void) self;
    note (call, hearth_yield (call, 1));
    hearth_reply (call, "plain");
}

static const hearth_method_t methods [] = {
    { "range", "end: int", "int", range, .flags = HEARTH_STREAMING },
    { "endless", "", NULL, endless, .flags = HEARTH_STREAMING },
    { "code", "", "int", code, .doc = NULL },
    { "why", "", "str", why, .doc = NULL },
    { "yield_list", "", "nil", yield_list, .flags = HEARTH_STREAMING },
    { "fill", "", "int", fill, .flags = HEARTH_STREAMING },
    { "sum", "", "int", sum, .flags = HEARTH_STREAMING },
    { "echo_all", "", "nil", echo_all, .flags = HEARTH_STREAMING },
    { "take_one", "", "any", take_one, .flags = HEARTH_STREAMING },
    { "fail_after", "count: int", "nil", fail_after, .flags = HEARTH_STREAMING },
    { "fall_silent", "", "nil", fall_silent, .flags = HEARTH_STREAMING },
    { "plain", "", "str", plain, .doc = NULL },
    { .name = NULL },
};

const hearth_method_t streaming_endless [] = {
    { "endless", "", NULL, endless, .flags = HEARTH_STREAMING },
    { .name = NULL },
};

void streaming_begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.streams", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.streams");
}

void streaming_end (void)
{
    hearth_destroy (&client);
    party_destroy (&service);
    fixture_broker_destroy (&broker);
}

/* ------------------------------------------------------------------------
    What is expected of it
*/

void expect_numbers (hearth_pending_t *stream, int64_t from, int64_t to)
{
    for (int64_t number = from; number < to; number++) {
        const hearth_value_t *item = hearth_next (stream, -1);
        cr_assert (item, "item %lld", (long long) number);
        cr_assert_eq (hearth_value_int (item), number);
    }
}

static void remember_int (hearth_t *hearth, hearth_result_t *result, void *number)
{
    (void) hearth;
    *(int64_t *) number = hearth_result_int (party_good (result));
    hearth_result_destroy (&result);
}

int64_t await_untaken (hearth_pending_t *stream)
{
    int64_t number = -1;
    cr_assert_eq (hearth_when_done (stream, remember_int, &number), 0);
    while (number < 0)
        cr_assert_eq (hearth_process (client), 0);
    return number;
}
