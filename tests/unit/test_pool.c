/*  test_pool.c - which instance is next, against the plainest way to find out */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "registry.h"
#include "repetitions.h"

#define INSTANCES 40

static const uint8_t hash_key [16] = { 7 };
static registry_t registry;
static peers_t peers;
static service_t *service;
static instance_t *instances [INSTANCES];

static void s_setup (void)
{
    registry_init (&registry, hash_key);
    peers_init (&peers, hash_key);
    service = registry_want (&registry, (span_t){ "name", 4 });
}

static void s_teardown (void)
{
    registry_clear (&registry);
    peers_clear (&peers);
}

TestSuite (pool, .init = s_setup, .fini = s_teardown);

static void s_join (int at, uint32_t capacity)
{
    session_t *session = peers_open (&peers, NULL), *previous;
    declaration_t declaration = { .mode = MODE_SHARED, .capacity = capacity };
    cr_assert (session);
    registry_register (&registry, service, session, &declaration, &previous);
    instances [at] = service_instance_of (service, session);
}

//  Least outstanding, then longest ago.
static const instance_t *s_best (void)
{
    const instance_t *best = NULL;
    for (int at = 0; at < INSTANCES; at++) {
        const instance_t *instance = instances [at];
        if (!instance || instance->outstanding >= instance->capacity || list_is_linked (&instance->in_stalled))
            continue;
        if (!best || instance->outstanding < best->outstanding
            || (instance->outstanding == best->outstanding && instance->turn < best->turn))
            best = instance;
    }
    return best;
}

static void s_change (int at)
{
    instance_t *instance = instances [at];
    if (!instance) {
        s_join (at, 1 + (uint32_t) rand () % 5);
        return;
    }
    bool is_stalled = list_is_linked (&instance->in_stalled);
    switch (rand () % 8) {
    case 0:
        if (instance->outstanding)
            break;  //  its record would be ours to release
        registry_unregister (&registry, instance);
        instances [at] = NULL;
        break;
    case 1:
        if (!is_stalled)
            instance_stall (instance);
        break;
    case 2:
    case 3:
        if (is_stalled)
            instance_resume (instance);
        break;
    default:
        if (instance->outstanding)
            instance_answered (instance);
    }
}

Test (pool, the_least_busy_goes_first_and_among_equals_whoever_waited_longest)
{
    memset (instances, 0, sizeof instances);
    srand (1);
    for (int step = 0; step < repetitions (50000); step++) {
        s_change (rand () % INSTANCES);
        instance_t *instance;
        const member_t *member;
        pick_t pick = service_pick (service, (span_t){ "any", 3 }, &instance, &member);
        const instance_t *best = s_best ();
        if (best) {
            cr_assert_eq (pick, PICK_INSTANCE);
            cr_assert (instance == best
                           || (instance->outstanding == best->outstanding && instance->turn == best->turn),
                       "step %d", step);
            instance_taken (instance);
        } else
            cr_assert_eq (pick, service->instance_count ? PICK_BUSY : PICK_NO_SERVICE);
    }
}

Test (pool, a_name_without_owners_has_nobody_to_pick)
{
    instance_t *instance;
    const member_t *member;
    cr_assert_eq (service_pick (service, (span_t){ "any", 3 }, &instance, &member), PICK_NO_SERVICE);
}
