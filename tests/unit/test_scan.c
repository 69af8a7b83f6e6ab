/*  test_scan.c - msgpack is walked within its bounds */
#include "hex.h"
#include "scan.h"

#include <criterion/criterion.h>

//  One value of each form, at its shortest and with content.
static const char *const values [] = {
    "00",
    "7f",
    "80",
    "81 a1 'k' c0",
    "8f 00x30",
    "90",
    "91 c0",
    "9f c0x15",
    "a0",
    "a3 'abc'",
    "bf 'x' 20x30",
    "c0",
    "c2",
    "c3",
    "c4 00",
    "c4 02 ff ff",
    "c5 00 01 ff",
    "c6 00 00 00 01 ff",
    "c7 00 05",
    "c7 03 05 00x3",
    "c8 00 01 05 00",
    "c9 00 00 00 01 05 00",
    "ca 00x4",
    "cb 00x8",
    "cc ff",
    "cd ffx2",
    "ce ffx4",
    "cf ffx8",
    "d0 80",
    "d1 80 00",
    "d2 80 00x3",
    "d3 80 00x7",
    "d4 01 00",
    "d5 01 00x2",
    "d6 ff 00x4",
    "d7 ff 00x8",
    "d8 01 00x16",
    "d9 00",
    "d9 01 'a'",
    "da 00 02 'ab'",
    "db 00 00 00 03 'abc'",
    "dc 00 00",
    "dc 00 02 c0x2",
    "dd 00 00 00 00",
    "dd 00 00 00 01 93 01 02 03",
    "de 00 00",
    "de 00 01 a1 'k' 01",
    "df 00 00 00 00",
    "df 00 00 00 02 01 02 03 04",
    "e0",
    "ff",
    "93 81 a1 'a' 91 c0 92 90 80 c4 01 00",
};

#define VALUES (sizeof values / sizeof values [0])

Test (scan, each_form_is_measured_exactly)
{
    for (size_t i = 0; i < VALUES; i++) {
        bytes_t value = hex (values [i]);
        cr_assert_eq (scan_value (value.data, value.size, SCAN_NESTING), value.size, "%s", values [i]);
        cr_assert (scan_is_one (value.data, value.size), "%s", values [i]);
    }
}

Test (scan, what_follows_a_value_is_not_looked_at)
{
    for (size_t i = 0; i < VALUES; i++) {
        bytes_t value = hex (values [i]);
        size_t size = value.size;
        bytes_add (&value, 0xc1, 3);
        cr_assert_eq (scan_value (value.data, value.size, SCAN_NESTING), size, "%s", values [i]);
        cr_assert_not (scan_is_one (value.data, value.size), "%s", values [i]);
    }
}

Test (scan, a_value_that_is_cut_off_anywhere_is_none)
{
    for (size_t i = 0; i < VALUES; i++) {
        bytes_t value = hex (values [i]);
        for (size_t size = 0; size < value.size; size++) {
            bytes_t start = bytes_copy (value.data, size);
            cr_assert_eq (scan_value (start.data, size, SCAN_NESTING), 0, "%s cut at %zu", values [i], size);
        }
    }
}

Test (scan, every_lead_byte_but_one_begins_a_value)
{
    for (unsigned lead = 0; lead < 256; lead++) {
        bytes_t value = { NULL, 0 };
        bytes_add (&value, (uint8_t) lead, 1);
        bytes_add (&value, 0, 64);
        size_t size = scan_value (value.data, value.size, SCAN_NESTING);
        cr_assert_eq (size == 0, lead == 0xc1, "lead byte %02x", lead);
    }
}

Test (scan, counts_and_lengths_beyond_the_bytes_are_refused)
{
    static const char *const lies [] = {
        "dd 04 00 00 00",
        "dd ff ff ff ff",
        "df ff ff ff ff",
        "df 80 00 00 00 00x16",
        "dc ff ff 00x8",
        "de ff ff",
        "9f 00x14",
        "8f 00x29",
        "db ff ff ff ff",
        "c6 ff ff ff ff 00",
        "c9 ff ff ff ff 00 00",
        "c1",
        "91 dd 00 00 00 02 00",
        "92 c1 00",
        "81 00 c1",
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies [0]; i++) {
        bytes_t lie = hex (lies [i]);
        cr_assert_eq (scan_value (lie.data, lie.size, SCAN_NESTING), 0, "%s", lies [i]);
    }
}

//  A scalar within as many lists, or as maps' values.
static bytes_t nested (unsigned depth, const char *level)
{
    bytes_t value = { NULL, 0 };
    bytes_t one = hex (level);
    for (unsigned i = 0; i < depth; i++)
        for (size_t k = 0; k < one.size; k++)
            bytes_add (&value, one.data [k], 1);
    bytes_add (&value, 0xc0, 1);
    return value;
}

Test (scan, nesting_is_bounded_exactly)
{
    static const char *const levels [] = { "91", "81 a0", "dc 00 01", "dd 00 00 00 01", "de 00 01 00", "92 c0" };
    for (size_t i = 0; i < sizeof levels / sizeof levels [0]; i++)
        for (unsigned depth = 0; depth <= SCAN_NESTING; depth++) {
            bytes_t value = nested (depth, levels [i]);
            cr_assert_eq (scan_value (value.data, value.size, depth), value.size, "%s x %u", levels [i], depth);
            cr_assert (depth == 0 || scan_value (value.data, value.size, depth - 1) == 0);
        }
}

Test (scan, an_empty_list_or_map_has_depth_1)
{
    static const char *const empty [] = { "90", "80", "dc 00 00", "df 00x4" };
    for (size_t i = 0; i < sizeof empty / sizeof empty [0]; i++) {
        bytes_t value = hex (empty [i]);
        cr_assert_eq (scan_value (value.data, value.size, 0), 0);
        cr_assert_eq (scan_value (value.data, value.size, 1), value.size);
    }
}

Test (scan, nesting_cannot_be_raised_beyond_what_decoders_bear)
{
    bytes_t deep = nested (SCAN_NESTING + 1, "91");
    cr_assert_eq (scan_value (deep.data, deep.size, 1000), 0);
    cr_assert_not (scan_is_one (deep.data, deep.size));
    bytes_t bomb = { NULL, 0 };
    bytes_add (&bomb, 0x91, 1000000);
    cr_assert_eq (scan_value (bomb.data, bomb.size, UINT32_MAX), 0);
}

Test (scan, no_bytes_are_no_value)
{
    size_t at = 0, count;
    uint64_t number;
    cr_assert_eq (scan_value (NULL, 0, SCAN_NESTING), 0);
    cr_assert_not (scan_is_one (NULL, 0));
    cr_assert_not (scan_uint (NULL, 0, &at, &number));
    cr_assert_not (scan_map (NULL, 0, &at, &count));
    cr_assert_eq (at, 0);
}

Test (scan, unsigned_numbers_are_read_in_every_form)
{
    static const struct {
        const char *bytes;
        uint64_t value;
    } cases [] = {
        { "00", 0 },
        { "7f", 127 },
        { "cc 00", 0 },
        { "cc ff", 255 },
        { "cd 01 00", 256 },
        { "ce 00 00 00 05", 5 },
        { "ce ffx4", UINT32_MAX },
        { "cf 01 02 03 04 05 06 07 08", UINT64_C (0x0102030405060708) },
        { "cf ffx8", UINT64_MAX },
        { "d0 7f", 127 },
        { "d1 7f ff", INT16_MAX },
        { "d2 00 00 00 01", 1 },
        { "d3 7f ffx7", INT64_MAX },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        bytes_t bytes = hex (cases [i].bytes);
        size_t at = 0;
        uint64_t value;
        cr_assert (scan_uint (bytes.data, bytes.size, &at, &value), "%s", cases [i].bytes);
        cr_assert_eq (value, cases [i].value, "%s", cases [i].bytes);
        cr_assert_eq (at, bytes.size, "%s", cases [i].bytes);
    }
}

Test (scan, what_is_no_unsigned_number_is_left_alone)
{
    static const char *const others [] = { "ff",      "e0", "d0 80", "d0 ff",   "d1 ff ff", "d2 80 00x3",
                                           "d3 ffx8", "c0", "c3",    "ca 00x4", "cb 00x8",  "a1 '1'",
                                           "90",      "cc", "cd 00", "cf 00x7", "d3 00x7" };
    for (size_t i = 0; i < sizeof others / sizeof others [0]; i++) {
        bytes_t bytes = hex (others [i]);
        size_t at = 0;
        uint64_t value;
        cr_assert_not (scan_uint (bytes.data, bytes.size, &at, &value), "%s", others [i]);
        cr_assert_eq (at, 0);
    }
}

Test (scan, strings_are_borrowed_in_every_form)
{
    static const char *const cases [] = { "a3 'abc'", "d9 03 'abc'", "da 00 03 'abc'", "db 00 00 00 03 'abc'" };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        bytes_t bytes = hex (cases [i]);
        size_t at = 0, length;
        const char *text;
        cr_assert (scan_str (bytes.data, bytes.size, &at, &text, &length));
        cr_assert_eq (length, 3);
        cr_assert_eq ((const uint8_t *) text, bytes.data + bytes.size - 3);
        cr_assert_eq (at, bytes.size);
        cr_assert_not (scan_str (bytes.data, bytes.size, &at, &text, &length), "there is no second one");

        at = 0;
        const uint8_t *binary;
        cr_assert_not (scan_bin (bytes.data, bytes.size, &at, &binary, &length));
        cr_assert_not (scan_str (bytes.data, bytes.size - 1, &at, &text, &length), "cut off");
        cr_assert_eq (at, 0);
    }
}

Test (scan, binary_is_borrowed_in_every_form)
{
    static const char *const cases [] = { "c4 02 00 ff", "c5 00 02 00 ff", "c6 00 00 00 02 00 ff" };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        bytes_t bytes = hex (cases [i]);
        size_t at = 0, length;
        const uint8_t *binary;
        cr_assert (scan_bin (bytes.data, bytes.size, &at, &binary, &length));
        cr_assert_eq (length, 2);
        cr_assert_eq (binary, bytes.data + bytes.size - 2);
        cr_assert_eq (at, bytes.size);

        at = 0;
        const char *text;
        cr_assert_not (scan_str (bytes.data, bytes.size, &at, &text, &length));
        cr_assert_not (scan_bin (bytes.data, bytes.size - 1, &at, &binary, &length), "cut off");
        cr_assert_eq (at, 0);
    }
}

Test (scan, counts_are_read_in_every_form_and_charged_against_the_bytes)
{
    static const struct {
        const char *bytes;
        bool is_map;
        size_t count;
        size_t head;
    } cases [] = {
        { "90", false, 0, 1 },
        { "92 c0x2", false, 2, 1 },
        { "dc 00 02 c0x2", false, 2, 3 },
        { "dd 00 00 00 02 c0x2", false, 2, 5 },
        { "80", true, 0, 1 },
        { "82 c0x4", true, 2, 1 },
        { "de 00 02 c0x4", true, 2, 3 },
        { "df 00 00 00 02 c0x4", true, 2, 5 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        bytes_t bytes = hex (cases [i].bytes);
        size_t at = 0, count = 99;
        bool is_list = scan_array (bytes.data, bytes.size, &at, &count);
        cr_assert_eq (is_list, !cases [i].is_map, "%s", cases [i].bytes);
        cr_assert (is_list || at == 0);
        bool is_map = !is_list && scan_map (bytes.data, bytes.size, &at, &count);
        cr_assert_eq (is_map, cases [i].is_map, "%s", cases [i].bytes);
        cr_assert_eq (count, cases [i].count, "%s", cases [i].bytes);
        cr_assert_eq (at, cases [i].head, "%s", cases [i].bytes);

        at = 0;
        cr_assert_not (scan_array (bytes.data, bytes.size - 1, &at, &count), "%s", cases [i].bytes);
        cr_assert_not (scan_map (bytes.data, bytes.size - 1, &at, &count), "%s", cases [i].bytes);
        cr_assert_eq (at, 0);
    }
}

Test (scan, readers_go_on_from_where_the_last_one_ended)
{
    bytes_t bytes = hex ("93 05 a2 'ab' c4 01 ff");
    size_t at = 0, count, length;
    uint64_t number;
    const char *text;
    const uint8_t *binary;
    cr_assert (scan_array (bytes.data, bytes.size, &at, &count));
    cr_assert (scan_uint (bytes.data, bytes.size, &at, &number));
    cr_assert (scan_str (bytes.data, bytes.size, &at, &text, &length));
    cr_assert (scan_bin (bytes.data, bytes.size, &at, &binary, &length));
    cr_assert_eq (at, bytes.size);
    cr_assert_not (scan_uint (bytes.data, bytes.size, &at, &number));
}
