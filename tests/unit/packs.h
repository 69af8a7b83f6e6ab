/*  packs.h - what was packed, down to the bytes, for tests
*/
#ifndef PACKS_H_INCLUDED
#define PACKS_H_INCLUDED

#include <criterion/criterion.h>

#include "value.h"

static inline void holds (const pack_t *pack, const char *bytes, size_t size)
{
    cr_assert (!pack->failed);
    cr_assert_eq (pack->buffer.size, size, "%zu bytes instead of %zu", pack->buffer.size, size);
    cr_assert_arr_eq (pack->buffer.data, bytes, size);
}

#define HOLDS(pack, literal) holds (pack, literal, sizeof (literal) - 1)

//  Packs one argument and compares the bytes.
static inline void arg_packs_as (hearth_arg_t arg, const char *bytes, size_t size)
{
    pack_t pack;
    pack_init (&pack);
    cr_assert_eq (pack_arg (&pack, &arg), HEARTH_OK);
    holds (&pack, bytes, size);
    pack_clear (&pack);
}

#define ARG_PACKS_AS(value, literal) arg_packs_as (HEARTH_ARG (value), literal, sizeof (literal) - 1)

#endif
