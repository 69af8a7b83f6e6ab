/*  test_nesting.c - values that go too deep, or are none, are refused where they are made
*/
#include <criterion/criterion.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };

//  ---- the service ----

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

static void nest (hearth_builder_t *list, unsigned levels)
{
    for (unsigned level = 0; level < levels; level++)
        hearth_builder_open_list (list);
    for (unsigned level = 0; level < levels; level++)
        hearth_builder_close (list);
}

//  A list of that nesting, within another builder's list where one builder alone would refuse it.
static hearth_builder_t *nested (unsigned levels)
{
    hearth_builder_t *outer = hearth_builder_new ();
    if (levels <= 32) {
        nest (outer, levels);
        return outer;
    }
    hearth_builder_t *inner = nested (levels - 1);
    hearth_builder_open_list (outer);
    hearth_builder_add (outer, inner);
    hearth_builder_close (outer);
    hearth_builder_destroy (&inner);
    return outer;
}

static void answer_nested (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_builder_t *list = nested ((unsigned) hearth_arg_int (call, 0));
    hearth_reply (call, list);
    hearth_builder_destroy (&list);
}

static void answer_no_builder (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, (hearth_builder_t *) NULL);
}

static const hearth_method_t methods [] = {
    { "echo", "value: any", NULL, echo, .doc = NULL },
    { "nested", "levels: int", NULL, answer_nested, .doc = NULL },
    { "no_builder", "", NULL, answer_no_builder, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static hearth_t *client;
static party_t *service;
static hearth_proxy_t *proxy;

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_serve (client, "", methods, NULL), 0);
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.service");
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (nesting, .init = begin, .fini = end);

static void expect_echo (void)
{
    hearth_result_t *result = party_good (hearth_call (proxy, "echo", "alive"));
    cr_assert_str_eq (hearth_result_str (result), "alive");
    hearth_result_destroy (&result);
}

static void expect_depth (unsigned levels, bool fits)
{
    hearth_builder_t *list = nested (levels);
    hearth_result_t *result = hearth_call (proxy, "echo", list);
    hearth_builder_destroy (&list);
    if (!fits) {
        party_expect (result, "hearth.BadArguments", HEARTH_NOT_EXECUTED);
        return;
    }
    party_good (result);
    hearth_result_destroy (&result);
}

Test (nesting, arguments_that_nest_too_deep_are_refused_at_once)
{
    expect_depth (31, true);
    expect_depth (32, false);
    expect_depth (33, false);
    hearth_builder_t *list = nested (40);
    party_expect (hearth_call_with (proxy, "echo", list), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    cr_assert_eq (hearth_publish (client, "", "event", list), HEARTH_INVALID_ARGUMENT);
    hearth_builder_destroy (&list);
    expect_echo ();
}

Test (nesting, results_that_nest_too_deep_are_the_services_fault)
{
    hearth_result_t *result = party_good (hearth_call (proxy, "nested", 32));
    hearth_result_destroy (&result);
    party_expect (hearth_call (proxy, "nested", 33), "hearth.BadResult", HEARTH_EXECUTED);
    expect_echo ();
}

Test (nesting, a_builder_that_could_not_be_made_is_a_want_of_memory)
{
    hearth_builder_t *none = NULL;
    party_expect (hearth_call (proxy, "echo", none), "hearth.Limit", HEARTH_NOT_EXECUTED);
    party_expect (hearth_call_with (proxy, "echo", none), "hearth.Limit", HEARTH_NOT_EXECUTED);
    party_expect (hearth_call (proxy, "no_builder"), "hearth.BadResult", HEARTH_EXECUTED);
    cr_assert_eq (hearth_publish (client, "", "event", none), HEARTH_RESOURCE_EXHAUSTED);
    expect_echo ();
}
