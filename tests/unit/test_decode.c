/*  test_decode.c - decoding in place
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

Test (decode, a_str_alone_is_terminated)
{
    DECODED one = DECODE ("\xa5hello");
    is_str (one->value, "hello");
}

Test (decode, an_empty_str_alone_is_terminated)
{
    DECODED one = DECODE ("\xa0");
    is_str (one->value, "");
}

Test (decode, an_empty_str_of_each_head_is_terminated)
{
    DECODED list = DECODE ("\x94\xa0\xd9\x00\xda\x00\x00\xdb\x00\x00\x00\x00");
    for (size_t i = 0; i < 4; i++)
        is_str (AT (list->value, i), "");
}

Test (decode, adjacent_strs_do_not_touch_each_other)
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
Test (decode, empty_strs_leave_their_neighbours_alone)
{
    DECODED list = DECODE ("\x96\xa0\xa1"
                           "a\xa0\xa0\xa2"
                           "bc\xa0");
    const char *expected [] = { "", "a", "", "", "bc", "" };
    for (size_t i = 0; i < 6; i++)
        is_str (AT (list->value, i), expected [i]);
}

Test (decode, an_empty_str_behind_a_bin_leaves_the_bin_alone)
{
    DECODED list = DECODE ("\x93\xc4\x02\x01\x02\xa0\xcc\xff");
    cr_assert_arr_eq (hearth_value_bin (AT (list->value, 0)), "\x01\x02", 2);
    is_str (AT (list->value, 1), "");
    cr_assert_eq (hearth_value_int (AT (list->value, 2)), 255);
}

Test (decode, strs_between_bins_and_extensions_leave_the_payloads_alone)
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

Test (decode, keys_and_values_of_maps_are_terminated)
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

Test (decode, strs_in_nested_containers_are_terminated)
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
Test (decode, strs_of_all_heads_and_sizes_are_terminated)
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

Test (decode, a_str_may_hold_zero_bytes)
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

Test (decode, random_trees_are_decoded_without_harm)
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

Test (decode, what_is_not_exactly_one_value_is_refused)
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

Test (decode, nesting_is_decoded_up_to_the_limit_and_no_further)
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
