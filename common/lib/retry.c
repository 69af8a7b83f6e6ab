/*  retry.c - when a call is made once more: which failures, how many, how soon
*/
#include "retry.h"

void retry_init (retry_t *self, uint64_t random)
{
    *self = (retry_t){ .tokens = RETRY_TOKENS_MOST, .random = random | 1 };
}

//  What was never handed to anybody is not repeated by itself, only to finish what was begun.
bool retry_is_right (retry_failure_t failure, retry_facts_t facts)
{
    const bool right [RETRY_FAILURES] = {
        [RETRY_SERVICE_GONE] = facts.is_declared || facts.is_promised,
        [RETRY_BROKER_GONE] = facts.is_promised,
        [RETRY_ABSENT] = facts.is_attempted,
    };
    return right [failure];
}

bool retry_take (retry_t *self)
{
    if (self->tokens <= RETRY_TOKENS_MOST / 2)
        return false;
    self->tokens -= RETRY_COST;
    return true;
}

//  Xorshift (G. Marsaglia, 2003): the pauses of many callers must differ, not be secret.
static uint64_t next_random (retry_t *self)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return self->random;
}

int64_t retry_pause_ms (retry_t *self, unsigned number)
{
    if (number <= 1)
        return 0;
    int64_t pause = RETRY_PAUSE_MS;
    for (unsigned doubled = 2; doubled < number && pause < RETRY_PAUSE_MOST_MS; doubled++)
        pause *= 2;
    pause = pause < RETRY_PAUSE_MOST_MS ? pause : RETRY_PAUSE_MOST_MS;
    int64_t half = pause / 2;
    return half + (int64_t) (next_random (self) % (uint64_t) (pause - half + 1));
}
