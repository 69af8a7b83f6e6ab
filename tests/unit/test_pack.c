/*  test_pack.c - packing, and arguments, down to the bytes
*/
#include "packs.h"
#include "scan.h"

//  ---- packing ----

Test (pack, an_unused_pack_holds_no_memory)
{
    pack_t pack;
    pack_init (&pack);
    cr_assert_null (pack.buffer.data);
    cr_assert_eq (pack.buffer.size, 0);
    pack_clear (&pack);
}

Test (pack, heads_and_scalars_take_the_shortest_form)
{
    pack_t pack;
    pack_init (&pack);
    pack_list (&pack, 8);
    pack_nil (&pack);
    pack_bool (&pack, true);
    pack_bool (&pack, false);
    pack_int (&pack, -33);
    pack_uint (&pack, 200);
    pack_str (&pack, "ab");
    pack_bin (&pack, "\x01", 1);
    pack_map (&pack, 1);
    pack_text (&pack, "k\0", 2);
    pack_float (&pack, 1.0);
    HOLDS (&pack, "\x98\xc0\xc3\xc2\xd0\xdf\xcc\xc8\xa2"
                  "ab\xc4\x01\x01\x81\xa2k\0\xcb\x3f\xf0\0\0\0\0\0\0");
    pack_clear (&pack);
    pack_init (&pack);
    pack_bin (&pack, NULL, 0);
    HOLDS (&pack, "\xc4\x00");
    pack_clear (&pack);
}

Test (pack, a_buffer_grows_as_far_as_is_needed)
{
    pack_t pack;
    pack_init (&pack);
    char block [1000];
    memset (block, 'x', sizeof block);
    pack_list (&pack, 100);
    for (int i = 0; i < 100; i++)
        pack_text (&pack, block, sizeof block);
    cr_assert (!pack.failed);
    cr_assert_eq (pack.buffer.size, 3 + 100 * (3 + sizeof block));
    cr_assert (scan_is_one ((const uint8_t *) pack.buffer.data, pack.buffer.size));
    pack_clear (&pack);
}

Test (pack, an_error_sticks)
{
    pack_t pack;
    pack_init (&pack);
    pack_text (&pack, "", (size_t) UINT32_MAX + 1);
    cr_assert (pack.failed);
    pack_nil (&pack);
    cr_assert_eq (pack.buffer.size, 0);
    hearth_arg_t arg = hearth_int (1);
    cr_assert_eq (pack_arg (&pack, &arg), HEARTH_RESOURCE_EXHAUSTED);
    pack_clear (&pack);
}

Test (pack, lengths_beyond_the_format_fail)
{
    pack_t pack;
    pack_init (&pack);
    pack_list (&pack, (size_t) UINT32_MAX + 1);
    cr_assert (pack.failed);
    pack_init (&pack);
    pack_map (&pack, (size_t) UINT32_MAX + 1);
    cr_assert (pack.failed);
    pack_init (&pack);
    pack_bin (&pack, "", (size_t) UINT32_MAX + 1);
    cr_assert (pack.failed);
    pack_init (&pack);
    pack_raw (&pack, "", SIZE_MAX);
    cr_assert (pack.failed);
    pack_clear (&pack);
}

Test (pack, times_take_the_form_that_fits)
{
    ARG_PACKS_AS (hearth_time (0), "\xd6\xff\0\0\0\0");
    ARG_PACKS_AS (hearth_time (1000000000), "\xd6\xff\0\0\0\x01");
    ARG_PACKS_AS (hearth_time (1000000001), "\xd7\xff\0\0\0\x04\0\0\0\x01");
    ARG_PACKS_AS (hearth_time (-1), "\xc7\x0c\xff\x3b\x9a\xc9\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    ARG_PACKS_AS (hearth_time (-1000000000), "\xc7\x0c\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
}

static int64_t time_there_and_back (int64_t nanoseconds)
{
    pack_t pack;
    pack_init (&pack);
    pack_time (&pack, nanoseconds);
    msgpack_zone zone;
    cr_assert (msgpack_zone_init (&zone, 256));
    const hearth_value_t *value = value_decode (&zone, (uint8_t *) pack.buffer.data, pack.buffer.size);
    cr_assert_eq (hearth_value_type (value), HEARTH_TYPE_TIME);
    int64_t result = hearth_value_time (value);
    msgpack_zone_destroy (&zone);
    pack_clear (&pack);
    return result;
}

Test (pack, times_come_back_as_they_were)
{
    static const int64_t times [] = {
        0, 1, -1, 999999999, -999999999, 1000000000, -1000000000, INT64_MAX, INT64_MIN
    };
    for (size_t i = 0; i < sizeof times / sizeof times [0]; i++)
        cr_assert_eq (time_there_and_back (times [i]), times [i], "case %zu", i);
}

//  ---- arguments ----

Test (arg, c_types_keep_their_value)
{
    ARG_PACKS_AS ((signed char) -1, "\xff");
    ARG_PACKS_AS ((short) -1, "\xff");
    ARG_PACKS_AS (-1, "\xff");
    ARG_PACKS_AS (-1L, "\xff");
    ARG_PACKS_AS (-1LL, "\xff");
    ARG_PACKS_AS ((unsigned char) 255, "\xcc\xff");
    ARG_PACKS_AS ((unsigned short) 65535, "\xcd\xff\xff");
    ARG_PACKS_AS (UINT32_MAX, "\xce\xff\xff\xff\xff");
    ARG_PACKS_AS (UINT64_MAX, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
    ARG_PACKS_AS (INT64_MIN, "\xd3\x80\0\0\0\0\0\0\0");
    ARG_PACKS_AS (1.0F, "\xcb\x3f\xf0\0\0\0\0\0\0");
    ARG_PACKS_AS (1.0, "\xcb\x3f\xf0\0\0\0\0\0\0");
    ARG_PACKS_AS ((bool) true, "\xc3");
    ARG_PACKS_AS ("HOLA", "\xa4HOLA");
    ARG_PACKS_AS ((const char *) NULL, "\xc0");
    ARG_PACKS_AS (hearth_nil (), "\xc0");
    ARG_PACKS_AS (hearth_bool (true), "\xc3");
    ARG_PACKS_AS (hearth_bin ("\x01\x02", 2), "\xc4\x02\x01\x02");
    ARG_PACKS_AS (hearth_bin (NULL, 0), "\xc4\x00");
    ARG_PACKS_AS (hearth_bin (NULL, 1), "\xc0");
    ARG_PACKS_AS ((const hearth_value_t *) NULL, "\xc0");
}

Test (arg, a_value_that_was_received_is_passed_on_unchanged)
{
    static const struct {
        const char *bytes;
        size_t size;
        hearth_type_t type;
    } cases [] = {
        { "\xc0", 1, HEARTH_TYPE_NIL },
        { "\xc2", 1, HEARTH_TYPE_BOOL },
        { "\xff", 1, HEARTH_TYPE_INT },
        { "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9, HEARTH_TYPE_INT },
        { "\xcb\x3f\xf0\0\0\0\0\0\0", 9, HEARTH_TYPE_FLOAT },
        { "\xa3"
          "a\0b",
          4, HEARTH_TYPE_STR },
        { "\xa0", 1, HEARTH_TYPE_STR },
        { "\xc4\x02"
          "ab",
          4, HEARTH_TYPE_BIN },
        { "\x92\x01\x90", 3, HEARTH_TYPE_LIST },
        { "\x81\xa1k\xc0", 4, HEARTH_TYPE_MAP },
        { "\xd6\xff\0\0\0\x01", 6, HEARTH_TYPE_OTHER },
        //  A time that 64 bits of nanoseconds do not hold.
        { "\xc7\x0c\xff\0\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 15, HEARTH_TYPE_OTHER },
        { "\xd4\x05\x01", 3, HEARTH_TYPE_OTHER },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        uint8_t bytes [16];
        memcpy (bytes, cases [i].bytes, cases [i].size);
        msgpack_zone zone;
        cr_assert (msgpack_zone_init (&zone, 256));
        hearth_arg_t arg = HEARTH_ARG (value_decode (&zone, bytes, cases [i].size));
        cr_assert_eq (arg.type, cases [i].type, "case %zu", i);
        arg_packs_as (arg, cases [i].bytes, cases [i].size);
        msgpack_zone_destroy (&zone);
    }
}
