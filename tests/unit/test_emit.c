/*  test_emit.c - msgpack is written in its shortest forms, and only where there is room */
#include "emit.h"
#include "hex.h"

#include <criterion/criterion.h>

#define COUNT(list) (sizeof (list) / sizeof (list) [0])

Test (emit, numbers_take_their_shortest_form)
{
    static const struct {
        uint64_t value;
        const char *bytes;
    } cases [] = {
        { 0, "00" },
        { 0x7f, "7f" },
        { 0x80, "cc 80" },
        { 0xff, "cc ff" },
        { 0x100, "cd 01 00" },
        { 0xffff, "cd ff ff" },
        { 0x10000, "ce 00 01 00 00" },
        { 0xffffffff, "ce ffx4" },
        { UINT64_C (0x100000000), "cf 00 00 00 01 00x4" },
        { UINT64_MAX, "cf ffx8" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        uint8_t out [16];
        emit_t emit = { out, sizeof out, 0 };
        emit_uint (&emit, cases [i].value);
        cr_assert_bytes (out, emit_size (&emit), cases [i].bytes);
    }
}

Test (emit, texts_and_byte_strings_take_their_shortest_head)
{
    static const struct {
        size_t size;
        const char *str;
        const char *bin;
    } cases [] = {
        { 0, "a0", "c4 00" },
        { 1, "a1", "c4 01" },
        { 31, "bf", "c4 1f" },
        { 32, "d9 20", "c4 20" },
        { 255, "d9 ff", "c4 ff" },
        { 256, "da 01 00", "c5 01 00" },
        { 65535, "da ff ff", "c5 ff ff" },
        { 65536, "db 00 01 00 00", "c6 00 01 00 00" },
    };
    static char content [65536];
    static uint8_t out [65536 + 5];
    memset (content, 'x', sizeof content);
    for (size_t i = 0; i < COUNT (cases); i++) {
        emit_t str = { out, sizeof out, 0 };
        emit_str (&str, content, cases [i].size);
        cr_assert_bytes (out, emit_size (&str) - cases [i].size, cases [i].str);
        cr_assert_eq (memcmp (out + str.size - cases [i].size, content, cases [i].size), 0);

        emit_t bin = { out, sizeof out, 0 };
        emit_bin (&bin, content, cases [i].size);
        cr_assert_bytes (out, emit_size (&bin) - cases [i].size, cases [i].bin);
        cr_assert_eq (memcmp (out + bin.size - cases [i].size, content, cases [i].size), 0);
    }
}

Test (emit, once_something_did_not_fit_nothing_does)
{
    bytes_t out = bytes_copy (NULL, 4);
    emit_t emit = { out.data, out.size, 0 };
    emit_str (&emit, "abc", 3);
    cr_assert_eq (emit_size (&emit), 4);
    emit_raw (&emit, NULL, 0);
    cr_assert_eq (emit_size (&emit), 4);
    for (int i = 0; i < 3; i++) {
        emit_uint (&emit, 1);
        cr_assert_eq (emit_size (&emit), 0);
    }
    emit_raw (&emit, NULL, 0);
    cr_assert_eq (emit_size (&emit), 0);
    cr_assert_bytes (out.data, out.size, "a3 'abc'");
}
