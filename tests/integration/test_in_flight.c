/*  test_in_flight.c - thousands of calls in flight on one connection: taken in any order, given up, left behind
*/
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker.h"
#include "party.h"
#include "repetitions.h"

#define PATIENCE_MS 20000
#define MANY        5000

static const char *const options [] = { "--settle", "0", "--max-capacity", "5001", NULL };

static int count;  //  of calls that are in flight at once
static hearth_call_t *kept [MANY];
static atomic_int arrived;
static atomic_int cancelled;
static int facts [2];  //  the service writes a byte when all calls have arrived, and when all are cancelled

static void tell (void)
{
    cr_assert_eq (write (facts [1], "", 1), 1);
}

static void await (void)
{
    char byte;
    cr_assert_eq (read (facts [0], &byte, 1), 1);
}

static void note_cancel (hearth_call_t *call, void *context)
{
    (void) context;
    hearth_call_destroy (&call);
    if (atomic_fetch_add (&cancelled, 1) + 1 == count)
        tell ();
}

static void keep (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t index = hearth_arg_int (call, 0);
    kept [index] = hearth_keep (call);
    cr_assert (kept [index]);
    hearth_when_cancelled (kept [index], note_cancel, NULL);
    if (atomic_fetch_add (&arrived, 1) + 1 == count)
        tell ();
}

static void answer (int index)
{
    hearth_reply (kept [index], index);
    hearth_call_destroy (&kept [index]);
}

//  Answers all that are kept: the even ones upwards, the odd ones downwards.
static void release (hearth_call_t *call, void *self)
{
    (void) self;
    for (int index = 0; index < count; index += 2)
        answer (index);
    for (int index = count - 1; index >= 0; index--)
        if (index % 2)
            answer (index);
    hearth_reply_nil (call);
}

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

static const hearth_method_t methods [] = {
    { "keep", "index: int", "int", keep, .doc = NULL },
    { "release", "", "nil", release, .doc = NULL },
    { "echo", "value: int", "int", echo, .doc = NULL },
    { .name = NULL },
};

static fixture_broker_t *broker;
static party_t *service;
static hearth_t *client;
static hearth_proxy_t *proxy;
static hearth_pending_t *calls [MANY];

static void begin (void)
{
    count = repetitions (MANY);
    cr_assert_eq (pipe (facts), 0);
    broker = fixture_broker_new (options);
    service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    client = hearth_connect (fixture_broker_address (broker));
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    proxy = hearth_proxy (client, "test.service");
    hearth_proxy_set_timeout (proxy, 60000);
}

static void end (void)
{
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}

TestSuite (in_flight, .init = begin, .fini = end);

//  All of them are at the service at the same time when this returns.
static void start_all (void)
{
    for (int index = 0; index < count; index++) {
        calls [index] = hearth_start (proxy, "keep", index);
        cr_assert (calls [index]);
    }
    await ();
    cr_assert_eq (atomic_load (&arrived), count);
}

Test (in_flight, answers_of_thousands_of_calls_are_taken_in_reverse)
{
    start_all ();
    hearth_result_t *released = party_good (hearth_call (proxy, "release"));
    hearth_result_destroy (&released);
    for (int index = count - 1; index >= 0; index--) {
        hearth_result_t *result = party_good (hearth_wait (&calls [index], -1));
        cr_assert_eq (hearth_result_int (result), index);
        hearth_result_destroy (&result);
    }
}

static int ended;

static void note_end (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) context;
    cr_assert_eq (hearth, client);
    party_expect (result, "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
    ended++;
}

Test (in_flight, a_connection_that_is_destroyed_ends_each_of_them_as_cancelled)
{
    start_all ();
    for (int index = 0; index < count; index += 2)
        cr_assert_eq (hearth_when_done (calls [index], note_end, NULL), 0);
    hearth_t *same = client;
    hearth_destroy (&same);
    client = NULL;
    cr_assert_eq (ended, (count + 1) / 2);
    for (int index = 1; index < count; index += 2) {
        cr_assert_eq (hearth_when_done (calls [index], note_end, NULL), HEARTH_FAILED_PRECONDITION);
        party_expect (hearth_wait (&calls [index], -1), "hearth.Cancelled", HEARTH_MAY_HAVE_EXECUTED);
    }
    await ();  //  the service is told of each
}

Test (in_flight, calls_that_are_given_up_leave_nothing_behind)
{
    start_all ();
    for (int index = 0; index < count; index++)
        hearth_pending_destroy (&calls [index]);
    await ();
    hearth_result_t *result = party_good (hearth_call (proxy, "echo", count));
    cr_assert_eq (hearth_result_int (result), count);
    hearth_result_destroy (&result);
}

//  ---- giving up at the moment of the answer ----

static int64_t calls_at_broker (void)
{
    hearth_result_t *stats = party_good (hearth_call (hearth_proxy (client, "hearth"), "stats"));
    int64_t there = hearth_value_int (hearth_value_get (hearth_result_value (stats), "calls"));
    hearth_result_destroy (&stats);
    return there;
}

//  Gives up a call after so many turns; whether it was answered before.
static bool give_up_after (int turns)
{
    hearth_pending_t *call = hearth_start (proxy, "echo", turns);
    hearth_result_t *result = NULL;
    for (int turn = 0; turn < turns && !result; turn++)
        result = hearth_wait (&call, turn ? 1 : 0);
    bool is_answered = result;
    if (is_answered) {
        cr_assert_eq (hearth_result_int (party_good (result)), turns);
        hearth_result_destroy (&result);
    }
    hearth_pending_destroy (&call);
    cr_assert_null (call);
    return is_answered;
}

Test (in_flight, giving_up_races_with_the_answer_and_harms_no_other_call)
{
    const int least = repetitions (10000), most = 20 * least;
    int answered = 0, given_up = 0;
    for (int round = 0; round < least || (round < most && (!answered || !given_up)); round++) {
        bool is_answered = give_up_after (round % 4);
        answered += is_answered;
        given_up += !is_answered;
        hearth_result_t *result = party_good (hearth_call (proxy, "echo", round));
        cr_assert_eq (hearth_result_int (result), round);
        hearth_result_destroy (&result);
    }
    cr_assert (answered && given_up, "%d answered, %d given up", answered, given_up);
    cr_assert_eq (calls_at_broker (), 0);
}
