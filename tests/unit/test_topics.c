/*  test_topics.c - numbers, histories and what is forgotten first */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "topics.h"

#define EPOCH 77

static const uint8_t hash_key [16] = { 7 };
static topics_t topics;
static const char *owned;  //  the service that has an owner

static bool s_is_owned (void *context, span_t service)
{
    (void) context;
    return owned && span_equals (service, owned);
}

static void s_start (uint64_t most, uint64_t history, uint64_t history_bytes)
{
    limits_t limits;
    limits_init (&limits);
    limits.value [LIMIT_TOPICS] = most;
    limits.value [LIMIT_HISTORY] = history;
    limits.value [LIMIT_HISTORY_BYTES] = history_bytes;
    owned = NULL;
    topics_init (&topics, &limits, EPOCH, hash_key, s_is_owned, NULL);
}

static published_t s_try (const char *service, const char *event, bool retained, uint64_t *number)
{
    blob_t *blob;
    wire_note_t note;
    publication_t publication = { SPAN (service), SPAN (event), { "\xc0", 1 }, retained, true, 1000 };
    published_t published = topics_publish (&topics, &publication, &blob, &note);
    if (published != PUBLISHED)
        return published;
    *number = note.topic_number;
    blob_unref (blob);
    return PUBLISHED;
}

static uint64_t s_publish (const char *service, const char *event)
{
    uint64_t number;
    cr_assert_eq (s_try (service, event, false, &number), PUBLISHED);
    return number;
}

static topic_t *s_topic (const char *name)
{
    return topics_find (&topics, SPAN (name));
}

static wire_note_t s_note (const topic_t *topic, uint64_t number)
{
    wire_note_t note;
    blob_t *blob = topic_note (topic, number);
    cr_assert (blob, "number %d is remembered", (int) number);
    cr_assert (wire_read_note (&note, blob_data (blob), blob_size (blob)));
    return note;
}

Test (topics, a_topic_s_numbers_have_no_gap_and_all_share_the_broker_s)
{
    s_start (100, 10, 10000);
    cr_assert_eq (s_publish ("a", "x"), 1);
    cr_assert_eq (s_publish ("b", "x"), 2, "a topic begins at the broker's number");
    cr_assert_eq (s_publish ("a", "x"), 2);
    cr_assert_eq (s_publish ("a", "x"), 3);
    cr_assert_eq (topics.number, 4);
    wire_note_t note = s_note (s_topic ("a/x/"), 3);
    cr_assert_eq (note.epoch, EPOCH);
    cr_assert_eq (note.number, 4);
    cr_assert_eq (note.topic_first, 1);
    cr_assert (span_equals (note.topic, "a/x/"));
    topics_clear (&topics);
    cr_assert_eq (topics.bytes, 0);
    cr_assert_eq (topics.records, 0);
}

Test (topics, a_history_keeps_the_last_ones_whatever_its_length)
{
    for (uint64_t history = 0; history < 12; history++) {
        s_start (100, history, 10000);
        for (uint64_t count = 1; count <= 30; count++) {
            s_publish ("a", "x");
            const topic_t *topic = s_topic ("a/x/");
            uint64_t kept = count < history ? count : history;
            cr_assert_eq (topic_oldest (topic), count + 1 - kept);
            cr_assert_null (topic_note (topic, count - kept));
            cr_assert_null (topic_note (topic, count + 1));
            for (uint64_t number = count + 1 - kept; number <= count; number++)
                cr_assert_eq (s_note (topic, number).topic_number, number);
        }
        topics_clear (&topics);
        cr_assert_eq (topics.bytes, 0);
    }
}

Test (topics, a_last_value_is_there_while_its_event_is_declared_so)
{
    uint64_t number;
    s_start (100, 0, 0);
    s_try ("a", "x", true, &number);
    s_try ("a", "x", true, &number);
    cr_assert_eq (s_note (s_topic ("a/x/"), 2).topic_number, 2);
    cr_assert_null (topic_note (s_topic ("a/x/"), 1));
    s_try ("a", "x", false, &number);
    cr_assert_null (topic_note (s_topic ("a/x/"), 3));
    cr_assert_eq (topics.bytes, 0);
    topics_clear (&topics);
}

Test (topics, when_there_are_too_many_the_one_published_longest_ago_without_an_owner_is_forgotten)
{
    uint64_t number;
    s_start (3, 10, 10000);
    s_publish ("a", "x");
    s_publish ("b", "x");
    s_publish ("c", "x");
    s_publish ("b", "x");
    owned = "a";
    s_publish ("d", "x");
    cr_assert (s_topic ("a/x/"), "it has an owner");
    cr_assert_null (s_topic ("c/x/"));
    cr_assert (s_topic ("b/x/"), "it was published later");
    owned = "e";
    s_publish ("e", "1");
    s_publish ("e", "2");
    s_publish ("e", "3");
    cr_assert_eq (s_try ("f", "x", false, &number), PUBLISH_LIMIT);
    cr_assert_eq (s_try ("hearth", "name", false, &number), PUBLISHED, "the directory's own are always there");
    topics_clear (&topics);
}

Test (topics, a_topic_that_comes_back_begins_where_its_old_numbers_cannot_be)
{
    s_start (1, 10, 10000);
    for (int at = 0; at < 5; at++)
        s_publish ("a", "x");
    s_publish ("b", "x");
    cr_assert_null (s_topic ("a/x/"));
    cr_assert_eq (s_publish ("a", "x"), 7);
    cr_assert_eq (s_topic ("a/x/")->first, 7);
    topics_clear (&topics);
}

Test (topics, histories_are_forgotten_oldest_first_and_only_as_many_as_needed)
{
    uint64_t number;
    s_start (100, 10, 10000);
    s_publish ("a", "x");
    s_try ("b", "x", true, &number);
    s_publish ("c", "x");
    s_publish ("a", "x");
    size_t all = topics.bytes;
    topics_shrink (&topics, all);
    cr_assert_eq (topics.bytes, all);
    topics_shrink (&topics, all - 1);
    cr_assert_eq (s_topic ("b/x/")->count, 0, "published longest ago");
    cr_assert (topic_note (s_topic ("b/x/"), number), "but the last value stays");
    cr_assert_eq (s_topic ("a/x/")->count, 2);
    topics_shrink (&topics, 0);
    cr_assert_eq (s_topic ("a/x/")->count + s_topic ("c/x/")->count, 0);
    cr_assert_gt (topics.bytes, 0);
    cr_assert_eq (s_publish ("a", "x"), 3, "numbers go on");
    topics_clear (&topics);
    cr_assert_eq (topics.bytes, 0);
}

Test (topics, a_marker_carries_the_last_number_and_no_topic_s)
{
    s_start (100, 10, 10000);
    s_publish ("a", "x");
    blob_t *blob = topics_marker (&topics, SPAN ("a/"), 5);
    wire_note_t note;
    cr_assert (wire_read_note (&note, blob_data (blob), blob_size (blob)));
    cr_assert (span_equals (note.topic, "a/"));
    cr_assert_eq (note.number, 1);
    cr_assert_eq (note.topic_number, 0);
    cr_assert_eq (note.topic_first, 0);
    cr_assert_eq (note.body_size, 0);
    blob_unref (blob);
    topics_clear (&topics);
}
