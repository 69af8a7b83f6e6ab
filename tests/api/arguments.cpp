/*  arguments.cpp - what the overloads of hearth.h make of C++ values
*/
#include <hearth.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>

#include "expect.h"

//  ---- single arguments ----

static bool is_int (const hearth_arg_t &arg, int64_t value)
{
    return arg.type == HEARTH_TYPE_INT && !arg.is_unsigned && arg.as.integer == value;
}

static bool is_uint (const hearth_arg_t &arg, uint64_t value)
{
    return arg.type == HEARTH_TYPE_INT && arg.is_unsigned && arg.as.uinteger == value;
}

static bool is_float (const hearth_arg_t &arg, double value)
{
    return arg.type == HEARTH_TYPE_FLOAT && arg.as.number >= value && arg.as.number <= value;
}

static bool is_bool (const hearth_arg_t &arg, bool value)
{
    return arg.type == HEARTH_TYPE_BOOL && arg.as.boolean == value;
}

static bool is_str (const hearth_arg_t &arg, const std::string &value)
{
    return arg.type == HEARTH_TYPE_STR && value == std::string (static_cast<const char *> (arg.as.data), arg.size);
}

static void integers_keep_sign_and_width ()
{
    EXPECT (is_int (HEARTH_ARG (static_cast<signed char> (SCHAR_MIN)), SCHAR_MIN));
    EXPECT (is_int (HEARTH_ARG (static_cast<short> (SHRT_MIN)), SHRT_MIN));
    EXPECT (is_int (HEARTH_ARG (INT_MIN), INT_MIN));
    EXPECT (is_int (HEARTH_ARG (LONG_MIN), LONG_MIN));
    EXPECT (is_int (HEARTH_ARG (LLONG_MIN), LLONG_MIN));
    EXPECT (is_int (HEARTH_ARG ('x'), 'x'));
    EXPECT (is_int (HEARTH_ARG (HEARTH_NOT_FOUND), HEARTH_NOT_FOUND)
            || is_uint (HEARTH_ARG (HEARTH_NOT_FOUND), HEARTH_NOT_FOUND));
    EXPECT (is_uint (HEARTH_ARG (UINT_MAX), UINT_MAX));
    EXPECT (is_uint (HEARTH_ARG (ULONG_MAX), ULONG_MAX));
    EXPECT (is_uint (HEARTH_ARG (ULLONG_MAX), ULLONG_MAX));
    EXPECT (is_uint (HEARTH_ARG (sizeof (int)), sizeof (int)));
}

static void other_scalars_keep_their_type ()
{
    const bool yes = true;
    EXPECT (is_bool (HEARTH_ARG (true), true));
    EXPECT (is_bool (HEARTH_ARG (yes), true));
    EXPECT (is_bool (HEARTH_ARG (1 == 2), false));
    EXPECT (is_float (HEARTH_ARG (0.5F), 0.5));
    EXPECT (is_float (HEARTH_ARG (2.0), 2.0));
}

static void strings_are_strs ()
{
    char array [] = "array";
    char *pointer = array;
    const std::string text = "text";
    EXPECT (is_str (HEARTH_ARG ("literal"), "literal"));
    EXPECT (is_str (HEARTH_ARG (array), "array"));
    EXPECT (is_str (HEARTH_ARG (pointer), "array"));
    EXPECT (is_str (HEARTH_ARG (text.c_str ()), "text"));
    EXPECT (HEARTH_ARG (static_cast<const char *> (nullptr)).type == HEARTH_TYPE_NIL);
}

static void values_and_builders_are_taken ()
{
    const hearth_value_t *value = nullptr;
    EXPECT (HEARTH_ARG (value).type == HEARTH_TYPE_NIL);
    EXPECT (HEARTH_ARG (hearth_nil ()).type == HEARTH_TYPE_NIL);
    hearth_builder_t *builder = hearth_builder_new ();
    hearth_builder_open_map (builder);
    hearth_builder_key (builder, "k");
    hearth_builder_add (builder, true);
    hearth_builder_close (builder);
    const hearth_builder_t *constant = builder;
    EXPECT (HEARTH_ARG (builder).type == HEARTH_TYPE_MAP);
    EXPECT (HEARTH_ARG (constant).size == 4);
    hearth_builder_destroy (&builder);
    EXPECT (builder == nullptr);
}

//  ---- lists of arguments ----

static size_t count (const hearth_arg_t *argv, size_t argc)
{
    for (size_t i = 1; i < argc; i++)
        EXPECT (is_int (argv [i], static_cast<int64_t> (i)));
    EXPECT (is_str (argv [0], "method"));
    return argc;
}

static int calls;

static int call ()
{
    return ++calls;
}

static void lists_hold_what_is_given ()
{
    EXPECT (count (HEARTH_ARGS ("method")) == 1);
    EXPECT (count (HEARTH_ARGS ("method", 1)) == 2);
    EXPECT (count (HEARTH_ARGS ("method", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)) == 17);
    EXPECT (count (HEARTH_ARGS (std::string ("method").c_str (), 1)) == 2);
}

static void each_argument_is_evaluated_once ()
{
    EXPECT (count (HEARTH_ARGS ("method", call ())) == 2);
    EXPECT (calls == 1);
}

int main ()
{
    integers_keep_sign_and_width ();
    other_scalars_keep_their_type ();
    strings_are_strs ();
    values_and_builders_are_taken ();
    lists_hold_what_is_given ();
    each_argument_is_evaluated_once ();
    return expect_failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
