/*  test_retry.c - which failures are met with another attempt, how many of these there are, and how long apart
*/
#include <criterion/criterion.h>

#include "retry.h"

static retry_t retry;

static void begin (void)
{
    retry_init (&retry, 0);
}

TestSuite (retry, .init = begin);

static bool is_right (retry_failure_t failure, unsigned bits)
{
    return retry_is_right (failure, (retry_facts_t){ bits & 1, bits & 2, bits & 4 });
}

Test (retry, each_failure_is_met_by_what_is_known_of_the_call)
{
    for (unsigned bits = 0; bits < 8; bits++) {
        bool is_declared = bits & 1, is_promised = bits & 2, is_attempted = bits & 4;
        cr_assert_not (is_right (RETRY_NEVER, bits));
        cr_assert_eq (is_right (RETRY_SERVICE_GONE, bits), is_declared || is_promised);
        cr_assert_eq (is_right (RETRY_BROKER_GONE, bits), is_promised);
        cr_assert_eq (is_right (RETRY_ABSENT, bits), is_attempted);
    }
}

static unsigned take_all (void)
{
    unsigned taken = 0;
    while (retry_take (&retry))
        taken++;
    return taken;
}

static void give (unsigned times)
{
    while (times-- > 0)
        retry_give (&retry);
}

Test (retry, half_of_a_thousand_tokens_may_be_taken)
{
    cr_assert_eq (take_all (), 500);
    cr_assert_eq (take_all (), 0);
}

Test (retry, ten_calls_that_end_otherwise_pay_for_one_retry)
{
    take_all ();
    for (unsigned round = 0; round < 10000; round++) {
        give (1);
        cr_assert (retry_take (&retry));
        give (9);
        cr_assert_not (retry_take (&retry));
    }
}

Test (retry, tokens_do_not_pile_up)
{
    give (1000000);
    cr_assert_eq (take_all (), 500);
    give (1000000);
    cr_assert_eq (take_all (), 500);
}

Test (retry, the_first_is_made_at_once_and_the_others_after_pauses_that_double_up_to_a_second)
{
    static const int64_t most [] = { 0, 0, 50, 100, 200, 400, 800, 1000, 1000, 1000 };
    for (unsigned round = 0; round < 1000; round++)
        for (unsigned number = 1; number < 10; number++) {
            int64_t pause = retry_pause_ms (&retry, number);
            cr_assert_leq (pause, most [number]);
            cr_assert_geq (pause, most [number] / 2);
        }
    int64_t pause = retry_pause_ms (&retry, UINT32_MAX);
    cr_assert (pause >= 500 && pause <= 1000);
}

Test (retry, pauses_of_two_callers_differ)
{
    retry_t other;
    retry_init (&other, 12345);
    unsigned same = 0;
    for (unsigned round = 0; round < 100; round++)
        same += retry_pause_ms (&retry, 9) == retry_pause_ms (&other, 9);
    cr_assert_lt (same, 10);
}
