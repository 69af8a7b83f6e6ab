/*  hex.h - bytes for tests, written as people read them: "93 c4 18", with 'text' in quotes and xN for N times

    hex ("92 a2 'ab' c0x3") is 92 a2 61 62 c0 c0 c0. The bytes end where their allocation ends, so that a sanitizer sees
    whoever reads past them. They live as long as the test's process.
*/
#ifndef HEX_H_INCLUDED
#define HEX_H_INCLUDED

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t *data;
    size_t size;
} bytes_t;

//  Keeps all allocations within reach, so that they are no leaks.
typedef struct kept {
    struct kept *next;
    uint8_t data [];
} kept_t;

static kept_t *all_kept;

//  A copy that ends where its allocation does; data may be NULL for bytes that are filled in later.
static inline bytes_t bytes_copy (const void *data, size_t size)
{
    kept_t *kept = malloc (sizeof *kept + size);
    cr_assert (kept);
    kept->next = all_kept;
    all_kept = kept;
    if (data && size > 0)
        memcpy (kept->data, data, size);
    return (bytes_t){ kept->data, size };
}

static inline void bytes_add (bytes_t *bytes, uint8_t byte, size_t times)
{
    bytes_t longer = bytes_copy (NULL, bytes->size + times);
    if (bytes->size > 0)
        memcpy (longer.data, bytes->data, bytes->size);
    memset (longer.data + bytes->size, byte, times);
    *bytes = longer;
}

static inline bytes_t hex (const char *text)
{
    bytes_t bytes = { NULL, 0 };
    for (const char *at = text; *at;) {
        if (*at == ' ') {
            at++;
        } else if (*at == '\'') {
            for (at++; *at != '\''; at++)
                bytes_add (&bytes, (uint8_t) *at, 1);
            at++;
        } else {
            char digits [] = { at [0], at [1], '\0' };
            char *end;
            uint8_t byte = (uint8_t) strtoul (digits, &end, 16);
            cr_assert (*end == '\0', "no hex: %s", at);
            at += 2;
            size_t times = *at == 'x' ? strtoul (at + 1, (char **) &at, 10) : 1;
            bytes_add (&bytes, byte, times);
        }
    }
    return bytes;
}

#define cr_assert_bytes(got, length, expected)                                                                       \
    do {                                                                                                             \
        bytes_t cr_wanted = hex (expected);                                                                          \
        cr_assert_eq (length, cr_wanted.size, "%zu bytes instead of %zu", (size_t) (length), cr_wanted.size);        \
        if (cr_wanted.size > 0)                                                                                      \
            cr_assert_arr_eq (got, cr_wanted.data, cr_wanted.size);                                                  \
    } while (0)

#endif
