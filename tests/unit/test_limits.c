/*  test_limits.c - the table of limits, and limits that are set from text */
#include "limits.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof (list) / sizeof (list) [0])
#define PROBLEM     160

Test (limits, each_row_makes_sense)
{
    for (int i = 0; i < LIMIT_COUNT; i++) {
        const limit_row_t *row = &limit_rows [i];
        cr_assert (row->least <= row->value && row->value <= row->most, "%s", row->option);
        cr_assert (*row->option && *row->text);
        for (int k = 0; k < i; k++)
            cr_assert_str_neq (row->option, limit_rows [k].option);
        if (row->kind == LIMIT_KIND_LIBRARY)
            cr_assert_eq (row->least, row->most, "%s", row->option);
        else
            cr_assert_lt (row->least, row->most, "%s", row->option);
    }
}

Test (limits, each_starts_with_its_default)
{
    limits_t limits;
    limits_init (&limits);
    for (int i = 0; i < LIMIT_COUNT; i++)
        cr_assert_eq (limits.value [i], limit_rows [i].value);
    cr_assert_eq (limits.value [LIMIT_MESSAGE], 1048576);
    cr_assert_eq (limits.value [LIMIT_NESTING], 32);
}

Test (limits, each_option_is_found_and_library_rows_are_none)
{
    for (int i = 0; i < LIMIT_COUNT; i++)
        cr_assert_eq (limits_find (limit_rows [i].option), limit_rows [i].kind == LIMIT_KIND_LIBRARY ? -1 : i);
    cr_assert_eq (limits_find (""), -1);
    cr_assert_eq (limits_find ("max-"), -1);
    cr_assert_eq (limits_find ("max-message "), -1);
    cr_assert_eq (limits_find ("--max-message"), -1);
}

static void assert_set (limit_id_t id, uint64_t value, const char *text)
{
    limits_t limits;
    char problem [PROBLEM] = "";
    limits_init (&limits);
    cr_assert_eq (limits_set (&limits, id, text, problem, sizeof problem), 0, "%s", problem);
    cr_assert_eq (limits.value [id], value, "%s: %" PRIu64, text, limits.value [id]);
    cr_assert_str_empty (problem);
}

static void assert_refused (limit_id_t id, const char *text, const char *expected)
{
    limits_t limits;
    char problem [PROBLEM] = "";
    limits_init (&limits);
    cr_assert_eq (limits_set (&limits, id, text, problem, sizeof problem), -1, "%s", text);
    cr_assert_eq (limits.value [id], limit_rows [id].value, "a refused value changes nothing");
    cr_assert_eq (strncmp (problem, limit_rows [id].option, strlen (limit_rows [id].option)), 0, "%s", problem);
    cr_assert_not_null (strstr (problem, expected), "%s", problem);
    cr_assert_null (strchr (problem, '\n'));
    cr_assert_neq (problem [strlen (problem) - 1], '.');
}

Test (limits, each_takes_its_bounds_and_nothing_beyond)
{
    for (int i = 0; i < LIMIT_COUNT; i++) {
        const limit_row_t *row = &limit_rows [i];
        char text [LIMITS_TEXT_SIZE];
        const uint64_t bounds [] = { row->least, row->most };
        for (size_t k = 0; k < COUNT (bounds); k++) {
            snprintf (text, sizeof text, "%" PRIu64, bounds [k]);
            assert_set ((limit_id_t) i, bounds [k], text);
            limits_format (text, row->unit, bounds [k]);
            assert_set ((limit_id_t) i, bounds [k], text);
        }
        snprintf (text, sizeof text, "%" PRIu64, row->most + 1);
        assert_refused ((limit_id_t) i, text, "is outside");
        if (row->least > 0) {
            snprintf (text, sizeof text, "%" PRIu64, row->least - 1);
            assert_refused ((limit_id_t) i, text, "is outside");
        }
    }
}

Test (limits, suffixes_are_read_by_unit)
{
    static const struct {
        limit_id_t id;
        const char *text;
        uint64_t value;
    } cases [] = {
        { LIMIT_MESSAGE, "4096", 4096 },     { LIMIT_MESSAGE, "64k", 65536 },
        { LIMIT_MESSAGE, "2M", 2097152 },    { LIMIT_MESSAGE, "1G", 1073741824 },
        { LIMIT_DEADLINE, "1000", 1000 },    { LIMIT_DEADLINE, "1500ms", 1500 },
        { LIMIT_DEADLINE, "90s", 90000 },    { LIMIT_DEADLINE, "10m", 600000 },
        { LIMIT_DEADLINE, "24h", 86400000 }, { LIMIT_NAMES, "17", 17 },
        { LIMIT_NAMES, "00017", 17 },        { LIMIT_QUEUE, "0", 0 },
        { LIMIT_QUEUE_BYTES, "0k", 0 },      { LIMIT_MEMORY, "1024G", UINT64_C (1) << 40 },
    };
    for (size_t i = 0; i < COUNT (cases); i++)
        assert_set (cases [i].id, cases [i].value, cases [i].text);
}

Test (limits, what_is_no_such_value_is_refused_with_a_sentence)
{
    static const struct {
        limit_id_t id;
        const char *text;
        const char *problem;
    } cases [] = {
        { LIMIT_MESSAGE, "", "takes a number of bytes" },
        { LIMIT_MESSAGE, "k", "takes a number of bytes" },
        { LIMIT_MESSAGE, "1m", "takes a number of bytes" },
        { LIMIT_MESSAGE, "1 M", "takes a number of bytes" },
        { LIMIT_MESSAGE, " 4096", "takes a number of bytes" },
        { LIMIT_MESSAGE, "4096\n", "takes a number of bytes" },
        { LIMIT_MESSAGE, "+4096", "takes a number of bytes" },
        { LIMIT_MESSAGE, "-1", "takes a number of bytes" },
        { LIMIT_MESSAGE, "0x1000", "takes a number of bytes" },
        { LIMIT_MESSAGE, "1.5M", "takes a number of bytes" },
        { LIMIT_MESSAGE, "1MB", "takes a number of bytes" },
        { LIMIT_MESSAGE, "many", "not \"many\"" },
        { LIMIT_MESSAGE, "1k", "goes from 4k to 1G, and 1k is outside" },
        { LIMIT_MESSAGE, "18446744073709551616", "is outside" },
        { LIMIT_MESSAGE, "18446744073709617152", "is outside" },
        { LIMIT_MESSAGE, "18446744073709551615G", "is outside" },
        { LIMIT_MESSAGE, "18014398509482048k", "is outside" },
        { LIMIT_MESSAGE, "99999999999999999999999999999999", "is outside" },
        { LIMIT_MEMORY, "17179869185G", "is outside" },
        { LIMIT_DEADLINE, "1d", "takes a time" },
        { LIMIT_DEADLINE, "1M", "takes a time" },
        { LIMIT_DEADLINE, "25h", "goes from 1s to 24h, and 25h is outside" },
        { LIMIT_DEADLINE, "5124095576031h", "is outside" },
        { LIMIT_NAMES, "1k", "takes a number, not \"1k\"" },
        { LIMIT_NESTING, "33", "goes from 1 to 32, and 33 is outside" },
    };
    for (size_t i = 0; i < COUNT (cases); i++)
        assert_refused (cases [i].id, cases [i].text, cases [i].problem);
}

Test (limits, a_sentence_is_cut_to_the_room_for_it)
{
    limits_t limits;
    limits_init (&limits);
    char text [1001], problem [PROBLEM];
    memset (text, 'x', sizeof text - 1);
    text [sizeof text - 1] = '\0';
    for (size_t size = 1; size <= sizeof problem; size++) {
        memset (problem, '!', sizeof problem);
        cr_assert_eq (limits_set (&limits, LIMIT_MESSAGE, text, problem, size), -1);
        cr_assert_lt (strnlen (problem, size), size);
        cr_assert (size == sizeof problem || problem [size] == '!');
    }
}

Test (limits, values_are_shown_in_their_largest_unit)
{
    static const struct {
        limit_unit_t unit;
        uint64_t value;
        const char *text;
    } cases [] = {
        { LIMIT_UNIT_COUNT, 0, "0" },
        { LIMIT_UNIT_COUNT, 1048576, "1048576" },
        { LIMIT_UNIT_COUNT, UINT64_MAX, "18446744073709551615" },
        { LIMIT_UNIT_BYTES, 0, "0" },
        { LIMIT_UNIT_BYTES, 1023, "1023" },
        { LIMIT_UNIT_BYTES, 1024, "1k" },
        { LIMIT_UNIT_BYTES, 1536, "1536" },
        { LIMIT_UNIT_BYTES, 1048576, "1M" },
        { LIMIT_UNIT_BYTES, UINT64_C (1) << 40, "1024G" },
        { LIMIT_UNIT_MS, 0, "0" },
        { LIMIT_UNIT_MS, 250, "250ms" },
        { LIMIT_UNIT_MS, 1000, "1s" },
        { LIMIT_UNIT_MS, 1001, "1001ms" },
        { LIMIT_UNIT_MS, 90000, "90s" },
        { LIMIT_UNIT_MS, 120000, "2m" },
        { LIMIT_UNIT_MS, 86400000, "24h" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        char text [LIMITS_TEXT_SIZE];
        limits_format (text, cases [i].unit, cases [i].value);
        cr_assert_str_eq (text, cases [i].text);
    }
}
