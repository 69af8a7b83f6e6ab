/*  test_pending.c - calls by their token: found while they are there, and never again */

#include <criterion/criterion.h>
#include <stdlib.h>

#include "pending.h"

#define CALLS 1000

Test (pending, a_call_is_found_by_its_token_until_it_is_freed)
{
    pending_t pending;
    call_t *calls [CALLS];
    wire_token_t tokens [CALLS];
    pending_init (&pending);
    for (int round = 0; round < 3; round++) {
        for (int at = 0; at < CALLS; at++) {
            calls [at] = pending_new (&pending);
            cr_assert (calls [at]);
            calls [at]->state = CALL_PARKED;
            tokens [at] = call_token (calls [at]);
        }
        cr_assert_eq (pending.count, CALLS);
        for (int at = 0; at < CALLS; at++)
            cr_assert_eq (pending_find (&pending, tokens [at]), calls [at], "records do not move");
        for (int at = 0; at < CALLS; at++) {
            pending_free (&pending, calls [at]);
            cr_assert_null (pending_find (&pending, tokens [at]));
        }
        cr_assert_eq (pending.count, 0);
    }
    cr_assert_lt (pending_room (&pending), 2 * CALLS, "freed records are used again");
    pending_clear (&pending);
}

Test (pending, a_token_that_was_never_given_finds_nothing)
{
    pending_t pending;
    pending_init (&pending);
    cr_assert_null (pending_find (&pending, (wire_token_t){ 0, 0 }));
    call_t *call = pending_new (&pending);
    call->state = CALL_PARKED;
    wire_token_t token = call_token (call);
    cr_assert_null (pending_find (&pending, (wire_token_t){ token.slot, token.generation + 1 }));
    cr_assert_null (pending_find (&pending, (wire_token_t){ token.slot + 1, token.generation }));
    cr_assert_null (pending_find (&pending, (wire_token_t){ UINT32_MAX, token.generation }));
    pending_clear (&pending);
}

Test (pending, a_walk_meets_each_call_once)
{
    pending_t pending;
    call_t *calls [CALLS];
    pending_init (&pending);
    for (int at = 0; at < CALLS; at++) {
        calls [at] = pending_new (&pending);
        calls [at]->state = CALL_QUEUED;
        calls [at]->bytes = malloc (1);  //  freed with the call
    }
    for (int at = 0; at < CALLS; at += 2)
        pending_free (&pending, calls [at]);
    size_t met = 0;
    for (size_t at = 0; at < pending_room (&pending); at++)
        if (pending_at (&pending, at)) {
            cr_assert_eq (pending_at (&pending, at)->index, at);
            met++;
        }
    cr_assert_eq (met, CALLS / 2);
    pending_clear (&pending);
}
