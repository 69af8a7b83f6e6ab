/*  test_signature.c - parsing signatures, and checking values against types
*/
#include <errno.h>
#include <stdio.h>

#include "signature.h"
#include "values.h"

#define SIGNATURE __attribute__ ((cleanup (signature_destroy))) signature_t *
#define TYPE      __attribute__ ((cleanup (type_destroy))) type_t *
#define BUILDER   __attribute__ ((cleanup (hearth_builder_destroy))) hearth_builder_t *

static signature_t *parse (const char *text)
{
    char problem [200] = "";
    signature_t *self = signature_new (text, problem, sizeof problem);
    cr_assert (self, "%s: %s", text, problem);
    return self;
}

static type_t *parse_type (const char *text)
{
    char problem [200] = "";
    type_t *self = type_new (text, problem, sizeof problem);
    cr_assert (self, "%s: %s", text, problem);
    return self;
}

//  ---- parsing ----

Test (signature, parameters_have_names_types_and_defaults)
{
    SIGNATURE signature = parse ("a: int, b: list<str>? = nil, c: map<int> = {}");
    cr_assert_eq (signature_count (signature), 3);
    cr_assert (!signature_takes_rest (signature));
    cr_assert_str_eq (signature_name (signature, 0), "a");
    cr_assert_str_eq (signature_name (signature, 1), "b");
    cr_assert_str_eq (type_text (signature_type (signature, 0)), "int");
    cr_assert_str_eq (type_text (signature_type (signature, 1)), "list<str>?");
    cr_assert_str_eq (type_text (signature_type (signature, 2)), "map<int>");
    cr_assert (!signature_is_optional (signature, 0));
    cr_assert (signature_is_optional (signature, 1));
}

Test (signature, nothing_is_a_signature_without_parameters)
{
    SIGNATURE empty = parse ("");
    SIGNATURE spaces = parse (" \t\n");
    cr_assert_eq (signature_count (empty), 0);
    cr_assert_eq (signature_count (spaces), 0);
    cr_assert (!signature_takes_rest (empty));
}

Test (signature, the_rest_comes_last)
{
    SIGNATURE rest = parse ("...");
    cr_assert (signature_takes_rest (rest));
    cr_assert_eq (signature_count (rest), 0);
    SIGNATURE both = parse ("a: int, ...");
    cr_assert (signature_takes_rest (both));
    cr_assert_eq (signature_count (both), 1);
}

Test (signature, spaces_do_not_matter)
{
    SIGNATURE tight = parse ("a:list<map<int?>>=[],b:str=\"x\"");
    SIGNATURE loose = parse ("  a : list < map < int ? > > = [ ] , b : str = \"x\"  ");
    cr_assert_str_eq (type_text (signature_type (tight, 0)), "list<map<int?>>");
    cr_assert_str_eq (type_text (signature_type (loose, 0)), "list<map<int?>>");
}

Test (signature, every_kind_of_default_is_read)
{
    SIGNATURE signature =
        parse ("a: int? = nil, b: bool = true, c: bool = false, d: int = -7, e: float = 2.5, "
               "f: float = 3, g: str = \"a,\\\"b\\u20ac\", h: list = [], i: map = {}, j: any = \"\"");
    cr_assert_eq (signature_count (signature), 10);
}

Test (signature, bad_text_is_refused_with_its_place)
{
    static const struct {
        const char *text;
        const char *problem;
    } cases [] = {
        { "a", "column 2: expected \":\" and a type behind \"a\"" },
        { "a:", "column 3: expected a type, got the end" },
        { "a: in", "column 4: unknown type \"in\"" },
        { "a: integer", "column 4: unknown type \"integer\"" },
        { "a: <", "column 4: expected a type, got \"<\"" },
        { "a: int b: int", "column 8: expected \",\" or the end, got \"b\"" },
        { "a: int,", "column 8: expected a parameter's name, got the end" },
        { ",", "column 1: expected a parameter's name, got \",\"" },
        { "1a: int", "column 1: expected a parameter's name, got \"1\"" },
        { "a: int, a: str", "column 9: a second parameter \"a\"" },
        { "..., a: int", "column 4: expected the end, got \",\"" },
        { "a: int<int>", "column 7: int has no element type" },
        { "a: list<int", "column 12: expected \">\"" },
        { "a: list<>", "column 9: expected a type, got \">\"" },
        { "a: int??", "column 8: expected \",\" or the end, got \"?\"" },
        { "a: int = 1, b: int", "column 13: \"b\" needs a default, since the one before has one" },
        { "a: int = \"x\"", "column 10: the default of \"a\": expected int, got str" },
        { "a: int = nil", "column 10: the default of \"a\": expected int, got nil" },
        { "a: \x1b[31m", "column 4: expected a type, got \"\\u001b\"" },
        { "\xff", "column 1: expected a parameter's name, got \"\\xff\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        char problem [200] = "";
        errno = 0;
        signature_t *signature = signature_new (cases [i].text, problem, sizeof problem);
        cr_assert_null (signature, "%s", cases [i].text);
        cr_assert_eq (errno, EINVAL);
        cr_assert_str_eq (problem, cases [i].problem);
    }
}

Test (signature, what_may_not_be_a_default_is_refused)
{
    static const char *const bad [] = {
        "null",  "[1]", "{\"a\": 1}", "nan",  "inf", "-inf", "h'00'", "1970-01-01T00:00:00Z",
        "",      "x",   "\"",         "\"\\", "[",   "{",    "01",    "18446744073709551616",
        "1e999", "(1)", "'x'",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad [0]; i++) {
        char text [80];
        char problem [200] = "";
        snprintf (text, sizeof text, "a: any = %s", bad [i]);
        cr_assert_null (signature_new (text, problem, sizeof problem), "%s", text);
        cr_assert_str_eq (problem,
                          "column 10: expected a default: nil, true, false, a number, a string in double quotes, "
                          "[] or {}",
                          "%s", text);
    }
}

Test (signature, nesting_is_bounded)
{
    char text [400] = "";
    for (int i = 0; i < SIGNATURE_NESTING; i++)
        strcat (text, "list<");
    strcat (text, "int");
    for (int i = 0; i < SIGNATURE_NESTING; i++)
        strcat (text, ">");
    TYPE deepest = parse_type (text);
    cr_assert_str_eq (type_text (deepest), text);
    char deeper [410];
    snprintf (deeper, sizeof deeper, "list<%s>", text);
    char problem [200];
    cr_assert_null (type_new (deeper, problem, sizeof problem));
    cr_assert_str_eq (problem, "column 165: nested deeper than 32");
}

Test (signature, size_is_bounded)
{
    char text [SIGNATURE_SIZE + 2];
    memset (text, ' ', sizeof text);
    text [SIGNATURE_SIZE] = '\0';
    SIGNATURE longest = parse (text);
    cr_assert_eq (signature_count (longest), 0);
    text [SIGNATURE_SIZE] = ' ';
    text [SIGNATURE_SIZE + 1] = '\0';
    char problem [200];
    cr_assert_null (signature_new (text, problem, sizeof problem));
    cr_assert_str_eq (problem, "longer than 4096 bytes");
}

Test (signature, a_problem_need_not_be_wanted)
{
    cr_assert_null (signature_new ("a", NULL, 0));
    cr_assert_null (type_new ("x", NULL, 0));
    char one [1] = "x";
    cr_assert_null (type_new ("x", one, sizeof one));
    cr_assert_str_eq (one, "");
}

Test (signature, cut_off_text_never_does_harm)
{
    static const char whole [] = "a: list<map<int?>>? = nil, b: str = \"x\\u00e9\\\\\", c: time? = nil, ...";
    for (size_t size = 0; size < sizeof whole; size++) {
        char *text = strndup (whole, size);
        char problem [200];
        signature_t *signature = signature_new (text, problem, sizeof problem);
        signature_destroy (&signature);
        free (text);
    }
}

Test (type, a_type_is_the_whole_text)
{
    char problem [200];
    cr_assert_null (type_new ("", problem, sizeof problem));
    cr_assert_str_eq (problem, "column 1: expected a type, got the end");
    cr_assert_null (type_new ("int, int", problem, sizeof problem));
    cr_assert_str_eq (problem, "column 4: expected the end, got \",\"");
    cr_assert_null (type_new ("int x", problem, sizeof problem));
    cr_assert_str_eq (problem, "column 5: expected the end, got \"x\"");
}

//  ---- checking ----

//  Whether a value fits, and what is said if it does not.
static void check (const char *type_text_, const char *bytes, size_t size, const char *expected)
{
    TYPE type = parse_type (type_text_);
    DECODED one = decode (bytes, size);
    cr_assert (one->value);
    char problem [200] = "fits";
    bool good = type_check (type, one->value, problem, sizeof problem);
    cr_assert_str_eq (problem, expected);
    cr_assert_eq (good, !strcmp (expected, "fits"));

    //  The same as an argument, as it came and out of a builder.
    hearth_arg_t arg = hearth_from_value (one->value);
    strcpy (problem, "fits");
    cr_assert_eq (type_check_arg (type, &arg, problem, sizeof problem), good);
    cr_assert_str_eq (problem, expected);
    BUILDER builder = hearth_builder_new ();
    hearth_builder_add (builder, one->value);
    arg = hearth_from_builder (builder);
    strcpy (problem, "fits");
    cr_assert_eq (type_check_arg (type, &arg, problem, sizeof problem), good);
    cr_assert_str_eq (problem, expected);
}

#define CHECK(type, bytes, expected) check (type, bytes, sizeof (bytes) - 1, expected)

Test (type, each_type_takes_its_own_values_only)
{
    static const struct {
        const char *type;
        const char *bytes;
        size_t size;
    } kinds [] = {
        { "nil", "\xc0", 1 },
        { "bool", "\xc2", 1 },
        { "int", "\xff", 1 },
        { "float", "\xca\0\0\0\0", 5 },
        { "str",
          "\xa1"
          "a",
          2 },
        { "bin",
          "\xc4\x01"
          "a",
          3 },
        { "list", "\x91\x01", 2 },
        { "map",
          "\x81\xa1"
          "a\x01",
          4 },
        { "time", "\xd6\xff\0\0\0\0", 6 },
        { "extension", "\xd4\x05\0", 3 },
    };
    for (size_t type = 0; type < 9; type++)
        for (size_t value = 0; value < 10; value++) {
            char expected [80] = "fits";
            bool int_as_float = type == 3 && value == 2;
            if (type != value && !int_as_float)
                snprintf (expected, sizeof expected, "expected %s, got %s", kinds [type].type, kinds [value].type);
            check (kinds [type].type, kinds [value].bytes, kinds [value].size, expected);
            check ("any", kinds [value].bytes, kinds [value].size, "fits");
        }
}

Test (type, int_holds_all_of_both_ranges)
{
    CHECK ("int", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "fits");
    CHECK ("int", "\xd3\x80\0\0\0\0\0\0\0", "fits");
    CHECK ("int", "\xcb\x3f\xf0\0\0\0\0\0\0", "expected int, got float");
}

Test (type, a_question_mark_lets_nil_in)
{
    CHECK ("int?", "\xc0", "fits");
    CHECK ("int?", "\x01", "fits");
    CHECK ("int?", "\xc2", "expected int?, got bool");
    CHECK ("str?", "\xc0", "fits");
    CHECK ("list<int>?", "\xc0", "fits");
    CHECK ("list<int?>", "\x92\xc0\x01", "fits");
    CHECK ("list<int>", "\x92\xc0\x01", "[0]: expected int, got nil");
}

Test (type, elements_are_checked_to_the_depths)
{
    CHECK ("list<int>", "\x90", "fits");
    CHECK ("list<int>", "\x93\x01\x02\xa1x", "[2]: expected int, got str");
    CHECK ("map<int>",
           "\x82\xa1"
           "a\x01\xa1"
           "b\x02",
           "fits");
    CHECK ("map<int>",
           "\x82\xa1"
           "a\x01\xa1"
           "b\xc3",
           "[\"b\"]: expected int, got bool");
    CHECK ("map<list<str>>",
           "\x81\xa1"
           "a\x92\xa1x\x01",
           "[\"a\"][1]: expected str, got int");
    CHECK ("list<any>", "\x92\x01\xa1x", "fits");
    CHECK ("list", "\x92\x01\xa1x", "fits");
}

Test (type, keys_of_a_typed_map_are_strs)
{
    CHECK ("map", "\x81\x01\x02", "fits");
    CHECK ("map<any>", "\x81\x01\x02", "expected keys of type str, got int");
    CHECK ("list<map<int>>", "\x91\x81\xc0\x02", "[0]: expected keys of type str, got nil");
    CHECK ("map<int>", "\x81\xa1\xff\x02", "expected keys of type str, got a key that is not UTF-8");
}

Test (type, a_str_is_utf8)
{
    CHECK ("str", "\xa2\xc3\xa9", "fits");
    CHECK ("str", "\xa2\xc3\x28", "expected str, got bytes that are not UTF-8");
    CHECK ("str?", "\xa1\xff", "expected str?, got bytes that are not UTF-8");
    CHECK ("list<str>", "\x91\xa1\xff", "[0]: expected str, got bytes that are not UTF-8");
    CHECK ("any", "\xa1\xff", "fits");
    CHECK ("list", "\x91\xa1\xff", "fits");
}

Test (type, a_hostile_key_is_escaped_in_the_sentence)
{
    CHECK ("map<int>", "\x81\xa3\x1b[m\xc0", "[\"\\u001b[m\"]: expected int, got nil");
}

Test (type, a_builder_that_is_not_complete_fits_nothing)
{
    TYPE any = parse_type ("any");
    BUILDER builder = hearth_builder_new ();
    hearth_builder_open_list (builder);
    hearth_arg_t arg = hearth_from_builder (builder);
    char problem [200];
    cr_assert (!type_check_arg (any, &arg, problem, sizeof problem));
    cr_assert_str_eq (problem, "a builder that is not complete");
    arg = hearth_from_builder (NULL);
    cr_assert (!type_check_arg (any, &arg, problem, sizeof problem));
    cr_assert_str_eq (problem, "out of memory");
}

Test (type, a_builder_that_nests_too_deeply_fits_nothing_but_any)
{
    BUILDER inner = hearth_builder_new ();
    for (int i = 0; i < 32; i++)
        hearth_builder_open_list (inner);
    for (int i = 0; i < 32; i++)
        hearth_builder_close (inner);
    BUILDER outer = hearth_builder_new ();
    hearth_builder_open_list (outer);
    hearth_builder_add (outer, inner);
    hearth_builder_close (outer);
    TYPE list = parse_type ("list");
    hearth_arg_t arg = hearth_from_builder (outer);
    char problem [200];
    cr_assert (!type_check_arg (list, &arg, problem, sizeof problem));
    cr_assert_str_eq (problem, "a value that is nested too deeply");
}
