/*  test_core_notifications.c - publishing, numbers, markers, and the directory's own events */

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

TestSuite (core_notifications, .init = s_setup, .fini = s_teardown);

//  The next notification of a topic; the others are passed over.
static bool s_next (const char *topic, wire_note_t *note)
{
    while (world_take_published (&world, note))
        if (span_equals (note->topic, topic))
            return true;
    return false;
}

static int64_t s_published (link_t *from, const char *service, const char *event, int value)
{
    world_publish (from, 0, service, event, value);
    const mail_t *mail = world_take (from, WIRE_REPLY);
    cr_assert_eq (mail->wire.code, 0);
    return hearth_value_int (mail_value (mail));
}

Test (core_notifications, a_topic_s_numbers_have_no_gaps_and_begin_at_the_broker_s_number)
{
    world_register (source, "source", NULL);
    wire_note_t note;
    uint64_t first = 0, number = 0;
    for (int at = 0; at < 5; at++) {
        int64_t answered = s_published (source, "source", "event", at);
        s_published (source, "source", "noise", at);
        cr_assert (s_next ("source/event/", &note));
        if (at == 0) {
            first = note.topic_first;
            cr_assert_eq (note.number, first);
        }
        cr_assert_eq (note.epoch, WORLD_EPOCH);
        cr_assert_eq (note.topic_first, first);
        cr_assert_eq (note.topic_number, first + (uint64_t) at);
        cr_assert_eq ((uint64_t) answered, note.topic_number);
        cr_assert_gt (note.number, number);
        number = note.number;
        cr_assert_eq (note.body_size, 1);
        cr_assert_eq (note.body [0], at);
    }
}

Test (core_notifications, only_owners_publish_under_a_name)
{
    world_register (source, "source", NULL);
    world_publish (other, 0, "source", "event", 1);
    const mail_t *mail = world_take (other, WIRE_REPLY);
    cr_assert_eq (mail->wire.code, HEARTH_PERMISSION_DENIED);
    world_publish (other, 0, "hearth", "name", 1);
    cr_assert_eq (world_take (other, WIRE_REPLY)->wire.code, HEARTH_PERMISSION_DENIED);
    world_publish (other, 0, "source", "bad event", 1);
    cr_assert_eq (world_take (other, WIRE_REPLY)->wire.code, HEARTH_INVALID_ARGUMENT);
    wire_note_t note;
    cr_assert_not (s_next ("source/event/", &note));
    s_published (other, world_name (&world, other), "event", 1);
}

Test (core_notifications, a_subscription_is_answered_by_one_marker_a_prefix_and_turn)
{
    world_register (source, "source", NULL);
    s_published (source, "source", "event", 1);
    wire_note_t note;
    while (world_take_published (&world, &note))
        ;
    uint64_t number = note.number;
    static const char *const prefixes [] = { "source/event/", "source/",    "exa.",         "",
                                             "source/event/", "bad prefix", "source/event", "/" };
    for (size_t at = 0; at < sizeof prefixes / sizeof prefixes [0]; at++)
        world_subscribe (&world, prefixes [at]);
    core_turn_end (world.core, world.now_ms);
    int markers = 0;
    while (world_take_published (&world, &note)) {
        cr_assert_eq (note.topic_number, 0);
        cr_assert_eq (note.number, number);
        cr_assert_eq (note.body_size, 0);
        markers++;
    }
    cr_assert_eq (markers, 4);
    cr_assert_eq (world_stat (&world, "dropped", "subscriptions"), 3);
}

Test (core_notifications, a_topic_that_was_forgotten_comes_back_with_another_first)
{
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_TOPICS] = 16;
    world_start (&world);
    source = other = world_peer (&world);
    link_t *brief = world_peer (&world);
    world_register (brief, "brief", NULL);
    int64_t first = s_published (brief, "brief", "event", 0);
    world_leave (&world, brief);
    world_register (source, "source", NULL);
    for (int at = 0; at < 13; at++) {
        char event [16];
        snprintf (event, sizeof event, "event-%d", at);
        s_published (source, "source", event, at);
    }
    s_published (source, "source", "one-more", 0);
    world_register (source, "brief", NULL);
    world_publish (source, 0, "brief", "event", 0);
    cr_assert_eq (world_take (source, WIRE_REPLY)->wire.code, HEARTH_RESOURCE_EXHAUSTED,
                  "topics whose service has an owner stay");

    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 1);
    pack_str (&arguments, "source");
    world_ask (source, 0, "unregister", &arguments);
    world_take (source, WIRE_REPLY);
    wire_note_t note;
    while (world_take_published (&world, &note))
        ;
    s_published (source, "brief", "event", 0);
    cr_assert (s_next ("brief/event/", &note));
    cr_assert_eq (note.topic_first, note.number);
    cr_assert_gt (note.topic_number, (uint64_t) first);
}

Test (core_notifications, names_and_sessions_are_told_as_they_come_and_go)
{
    wire_note_t note;
    world_register (source, "name", NULL);
    world_leave (&world, source);
    static const char *const changes [] = { "appeared", "went" };
    for (int at = 0; at < 2; at++) {
        const mail_t *mail = world_take_published (&world, &note);
        while (mail && !span_equals (note.topic, "hearth/name/"))
            mail = world_take_published (&world, &note);
        cr_assert (mail);
        char text [128];
        snprintf (text, sizeof text, "%.*s", (int) note.body_size, (const char *) note.body);
        cr_assert (memmem (note.body, note.body_size, changes [at], strlen (changes [at])));
    }
    cr_assert (s_next ("hearth/session/", &note));
    cr_assert (memmem (note.body, note.body_size, "went", 4));
}

Test (core_notifications, an_answer_s_number_covers_the_event_of_what_it_tells)
{
    wire_note_t note;
    world_register (source, "name", NULL);
    while (world_take_published (&world, &note))
        ;
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 1);
    pack_str (&arguments, "name");
    world_ask (other, 0, "lookup", &arguments);
    cr_assert_eq (hearth_value_uint (hearth_value_get (mail_value (world_take (other, WIRE_REPLY)), "number")),
                  note.number);
}

Test (core_notifications, the_directory_s_events_are_told_however_many_topics_there_are)
{
    world_end (&world);
    world_init (&world);
    world.limits.value [LIMIT_TOPICS] = 16;
    world_start (&world);
    source = other = world_peer (&world);
    for (int at = 0; at < 20; at++) {
        char event [16];
        snprintf (event, sizeof event, "event-%d", at);
        world_publish (source, 0, world_name (&world, source), event, at);
        world_take (source, WIRE_REPLY);
    }
    world_register (source, "source", NULL);
    wire_note_t note;
    cr_assert (s_next ("hearth/name/", &note));
}
