/*  test_text.c - values as text, and the formats that it is made of: UTF-8, numbers, times
*/
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "number.h"
#include "text.h"
#include "timestamp.h"
#include "utf8.h"
#include "values.h"

#define PRINTS_AS(bytes, expected)                                                                                   \
    do {                                                                                                             \
        DECODED one = DECODE (bytes);                                                                                \
        prints_as (one->value, expected);                                                                            \
    } while (0)

//  ---- values ----

Test (text, plain_values_are_json)
{
    PRINTS_AS ("\xc0", "null");
    PRINTS_AS ("\xc3", "true");
    PRINTS_AS ("\xc2", "false");
    PRINTS_AS ("\x2a", "42");
    PRINTS_AS ("\xd3\x80\0\0\0\0\0\0\0", "-9223372036854775808");
    PRINTS_AS ("\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615");
    PRINTS_AS ("\xcb\x40\x04\0\0\0\0\0\0", "2.5");
    PRINTS_AS ("\xa4HOLA", "\"HOLA\"");
    PRINTS_AS ("\x90", "[]");
    PRINTS_AS ("\x80", "{}");
    PRINTS_AS ("\x93\x01\xa1"
               "b\x91\xc0",
               "[1, \"b\", [null]]");
    PRINTS_AS ("\x82\xa1"
               "a\x01\xa1"
               "b\x80",
               "{\"a\": 1, \"b\": {}}");
    prints_as (NULL, "null");
}

Test (text, what_json_does_not_know_has_a_notation)
{
    PRINTS_AS ("\xc4\x02\x0a\xfb", "h'0afb'");
    PRINTS_AS ("\xc4\x00", "h''");
    PRINTS_AS ("\xd6\xff\0\0\0\0", "1970-01-01T00:00:00Z");
    PRINTS_AS ("\x81\x01\x02", "{1: 2}");
    PRINTS_AS ("\xd4\x05\x0a", "ext(5, h'0a')");
    PRINTS_AS ("\xc7\x00\x80", "ext(-128, h'')");
    PRINTS_AS ("\xc7\x0c\xff\0\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", "ext(-1, h'000000007fffffffffffffff')");
}

Test (text, nothing_reaches_a_terminal_raw)
{
    PRINTS_AS ("\xa3\"\\/", "\"\\\"\\\\/\"");
    PRINTS_AS ("\xa5\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
    PRINTS_AS ("\xa4\0\x1b[m", "\"\\u0000\\u001b[m\"");
    PRINTS_AS ("\xa1\x7f", "\"\\u007f\"");
    PRINTS_AS ("\xa2\xc2\x9b", "\"\\u009b\"");      //  CSI as a single character
    PRINTS_AS ("\xa3\xe2\x80\xae", "\"\\u202e\"");  //  right-to-left override
    PRINTS_AS ("\xa3\xe2\x80\xa8", "\"\\u2028\"");  //  line separator
    PRINTS_AS ("\xa3"
               "a\xff"
               "b",
               "\"a\\xffb\"");            //  no UTF-8
    PRINTS_AS ("\xa1\x9b", "\"\\x9b\"");  //  CSI as a single byte
    PRINTS_AS ("\xa9\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\xa5", "\"é€🔥\"");
    PRINTS_AS ("\x81\xa1\n\x01", "{\"\\n\": 1}");
}

Test (text, every_byte_alone_is_shown_as_printable_text)
{
    for (int byte = 0; byte < 256; byte++) {
        char bytes [] = { '\xa1', (char) byte };
        DECODED one = decode (bytes, 2);
        char *text = hearth_value_text (one->value);
        cr_assert (text);
        for (const char *at = text; *at; at++)
            cr_assert (*at >= 0x20 && *at < 0x7f, "byte %d is shown as %d", byte, *at);
        free (text);
    }
}

Test (text, an_excerpt_is_quoted_and_cut)
{
    char quoted [TEXT_QUOTED_SIZE];
    cr_assert_str_eq (text_quote (quoted, "a\nb", 3), "\"a\\nb\"");
    cr_assert_str_eq (text_quote (quoted, "", 0), "\"\"");
    char longer [300];
    for (size_t size = 0; size < sizeof longer; size++) {
        memset (longer, size % 2 ? 'x' : '\n', size);
        text_quote (quoted, longer, size);
        cr_assert_lt (strlen (quoted), TEXT_QUOTED_SIZE);
        cr_assert (utf8_is_valid (quoted, strlen (quoted)));
        cr_assert_eq (quoted [strlen (quoted) - 1], '"');
        cr_assert_eq (strstr (quoted, "…") != NULL, size > (size % 2 ? 74 : 37), "%zu %s", size, quoted);
    }
}

Test (text, a_sentence_is_cut_between_characters)
{
    char problem [8];
    text_problem (problem, sizeof problem, "%s", "aaaaaa€");
    cr_assert_str_eq (problem, "aaaaaa");
    text_problem (problem, sizeof problem, "%s", "aaaa€");
    cr_assert_str_eq (problem, "aaaa€");
    text_problem (problem, sizeof problem, "%s", "🔥🔥");
    cr_assert_str_eq (problem, "🔥");
    text_problem (NULL, 0, "%s", "nobody reads it");
}

//  ---- floats ----

static void writes_float (double value, const char *expected)
{
    char text [NUMBER_SIZE];
    number_write_float (value, text);
    cr_assert_str_eq (text, expected);
}

Test (number, floats_are_short_and_never_look_like_ints)
{
    writes_float (0.0, "0.0");
    writes_float (-0.0, "-0.0");
    writes_float (2.0, "2.0");
    writes_float (0.1, "0.1");
    writes_float (-1.5, "-1.5");
    writes_float (1e22, "1e+22");
    writes_float (1e15, "1e+15");
    writes_float (123456789012345.0, "123456789012345.0");
    writes_float (0.1 + 0.2, "0.30000000000000004");
    writes_float (NAN, "nan");
    writes_float (INFINITY, "inf");
    writes_float (-INFINITY, "-inf");
}

Test (number, floats_read_back_as_they_were)
{
    static const double values [] = { 0.0,     -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
                                      1.0 / 3, M_PI, -1e-7,  9007199254740993.0 };
    uint64_t state = 1;
    for (size_t i = 0; i < 5000; i++) {
        double value, again;
        state = state * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);  //  Knuth's MMIX
        memcpy (&value, &state, sizeof value);
        if (i < sizeof values / sizeof values [0])
            value = values [i];
        if (!isfinite (value))
            continue;
        char text [NUMBER_SIZE];
        number_write_float (value, text);
        cr_assert (number_read_float (text, strlen (text), &again), "%s", text);
        cr_assert_arr_eq (&again, &value, sizeof value, "%s", text);
    }
}

Test (number, the_locale_does_not_matter)
{
    static const char *const names [] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE" };
    for (size_t i = 0; i < sizeof names / sizeof names [0] && strcmp (localeconv ()->decimal_point, ",") != 0; i++)
        setlocale (LC_ALL, names [i]);
    if (strcmp (localeconv ()->decimal_point, ",") != 0)
        cr_skip_test ("no locale with a decimal comma is installed");
    writes_float (0.5, "0.5");
    double value;
    cr_assert (number_read_float ("0.5", 3, &value));
    cr_assert_float_eq (value, 0.5, 0);
    cr_assert_str_eq (localeconv ()->decimal_point, ",");
}

Test (number, what_is_no_json_number_is_refused)
{
    static const char *const bad [] = { "",     "-",        "+1",    ".5",    "1.",  "1e",   "1e+",
                                        "0x10", "01",       "1_0",   " 1",    "1 ",  "1.5.", "--1",
                                        "NaN",  "infinity", "1e999", "0x1p3", "1,5", "-nan", "- 1" };
    double value;
    for (size_t i = 0; i < sizeof bad / sizeof bad [0]; i++)
        cr_assert (!number_read_float (bad [i], strlen (bad [i]), &value), "%s", bad [i]);
}

Test (number, ints_keep_their_whole_range)
{
    static const struct {
        const char *text;
        uint64_t value;
        bool good;
        bool negative;
    } cases [] = {
        { "0", 0, true, false },
        { "-0", 0, true, false },
        { "18446744073709551615", UINT64_MAX, true, false },
        { "18446744073709551616", 0, false, false },
        { "-9223372036854775808", UINT64_C (0x8000000000000000), true, true },
        { "-9223372036854775809", 0, false, false },
        { "99999999999999999999999", 0, false, false },
        { "-1", UINT64_MAX, true, true },
        { "007", 0, false, false },
        { "1.0", 0, false, false },
        { "", 0, false, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        uint64_t value;
        bool negative;
        bool good = number_read_int (cases [i].text, strlen (cases [i].text), &value, &negative);
        cr_assert_eq (good, cases [i].good, "%s", cases [i].text);
        if (!good)
            continue;
        cr_assert_eq (value, cases [i].value, "%s", cases [i].text);
        cr_assert_eq (negative, cases [i].negative, "%s", cases [i].text);
    }
}

//  ---- times ----

static bool read_time (const char *text, msgpack_timestamp *timestamp)
{
    return timestamp_read (text, strlen (text), timestamp);
}

Test (timestamp, times_are_written_with_the_digits_they_need)
{
    static const struct {
        int64_t seconds;
        uint32_t nanoseconds;
        const char *text;
    } cases [] = {
        { 0, 0, "1970-01-01T00:00:00Z" },
        { 951782400, 500000000, "2000-02-29T00:00:00.5Z" },
        { -1, 999999999, "1969-12-31T23:59:59.999999999Z" },
        { 1, 10, "1970-01-01T00:00:01.00000001Z" },
        { INT64_C (-62167219200), 0, "0000-01-01T00:00:00Z" },
        { INT64_C (253402300799), 999999999, "9999-12-31T23:59:59.999999999Z" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        msgpack_timestamp timestamp = { cases [i].seconds, cases [i].nanoseconds };
        char text [TIMESTAMP_SIZE];
        cr_assert (timestamp_write (&timestamp, text));
        cr_assert_str_eq (text, cases [i].text);
        cr_assert (read_time (text, &timestamp));
        cr_assert_eq (timestamp.tv_sec, cases [i].seconds, "%s", text);
        cr_assert_eq (timestamp.tv_nsec, cases [i].nanoseconds, "%s", text);
    }
}

Test (timestamp, years_beyond_four_digits_are_not_written)
{
    char text [TIMESTAMP_SIZE];
    static const int64_t seconds [] = { INT64_C (253402300800), INT64_C (-62167219201), INT64_MAX, INT64_MIN };
    for (size_t i = 0; i < sizeof seconds / sizeof seconds [0]; i++)
        cr_assert (!timestamp_write (&(msgpack_timestamp){ .tv_sec = seconds [i] }, text));
}

Test (timestamp, offsets_are_taken_off)
{
    msgpack_timestamp timestamp;
    cr_assert (read_time ("1970-01-01T01:30:00+01:30", &timestamp));
    cr_assert_eq (timestamp.tv_sec, 0);
    cr_assert (read_time ("1969-12-31t23:00:00.25-01:00", &timestamp));
    cr_assert_eq (timestamp.tv_sec, 0);
    cr_assert_eq (timestamp.tv_nsec, 250000000);
}

Test (timestamp, what_is_no_time_is_refused)
{
    static const char *const bad [] = {
        "",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-00-01T00:00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-01-00T00:00:00Z",
        "1970-02-30T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.0000000001Z",
        "1970-01-01T00:00:00Zx",
        "1970-01-01T00:00:00+1:00",
        "1970-01-01T00:00:00+24:00",
        "70-01-01T00:00:00Z",
    };
    msgpack_timestamp timestamp;
    for (size_t i = 0; i < sizeof bad / sizeof bad [0]; i++)
        cr_assert (!read_time (bad [i], &timestamp), "%s", bad [i]);
}

//  ---- UTF-8 ----

Test (utf8, well_formed_text_is_accepted)
{
    static const char *const good [] = {
        "",
        "a",
        "eight by",
        "more than eight bytes",
        "é",
        "€",
        "🔥",
        "12345678é",
        "1234567é",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
    };
    for (size_t i = 0; i < sizeof good / sizeof good [0]; i++)
        cr_assert (utf8_is_valid (good [i], strlen (good [i])), "case %zu", i);
    cr_assert (utf8_is_valid ("a\0b", 3));
}

Test (utf8, ill_formed_text_is_refused_wherever_it_stands)
{
    static const char *const bad [] = {
        "\x80",      //  a continuation alone
        "\xc0\x80",  //  overlong
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",  //  a surrogate
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80",  //  above U+10FFFF
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3",  //  cut off
        "\xe2\x82",
        "\xf0\x9f\x94",
        "\xe2\x28\xa1",  //  a wrong continuation
        "\xf0\x9f\x28\xa5",
        "\xf0\x9f\x94\x28",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad [0]; i++)
        for (size_t before = 0; before < 18; before++) {
            char text [32] = "";
            memset (text, 'a', before);
            strcpy (text + before, bad [i]);
            cr_assert (!utf8_is_valid (text, strlen (text)), "case %zu, %zu before", i, before);
            strcat (text, "12345678");
            cr_assert (!utf8_is_valid (text, strlen (text)), "case %zu, %zu before and some behind", i, before);
        }
}

Test (utf8, every_character_reads_back_as_it_was_written)
{
    for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point++) {
        char text [4];
        if (code_point >= 0xd800 && code_point <= 0xdfff)
            continue;
        uint32_t again = 0;
        size_t size = utf8_write (code_point, text);
        bool good = utf8_read (text, size, &again) == size && again == code_point;
        if (!good)  //  an assertion for each would take seconds
            cr_assert (good, "U+%04X", code_point);
    }
}
