/*  test_timer.c - the timing wheel against a model that looks at every timer */
#include "timer.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>

#define COUNT(list) (sizeof (list) / sizeof (list) [0])

//  How many fire, one after the other, when the time is now_ms.
static unsigned fire (timers_t *timers, int64_t now_ms)
{
    unsigned fired = 0;
    while (timers_next (timers, now_ms))
        fired++;
    return fired;
}

Test (timer, without_timers_there_is_no_deadline)
{
    timers_t timers;
    timer_node_t node = { 0 };
    timers_init (&timers, 1000);
    cr_assert_eq (timers_deadline (&timers), -1);
    cr_assert_null (timers_next (&timers, 1000000));
    cr_assert_not (timer_is_running (&node));
    timers_stop (&timers, &node);
    cr_assert_eq (timers_deadline (&timers), -1);
}

Test (timer, fires_at_its_time_and_not_a_millisecond_before)
{
    static const int64_t starts [] = { 0,
                                       1,
                                       63,
                                       64,
                                       4095,
                                       4096,
                                       262143,
                                       1000000007,
                                       (INT64_C (1) << 36) - 1,
                                       (INT64_C (1) << 36) - 70,
                                       INT64_C (5) << 36,
                                       -5,
                                       -5000 };
    static const int64_t distances [] = { 1,
                                          2,
                                          63,
                                          64,
                                          65,
                                          4095,
                                          4096,
                                          4097,
                                          262144,
                                          86400000,
                                          (INT64_C (1) << 30) - 1,
                                          INT64_C (1) << 30,
                                          (INT64_C (1) << 36) - 1,
                                          INT64_C (1) << 36,
                                          (INT64_C (1) << 36) + 1,
                                          INT64_C (1) << 40 };
    for (size_t i = 0; i < COUNT (starts); i++)
        for (size_t k = 0; k < COUNT (distances); k++) {
            timers_t timers;
            timer_node_t node = { 0 };
            int64_t at = starts [i] + distances [k];
            timers_init (&timers, starts [i]);
            timers_start (&timers, &node, at);
            cr_assert (timer_is_running (&node));
            cr_assert_null (timers_next (&timers, at - 1), "%" PRId64 " + %" PRId64, starts [i], distances [k]);
            cr_assert_eq (timers_next (&timers, at), &node, "%" PRId64 " + %" PRId64, starts [i], distances [k]);
            cr_assert_not (timer_is_running (&node));
            cr_assert_null (timers_next (&timers, at));
            cr_assert_eq (timers_deadline (&timers), -1);
        }
}

Test (timer, a_time_that_has_passed_is_due_at_once)
{
    timers_t timers;
    timer_node_t nodes [3] = { 0 };
    timers_init (&timers, 1000);
    timers_start (&timers, &nodes [0], 1000);
    timers_start (&timers, &nodes [1], 0);
    timers_start (&timers, &nodes [2], INT64_MIN);
    cr_assert_leq (timers_deadline (&timers), 1000);
    cr_assert_eq (fire (&timers, 1000), 3);
}

Test (timer, the_farthest_time_is_never_reached)
{
    timers_t timers;
    timer_node_t node = { 0 };
    const int64_t century = INT64_C (36525) * 86400000;
    timers_init (&timers, 0);
    timers_start (&timers, &node, INT64_MAX);
    cr_assert_null (timers_next (&timers, century));
    cr_assert_gt (timers_deadline (&timers), century);
    timers_stop (&timers, &node);
    cr_assert_eq (timers_deadline (&timers), -1);
}

Test (timer, starting_a_running_timer_moves_it)
{
    static const int64_t times [] = { 10, 10000, 5, 100000000, 10, INT64_C (1) << 50, 70, 0, 1000 };
    timers_t timers;
    timer_node_t node = { 0 };
    timers_init (&timers, 0);
    for (size_t i = 0; i < COUNT (times); i++)
        timers_start (&timers, &node, times [i]);
    cr_assert_null (timers_next (&timers, 999));
    cr_assert_eq (timers_next (&timers, 1000), &node);
    cr_assert_eq (timers_deadline (&timers), -1);
}

Test (timer, a_stopped_timer_does_not_fire_even_if_it_was_due)
{
    timers_t timers;
    timer_node_t nodes [3] = { 0 };
    timers_init (&timers, 0);
    for (size_t i = 0; i < COUNT (nodes); i++)
        timers_start (&timers, &nodes [i], 100);
    cr_assert_eq (timers_next (&timers, 200), &nodes [0]);
    timers_stop (&timers, &nodes [1]);
    timers_stop (&timers, &nodes [1]);
    cr_assert_eq (timers_next (&timers, 200), &nodes [2]);
    cr_assert_null (timers_next (&timers, 200));
}

Test (timer, timers_fire_in_the_order_of_their_times)
{
    enum { MANY = 500 };
    timers_t timers;
    static timer_node_t nodes [MANY];
    timers_init (&timers, 12345);
    for (int i = 0; i < MANY; i++)
        timers_start (&timers, &nodes [i], 12346 + (i * 7919) % 100000);
    int64_t last = 0;
    for (int i = 0; i < MANY; i++) {
        timer_node_t *node = timers_next (&timers, 1000000);
        cr_assert_not_null (node);
        cr_assert_geq (node->at_ms, last);
        last = node->at_ms;
    }
    cr_assert_null (timers_next (&timers, 1000000));
}

Test (timer, one_that_is_started_by_another_fires_in_the_same_loop_if_it_is_due)
{
    timers_t timers;
    timer_node_t first = { 0 }, second = { 0 };
    timers_init (&timers, 0);
    timers_start (&timers, &first, 100);
    cr_assert_eq (timers_next (&timers, 1000), &first);
    timers_start (&timers, &second, 900);
    timers_start (&timers, &first, 500);
    cr_assert_eq (timers_next (&timers, 1000), &first);
    timers_start (&timers, &first, 1001);
    cr_assert_eq (timers_next (&timers, 1000), &second);
    timers_start (&timers, &second, 50);
    cr_assert_eq (timers_next (&timers, 1000), &second);
    cr_assert_null (timers_next (&timers, 1000));
    cr_assert_eq (timers_next (&timers, 1001), &first);
}

Test (timer, a_clock_that_stands_still_or_goes_back_fires_nothing_early)
{
    timers_t timers;
    timer_node_t node = { 0 };
    timers_init (&timers, 1000);
    cr_assert_eq (fire (&timers, 500), 0);
    timers_start (&timers, &node, 1500);
    cr_assert_eq (fire (&timers, 1499), 0);
    cr_assert_eq (fire (&timers, 0), 0);
    cr_assert_eq (fire (&timers, 1499), 0);
    cr_assert_eq (fire (&timers, 1500), 1);
}

Test (timer, following_the_deadlines_reaches_any_time_in_few_steps)
{
    timers_t timers;
    timer_node_t node = { 0 };
    const int64_t at = INT64_C (1) << 35 | 0x123456789;
    timers_init (&timers, 7);
    timers_start (&timers, &node, at);
    int steps = 0;
    int64_t now = 7;
    while (!timers_next (&timers, now)) {
        int64_t deadline = timers_deadline (&timers);
        cr_assert (deadline > now && deadline <= at);
        now = deadline;
        steps++;
    }
    cr_assert_eq (now, at);
    cr_assert_leq (steps, TIMER_LEVELS + 1);
}

/* ------------------------------------------------------------------------
    Against the model: an array of times
*/

#define NODES   200
#define NOT_SET INT64_MIN

//  An assertion that costs nothing where it holds: there are millions.
static void must (bool holds, const char *what)
{
    if (!holds)
        cr_assert_fail ("%s", what);
}

typedef struct {
    timers_t timers;
    timer_node_t nodes [NODES];
    int64_t at_ms [NODES];  //  or NOT_SET
    int64_t now_ms;
    uint64_t random;
} model_t;

//  SplitMix64: the same on every machine.
static uint64_t next_random (model_t *self)
{
    uint64_t x = self->random += UINT64_C (0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C (0x94d049bb133111eb);
    return x ^ x >> 31;
}

//  A span of time of any order of magnitude, up to 2^bits ms.
static int64_t random_span (model_t *self, unsigned bits)
{
    uint64_t magnitude = next_random (self) % (bits + 1);
    return (int64_t) (next_random (self) & ((UINT64_C (1) << magnitude) - 1));
}

static void model_start (model_t *self, size_t i)
{
    int64_t span = random_span (self, 39);
    self->at_ms [i] = next_random (self) % 16 == 0 ? self->now_ms - span : self->now_ms + span;
    timers_start (&self->timers, &self->nodes [i], self->at_ms [i]);
}

static void model_stop (model_t *self, size_t i)
{
    self->at_ms [i] = NOT_SET;
    timers_stop (&self->timers, &self->nodes [i]);
}

static int64_t model_first (const model_t *self)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < NODES; i++)
        if (self->at_ms [i] != NOT_SET && self->at_ms [i] < first)
            first = self->at_ms [i];
    return first;
}

//  Moves the time on and fires; now and then what fires starts or stops others. Those after `past` come in order.
static void model_advance (model_t *self)
{
    int64_t past = self->now_ms, last = past;
    self->now_ms += next_random (self) % 4 == 0 ? random_span (self, 38) : random_span (self, 12);
    timer_node_t *node;
    while ((node = timers_next (&self->timers, self->now_ms))) {
        size_t i = (size_t) (node - self->nodes);
        must (i < NODES, "no timer of ours fired");
        must (self->at_ms [i] != NOT_SET, "a stopped timer fired");
        must (self->at_ms [i] <= self->now_ms, "fired early");
        must (!timer_is_running (node), "still runs after it fired");
        must (self->at_ms [i] <= past || self->at_ms [i] >= last, "fired out of order");
        last = self->at_ms [i] > last ? self->at_ms [i] : last;
        self->at_ms [i] = NOT_SET;
        if (next_random (self) % 4 == 0) {
            size_t other = next_random (self) % NODES;
            model_start (self, other);
            past = self->at_ms [other] < last && self->at_ms [other] > past ? self->at_ms [other] : past;
        }
        if (next_random (self) % 8 == 0)
            model_stop (self, next_random (self) % NODES);
    }
    must (model_first (self) > self->now_ms, "one that is due did not fire");
}

static void model_check (const model_t *self)
{
    int64_t first = model_first (self);
    int64_t deadline = timers_deadline (&self->timers);
    for (size_t i = 0; i < NODES; i++)
        must (timer_is_running (&self->nodes [i]) == (self->at_ms [i] != NOT_SET), "runs, or not, against its will");
    if (first == INT64_MAX)
        must (deadline == -1, "a deadline without a timer");
    else
        must (deadline >= 0 && (deadline <= first || first <= self->now_ms), "the deadline is after the first timer");
}

Test (timer, behaves_as_a_model_that_looks_at_every_timer, .timeout = 120)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        model_t *model = calloc (1, sizeof *model);
        cr_assert (model);
        model->random = seed;
        model->now_ms = random_span (model, 41);
        timers_init (&model->timers, model->now_ms);
        for (size_t i = 0; i < NODES; i++)
            model->at_ms [i] = NOT_SET;
        for (int step = 0; step < 5000; step++) {
            uint64_t choice = next_random (model) % 8;
            if (choice < 5)
                model_start (model, next_random (model) % NODES);
            else if (choice == 5)
                model_stop (model, next_random (model) % NODES);
            else
                model_advance (model);
            model_check (model);
        }
        free (model);
    }
}
