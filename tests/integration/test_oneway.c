/*  test_oneway.c - calls without a result: acknowledged when they are passed on, or not at all; none overruns its service
*/
#include <criterion/criterion.h>
#include <poll.h>
#include <stdatomic.h>

#include "broker.h"
#include "party.h"

#define PATIENCE_MS 20000
#define KEPT_MOST   64
#define CAPACITY    2

static const char *const options [] = { "--settle", "0", "--max-queue", "100", NULL };

static fixture_broker_t *broker;
static hearth_t *service, *client;
static hearth_proxy_t *proxy;
static hearth_call_t *kept [KEPT_MOST];
static int kept_count;
static int64_t sum;

static void add (hearth_call_t *call, void *self)
{
    (void) self;
    sum += hearth_arg_int (call, 0);
    hearth_reply_nil (call);
}

//  Answered by the test.
static void hold (hearth_call_t *call, void *self)
{
    (void) self;
    cr_assert_lt (kept_count, KEPT_MOST);
    kept [kept_count++] = hearth_keep (call);
}

static const hearth_method_t methods [] = {
    { "add", "number: int", NULL, add, .doc = NULL },
    { "hold", "", NULL, hold, .doc = NULL },
    { "note", "", "int", hold, .doc = NULL, .flags = HEARTH_ONEWAY },
    { .name = NULL },
};

static void serve (void)
{
    const hearth_service_options_t with = { .capacity = CAPACITY };
    cr_assert_eq (hearth_serve_with (service, "test.service", methods, NULL, &with), 0);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
}

static void begin (void)
{
    broker = fixture_broker_new (options);
    service = hearth_connect (fixture_broker_address (broker));
    client = hearth_connect (fixture_broker_address (broker));
    proxy = hearth_proxy (client, "test.service");
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    serve ();
}

static void end (void)
{
    while (kept_count > 0)
        hearth_call_destroy (&kept [--kept_count]);
    hearth_destroy (&client);
    hearth_destroy (&service);
    fixture_broker_destroy (&broker);
}

TestSuite (oneway, .init = begin, .fini = end);

//  What the broker says of itself: of a map within its statistics, or of these.
static int64_t stat_of (const char *outer, const char *key)
{
    hearth_proxy_t *directory = hearth_proxy (client, "hearth");
    hearth_result_t *result = party_good (hearth_call (directory, "stats"));
    const hearth_value_t *value = hearth_result_value (result);
    value = hearth_value_get (outer ? hearth_value_get (value, outer) : value, key);
    int64_t number = hearth_value_int (value);
    cr_assert (value);
    hearth_result_destroy (&result);
    hearth_proxy_destroy (&directory);
    return number;
}

//  Whatever the broker has sent to the service until now: an answer to a call of the service's own comes behind it.
static void drive_service (void)
{
    hearth_result_t *list = party_good (hearth_list (service, "", NULL));
    hearth_result_destroy (&list);
}

//  So many calls come to the handler, and no more.
static void await_kept (int count)
{
    while (kept_count < count)
        drive_service ();
    drive_service ();
    cr_assert_eq (kept_count, count);
}

static void release_all (void)
{
    while (kept_count > 0) {
        hearth_reply_nil (kept [--kept_count]);
        hearth_call_destroy (&kept [kept_count]);
    }
}

Test (oneway, a_call_that_asks_for_nothing_is_executed)
{
    for (int number = 1; number <= 10; number++)
        cr_assert_eq (hearth_post (proxy, "add", number), 0);
    cr_assert_eq (stat_of ("dropped", "unheard"), 0);
    while (sum < 55)
        drive_service ();
    cr_assert_eq (sum, 55);
}

Test (oneway, refusals_that_nobody_hears_are_counted)
{
    hearth_proxy_t *nobody = hearth_proxy (client, "nobody.here");
    for (int count = 0; count < 5; count++)
        cr_assert_eq (hearth_post (nobody, "add", 1), 0);
    cr_assert_eq (hearth_post (proxy, "none"), 0);
    cr_assert_eq (stat_of ("dropped", "unheard"), 6);
}

Test (oneway, what_cannot_be_sent_is_told_at_once)
{
    static uint8_t bytes [2 << 20];
    cr_assert_eq (hearth_post (proxy, "no name!"), HEARTH_INVALID_ARGUMENT);
    cr_assert_str_eq (hearth_last_error (client)->name, "hearth.BadArguments");
    cr_assert_eq (hearth_post (proxy, "add", hearth_bin (bytes, sizeof bytes)), HEARTH_RESOURCE_EXHAUSTED);
    cr_assert_str_eq (hearth_last_error (client)->name, "hearth.Limit");
    cr_assert_eq (hearth_post (NULL, "add", 1), HEARTH_INVALID_ARGUMENT);
    cr_assert_eq (stat_of ("dropped", "unheard"), 0);
}

//  It reads again once it goes on.
Test (oneway, what_the_broker_does_not_read_has_a_bound)
{
    static uint8_t bytes [100000];
    int64_t posted = 0;
    fixture_broker_stop (broker);
    while (posted < 2000 && hearth_post (proxy, "none", hearth_bin (bytes, sizeof bytes)) == 0)
        posted++;
    cr_assert_lt (posted, 800);
    cr_assert_gt (posted, 600);
    cr_assert_str_eq (hearth_last_error (client)->name, "hearth.Limit");
    cr_assert_eq (hearth_last_error (client)->mark, HEARTH_NOT_EXECUTED);
    cr_assert_eq (hearth_post (proxy, "none"), HEARTH_RESOURCE_EXHAUSTED);
    fixture_broker_continue (broker);
    cr_assert_eq (stat_of ("dropped", "unheard"), posted);
    cr_assert_eq (hearth_post (proxy, "none"), 0);
    cr_assert_eq (stat_of ("dropped", "unheard"), posted + 1);
}

//  Nothing is held; and a program that does nothing else comes by its session all the same.
Test (oneway, without_a_session_nothing_is_sent_neither_then_nor_later)
{
    fixture_broker_kill (broker);
    while (hearth_unique_name (client))
        cr_assert_eq (hearth_process (client), 0);
    cr_assert_eq (hearth_post (proxy, "add", 1), HEARTH_UNAVAILABLE);
    cr_assert_str_eq (hearth_last_error (client)->name, "hearth.BrokerGone");
    cr_assert_eq (hearth_last_error (client)->mark, HEARTH_NOT_EXECUTED);
    fixture_broker_start (broker);
    cr_assert_eq (hearth_ready (service, PATIENCE_MS), 0);
    struct pollfd fd = { .fd = hearth_fd (client), .events = POLLIN };
    while (hearth_post (proxy, "add", 10) == HEARTH_UNAVAILABLE)
        poll (&fd, 1, (int) hearth_next_timeout_ms (client));
    while (sum == 0)
        drive_service ();
    cr_assert_eq (sum, 10);
}

//  The place at the service lasts until it is done, whoever waits for it.
Test (oneway, calls_without_a_result_wait_for_a_slow_service)
{
    hearth_result_t *result = party_good (hearth_oneway (proxy, "hold"));
    hearth_result_destroy (&result);
    for (int count = 1; count < 10; count++)
        cr_assert_eq (hearth_post (proxy, "hold"), 0);
    hearth_proxy_set_timeout (proxy, 200);
    party_expect (hearth_oneway (proxy, "hold"), "hearth.Deadline", HEARTH_NOT_EXECUTED);
    await_kept (CAPACITY);
    for (int executed = CAPACITY; executed < 10; executed += CAPACITY) {
        release_all ();
        await_kept (CAPACITY);
    }
    release_all ();
}

Test (oneway, a_service_that_does_not_answer_costs_those_who_ask_for_nothing_nothing)
{
    enum { MANY = 20000 };
    hearth_proxy_set_timeout (proxy, PATIENCE_MS);
    for (int count = 0; count < MANY; count++)
        cr_assert_eq (hearth_post (proxy, "hold"), 0);
    cr_assert_eq (stat_of ("dropped", "unheard"), MANY - CAPACITY - 100);
    await_kept (CAPACITY);
}

Test (oneway, a_method_that_is_declared_oneway_is_called_so_by_everybody)
{
    hearth_result_t *result = party_good (hearth_call (proxy, "note"));
    cr_assert_eq (hearth_value_type (hearth_result_value (result)), HEARTH_TYPE_NIL);
    hearth_result_destroy (&result);
    await_kept (1);
    hearth_reply (kept [0], 5);
    hearth_call_destroy (&kept [--kept_count]);
    drive_service ();
    cr_assert_eq (stat_of ("dropped", "late_replies"), 0);
}
