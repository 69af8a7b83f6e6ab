/*  test_failed_calls.c - each way in which a call fails has its error and its mark
*/
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <string.h>

#include "broker.h"
#include "party.h"

static const char *const options [] = { "--settle", "0", "--max-message", "8k", "--max-calls", "4", NULL };

static void add (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg_int (call, 0) + hearth_arg_int (call, 1));
}

static void say_nothing (hearth_call_t *call, void *self)
{
    (void) call;
    (void) self;
}

static void answer_wrong (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, 5);
}

static void answer_too_much (hearth_call_t *call, void *self)
{
    static const char zeros [16384];
    (void) self;
    hearth_reply_arg (call, hearth_bin (zeros, sizeof zeros));
}

static void answer_half (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_builder_t *builder = hearth_builder_new ();
    hearth_builder_open_list (builder);
    hearth_reply (call, builder);
    hearth_builder_destroy (&builder);
}

static void fail (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_fail (call, HEARTH_ABORTED, hearth_arg_str (call, 0), "100%% %s", "gone");
    hearth_fail (call, HEARTH_ABORTED, "test.Second", "a second answer");
    hearth_reply (call, "a third answer");
}

static atomic_bool released;

//  Answers when the test says so.
static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    while (!atomic_load (&released))
        continue;
    hearth_reply (call, hearth_arg (call, 0));
}

static const hearth_method_t methods [] = {
    { "hold", "value: int", "int", hold, .doc = NULL },
    { "add", "a: int, b: int = 1", "int", add, .doc = NULL },
    { "say_nothing", "", "str", say_nothing, .doc = NULL },
    { "answer_wrong", "", "str", answer_wrong, .doc = NULL },
    { "answer_too_much", "", "bin", answer_too_much, .doc = NULL },
    { "answer_half", "", NULL, answer_half, .doc = NULL },
    { "fail", "name: str", NULL, fail, .doc = NULL },
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
    proxy = hearth_proxy (client, "test.service");
}

//  Whatever failed, the service serves on.
static void end (void)
{
    hearth_result_t *sum = party_good (hearth_call (proxy, "add", 2, 3));
    cr_assert_eq (hearth_result_int (sum), 5);
    hearth_result_destroy (&sum);
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (failed_calls, .init = begin, .fini = end);

Test (failed_calls, a_name_that_nobody_has_is_no_such_service)
{
    party_expect (hearth_call (hearth_proxy (client, "test.nobody"), "add", 1), "hearth.NoSuchService",
                  HEARTH_NOT_EXECUTED);
}

Test (failed_calls, a_method_that_is_not_declared_is_no_such_method)
{
    party_expect (hearth_call (proxy, "subtract", 1), "hearth.NoSuchMethod", HEARTH_NOT_EXECUTED);
}

Test (failed_calls, a_unique_name_without_an_object_has_no_methods)
{
    hearth_proxy_t *unique = hearth_proxy (client, party_unique_name (service));
    party_expect (hearth_call (unique, "add", 1), "hearth.NoSuchMethod", HEARTH_NOT_EXECUTED);
}

Test (failed_calls, wrong_arguments_are_named)
{
    hearth_result_t *result = hearth_call (proxy, "add", 1, "two");
    cr_assert (strstr (hearth_error (result)->message, "\"b\""), "%s", hearth_error (result)->message);
    party_expect (result, "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    party_expect (hearth_call (proxy, "add"), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    party_expect (hearth_call (proxy, "add", 1, 2, 3), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    party_expect (hearth_call_with (proxy, "add", 1), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
}

Test (failed_calls, arguments_may_be_given_by_name)
{
    hearth_builder_t *arguments = hearth_builder_new ();
    hearth_builder_open_map (arguments);
    hearth_builder_key (arguments, "b");
    hearth_builder_add (arguments, 5);
    hearth_builder_key (arguments, "a");
    hearth_builder_add (arguments, 4);
    hearth_builder_close (arguments);
    hearth_result_t *sum = party_good (hearth_call_with (proxy, "add", arguments));
    cr_assert_eq (hearth_result_int (sum), 9);
    hearth_result_destroy (&sum);
    hearth_builder_destroy (&arguments);
}

Test (failed_calls, a_method_name_that_is_none_goes_nowhere)
{
    party_expect (hearth_call (proxy, "not a name"), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    party_expect (hearth_call (proxy, 5), "hearth.BadArguments", HEARTH_NOT_EXECUTED);
    party_expect (hearth_call (hearth_proxy (client, "not a name"), "add"), "hearth.BadArguments",
                  HEARTH_NOT_EXECUTED);
}

Test (failed_calls, a_handler_that_answers_nothing_is_no_reply)
{
    party_expect (hearth_call (proxy, "say_nothing"), "hearth.NoReply", HEARTH_EXECUTED);
}

Test (failed_calls, a_result_of_the_wrong_type_is_a_bad_result)
{
    party_expect (hearth_call (proxy, "answer_wrong"), "hearth.BadResult", HEARTH_EXECUTED);
}

Test (failed_calls, a_result_beyond_the_message_limit_is_a_bad_result)
{
    party_expect (hearth_call (proxy, "answer_too_much"), "hearth.BadResult", HEARTH_EXECUTED);
}

Test (failed_calls, a_result_that_is_half_built_is_a_bad_result)
{
    party_expect (hearth_call (proxy, "answer_half"), "hearth.BadResult", HEARTH_EXECUTED);
}

Test (failed_calls, the_first_answer_counts)
{
    hearth_result_t *result = hearth_call (proxy, "fail", "test.First");
    cr_assert_eq (hearth_error (result)->code, HEARTH_ABORTED);
    cr_assert_str_eq (hearth_error (result)->message, "100% gone");
    party_expect (result, "test.First", HEARTH_EXECUTED);
}

Test (failed_calls, a_service_cannot_speak_for_the_system)
{
    hearth_result_t *result = hearth_call (proxy, "fail", "hearth.NoSuchService");
    cr_assert_eq (hearth_error (result)->code, HEARTH_INTERNAL);
    party_expect (result, "hearth.BadResult", HEARTH_EXECUTED);
}

Test (failed_calls, a_request_beyond_the_message_limit_is_refused_before_it_is_sent)
{
    static const char zeros [16384];
    hearth_result_t *result = hearth_call (proxy, "add", hearth_bin (zeros, sizeof zeros));
    cr_assert (strstr (hearth_error (result)->message, "--max-message"), "%s", hearth_error (result)->message);
    party_expect (result, "hearth.Limit", HEARTH_NOT_EXECUTED);
}

static void start_five_calls (void)
{
    hearth_pending_t *calls [5];
    for (int index = 0; index < 5; index++)
        calls [index] = hearth_start (proxy, "hold", index);
    party_expect (hearth_wait (&calls [4], -1), "hearth.Limit", HEARTH_NOT_EXECUTED);
    atomic_store (&released, true);
    for (int index = 0; index < 4; index++) {
        hearth_result_t *held = party_good (hearth_wait (&calls [index], -1));
        cr_assert_eq (hearth_result_int (held), index);
        hearth_result_destroy (&held);
    }
}

Test (failed_calls, calls_beyond_the_limit_are_refused_and_the_others_end)
{
    cr_assert_eq (hearth_ready (client, 10000), 0);
    start_five_calls ();
}

Test (failed_calls, calls_beyond_a_limit_that_was_not_known_yet_are_refused_when_it_is)
{
    start_five_calls ();
}

Test (failed_calls, a_oneway_call_ends_when_it_is_passed_on)
{
    hearth_result_t *result = party_good (hearth_oneway (proxy, "fail", "test.Lost"));
    cr_assert_eq (hearth_value_type (hearth_result_value (result)), HEARTH_TYPE_NIL);
    hearth_result_destroy (&result);
    party_expect (hearth_oneway (proxy, "subtract"), "hearth.NoSuchMethod", HEARTH_NOT_EXECUTED);
}
