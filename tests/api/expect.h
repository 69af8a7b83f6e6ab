/*  expect.h - for plain programs in C and in C++: tells what is not as it should be, and goes on
*/
#ifndef EXPECT_H_INCLUDED
#define EXPECT_H_INCLUDED

#include <stdio.h>

static int expect_failures;

#define EXPECT(condition)                                                                                            \
    do {                                                                                                             \
        if (!(condition)) {                                                                                          \
            fprintf (stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                 \
            expect_failures++;                                                                                       \
        }                                                                                                            \
    } while (0)

#endif
