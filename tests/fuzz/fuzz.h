/*  fuzz.h - what the fuzz targets share: saying what must hold, and text that ends where its allocation does */
#ifndef FUZZ_H_INCLUDED
#define FUZZ_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  Called by libFuzzer.
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                           \
    do {                                                                                                             \
        if (!(condition)) {                                                                                          \
            fprintf (stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                          \
            abort ();                                                                                                \
        }                                                                                                            \
    } while (0)

//  A zero-terminated copy; the caller frees it.
static inline char *fuzz_text (const uint8_t *data, size_t size)
{
    char *text = malloc (size + 1);
    REQUIRE (text);
    if (size > 0)
        memcpy (text, data, size);
    text [size] = '\0';
    return text;
}

#endif
