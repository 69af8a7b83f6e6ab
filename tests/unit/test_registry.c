/*  test_registry.c - who may have a name, and what is left when it goes */

#include <criterion/criterion.h>

#include "name.h"
#include "registry.h"
#include "value.h"

static const uint8_t hash_key [16] = { 7 };
static registry_t registry;
static peers_t peers;
static session_t *one, *two;

static void s_setup (void)
{
    registry_init (&registry, hash_key);
    peers_init (&peers, hash_key);
    one = peers_open (&peers, NULL);
    two = peers_open (&peers, NULL);
}

static void s_teardown (void)
{
    registry_clear (&registry);
    peers_clear (&peers);
}

TestSuite (registry, .init = s_setup, .fini = s_teardown);

//  An interface with one method.
static interface_t *s_interface (const char *method)
{
    char problem [128];
    pack_t pack;
    pack_init (&pack);
    pack_map (&pack, 1);
    pack_str (&pack, "methods");
    pack_list (&pack, 1);
    pack_map (&pack, 1);
    pack_str (&pack, "name");
    pack_str (&pack, method);
    interface_t *interface =
        interface_new ((const uint8_t *) pack.buffer.data, pack.buffer.size, problem, sizeof problem);
    pack_clear (&pack);
    cr_assert (interface, "%s", problem);
    return interface;
}

static registered_t s_register (session_t *session, service_mode_t mode, bool replace, const char *method,
                                session_t **previous)
{
    session_t *ignored;
    declaration_t declaration = { .mode = mode, .replace = replace, .capacity = 2 };
    declaration.interface = method ? s_interface (method) : NULL;
    registered_t registered = registry_register (&registry, registry_want (&registry, SPAN ("name")), session,
                                                 &declaration, previous ? previous : &ignored);
    interface_destroy (&declaration.interface);
    return registered;
}

static void s_unregister (session_t *session)
{
    service_t *service = registry_find (&registry, SPAN ("name"));
    registry_unregister (&registry, service_instance_of (service, session));
    registry_tidy (&registry, &service);
}

static registered_t s_expected (service_mode_t owned, service_mode_t asked, bool replace)
{
    if (owned == MODE_SHARED && asked == MODE_SHARED)
        return REGISTER_JOINED;
    return owned == MODE_REPLACEABLE && asked != MODE_SHARED && replace ? REGISTER_REPLACED : REGISTER_TAKEN;
}

Test (registry, a_second_session_gets_a_name_by_its_mode_alone)
{
    for (int row = 0; row < MODE_COUNT * MODE_COUNT * 2; row++) {
        service_mode_t owned = (service_mode_t) (row % MODE_COUNT);
        service_mode_t asked = (service_mode_t) (row / MODE_COUNT % MODE_COUNT);
        bool replace = row / MODE_COUNT / MODE_COUNT;
        session_t *previous;
        cr_assert_eq (s_register (one, owned, false, NULL, &previous), REGISTER_APPEARED);
        cr_assert_null (previous);
        registered_t registered = s_register (two, asked, replace, NULL, &previous);
        cr_assert_eq (registered, s_expected (owned, asked, replace), "%s, then %s", mode_names [owned],
                      mode_names [asked]);
        cr_assert_eq (previous, registered == REGISTER_JOINED ? NULL : one);
        cr_assert_eq (one->names, registered != REGISTER_REPLACED);
        cr_assert_eq (two->names, registered != REGISTER_TAKEN);
        cr_assert_eq (registry.registered, 1);
        if (two->names)
            s_unregister (two);
        if (one->names)
            s_unregister (one);
        cr_assert_eq (registry.registered, 0);
        cr_assert_eq (registry.bytes, 0);
    }
}

Test (registry, an_only_owner_may_say_anything_anew_and_a_member_of_a_pool_only_in_its_mode)
{
    s_register (one, MODE_EXCLUSIVE, false, "a", NULL);
    for (int mode = 0; mode < MODE_COUNT; mode++)
        cr_assert_eq (s_register (one, (service_mode_t) mode, false, "b", NULL), REGISTER_UPDATED);
    cr_assert_eq (s_register (two, MODE_SHARED, false, "b", NULL), REGISTER_JOINED);
    for (int mode = 0; mode < MODE_COUNT; mode++)
        cr_assert_eq (s_register (one, (service_mode_t) mode, true, "b", NULL),
                      mode == MODE_SHARED ? REGISTER_UPDATED : REGISTER_TAKEN);
}

Test (registry, a_pool_is_mixed_while_its_members_declare_different_things)
{
    const service_t *service = registry_want (&registry, SPAN ("name"));
    s_register (one, MODE_SHARED, false, "a", NULL);
    s_register (two, MODE_SHARED, false, "a", NULL);
    cr_assert_not (service->mixed);
    s_register (two, MODE_SHARED, false, "b", NULL);
    cr_assert (service->mixed);
    s_register (two, MODE_SHARED, false, "a", NULL);
    cr_assert_not (service->mixed, "the second one came back to what the first one declares");
    s_register (one, MODE_SHARED, false, NULL, NULL);
    cr_assert (service->mixed);
    s_unregister (one);
    cr_assert_not (service->mixed);
}

Test (registry, an_instance_outlives_its_registration_while_it_has_calls_and_its_declaration_does_not)
{
    s_register (one, MODE_EXCLUSIVE, false, "a", NULL);
    instance_t *instance = service_instance_of (registry_find (&registry, SPAN ("name")), one);
    instance_taken (instance);
    s_unregister (one);
    cr_assert_null (registry_find (&registry, SPAN ("name")));
    cr_assert_null (instance->service);
    cr_assert_null (instance->interface);
    cr_assert_eq (registry.bytes, 0);
    instance_answered (instance);
    instance_release (&instance);
}

Test (registry, a_name_is_there_while_it_is_owned_or_waited_for)
{
    service_t *service = registry_want (&registry, SPAN ("name"));
    cr_assert_eq (registry_want (&registry, SPAN ("name")), service);
    service->parked_count = 1;
    registry_tidy (&registry, &service);
    cr_assert_eq (registry_find (&registry, SPAN ("name")), service);
    cr_assert_gt (registry.bytes, sizeof *service);
    service->parked_count = 0;
    registry_tidy (&registry, &service);
    cr_assert_null (service);
    cr_assert_null (registry_find (&registry, SPAN ("name")));
    cr_assert_eq (registry.bytes, 0);
}
