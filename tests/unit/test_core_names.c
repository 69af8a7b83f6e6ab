/*  test_core_names.c - registrations and the directory's answers */

#include <string.h>

#include "world.h"

static world_t world;
static link_t *one, *two;

static void s_setup (void)
{
    world_init (&world);
    world_start (&world);
    one = world_peer (&world);
    two = world_peer (&world);
}

static void s_teardown (void)
{
    world_end (&world);
}

TestSuite (core_names, .init = s_setup, .fini = s_teardown);

static wire_token_t s_ask_text (link_t *link, const char *method, const char *text, pack_t *options)
{
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, options ? 2 : 1);
    pack_str (&arguments, text);
    if (options) {
        pack_raw (&arguments, options->buffer.data, options->buffer.size);
        pack_clear (options);
    }
    return world_ask (link, 1, method, &arguments);
}

static const hearth_value_t *s_answer (link_t *link, const char *method, const char *text)
{
    s_ask_text (link, method, text, NULL);
    const mail_t *mail = world_take (link, WIRE_REPLY);
    cr_assert_eq (mail->wire.code, 0);
    return mail_value (mail);
}

static const char *s_text (const hearth_value_t *map, const char *key)
{
    return hearth_value_str (hearth_value_get (map, key));
}

Test (core_names, second_exclusive_owner_is_refused)
{
    world_register (one, "name", NULL);
    assert_error (two, s_ask_text (two, "register", "name", NULL), STATUS_NAME_TAKEN, HEARTH_NOT_EXECUTED);
}

Test (core_names, an_owner_may_declare_its_name_anew)
{
    pack_t options;
    world_register (one, "name", NULL);
    world_option_methods (&options, "fresh");
    world_register (one, "name", &options);
    const hearth_value_t *methods = hearth_value_get (s_answer (two, "describe", "name"), "methods");
    cr_assert_str_eq (s_text (hearth_value_at (methods, 0), "name"), "fresh");
}

Test (core_names, a_replaceable_name_changes_hands_on_request_and_the_old_owner_is_told)
{
    pack_t options;
    world_option_str (&options, "mode", "replaceable");
    world_register (one, "name", &options);
    assert_error (two, s_ask_text (two, "register", "name", NULL), STATUS_NAME_TAKEN, HEARTH_NOT_EXECUTED);
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "replace");
    pack_bool (&options, true);
    world_register (two, "name", &options);
    const mail_t *notice = world_take (one, WIRE_PUBLISH);
    cr_assert (span_equals (notice->wire.name, "hearth") && span_equals (notice->wire.method, "replaced"));
    cr_assert_str_eq (s_text (mail_value (notice), "name"), "name");
    cr_assert_str_eq (s_text (mail_value (notice), "session"), world_name (&world, two));
}

Test (core_names, an_exclusive_name_cannot_be_replaced)
{
    pack_t options;
    world_register (one, "name", NULL);
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "replace");
    pack_bool (&options, true);
    assert_error (two, s_ask_text (two, "register", "name", &options), STATUS_NAME_TAKEN, HEARTH_NOT_EXECUTED);
}

Test (core_names, a_shared_name_takes_no_exclusive_owner_and_the_other_way_round)
{
    pack_t options;
    world_option_str (&options, "mode", "shared");
    world_register (one, "pool", &options);
    assert_error (two, s_ask_text (two, "register", "pool", NULL), STATUS_NAME_TAKEN, HEARTH_NOT_EXECUTED);
    world_register (one, "mine", NULL);
    world_option_str (&options, "mode", "shared");
    assert_error (two, s_ask_text (two, "register", "mine", &options), STATUS_NAME_TAKEN, HEARTH_NOT_EXECUTED);
}

Test (core_names, bad_names_and_options_are_refused_with_the_reason)
{
    static const char *const names [] = {
        ".", "a..b", "a.", ".a", "a b", "hearth", "hearth.x", ":abcdef012345.1", "é"
    };
    for (size_t at = 0; at < sizeof names / sizeof names [0]; at++)
        assert_error (one, s_ask_text (one, "register", names [at], NULL), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
    pack_t options;
    world_option_str (&options, "mode", "royal");
    assert_error (one, s_ask_text (one, "register", "a", &options), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
    world_option_int (&options, "capacity", 0);
    assert_error (one, s_ask_text (one, "register", "a", &options), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
    world_option_int (&options, "metadata", 3);
    assert_error (one, s_ask_text (one, "register", "a", &options), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
    world_option_int (&options, "interface", 3);
    assert_error (one, s_ask_text (one, "register", "a", &options), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
    world_option_methods (&options, "twice twice");
    assert_error (one, s_ask_text (one, "register", "a", &options), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
    cr_assert_eq (world_stat (&world, "names", NULL), 0);
}

Test (core_names, unregister_tells_whether_the_caller_had_it)
{
    world_register (one, "name", NULL);
    cr_assert_not (hearth_value_bool (s_answer (two, "unregister", "name")));
    cr_assert (hearth_value_bool (s_answer (one, "unregister", "name")));
    cr_assert_not (hearth_value_bool (s_answer (one, "unregister", "name")));
    world_register (two, "name", NULL);
}

Test (core_names, lookup_tells_the_owners_of_names_and_of_unique_names)
{
    pack_t options;
    world_option_str (&options, "mode", "shared");
    world_register (one, "pool", &options);
    world_option_str (&options, "mode", "shared");
    world_register (two, "pool", &options);
    const hearth_value_t *owners = hearth_value_get (s_answer (one, "lookup", "pool"), "owners");
    cr_assert_eq (hearth_value_size (owners), 2);
    cr_assert_str_eq (hearth_value_str (hearth_value_at (owners, 1)), world_name (&world, two));
    owners = hearth_value_get (s_answer (one, "lookup", world_name (&world, two)), "owners");
    cr_assert_str_eq (hearth_value_str (hearth_value_at (owners, 0)), world_name (&world, two));
    assert_error (one, s_ask_text (one, "lookup", "nobody", NULL), STATUS_NO_SUCH_SERVICE, HEARTH_NOT_EXECUTED);
    assert_error (one, s_ask_text (one, "lookup", ":abcdef012345.99", NULL), STATUS_NO_SUCH_SERVICE,
                  HEARTH_NOT_EXECUTED);
}

Test (core_names, the_directory_describes_itself)
{
    const hearth_value_t *description = s_answer (one, "describe", "hearth");
    cr_assert_str_eq (s_text (description, "name"), "hearth");
    cr_assert_eq (hearth_value_size (hearth_value_get (description, "methods")), 9);
    assert_error (one, world_request (one, 0, "hearth", "explode", 0, 1000), STATUS_NO_SUCH_METHOD,
                  HEARTH_NOT_EXECUTED);
}

Test (core_names, the_list_comes_in_pages_that_fit_a_message)
{
    world_forget (&world);
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_MESSAGE] = 4096;
    world_start (&world);
    one = world_peer (&world);
    char name [32];
    for (int at = 0; at < 200; at++) {
        snprintf (name, sizeof name, "family.member-%03d", at);
        world_register (one, name, NULL);
    }
    world_register (one, "stranger", NULL);
    char after [32] = "";
    int seen = 0, pages = 0;
    do {
        pack_t arguments;
        pack_init (&arguments);
        pack_list (&arguments, 2);
        pack_str (&arguments, "family.");
        pack_str (&arguments, after);
        world_ask (one, 1, "list", &arguments);
        const mail_t *mail = world_take (one, WIRE_REPLY);
        cr_assert_leq (mail->size, 4096);
        const hearth_value_t *page = mail_value (mail), *names = hearth_value_get (page, "names");
        for (size_t at = 0; at < hearth_value_size (names); at++, seen++) {
            snprintf (name, sizeof name, "family.member-%03d", seen);
            cr_assert_str_eq (s_text (hearth_value_at (names, at), "name"), name);
        }
        snprintf (after, sizeof after, "%s", s_text (page, "next"));
        pages++;
    } while (after [0]);
    cr_assert_eq (seen, 200);
    cr_assert_gt (pages, 1);
}

Test (core_names, a_registration_waits_for_the_verdict_about_a_suspect_owner)
{
    world_register (one, "name", NULL);
    core_suspect (world.core, one->session, world.now_ms);
    wire_token_t token = s_ask_text (two, "register", "name", NULL);
    cr_assert (world_is_quiet (two));
    world_leave (&world, one);
    const mail_t *mail = world_take (two, WIRE_REPLY);
    cr_assert_eq (mail->wire.code, 0);
    cr_assert_eq (mail->wire.block.token.generation, token.generation);
}

Test (core_names, a_registration_is_refused_when_the_suspect_owner_turns_out_to_live)
{
    world_register (one, "name", NULL);
    core_suspect (world.core, one->session, world.now_ms);
    wire_token_t token = s_ask_text (two, "register", "name", NULL);
    core_trust (world.core, one->session, world.now_ms);
    assert_error (two, token, STATUS_NAME_TAKEN, HEARTH_NOT_EXECUTED);
}

Test (core_names, a_registration_that_waits_for_a_verdict_ends_at_its_deadline)
{
    world_register (one, "name", NULL);
    core_suspect (world.core, one->session, world.now_ms);
    wire_token_t token = s_ask_text (two, "register", "name", NULL);
    world_wait (&world, 10000);
    assert_error (two, token, STATUS_DEADLINE, HEARTH_NOT_EXECUTED);
}

Test (core_names, a_registration_that_waits_for_a_verdict_may_be_cancelled)
{
    world_register (one, "name", NULL);
    core_suspect (world.core, one->session, world.now_ms);
    wire_token_t token = s_ask_text (two, "register", "name", NULL);
    world_cancel (two, token);
    assert_error (two, token, STATUS_CANCELLED, HEARTH_NOT_EXECUTED);
    world_leave (&world, one);
    cr_assert (world_is_quiet (two));
}

Test (core_names, while_the_broker_settles_an_absent_name_is_starting)
{
    world_end (&world);
    world_init (&world);
    world.settle_ms = 3000;
    world_start (&world);
    one = world_peer (&world);
    assert_error (one, world_request (one, 0, "echo", "say", 0, 5000), STATUS_STARTING, HEARTH_NOT_EXECUTED);
    wire_token_t token = world_request (one, 0, "echo", "say", WIRE_WAIT, 5000);
    world_wait (&world, 1000);
    assert_error (one, token, STATUS_STARTING, HEARTH_NOT_EXECUTED);
    world_wait (&world, 2000);
    assert_error (one, world_request (one, 0, "echo", "say", 0, 5000), STATUS_NO_SUCH_SERVICE, HEARTH_NOT_EXECUTED);
}

Test (core_names, directory_calls_take_named_arguments_and_check_them)
{
    pack_t arguments;
    pack_init (&arguments);
    pack_map (&arguments, 1);
    pack_str (&arguments, "value");
    pack_int (&arguments, 7);
    wire_token_t token = world_ask (one, 0, "ping", &arguments);
    cr_assert_eq (mail_int (world_take (one, WIRE_REPLY), token), 7);
    pack_init (&arguments);
    pack_list (&arguments, 1);
    pack_int (&arguments, 7);
    assert_error (one, world_ask (one, 0, "lookup", &arguments), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
}

Test (core_names, a_registration_whose_answer_is_declined_is_not_held_back)
{
    world_register (one, "name", NULL);
    core_suspect (world.core, one->session, world.now_ms);
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .remaining_ms = 1000, .flags = WIRE_ONEWAY | WIRE_NOACK },
                          .name = SPAN ("hearth"),
                          .method = SPAN ("register") };
    world_send (two, &wire, "\x91\xa4name", 6);
    cr_assert_eq (world_stat (&world, "calls", NULL), 0);
    cr_assert_eq (world_stat (&world, "dropped", "unheard"), 1);
}

Test (core_names, a_session_s_registration_does_not_wait_for_the_verdict_about_itself)
{
    pack_t options;
    link_t *third = world_peer (&world);
    link_t *members [] = { one, two, third };
    for (int at = 0; at < 3; at++) {
        world_option_str (&options, "mode", "shared");
        world_register (members [at], "pool", &options);
    }
    core_suspect (world.core, one->session, world.now_ms);
    wire_token_t token = s_ask_text (two, "register", "pool", NULL);
    cr_assert (world_is_quiet (two), "the pool's first owner is a suspect");
    core_suspect (world.core, two->session, world.now_ms);
    world_leave (&world, one);
    assert_error (two, token, STATUS_NAME_TAKEN, HEARTH_NOT_EXECUTED);
}

Test (core_names, a_name_whose_metadata_fill_a_message_is_listed_and_hides_nobody)
{
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_MESSAGE] = 4096;
    world.limits.value [LIMIT_METADATA] = 4096;
    world_start (&world);
    one = world_peer (&world);
    static char text [3800];
    memset (text, 'x', sizeof text - 1);
    pack_t options;
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "metadata");
    pack_map (&options, 1);
    pack_str (&options, "key");
    pack_str (&options, text);
    world_register (one, "large", &options);
    world_register (one, "small", NULL);
    const hearth_value_t *page = s_answer (one, "list", "");
    cr_assert_eq (hearth_value_size (hearth_value_get (page, "names")), 1);
    cr_assert_str_eq (s_text (page, "next"), "large");
}

Test (core_names, whatever_is_told_on_is_utf_8_at_any_depth)
{
    pack_t options;
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "interface");
    pack_map (&options, 1);
    pack_str (&options, "methods");
    pack_list (&options, 1);
    pack_map (&options, 2);
    pack_str (&options, "name");
    pack_str (&options, "say");
    pack_str (&options, "since");
    pack_str (&options, "\xff\xfe");
    assert_error (one, s_ask_text (one, "register", "name", &options), STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED);
}
