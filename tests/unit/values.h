/*  values.h - a decoded value with the memory that it lies in, for tests

    Bytes are decoded from an allocation of their exact size, so that a sanitizer sees every byte too many.
*/
#ifndef VALUES_H_INCLUDED
#define VALUES_H_INCLUDED

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

typedef struct {
    msgpack_zone zone;
    uint8_t *bytes;
    const hearth_value_t *value;
} decoded_t;

static inline decoded_t *decode (const void *data, size_t size)
{
    decoded_t *self = malloc (sizeof *self);
    cr_assert (self);
    self->bytes = malloc (size ? size : 1);
    cr_assert (self->bytes);
    memcpy (self->bytes, data, size);
    cr_assert (msgpack_zone_init (&self->zone, 256));
    self->value = value_decode (&self->zone, self->bytes, size);
    return self;
}

static inline void decoded_release (decoded_t **self_p)
{
    if (!*self_p)
        return;
    msgpack_zone_destroy (&(*self_p)->zone);
    free ((*self_p)->bytes);
    free (*self_p);
    *self_p = NULL;
}

#define DECODED          __attribute__ ((cleanup (decoded_release))) decoded_t *
#define DECODE(literal)  decode (literal, sizeof (literal) - 1)
#define AT(value, index) hearth_value_at (value, index)

//  Whether a value's text is what is expected.
static inline void prints_as (const hearth_value_t *value, const char *expected)
{
    char *text = hearth_value_text (value);
    cr_assert (text);
    cr_assert_str_eq (text, expected);
    free (text);
}

#endif
