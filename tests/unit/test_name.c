/*  test_name.c - the grammar of names, topics and prefixes (docs/protocol.md, sections 7.1 and 8.3) */
#include "hex.h"
#include "name.h"

#include <criterion/criterion.h>

//  Whether a predicate holds for a text that ends where its allocation does.
static bool holds (bool (*predicate) (const char *text, size_t size), const char *text)
{
    bytes_t copy = bytes_copy (text, strlen (text));
    return predicate ((const char *) copy.data, copy.size);
}

static const char *const names [] = {
    "a", "A", "0", "-", "_", "echo.server", "a.b.c", "0.1", "-.-._", "Echo-2_b.x", "hearth.Limit", "hearth"
};

static const char *const no_names [] = { "",   ".",   ".a",  "a.",   "a..b", "a b", " a",    "a/b",
                                         ":a", "a\n", "a:b", "a.b.", "ä",    "a%s", "a\x7f", "\x80",
                                         "..", "a.#", "a,b", "@",    "[",    "`",   "{",     "^" };

#define COUNT(list) (sizeof (list) / sizeof (list) [0])

Test (name, words_with_dots_between_them_are_names)
{
    for (size_t i = 0; i < COUNT (names); i++)
        cr_assert (holds (name_is_valid, names [i]), "'%s'", names [i]);
    for (size_t i = 0; i < COUNT (no_names); i++)
        cr_assert_not (holds (name_is_valid, no_names [i]), "'%s'", no_names [i]);
}

Test (name, a_byte_is_allowed_alone_if_it_is_a_letter_digit_dash_or_underscore)
{
    const char *allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int byte = 0; byte < 256; byte++) {
        char text = (char) byte;
        bool is_allowed = byte != 0 && strchr (allowed, byte);
        cr_assert_eq (name_is_valid (&text, 1), is_allowed, "byte %02x", (unsigned) byte);
    }
}

Test (name, a_zero_byte_ends_nothing)
{
    cr_assert_not (name_is_valid ("a\0b", 3));
    cr_assert_not (name_is_prefix ("a\0/", 3));
}

Test (name, names_have_at_most_255_bytes)
{
    char text [257];
    memset (text, 'n', sizeof text);
    cr_assert (name_is_valid (text, NAME_MAX_SIZE));
    cr_assert_not (name_is_valid (text, NAME_MAX_SIZE + 1));
    cr_assert_not (name_is_valid (NULL, 0));
}

Test (name, hearth_and_what_is_below_it_is_reserved)
{
    static const char *const reserved [] = { "hearth", "hearth.", "hearth.x", "hearth.a.b" };
    static const char *const free_names [] = { "",         "h",      "heart",    "hearths",
                                               "hearth-x", "Hearth", "x.hearth", "hearth/x" };
    for (size_t i = 0; i < COUNT (reserved); i++)
        cr_assert (holds (name_is_reserved, reserved [i]), "'%s'", reserved [i]);
    for (size_t i = 0; i < COUNT (free_names); i++)
        cr_assert_not (holds (name_is_reserved, free_names [i]), "'%s'", free_names [i]);
}

Test (name, unique_names_are_read_back_as_written)
{
    static const struct {
        uint64_t epoch;
        uint64_t session;
        const char *text;
    } cases [] = {
        { 0, 1, ":000000000000.1" },
        { UINT64_C (0x0123456789ab), 42, ":0123456789ab.42" },
        { UINT64_C (0xffffffffffff), UINT64_MAX, ":ffffffffffff.18446744073709551615" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        char text [UNIQUE_NAME_SIZE];
        uint64_t epoch, session;
        name_write_unique (text, cases [i].epoch, cases [i].session);
        cr_assert_str_eq (text, cases [i].text);
        cr_assert (name_is_unique (text, strlen (text), &epoch, &session));
        cr_assert_eq (epoch, cases [i].epoch);
        cr_assert_eq (session, cases [i].session);
        cr_assert (name_is_unique (text, strlen (text), NULL, NULL));
        cr_assert_not (holds (name_is_valid, text));
    }
}

Test (name, an_epoch_is_written_with_its_low_48_bits)
{
    char text [UNIQUE_NAME_SIZE];
    name_write_unique (text, UINT64_MAX, UINT64_MAX);
    cr_assert_str_eq (text, ":ffffffffffff.18446744073709551615");
}

Test (name, each_session_has_one_unique_name_only)
{
    static const char *const others [] = {
        "",
        ":",
        ":0123456789ab",
        ":0123456789ab.",
        ":0123456789ab.0",
        ":0123456789ab.01",
        ":0123456789ab.+1",
        ":0123456789ab.-1",
        ":0123456789ab. 1",
        ":0123456789ab.1 ",
        ":0123456789ab.1a",
        ":0123456789ab.18446744073709551616",
        ":0123456789ab.99999999999999999999",
        ":0123456789ab.100000000000000000000",
        ":0123456789AB.1",
        ":0123456789ag.1",
        ":123456789ab.1",
        ":00123456789ab.1",
        "0123456789ab.1",
        ":0123456789ab:1",
        "x0123456789ab.1",
    };
    for (size_t i = 0; i < COUNT (others); i++) {
        uint64_t epoch = 7, session = 7;
        bytes_t copy = bytes_copy (others [i], strlen (others [i]));
        cr_assert_not (name_is_unique ((char *) copy.data, copy.size, &epoch, &session), "'%s'", others [i]);
        cr_assert (epoch == 7 && session == 7);
    }
}

Test (name, prefixes_are_whole_topics_services_and_families)
{
    static const char *const prefixes [] = { "",
                                             "example.",
                                             "a.b.",
                                             "a/",
                                             "a.b/",
                                             "a/b/",
                                             "a.b/c.d/",
                                             ":0123456789ab.1/",
                                             "hearth/",
                                             "hearth/name/",
                                             ":0123456789ab.1/e/" };
    static const char *const others [] = { ".",
                                           "a",
                                           "a.b",
                                           "/",
                                           "//",
                                           "a//",
                                           "/a/",
                                           "a/b",
                                           "a./",
                                           ".a/",
                                           "a../",
                                           "a..",
                                           "a/b/c",
                                           "a/b/c/",
                                           "a/.",
                                           "a/b.",
                                           "a b/",
                                           ":/",
                                           ":0123456789ab.",
                                           ":0123456789ab.1",
                                           ":0123456789ab.1.",
                                           "*",
                                           "a/*/",
                                           ">" };
    for (size_t i = 0; i < COUNT (prefixes); i++)
        cr_assert (holds (name_is_prefix, prefixes [i]), "'%s'", prefixes [i]);
    for (size_t i = 0; i < COUNT (others); i++)
        cr_assert_not (holds (name_is_prefix, others [i]), "'%s'", others [i]);
}

Test (name, topics_are_split_into_service_and_event)
{
    static const struct {
        const char *topic;
        size_t service;
        size_t event;
    } cases [] = { { "a/b/", 1, 1 }, { "echo.server/said.it/", 11, 7 }, { ":0123456789ab.17/e/", 16, 1 } };
    for (size_t i = 0; i < COUNT (cases); i++) {
        bytes_t topic = bytes_copy (cases [i].topic, strlen (cases [i].topic));
        size_t service, event;
        cr_assert (name_split_topic ((char *) topic.data, topic.size, &service, &event), "'%s'", cases [i].topic);
        cr_assert_eq (service, cases [i].service);
        cr_assert_eq (event, cases [i].event);
    }
    static const char *const others [] = { "",      "/",      "//",    "///",
                                           "a",     "a/",     "a//",   "a/b",
                                           "/b/",   "a/b/c/", "a/b//", "a/b/c",
                                           "a./b/", "a/b./",  ":x/b/", "a/:0123456789ab.1/" };
    for (size_t i = 0; i < COUNT (others); i++) {
        bytes_t topic = bytes_copy (others [i], strlen (others [i]));
        size_t service = 7, event = 7;
        cr_assert_not (name_split_topic ((char *) topic.data, topic.size, &service, &event), "'%s'", others [i]);
        cr_assert (service == 7 && event == 7);
    }
}

Test (name, the_longest_topic_is_two_names_and_two_slashes)
{
    char topic [TOPIC_MAX_SIZE + 1];
    size_t service, event;
    memset (topic, 't', sizeof topic);
    topic [NAME_MAX_SIZE] = topic [TOPIC_MAX_SIZE - 1] = '/';
    cr_assert (name_split_topic (topic, TOPIC_MAX_SIZE, &service, &event));
    cr_assert (service == NAME_MAX_SIZE && event == NAME_MAX_SIZE);
    topic [TOPIC_MAX_SIZE - 1] = 't';
    topic [TOPIC_MAX_SIZE] = '/';
    cr_assert_not (name_split_topic (topic, TOPIC_MAX_SIZE + 1, &service, &event));
}
