/*  test_slow_handlers.c - the answers of quick handlers do not wait for a slow one that runs behind them
*/
#include <criterion/criterion.h>
#include <time.h>

#include "broker.h"
#include "gate.h"
#include "party.h"

#define PATIENCE_MS 20000

static const char *const options [] = { "--settle", "0", NULL };
static gate_t entered = GATE_INITIALIZER, released = GATE_INITIALIZER;

static void quick (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply_nil (call);
}

static int64_t tick (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

//  At least one tick of the kernel's clock, and as long as the test likes.
static void slow (hearth_call_t *call, void *self)
{
    (void) self;
    gate_pass (&entered);
    for (int64_t begun = tick (); tick () == begun;)
        continue;
    gate_await (&released, gate_count (&entered));
    hearth_reply_nil (call);
}

static const hearth_method_t methods [] = {
    { "quick", "", NULL, quick, .doc = NULL },
    { "slow", "", NULL, slow, .doc = NULL },
    { .name = NULL },
};

static void expect_good (hearth_pending_t *call)
{
    hearth_result_t *result = party_good (hearth_wait (&call, -1));
    hearth_result_destroy (&result);
}

Test (slow_handlers, what_was_answered_before_one_that_is_known_to_be_slow_goes_out_first)
{
    enum { QUICK = 10 };
    hearth_pending_t *calls [QUICK];
    fixture_broker_t *broker = fixture_broker_new (options);
    party_t *service = party_new (fixture_broker_address (broker), "test.service", methods, NULL);
    hearth_t *client = hearth_connect (fixture_broker_address (broker));
    hearth_proxy_t *proxy = hearth_proxy (client, "test.service");
    cr_assert_eq (hearth_ready (client, PATIENCE_MS), 0);
    gate_pass (&released);
    expect_good (hearth_start (proxy, "slow"));
    for (int round = 0; round < 20; round++) {
        hearth_hold (client);
        for (int index = 0; index < QUICK; index++)
            calls [index] = hearth_start (proxy, "quick");
        hearth_pending_t *last = hearth_start (proxy, "slow");
        hearth_flush (client);
        for (int index = 0; index < QUICK; index++)
            expect_good (calls [index]);
        gate_pass (&released);
        expect_good (last);
    }
    hearth_destroy (&client);
    cr_assert_eq (party_destroy (&service), 0);
    fixture_broker_destroy (&broker);
}
