/*  plan.c - drawing a run from its seed */
#include "plan.h"

const char *const fault_names [FAULT_COUNT] = {
#define X(id, name, text) name,
    FAULTS_TABLE (X)
#undef X
};

const char *const fault_texts [FAULT_COUNT] = {
#define X(id, name, text) text,
    FAULTS_TABLE (X)
#undef X
};

plan_t plan;

const char *const name_texts [NAMES_MOST] = { "n.0",  "n.1",  "n.2",  "n.3",  "n.4",  "n.5",  "n.6",  "n.7",
                                              "n.8",  "n.9",  "n.10", "n.11", "n.12", "n.13", "n.14", "n.15",
                                              "n.16", "n.17", "n.18", "n.19", "n.20", "n.21", "n.22", "n.23" };

bool plan_has (fault_t fault)
{
    return plan.faults & 1u << fault;
}

bool plan_takes (unsigned peer)
{
    return peer < plan.peers && !(plan.skipped [peer / 8] & 1u << peer % 8);
}

static uint64_t s_one_of (dice_t *dice, const uint64_t *values, unsigned count)
{
    return values [dice_roll (dice, count)];
}

static void s_tighten (dice_t *dice)
{
    uint64_t *limits = plan.limits.value;
    limits [LIMIT_MESSAGE] = 4096;
    limits [LIMIT_CALLS] = 4 + dice_roll (dice, 12);
    limits [LIMIT_QUEUE] = dice_roll (dice, 8);
    limits [LIMIT_QUEUE_BYTES] = 200 + dice_roll (dice, 3000);
    limits [LIMIT_PARKED] = dice_roll (dice, 4);
    limits [LIMIT_DISPATCHED] = 1 + dice_roll (dice, 8);
    limits [LIMIT_DISPATCHED_BYTES] = 100 + dice_roll (dice, 2000);
    limits [LIMIT_NAMES] = 1 + dice_roll (dice, 4);
    limits [LIMIT_CAPACITY] = 1 + dice_roll (dice, 6);
    limits [LIMIT_METADATA] = dice_roll (dice, 64);
    limits [LIMIT_INTERFACE] = 64 + dice_roll (dice, 400);
    limits [LIMIT_DEADLINE] = 1000 + dice_roll (dice, 20000);
    limits [LIMIT_HISTORY_BYTES] = dice_roll (dice, 2000);
    limits [LIMIT_SESSION_TOPICS] = 1 + dice_roll (dice, 4);
    limits [LIMIT_GRANTED] = 1 + dice_skewed (dice, 60);
    limits [LIMIT_GRANTED_BYTES] = 4096 + dice_roll (dice, 8000);
}

static void s_limits (dice_t *dice)
{
    static const uint64_t histories [] = { 0, 1, 3, 10, 1000 };
    static const uint64_t memories [] = { 6000, 20000, 60000, 200000 };
    limits_init (&plan.limits);
    uint64_t *limits = plan.limits.value;
    limits [LIMIT_HISTORY] = s_one_of (dice, histories, 5);
    if (plan_has (FAULT_TIGHT))
        s_tighten (dice);
    if (dice_chance (dice, 30))
        limits [LIMIT_TOPICS] = 16 + dice_skewed (dice, 30);
    if (plan_has (FAULT_SCARCE))
        limits [LIMIT_MEMORY] = s_one_of (dice, memories, 4);
}

//  Each fault is in two of three seeds, so that they meet in all ways; peers of both sorts are in nearly all.
static void s_faults (dice_t *dice)
{
    plan.faults = 0;
    for (unsigned fault = 0; fault < FAULT_COUNT; fault++) {
        unsigned percent = fault == FAULT_LIBRARY || fault == FAULT_RAW                           ? 85
                           : fault == FAULT_TIGHT || fault == FAULT_SCARCE || fault == FAULT_FULL ? 35
                                                                                                  : 60;
        plan.faults |= (uint32_t) dice_chance (dice, percent) << fault;
    }
    if (!(plan.faults & (1u << FAULT_LIBRARY | 1u << FAULT_RAW)))
        plan.faults |= 1u << FAULT_RAW;
    plan.faults &= ~plan.without;
}

void plan_draw (void)
{
    dice_t dice;
    dice_init (&dice, plan.seed, 1);
    s_faults (&dice);
    bool is_crowd = dice_chance (&dice, 40);
    plan.raws = 4 + dice_skewed (&dice, is_crowd ? 300 : 40);
    plan.programs = 3 + dice_skewed (&dice, is_crowd ? 60 : 20);
    plan.names = 1 + dice_skewed (&dice, NAMES_MOST);
    plan.latency_ms = dice_skewed (&dice, 30);
    plan.lag_ms = plan_has (FAULT_LATE) ? 1 + dice_skewed (&dice, 200) : 0;
    plan.room = plan_has (FAULT_FULL) ? 8 + dice_skewed (&dice, 100) : 100000;
    plan.pace_ms = 2 + dice_skewed (&dice, 300);
    plan.fault_ms = 5 + dice_skewed (&dice, 2000);
    plan.settle_ms = dice_chance (&dice, 50) ? 3000 : 0;
    s_limits (&dice);
    if (!plan_has (FAULT_RAW))
        plan.raws = 0;
    if (!plan_has (FAULT_LIBRARY))
        plan.programs = 0;
}

int name_index (const char *data, size_t size)
{
    int index = 0;
    if (size < 3 || size > 4 || data [0] != 'n' || data [1] != '.')
        return -1;
    for (size_t at = 2; at < size; at++) {
        if (data [at] < '0' || data [at] > '9')
            return -1;
        index = index * 10 + data [at] - '0';
    }
    return index < NAMES_MOST ? index : -1;
}
