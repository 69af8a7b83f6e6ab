/*  test_core_history.c - what the directory tells of topics and notifications that are remembered */

#include <string.h>

#include "world.h"

static world_t world;
static link_t *source, *other;

static void s_setup (void)
{
    world_init (&world);
    world_start (&world);
    source = world_peer (&world);
    other = world_peer (&world);
}

static void s_teardown (void)
{
    world_end (&world);
}

TestSuite (core_history, .init = s_setup, .fini = s_teardown);

static int64_t s_published (link_t *from, const char *service, const char *event, int value)
{
    world_publish (from, 0, service, event, value);
    const mail_t *mail = world_take (from, WIRE_REPLY);
    cr_assert_eq (mail->wire.code, 0);
    return hearth_value_int (mail_value (mail));
}

static const hearth_value_t *s_ask (const char *method, const char *text, int64_t from, int64_t to)
{
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, to ? 3 : 2);
    pack_str (&arguments, text);
    pack_int (&arguments, from);
    if (to)
        pack_int (&arguments, to);
    world_ask (other, 0, method, &arguments);
    const mail_t *mail = world_take (other, WIRE_REPLY);
    cr_assert_eq (mail->wire.code, 0);
    return mail_value (mail);
}

//  A world whose messages are small, and one peer.
static void s_start_small (uint64_t message)
{
    world_forget (&world);
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_MESSAGE] = message;
    world_start (&world);
    source = other = world_peer (&world);
}

Test (core_history, topics_lists_what_was_published_after_a_number)
{
    world_register (source, "source", NULL);
    s_published (source, "source", "a", 1);
    int64_t number = hearth_value_int (hearth_value_get (s_ask ("topics", "source/", 0, 0), "number"));
    s_published (source, "source", "b", 1);
    const hearth_value_t *all = s_ask ("topics", "source/", 0, 0);
    cr_assert_eq (hearth_value_size (hearth_value_get (all, "topics")), 2);
    cr_assert_eq (hearth_value_uint (hearth_value_get (all, "epoch")), WORLD_EPOCH);
    cr_assert_eq (hearth_value_type (hearth_value_get (all, "next")), HEARTH_TYPE_NIL);
    const hearth_value_t *fresh = hearth_value_get (s_ask ("topics", "source/", number, 0), "topics");
    cr_assert_eq (hearth_value_size (fresh), 1);
    cr_assert_str_eq (hearth_value_str (hearth_value_at (hearth_value_at (fresh, 0), 0)), "source/b/");
}

Test (core_history, history_gives_what_is_remembered_with_its_numbers)
{
    world_register (source, "source", NULL);
    int64_t first = s_published (source, "source", "event", 0);
    for (int at = 1; at < 5; at++)
        s_published (source, "source", "event", at);
    const hearth_value_t *answer = s_ask ("history", "source/event/", first + 1, first + 3);
    const hearth_value_t *items = hearth_value_get (answer, "items");
    cr_assert_eq (hearth_value_size (items), 3);
    const hearth_value_t *item = hearth_value_at (items, 0);
    cr_assert_eq (hearth_value_int (hearth_value_at (item, 0)), first + 1);
    cr_assert_eq (hearth_value_size (hearth_value_at (item, 3)), 1);
    cr_assert_eq (((const char *) hearth_value_bin (hearth_value_at (item, 3))) [0], 1);
    cr_assert_not (hearth_value_bool (hearth_value_get (answer, "more")));
    cr_assert_eq (hearth_value_size (hearth_value_get (s_ask ("history", "no/topic/", 1, 9), "items")), 0);
}

Test (core_history, history_comes_in_pages_that_fit_a_message)
{
    s_start_small (4096);
    world_register (source, "source", NULL);
    int64_t first = s_published (source, "source", "event", 0);
    for (int at = 1; at < 100; at++)
        s_published (source, "source", "event", at);
    int64_t next = first;
    bool more = true;
    for (int pages = 0; more; pages++) {
        const hearth_value_t *answer = s_ask ("history", "source/event/", next, first + 99);
        const hearth_value_t *items = hearth_value_get (answer, "items");
        cr_assert_gt (hearth_value_size (items), 0);
        cr_assert_eq (hearth_value_int (hearth_value_at (hearth_value_at (items, 0), 0)), next);
        next += (int64_t) hearth_value_size (items);
        more = hearth_value_bool (hearth_value_get (answer, "more"));
        cr_assert_lt (pages, 20);
    }
    cr_assert_eq (next, first + 100);
}

//  Options of a registration that declares a retained event.
static pack_t s_retaining (const char *event)
{
    pack_t options;
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "interface");
    pack_map (&options, 1);
    pack_str (&options, "events");
    pack_list (&options, 1);
    pack_map (&options, 2);
    pack_str (&options, "name");
    pack_str (&options, event);
    pack_str (&options, "flags");
    pack_list (&options, 1);
    pack_str (&options, "retained");
    return options;
}

Test (core_history, a_retained_value_outlives_the_history)
{
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_HISTORY] = 0;
    world_start (&world);
    source = other = world_peer (&world);
    pack_t options = s_retaining ("state");
    world_register (source, "source", &options);
    s_published (source, "source", "state", 1);
    int64_t last = s_published (source, "source", "state", 2);
    const hearth_value_t *topic = hearth_value_at (hearth_value_get (s_ask ("topics", "source/", 0, 0), "topics"), 0);
    cr_assert (hearth_value_bool (hearth_value_at (topic, 3)));
    const hearth_value_t *items = hearth_value_get (s_ask ("history", "source/state/", 1, last), "items");
    cr_assert_eq (hearth_value_size (items), 1);
    cr_assert_eq (hearth_value_int (hearth_value_at (hearth_value_at (items, 0), 0)), last);
}

Test (core_history, an_event_that_is_declared_retained_no_more_has_no_last_value)
{
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_HISTORY] = 0;
    world_start (&world);
    source = other = world_peer (&world);
    pack_t options = s_retaining ("state");
    world_register (source, "source", &options);
    s_published (source, "source", "state", 1);
    world_register (source, "source", NULL);
    int64_t last = s_published (source, "source", "state", 2);
    cr_assert_eq (hearth_value_size (hearth_value_get (s_ask ("history", "source/state/", 1, last), "items")), 0);
}

//  Pages of all lengths, so that some end just where a message does.
Test (core_history, topics_come_in_pages_that_fit_a_message)
{
    for (uint64_t message = 4096; message < 4096 + 64; message += 3) {
        s_start_small (message);
        world_register (source, "source", NULL);
        char event [64], after [128] = "";
        for (int at = 0; at < 100; at++) {
            snprintf (event, sizeof event, "event-%02d-%.*s", at, at % 7, "padding");
            s_published (source, "source", event, at);
        }
        size_t seen = 0;
        do {
            pack_t arguments;
            pack_init (&arguments);
            pack_list (&arguments, 3);
            pack_str (&arguments, "source/");
            pack_int (&arguments, 0);
            pack_str (&arguments, after);
            world_ask (other, 0, "topics", &arguments);
            const mail_t *mail = world_take (other, WIRE_REPLY);
            cr_assert_eq (wire_check_body (&mail->wire, 32), WIRE_OK);
            const hearth_value_t *page = mail_value (mail);
            seen += hearth_value_size (hearth_value_get (page, "topics"));
            snprintf (after, sizeof after, "%s", hearth_value_str (hearth_value_get (page, "next")));
        } while (after [0]);
        cr_assert_eq (seen, 100, "message %d: %zu", (int) message, seen);
    }
}

Test (core_history, a_notification_that_fits_no_answer_does_not_hide_those_behind_it)
{
    s_start_small (4096);
    world_register (source, "source", NULL);
    int64_t first = s_published (source, "source", "event", 1);
    static uint8_t body [3900] = { 0xc5, (sizeof body - 3) >> 8, (sizeof body - 3) & 0xff };
    wire_frame_t wire = {
        .kind = WIRE_PUBLISH, .block = { .token = { 0, 1000 } }, .name = SPAN ("source"), .method = SPAN ("event")
    };
    world_send (source, &wire, body, sizeof body);
    cr_assert_eq (world_take (source, WIRE_REPLY)->wire.code, 0);
    s_published (source, "source", "event", 3);
    const hearth_value_t *answer = s_ask ("history", "source/event/", first, first + 2);
    cr_assert_eq (hearth_value_size (hearth_value_get (answer, "items")), 1);
    cr_assert (hearth_value_bool (hearth_value_get (answer, "more")));
    const hearth_value_t *items =
        hearth_value_get (s_ask ("history", "source/event/", first + 1, first + 2), "items");
    cr_assert_eq (hearth_value_size (items), 1);
    cr_assert_eq (hearth_value_int (hearth_value_at (hearth_value_at (items, 0), 0)), first + 2);
}

Test (core_history, a_page_looks_at_no_more_topics_than_it_may_and_the_next_one_goes_on)
{
    world_register (source, "source", NULL);
    for (int at = 0; at < 9000; at++) {
        char event [32];
        snprintf (event, sizeof event, "event-%d", at);
        s_published (source, "source", event, 0);
    }
    int64_t number = s_published (source, "source", "the-last", 0);
    size_t seen = 0;
    int pages = 0;
    char after [128] = "";
    do {
        pack_t arguments;
        pack_init (&arguments);
        pack_list (&arguments, 3);
        pack_str (&arguments, "source/");
        pack_int (&arguments, number - 1);
        pack_str (&arguments, after);
        world_ask (other, 0, "topics", &arguments);
        const hearth_value_t *page = mail_value (world_take (other, WIRE_REPLY));
        seen += hearth_value_size (hearth_value_get (page, "topics"));
        snprintf (after, sizeof after, "%s", hearth_value_str (hearth_value_get (page, "next")));
        pages++;
    } while (after [0]);
    cr_assert_eq (seen, 1);
    cr_assert_eq (pages, 3);
}
