/*  test_value.c - the accessors
*/
#include "values.h"

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
