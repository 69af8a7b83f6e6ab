/*  arguments.c - what the macros of hearth.h make of C values
*/
#include <hearth.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"

//  ---- single arguments ----

static bool is_int (hearth_arg_t arg, int64_t value)
{
    return arg.type == HEARTH_TYPE_INT && !arg.is_unsigned && arg.as.integer == value;
}

static bool is_uint (hearth_arg_t arg, uint64_t value)
{
    return arg.type == HEARTH_TYPE_INT && arg.is_unsigned && arg.as.uinteger == value;
}

static bool is_float (hearth_arg_t arg, double value)
{
    return arg.type == HEARTH_TYPE_FLOAT && arg.as.number >= value && arg.as.number <= value;
}

static bool is_bool (hearth_arg_t arg, bool value)
{
    return arg.type == HEARTH_TYPE_BOOL && arg.as.boolean == value;
}

static bool is_str (hearth_arg_t arg, const char *value)
{
    return arg.type == HEARTH_TYPE_STR && arg.size == strlen (value) && !memcmp (arg.as.data, value, arg.size);
}

static void integers_keep_sign_and_width (void)
{
    EXPECT (is_int (HEARTH_ARG ((signed char) SCHAR_MIN), SCHAR_MIN));
    EXPECT (is_int (HEARTH_ARG ((short) SHRT_MIN), SHRT_MIN));
    EXPECT (is_int (HEARTH_ARG (INT_MIN), INT_MIN));
    EXPECT (is_int (HEARTH_ARG (LONG_MIN), LONG_MIN));
    EXPECT (is_int (HEARTH_ARG (LLONG_MIN), LLONG_MIN));
    EXPECT (is_int (HEARTH_ARG ((char) 'x'), 'x'));
    EXPECT (is_int (HEARTH_ARG (INT64_C (-1)), -1));
    EXPECT (is_uint (HEARTH_ARG ((unsigned char) UCHAR_MAX), UCHAR_MAX));
    EXPECT (is_uint (HEARTH_ARG ((unsigned short) USHRT_MAX), USHRT_MAX));
    EXPECT (is_uint (HEARTH_ARG (UINT_MAX), UINT_MAX));
    EXPECT (is_uint (HEARTH_ARG (ULONG_MAX), ULONG_MAX));
    EXPECT (is_uint (HEARTH_ARG (ULLONG_MAX), ULLONG_MAX));
    EXPECT (is_uint (HEARTH_ARG (sizeof (int)), sizeof (int)));
    EXPECT (is_int (HEARTH_ARG (HEARTH_NOT_FOUND), HEARTH_NOT_FOUND));
}

static void other_scalars_keep_their_type (void)
{
    const bool yes = true;
    volatile float half = 0.5F;
    EXPECT (is_bool (HEARTH_ARG (yes), true));
    EXPECT (is_bool (HEARTH_ARG (hearth_bool (false)), false));
    EXPECT (is_float (HEARTH_ARG (half), 0.5));
    EXPECT (is_float (HEARTH_ARG (2.0), 2.0));
}

static void strings_are_strs (void)
{
    char array [] = "array";
    char *pointer = array;
    const char *constant = "constant";
    EXPECT (is_str (HEARTH_ARG ("literal"), "literal"));
    EXPECT (is_str (HEARTH_ARG (array), "array"));
    EXPECT (is_str (HEARTH_ARG (pointer), "array"));
    EXPECT (is_str (HEARTH_ARG (constant), "constant"));
    EXPECT (is_str (HEARTH_ARG (*constant == 'c' ? "yes" : "no"), "yes"));
    constant = NULL;
    EXPECT (HEARTH_ARG (constant).type == HEARTH_TYPE_NIL);
}

static void values_and_builders_are_taken (void)
{
    const hearth_value_t *value = NULL;
    EXPECT (HEARTH_ARG (value).type == HEARTH_TYPE_NIL);
    hearth_builder_t *builder = hearth_builder_new ();
    hearth_builder_open_list (builder);
    hearth_builder_add (builder, 1);
    hearth_builder_add (builder, "two");
    hearth_builder_close (builder);
    const hearth_builder_t *constant = builder;
    EXPECT (HEARTH_ARG (builder).type == HEARTH_TYPE_LIST);
    EXPECT (HEARTH_ARG (constant).size == 6);
    hearth_builder_destroy (&builder);
    EXPECT (builder == NULL);
}

//  ---- lists of arguments ----

static size_t count (const hearth_arg_t *argv, size_t argc)
{
    for (size_t i = 1; i < argc; i++)
        EXPECT (is_int (argv [i], (int64_t) i));
    EXPECT (is_str (argv [0], "method"));
    return argc;
}

static int calls;

static int call (void)
{
    return ++calls;
}

static void lists_hold_one_to_seventeen (void)
{
    EXPECT (count (HEARTH_ARGS ("method")) == 1);
    EXPECT (count (HEARTH_ARGS ("method", 1)) == 2);
    EXPECT (count (HEARTH_ARGS ("method", 1, 2)) == 3);
    EXPECT (count (HEARTH_ARGS ("method", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)) == 16);
    EXPECT (count (HEARTH_ARGS ("method", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)) == 17);
}

static void each_argument_is_evaluated_once (void)
{
    EXPECT (count (HEARTH_ARGS ("method", call ())) == 2);
    EXPECT (calls == 1);
}

int main (void)
{
    integers_keep_sign_and_width ();
    other_scalars_keep_their_type ();
    strings_are_strs ();
    values_and_builders_are_taken ();
    lists_hold_one_to_seventeen ();
    each_argument_is_evaluated_once ();
    return expect_failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
