/*  test_value.c - decoding in place, and the accessors
*/
#include "scan.h"
#include "values.h"

static void is_str (const hearth_value_t *value, const char *text)
{
    cr_assert_eq (hearth_value_type (value), HEARTH_TYPE_STR);
    cr_assert_eq (hearth_value_size (value), strlen (text));
    cr_assert_str_eq (hearth_value_str (value), text);
}

//  ---- strs end with a zero byte ----

Test (value, a_str_alone_is_terminated)
{
    DECODED one = DECODE ("\xa5hello");
    is_str (one->value, "hello");
}

Test (value, an_empty_str_alone_is_terminated)
{
    DECODED one = DECODE ("\xa0");
    is_str (one->value, "");
}

Test (value, an_empty_str_of_each_head_is_terminated)
{
    DECODED list = DECODE ("\x94\xa0\xd9\x00\xda\x00\x00\xdb\x00\x00\x00\x00");
    for (size_t i = 0; i < 4; i++)
        is_str (AT (list->value, i), "");
}

Test (value, adjacent_strs_do_not_touch_each_other)
{
    DECODED list = DECODE ("\x93\xa1"
                           "a\xa2"
                           "bc\xa1"
                           "d");
    is_str (AT (list->value, 0), "a");
    is_str (AT (list->value, 1), "bc");
    is_str (AT (list->value, 2), "d");
}

//  msgpack-c leaves a str without bytes pointing at whatever came before it.
Test (value, empty_strs_leave_their_neighbours_alone)
{
    DECODED list = DECODE ("\x96\xa0\xa1"
                           "a\xa0\xa0\xa2"
                           "bc\xa0");
    const char *expected [] = { "", "a", "", "", "bc", "" };
    for (size_t i = 0; i < 6; i++)
        is_str (AT (list->value, i), expected [i]);
}

Test (value, an_empty_str_behind_a_bin_leaves_the_bin_alone)
{
    DECODED list = DECODE ("\x93\xc4\x02\x01\x02\xa0\xcc\xff");
    cr_assert_arr_eq (hearth_value_bin (AT (list->value, 0)), "\x01\x02", 2);
    is_str (AT (list->value, 1), "");
    cr_assert_eq (hearth_value_int (AT (list->value, 2)), 255);
}

Test (value, strs_between_bins_and_extensions_leave_the_payloads_alone)
{
    DECODED list = DECODE ("\x97\xc4\x03\xff\xfe\xfd\xa1"
                           "a\xc4\x02\x07\x08\xa1"
                           "b\xd5\x05\x11\x22\xa1"
                           "c\xc4\x00");
    const hearth_value_t *value = list->value;
    cr_assert_arr_eq (hearth_value_bin (AT (value, 0)), "\xff\xfe\xfd", 3);
    is_str (AT (value, 1), "a");
    cr_assert_arr_eq (hearth_value_bin (AT (value, 2)), "\x07\x08", 2);
    is_str (AT (value, 3), "b");
    cr_assert_eq (hearth_value_type (AT (value, 4)), HEARTH_TYPE_OTHER);
    cr_assert_eq (value_object (AT (value, 4))->via.ext.type, 5);
    cr_assert_arr_eq (value_object (AT (value, 4))->via.ext.ptr, "\x11\x22", 2);
    is_str (AT (value, 5), "c");
    cr_assert_eq (hearth_value_size (AT (value, 6)), 0);
}

Test (value, keys_and_values_of_maps_are_terminated)
{
    DECODED map = DECODE ("\x83\xa1"
                          "a\xa1"
                          "x\xa0\xa1"
                          "y\xa2"
                          "bc\xa0");
    is_str (hearth_value_key (map->value, 0), "a");
    is_str (AT (map->value, 0), "x");
    is_str (hearth_value_key (map->value, 1), "");
    is_str (AT (map->value, 1), "y");
    is_str (hearth_value_key (map->value, 2), "bc");
    is_str (AT (map->value, 2), "");
}

Test (value, strs_in_nested_containers_are_terminated)
{
    DECODED tree = DECODE ("\x92\x91\x81\xa1"
                           "k\x92\xa1"
                           "v\xd9\x01"
                           "w\xa3"
                           "end");
    const hearth_value_t *inner = hearth_value_get (AT (AT (tree->value, 0), 0), "k");
    is_str (AT (inner, 0), "v");
    is_str (AT (inner, 1), "w");
    is_str (AT (tree->value, 1), "end");
}

//  Every head that a length may have, canonical or not, in front of, between and behind others.
Test (value, strs_of_all_heads_and_sizes_are_terminated)
{
    static const size_t sizes [] = { 0, 1, 2, 31, 32, 255, 256, 65535, 65536 };
    static const size_t head_sizes [] = { 1, 2, 3, 5 };
    for (size_t s = 0; s < sizeof sizes / sizeof sizes [0]; s++) {
        for (size_t h = 0; h < 4; h++) {
            size_t size = sizes [s];
            size_t head = head_sizes [h];
            if ((head == 1 && size > 31) || (head == 2 && size > 255) || (head == 3 && size > 65535))
                continue;
            uint8_t *bytes = malloc (1 + 3 * (head + size));
            cr_assert (bytes);
            size_t at = 0;
            bytes [at++] = 0x93;
            for (int i = 0; i < 3; i++) {
                if (head == 1)
                    bytes [at] = (uint8_t) (0xa0 | size);
                else
                    bytes [at] = head == 2 ? 0xd9 : head == 3 ? 0xda : 0xdb;
                for (size_t b = 1; b < head; b++)
                    bytes [at + b] = (uint8_t) (size >> (8 * (head - 1 - b)));
                at += head;
                memset (bytes + at, 'a' + i, size);
                at += size;
            }
            DECODED list = decode (bytes, at);
            free (bytes);
            for (int i = 0; i < 3; i++) {
                const hearth_value_t *str = AT (list->value, (size_t) i);
                cr_assert_eq (hearth_value_size (str), size);
                cr_assert_eq (strlen (hearth_value_str (str)), size);
                for (size_t b = 0; b < size; b++)
                    cr_assert_eq (hearth_value_str (str) [b], 'a' + i);
            }
        }
    }
}

Test (value, a_str_may_hold_zero_bytes)
{
    DECODED one = DECODE ("\xa3"
                          "a\0b");
    cr_assert_eq (hearth_value_size (one->value), 3);
    cr_assert_arr_eq (hearth_value_str (one->value), "a\0b\0", 4);
}

//  Random trees: what is read after decoding in place is what a copy that was never written to holds.
static uint32_t random_state = 1;

static uint32_t random_below (uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;  //  Numerical Recipes, section 7.1
    return (random_state >> 8) % limit;
}

static void pack_random (pack_t *pack, unsigned nesting)
{
    char text [40];
    uint32_t size = random_below (random_below (2) ? 3 : 40);
    for (uint32_t i = 0; i < size; i++)
        text [i] = (char) random_below (256);
    switch (random_below (nesting < 5 ? 7 : 5)) {
    case 0: pack_int (pack, (int32_t) random_below (70000) - 35000); break;
    case 1: pack_bin (pack, text, size); break;
    case 2: msgpack_pack_ext_with_body (&pack->packer, text, size, 5); break;
    case 3:
    case 4: pack_text (pack, text, size); break;
    case 5:
        pack_list (pack, size % 20);
        for (uint32_t i = 0; i < size % 20; i++)
            pack_random (pack, nesting + 1);
        break;
    default:
        pack_map (pack, size % 10);
        for (uint32_t i = 0; i < size % 10 * 2; i++)
            pack_random (pack, nesting + 1);
    }
}

static void strs_are_terminated (const hearth_value_t *value)
{
    if (hearth_value_type (value) == HEARTH_TYPE_STR)
        cr_assert_eq (hearth_value_str (value) [hearth_value_size (value)], '\0');
    for (size_t i = 0; AT (value, i); i++) {
        strs_are_terminated (AT (value, i));
        if (hearth_value_key (value, i))
            strs_are_terminated (hearth_value_key (value, i));
    }
}

Test (value, random_trees_are_decoded_without_harm)
{
    for (random_state = 1; random_state < 2000; random_state++) {
        uint32_t seed = random_state;
        pack_t pack, again;
        pack_init (&pack);
        pack_random (&pack, 0);
        cr_assert (!pack.failed);
        DECODED tree = decode (pack.buffer.data, pack.buffer.size);
        cr_assert (tree->value, "seed %u", seed);
        strs_are_terminated (tree->value);
        pack_init (&again);
        pack_value (&again, tree->value);
        cr_assert_eq (again.buffer.size, pack.buffer.size, "seed %u", seed);
        cr_assert_arr_eq (again.buffer.data, pack.buffer.data, pack.buffer.size, "seed %u", seed);
        pack_clear (&pack);
        pack_clear (&again);
        random_state = seed;
    }
}

//  ---- what is refused ----

Test (value, what_is_not_exactly_one_value_is_refused)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bad [] = {
        { "", 0 },          //  nothing
        { "\x01\x02", 2 },  //  two
        { "\xc1", 1 },      //  never used
        { "\xa2"
          "a",
          2 },              //  cut off
        { "\x92\x01", 2 },  //  an element is missing
        { "\x81\xa1"
          "a",
          3 },                          //  a map's value is missing
        { "\xdd\x04\x00\x00\x00", 5 },  //  would make msgpack-c reserve gigabytes
        { "\xdf\xff\xff\xff\xff", 5 },
        { "\xdb\xff\xff\xff\xff", 5 },
        { "\xc9\xff\xff\xff\xff\x05", 6 },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad [0]; i++) {
        DECODED one = decode (bad [i].bytes, bad [i].size);
        cr_assert_null (one->value, "case %zu", i);
    }
}

Test (value, nesting_is_decoded_up_to_the_limit_and_no_further)
{
    uint8_t bytes [SCAN_NESTING + 2];
    memset (bytes, 0x91, sizeof bytes);
    bytes [SCAN_NESTING] = 0xc0;
    DECODED deepest = decode (bytes, SCAN_NESTING + 1);
    cr_assert_not_null (deepest->value);
    bytes [SCAN_NESTING] = 0x91;
    bytes [SCAN_NESTING + 1] = 0xc0;
    DECODED deeper = decode (bytes, SCAN_NESTING + 2);
    cr_assert_null (deeper->value);
}

//  ---- accessors ----

Test (value, each_format_reads_as_its_type)
{
    static const struct {
        const char *bytes;
        size_t size;
        hearth_type_t type;
    } cases [] = {
        { "\xc0", 1, HEARTH_TYPE_NIL },
        { "\xc3", 1, HEARTH_TYPE_BOOL },
        { "\x7f", 1, HEARTH_TYPE_INT },
        { "\xe0", 1, HEARTH_TYPE_INT },
        { "\xca\x3f\x80\x00\x00", 5, HEARTH_TYPE_FLOAT },
        { "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", 9, HEARTH_TYPE_FLOAT },
        { "\xa1"
          "a",
          2, HEARTH_TYPE_STR },
        { "\xc4\x01"
          "a",
          3, HEARTH_TYPE_BIN },
        { "\x90", 1, HEARTH_TYPE_LIST },
        { "\x80", 1, HEARTH_TYPE_MAP },
        { "\xd6\xff\x00\x00\x00\x01", 6, HEARTH_TYPE_TIME },
        { "\xd7\xff\x00\x00\x00\x00\x00\x00\x00\x01", 10, HEARTH_TYPE_TIME },
        { "\xc7\x0c\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", 15, HEARTH_TYPE_TIME },
        { "\xd7\xff\xff\xff\xff\xff\x00\x00\x00\x01", 10, HEARTH_TYPE_OTHER },  //  too many nanoseconds
        { "\xd5\xff\x00\x01", 4, HEARTH_TYPE_OTHER },                           //  no size of a timestamp
        { "\xd6\x01\x00\x00\x00\x01", 6, HEARTH_TYPE_OTHER },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        DECODED one = decode (cases [i].bytes, cases [i].size);
        cr_assert_not_null (one->value, "case %zu", i);
        cr_assert_eq (hearth_value_type (one->value), cases [i].type, "case %zu", i);
    }
    cr_assert_eq (hearth_value_type (NULL), HEARTH_TYPE_NIL);
}

Test (value, ints_are_read_over_their_whole_range)
{
    DECODED list = DECODE ("\x94\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xd3\x80\x00\x00\x00\x00\x00\x00\x00\x2a\xff");
    const hearth_value_t *value = list->value;
    cr_assert_eq (hearth_value_uint (AT (value, 0)), UINT64_MAX);
    cr_assert_eq (hearth_value_int (AT (value, 0)), INT64_MAX);
    cr_assert_eq (hearth_value_int (AT (value, 1)), INT64_MIN);
    cr_assert_eq (hearth_value_uint (AT (value, 1)), 0);
    cr_assert_eq (hearth_value_int (AT (value, 2)), 42);
    cr_assert_eq (hearth_value_uint (AT (value, 2)), 42);
    cr_assert_eq (hearth_value_int (AT (value, 3)), -1);
    cr_assert_float_eq (hearth_value_float (AT (value, 3)), -1.0, 0);
    cr_assert_float_eq (hearth_value_float (AT (value, 2)), 42.0, 0);
}

static int64_t time_of (int64_t seconds, uint32_t nanoseconds)
{
    pack_t pack;
    pack_init (&pack);
    //  The widest form, so that msgpack-c does not choose.
    char payload [12];
    for (int i = 0; i < 4; i++)
        payload [i] = (char) (nanoseconds >> (24 - 8 * i));
    for (int i = 0; i < 8; i++)
        payload [4 + i] = (char) ((uint64_t) seconds >> (56 - 8 * i));
    msgpack_pack_ext_with_body (&pack.packer, payload, sizeof payload, -1);
    DECODED one = decode (pack.buffer.data, pack.buffer.size);
    pack_clear (&pack);
    cr_assert_eq (hearth_value_type (one->value), HEARTH_TYPE_TIME);
    return hearth_value_time (one->value);
}

Test (value, times_are_nanoseconds_and_clamped)
{
    cr_assert_eq (time_of (0, 0), 0);
    cr_assert_eq (time_of (1, 500000000), 1500000000);
    cr_assert_eq (time_of (-1, 999999999), -1);
    cr_assert_eq (time_of (-2, 0), -2000000000);
    cr_assert_eq (time_of (9223372036, 854775807), INT64_MAX);
    cr_assert_eq (time_of (9223372036, 854775808), INT64_MAX);
    cr_assert_eq (time_of (-9223372037, 145224192), INT64_MIN);
    cr_assert_eq (time_of (-9223372037, 145224193), INT64_MIN + 1);
    cr_assert_eq (time_of (-9223372037, 145224191), INT64_MIN);
    cr_assert_eq (time_of (INT64_MAX, 0), INT64_MAX);
    cr_assert_eq (time_of (INT64_MIN, 0), INT64_MIN);
}

Test (value, another_type_reads_as_nothing)
{
    DECODED list = DECODE ("\x93\xa1"
                           "1\x01\xc4\x01"
                           "b");
    const hearth_value_t *str = AT (list->value, 0);
    const hearth_value_t *number = AT (list->value, 1);
    const hearth_value_t *bin = AT (list->value, 2);
    cr_assert_eq (hearth_value_int (str), 0);
    cr_assert_eq (hearth_value_uint (bin), 0);
    cr_assert_float_eq (hearth_value_float (str), 0, 0);
    cr_assert (!hearth_value_bool (number));
    cr_assert_str_eq (hearth_value_str (number), "");
    cr_assert_str_eq (hearth_value_str (bin), "");
    cr_assert_null (hearth_value_bin (str));
    cr_assert_eq (hearth_value_time (number), 0);
    cr_assert_eq (hearth_value_size (number), 0);
    cr_assert_null (AT (number, 0));
    cr_assert_null (hearth_value_key (list->value, 0));
    cr_assert_null (hearth_value_get (list->value, "a"));
}

Test (value, null_reads_as_nothing)
{
    cr_assert (!hearth_value_bool (NULL));
    cr_assert_eq (hearth_value_int (NULL), 0);
    cr_assert_eq (hearth_value_uint (NULL), 0);
    cr_assert_float_eq (hearth_value_float (NULL), 0, 0);
    cr_assert_str_eq (hearth_value_str (NULL), "");
    cr_assert_null (hearth_value_bin (NULL));
    cr_assert_eq (hearth_value_time (NULL), 0);
    cr_assert_eq (hearth_value_size (NULL), 0);
    cr_assert_null (AT (NULL, 0));
    cr_assert_null (hearth_value_key (NULL, 0));
    cr_assert_null (hearth_value_get (NULL, "a"));
}

Test (value, an_index_past_the_end_is_null)
{
    DECODED list = DECODE ("\x91\x81\xa1"
                           "k\x07");
    cr_assert_null (AT (list->value, 1));
    cr_assert_null (AT (list->value, SIZE_MAX));
    const hearth_value_t *map = AT (list->value, 0);
    cr_assert_not_null (AT (map, 0));
    cr_assert_null (AT (map, 1));
    cr_assert_null (hearth_value_key (map, 1));
}

Test (value, a_key_is_found_by_its_whole_text)
{
    DECODED map = DECODE ("\x84\x01\x0a\xa2"
                          "ab\x0b\xa1"
                          "a\x0c\xa3"
                          "a\0b\x0d");
    cr_assert_eq (hearth_value_int (hearth_value_get (map->value, "a")), 12);
    cr_assert_eq (hearth_value_int (hearth_value_get (map->value, "ab")), 11);
    cr_assert_null (hearth_value_get (map->value, "abc"));
    cr_assert_null (hearth_value_get (map->value, ""));
    cr_assert_null (hearth_value_get (map->value, NULL));
}

//  ---- names of codes and marks ----

Test (codes, names_are_those_of_the_protocol)
{
    cr_assert_str_eq (hearth_code_name (HEARTH_OK), "OK");
    cr_assert_str_eq (hearth_code_name (HEARTH_NOT_FOUND), "NOT_FOUND");
    cr_assert_str_eq (hearth_code_name (HEARTH_UNAUTHENTICATED), "UNAUTHENTICATED");
    cr_assert_str_eq (hearth_code_name ((hearth_code_t) 17), "UNKNOWN");
    cr_assert_str_eq (hearth_code_name ((hearth_code_t) -1), "UNKNOWN");
    cr_assert_str_eq (hearth_mark_name (HEARTH_NO_MARK), "");
    cr_assert_str_eq (hearth_mark_name (HEARTH_NOT_EXECUTED), "not executed");
    cr_assert_str_eq (hearth_mark_name (HEARTH_MAY_HAVE_EXECUTED), "may have executed");
    cr_assert_str_eq (hearth_mark_name (HEARTH_EXECUTED), "executed");
    cr_assert_str_eq (hearth_mark_name ((hearth_mark_t) 4), "");
}
