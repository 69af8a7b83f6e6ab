/*  test_wire_body.c - options and errors: their bytes, and those of anybody who means harm */
#include "hex.h"
#include "wire.h"

#include <criterion/criterion.h>

#define COUNT(list) (sizeof (list) / sizeof (list) [0])

static span_t span_of (bytes_t bytes)
{
    return (span_t){ (const char *) bytes.data, bytes.size };
}

Test (wire_option, the_value_of_a_key_is_found_among_others)
{
    static const struct {
        const char *options;
        const char *key;
        const char *value;
    } cases [] = {
        { "81 a4 'wait' 05", "wait", "05" },
        { "83 a1 'a' 91 c0 a1 'b' 82 00 01 02 03 a4 'wait' c3", "wait", "c3" },
        { "83 a1 'a' 91 c0 a1 'b' 82 00 01 02 03 a4 'wait' c3", "b", "82 00 01 02 03" },
        { "de 00 01 d9 04 'wait' cd 01 00", "wait", "cd 01 00" },
        { "df 00 00 00 01 a0 c0", "", "c0" },
        { "82 05 a4 'wait' a4 'wait' 06", "wait", "06" },
        { "82 91 a4 'wait' 07 a4 'wait' 08", "wait", "08" },
        { "82 a4 'wait' 01 a4 'wait' 02", "wait", "01" },
        { "81 a4 'wait' 05", "wai", "" },
        { "81 a4 'wait' 05", "waits", "" },
        { "81 05 06", "", "" },
        { "80", "wait", "" },
        { "", "wait", "" },
        { "92 a4 'wait' 05", "wait", "" },
        { "a4 'wait'", "wait", "" },
        { "82 c1 05 a4 'wait' 05", "wait", "" },
        { "81 a4 'wait'", "wait", "" },
        { "82 a1 'a' c1 a4 'wait' 05", "wait", "" },
        { "df ff ff ff ff a4 'wait' 05", "wait", "" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        span_t value = wire_option (span_of (hex (cases [i].options)), cases [i].key);
        cr_assert_bytes (value.data, value.size, cases [i].value);
    }
}

Test (wire_option, a_number_is_read_and_nothing_else_is)
{
    static const struct {
        const char *options;
        bool is_number;
        uint64_t value;
    } cases [] = {
        { "81 a1 'k' 05", true, 5 },
        { "81 a1 'k' cf ffx8", true, UINT64_MAX },
        { "81 a1 'k' d1 00 09", true, 9 },
        { "81 a1 'k' ff", false, 0 },
        { "81 a1 'k' a1 '5'", false, 0 },
        { "81 a1 'k' ca 00x4", false, 0 },
        { "81 a1 'k' c0", false, 0 },
        { "80", false, 0 },
        { "", false, 0 },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        uint64_t value = 0;
        bool is_number = wire_option_uint (span_of (hex (cases [i].options)), "k", &value);
        cr_assert_eq (is_number, cases [i].is_number, "%s", cases [i].options);
        cr_assert_eq (value, cases [i].value, "%s", cases [i].options);
    }
}

Test (wire_option, a_credit_is_a_list_of_two_numbers)
{
    static const struct {
        const char *options;
        bool is_credit;
        uint64_t items;
        uint64_t bytes;
    } cases [] = {
        { "81 a6 'credit' 92 07 cd 04 00", true, 7, 1024 },
        { "81 a6 'credit' 92 00 ce ffx4", true, 0, UINT32_MAX },
        { "81 a6 'credit' 92 00 cf 00 00 00 01 00x4", false, 0, 0 },
        { "81 a6 'credit' 92 cf 00 00 00 01 00x4 00", false, 0, 0 },
        { "81 a6 'credit' 91 07", false, 0, 0 },
        { "81 a6 'credit' 93 07 07 07", false, 0, 0 },
        { "81 a6 'credit' 92 07 ff", false, 0, 0 },
        { "81 a6 'credit' 07", false, 0, 0 },
        { "81 a6 'Credit' 92 07 07", false, 0, 0 },
        { "", false, 0, 0 },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        uint64_t items, bytes;
        bool is_credit = wire_option_credit (span_of (hex (cases [i].options)), &items, &bytes);
        cr_assert_eq (is_credit, cases [i].is_credit, "%s", cases [i].options);
        cr_assert (!is_credit || (items == cases [i].items && bytes == cases [i].bytes), "%s", cases [i].options);
    }
}

Test (wire_error, is_written_byte_by_byte_as_specified)
{
    uint8_t out [64];
    size_t size = wire_write_error (SPAN ("hearth.Limit"), SPAN ("no more"), out, sizeof out);
    cr_assert_bytes (out, size, "92 ac 'hearth.Limit' a7 'no more'");
}

Test (wire_error, is_written_only_where_there_is_room)
{
    const size_t whole = 1 + 2 + 3;
    for (size_t room = 0; room <= whole + 1; room++) {
        bytes_t out = bytes_copy (NULL, room);
        cr_assert_eq (wire_write_error (SPAN ("e"), SPAN ("ab"), out.data, room), room < whole ? 0 : whole);
    }
}

Test (wire_error, a_long_message_is_cut_between_characters)
{
    static const struct {
        const char *character;
        size_t times;
        size_t lead;
        size_t kept;
    } cases [] = {
        { "x", 512, 0, 512 },
        { "x", 513, 0, 512 },
        { "x", 10000, 0, 512 },
        { "\xc3\xa4", 300, 0, 512 },
        { "\xc3\xa4", 300, 1, 511 },
        { "\xe2\x82\xac", 200, 0, 510 },
        { "\xe2\x82\xac", 200, 2, 512 },
        { "\xf0\x9f\x94\xa5", 200, 1, 509 },
        { "\xf0\x9f\x94\xa5", 128, 0, 512 },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        bytes_t text = { NULL, 0 };
        bytes_add (&text, '.', cases [i].lead);
        for (size_t k = 0; k < cases [i].times; k++)
            for (const char *at = cases [i].character; *at; at++)
                bytes_add (&text, (uint8_t) *at, 1);
        uint8_t out [600];
        span_t name, message, details;
        size_t size = wire_write_error (SPAN ("e"), span_of (text), out, sizeof out);
        cr_assert (wire_read_error (out, size, &name, &message, &details));
        cr_assert_eq (message.size, cases [i].kept, "case %zu: %zu", i, message.size);
        cr_assert_arr_eq (message.data, text.data, message.size);
    }
}

Test (wire_error, is_read_with_its_details)
{
    static const struct {
        const char *body;
        const char *name;
        const char *message;
        const char *details;
    } cases [] = {
        { "92 a1 'n' a3 'why'", "'n'", "'why'", "" },
        { "93 a1 'n' a3 'why' c0", "'n'", "'why'", "c0" },
        { "93 a1 'n' a3 'why' 82 a1 'a' 01 a1 'b' 90", "'n'", "'why'", "82 a1 'a' 01 a1 'b' 90" },
        { "dc 00 02 d9 01 'n' da 00 00", "'n'", "", "" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        bytes_t body = hex (cases [i].body);
        span_t name, message, details;
        cr_assert (wire_read_error (body.data, body.size, &name, &message, &details), "%s", cases [i].body);
        cr_assert_bytes (name.data, name.size, cases [i].name);
        cr_assert_bytes (message.data, message.size, cases [i].message);
        cr_assert_bytes (details.data, details.size, cases [i].details);
    }
}

Test (wire_error, anything_but_a_name_and_a_message_is_none)
{
    static const char *const bodies [] = {
        "",
        "c0",
        "90",
        "91 a1 'n'",
        "92 a1 'n' 05",
        "92 05 a1 'm'",
        "82 a1 'n' a1 'm' a1 'x' c0",
        "92 a1 'n' a1",
        "92 a1 'n' a1 'm' c0",
        "93 a1 'n' a1 'm'",
        "94 a1 'n' a1 'm' c0 c0",
        "93 a1 'n' a1 'm' 91x33 c0",
        "92 c4 01 'n' a1 'm'",
        "dd ffx4",
    };
    for (size_t i = 0; i < COUNT (bodies); i++) {
        bytes_t body = hex (bodies [i]);
        span_t name, message, details;
        cr_assert_not (wire_read_error (body.data, body.size, &name, &message, &details), "%s", bodies [i]);
    }
}
