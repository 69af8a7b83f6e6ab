/*  planted.h - two faults that a tool has to find */
#ifndef PLANTED_H_INCLUDED
#define PLANTED_H_INCLUDED

#include <stdlib.h>

static void *volatile planted_last;

//  77 bytes that nobody can free any more.
static inline void planted_leak (void)
{
    planted_last = malloc (77);
    planted_last = NULL;
}

//  Writes one byte past the end of an allocation.
static inline void planted_overflow (void)
{
    volatile char *bytes = (volatile char *) malloc (8);
    for (volatile size_t index = 0; bytes && index <= 8; index++)
        bytes [index] = 1;
    free ((void *) bytes);
}

#endif
