/*  test_callbacks.c - handlers that call: through unique names, on behalf of their caller, and in circles
*/
#include <criterion/criterion.h>
#include <string.h>

#include "broker.h"
#include "party.h"

static const char *const options [] = { "--settle", "0", NULL };

static void who (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_caller (call));
}

static void remaining (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_remaining_ms (call));
}

static void hand_on (hearth_call_t *call, hearth_result_t *result)
{
    const hearth_error_t *error = hearth_error (result);
    if (error)
        hearth_fail (call, error->code, "test.Passed", "%s", error->name);
    else
        hearth_reply (call, hearth_result_value (result));
    hearth_result_destroy (&result);
}

//  Calls a method without arguments, on its caller's behalf.
static void relay (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *next = hearth_proxy_within (call, hearth_arg_str (call, 0));
    hand_on (call, hearth_call (next, hearth_arg_str (call, 1)));
}

//  Calls relay of one name, to call a method of another.
static void relay_twice (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_proxy_t *next = hearth_proxy_within (call, hearth_arg_str (call, 0));
    hand_on (call, hearth_call (next, "relay", hearth_arg_str (call, 1), hearth_arg_str (call, 2)));
}

static const hearth_method_t methods [] = {
    { "who", "", "str", who, .doc = NULL },
    { "remaining", "", "int", remaining, .doc = NULL },
    { "relay", "name: str, method: str", NULL, relay, .doc = NULL },
    { "relay_twice", "first: str, name: str, method: str", NULL, relay_twice, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;
static hearth_proxy_t *proxy;

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, 10000), 0);
    proxy = hearth_proxy (client, "test.service");
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

static void expect_text (hearth_result_t *result, const char *text)
{
    party_good (result);
    cr_assert_str_eq (hearth_result_str (result), text);
    hearth_result_destroy (&result);
}

static void expect_passed (hearth_result_t *result, const char *name)
{
    cr_assert (hearth_failed (result));
    cr_assert_str_eq (hearth_error (result)->message, name);
    hearth_result_destroy (&result);
}

TestSuite (callbacks, .init = begin, .fini = end);

Test (callbacks, the_caller_is_known_on_the_brokers_word)
{
    expect_text (hearth_call (proxy, "who"), hearth_unique_name (client));
}

Test (callbacks, a_caller_that_waits_serves_what_is_called_back)
{
    cr_assert_eq (hearth_serve (client, "", methods, NULL), 0);
    expect_text (hearth_call (proxy, "relay", hearth_unique_name (client), "who"), party_unique_name (service));
}

Test (callbacks, a_callback_needs_an_object_to_call)
{
    expect_passed (hearth_call (proxy, "relay", hearth_unique_name (client), "who"), "hearth.NoSuchMethod");
}

Test (callbacks, an_object_that_would_wait_for_itself_is_told_so)
{
    expect_passed (hearth_call (proxy, "relay", "test.service", "who"), "hearth.WouldDeadlock");
}

Test (callbacks, a_circle_through_another_object_is_found)
{
    party_t *other = party_new (fixture_broker_address (broker), "test.other", methods, NULL);
    hearth_result_t *result = hearth_call (proxy, "relay_twice", "test.other", "test.service", "who");
    cr_assert (hearth_failed (result));
    cr_assert_str_eq (hearth_error (result)->name, "test.Passed");
    cr_assert_str_eq (hearth_error (result)->message, "test.Passed");
    hearth_result_destroy (&result);
    expect_text (hearth_call (proxy, "relay", "test.other", "who"), party_unique_name (service));
    cr_assert_eq (party_destroy (&other), 0);
}

Test (callbacks, a_circle_through_two_objects_of_one_connection_is_found)
{
    cr_assert_eq (hearth_serve (client, "test.mine", methods, NULL), 0);
    cr_assert_eq (hearth_serve (client, "test.yours", methods, NULL), 0);
    cr_assert_eq (hearth_ready (client, 10000), 0);
    hearth_result_t *result = hearth_call (proxy, "relay_twice", "test.mine", "test.yours", "who");
    expect_text (result, hearth_unique_name (client));
    result = hearth_call (hearth_proxy (client, "test.mine"), "relay_twice", "test.yours", "test.mine", "who");
    cr_assert (hearth_failed (result));
    hearth_result_destroy (&result);
}

Test (callbacks, a_call_within_a_handler_inherits_the_deadline)
{
    party_t *other = party_new (fixture_broker_address (broker), "test.other", methods, NULL);
    hearth_proxy_set_timeout (proxy, 3000);
    hearth_result_t *result = party_good (hearth_call (proxy, "relay", "test.other", "remaining"));
    cr_assert_leq (hearth_result_int (result), 3000);
    cr_assert_gt (hearth_result_int (result), 0);
    hearth_result_destroy (&result);
    cr_assert_eq (party_destroy (&other), 0);
}

Test (callbacks, requests_for_a_busy_object_wait_and_are_run_in_order)
{
    party_t *other = party_new (fixture_broker_address (broker), "test.other", methods, NULL);
    hearth_pending_t *calls [50];
    for (int index = 0; index < 50; index++)
        calls [index] = index % 2 ? hearth_start (proxy, "who") : hearth_start (proxy, "relay", "test.other", "who");
    for (int index = 0; index < 50; index++)
        expect_text (hearth_wait (&calls [index], -1),
                     index % 2 ? hearth_unique_name (client) : party_unique_name (service));
    cr_assert_eq (party_destroy (&other), 0);
}
