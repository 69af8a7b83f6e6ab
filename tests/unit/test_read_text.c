/*  test_read_text.c - arguments as people type them
*/
#include <stdio.h>

#include "notation.h"
#include "signature.h"
#include "values.h"

#define BUILDER __attribute__ ((cleanup (hearth_builder_destroy))) hearth_builder_t *

//  What was packed, printed again, or the problem.
static void packs_as (pack_t *pack, int code, const char *problem, const char *expected)
{
    if (code) {
        cr_assert_eq (code, HEARTH_INVALID_ARGUMENT);
        cr_assert_str_eq (problem, expected);
    } else {
        DECODED one = decode (pack->buffer.data, pack->buffer.size);
        cr_assert (one->value, "what was packed is no value");
        prints_as (one->value, expected);
    }
    pack_clear (pack);
}

static void reads_as (const char *type_name, const char *text, const char *expected)
{
    char problem [300] = "";
    type_t *type = type_new (type_name, problem, sizeof problem);
    cr_assert (type, "%s", problem);
    pack_t pack;
    pack_init (&pack);
    int code = type_read_text (type, text, &pack, problem, sizeof problem);
    packs_as (&pack, code, problem, expected);
    type_destroy (&type);
}

//  ---- one argument ----

Test (read_text, scalars_are_read_by_their_type)
{
    reads_as ("nil", "nil", "null");
    reads_as ("nil", "null", "null");
    reads_as ("bool", "true", "true");
    reads_as ("bool", "false", "false");
    reads_as ("int", "-2", "-2");
    reads_as ("int", "18446744073709551615", "18446744073709551615");
    reads_as ("int", "-9223372036854775808", "-9223372036854775808");
    reads_as ("float", "2.5", "2.5");
    reads_as ("float", "2", "2.0");
    reads_as ("float", "-inf", "-inf");
    reads_as ("float", "1e3", "1000.0");
    reads_as ("time", "1970-01-01T00:00:00.5Z", "1970-01-01T00:00:00.5Z");
    reads_as ("time", "1970-01-01T01:00:00+01:00", "1970-01-01T00:00:00Z");
    reads_as ("bin", "0aFB", "h'0afb'");
    reads_as ("bin", "h'0a'", "h'0a'");
    reads_as ("bin", "", "h''");
}

Test (read_text, a_str_is_taken_as_it_is)
{
    reads_as ("str", "HOLA", "\"HOLA\"");
    reads_as ("str", "", "\"\"");
    reads_as ("str", "12", "\"12\"");
    reads_as ("str", "\"quoted\"", "\"\\\"quoted\\\"\"");
    reads_as ("str", "nil", "\"nil\"");
    reads_as ("str", "[1]", "\"[1]\"");
    reads_as ("str", "\xff", "expected UTF-8, got \"\\xff\"");
}

Test (read_text, nil_and_null_are_nil_where_nil_may_be)
{
    reads_as ("str?", "nil", "null");
    reads_as ("str?", "null", "null");
    reads_as ("str?", "x", "\"x\"");
    reads_as ("int?", "nil", "null");
    reads_as ("int?", "7", "7");
    reads_as ("list<int>?", "nil", "null");
    reads_as ("bin?", "nil", "null");
    reads_as ("int", "nil", "expected int, got nil");
}

Test (read_text, any_is_what_it_looks_like_or_else_text)
{
    reads_as ("any", "2", "2");
    reads_as ("any", "2.5", "2.5");
    reads_as ("any", "true", "true");
    reads_as ("any", "nil", "null");
    reads_as ("any", "[1, \"a\"]", "[1, \"a\"]");
    reads_as ("any", "\"2\"", "\"2\"");
    reads_as ("any", "hello", "\"hello\"");
    reads_as ("any", "hello world", "\"hello world\"");
    reads_as ("any", "007", "\"007\"");
    reads_as ("any", "1.2.3", "\"1.2.3\"");
    reads_as ("any", "[INFO] x", "\"[INFO] x\"");
    reads_as ("any", "1 2", "\"1 2\"");
    reads_as ("any", "", "\"\"");
    reads_as ("any", "h'0a", "\"h'0a\"");
    reads_as ("any", "\xff", "expected UTF-8, got \"\\xff\"");
}

Test (read_text, lists_and_maps_are_json)
{
    reads_as ("list", " [ 1 , [ ] , { } ] ", "[1, [], {}]");
    reads_as ("list<int>", "[1,2,3]", "[1, 2, 3]");
    reads_as ("list<float>", "[1,2.5]", "[1, 2.5]");
    reads_as ("map", "{\"a\":1,\"b\":[true,null]}", "{\"a\": 1, \"b\": [true, null]}");
    reads_as ("map<time>", "{\"t\":2000-01-01T00:00:00Z}", "{\"t\": 2000-01-01T00:00:00Z}");
    reads_as ("list<bin>", "[h'00',h'']", "[h'00', h'']");
    reads_as ("map", "{\"a\\u0000b\": nan}", "{\"a\\u0000b\": nan}");
}

Test (read_text, strings_know_the_escapes_of_json)
{
    reads_as ("list", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\"\\\\/\\b\\f\\n\\r\\t\"]");
    reads_as ("list", "[\"\\u00e9\\u20AC\\ud83d\\udd25\"]", "[\"é€🔥\"]");
    reads_as ("list", "[\"\\xff\"]", "[\"\\xff\"]");
    reads_as ("list", "[\"\\ud83d\"]", "column 9: an unknown escape sequence");
    reads_as ("list", "[\"\\udd25\"]", "column 9: an unknown escape sequence");
    reads_as ("list", "[\"\\ud83d\\u0041\"]", "column 9: an unknown escape sequence");
    reads_as ("list", "[\"\\u12\"]", "column 5: an unknown escape sequence");
    reads_as ("list", "[\"\\q\"]", "column 5: an unknown escape sequence");
    reads_as ("list", "[\"\\", "column 4: an unknown escape sequence");
    reads_as ("list", "[\"\\\"", "column 5: a string without end");
    reads_as ("list", "[\"\n\"]", "column 3: a control character in a string");
}

Test (read_text, a_wrong_scalar_is_told_with_what_was_expected)
{
    reads_as ("int", "abc", "expected int, got \"abc\"");
    reads_as ("int", "", "expected int, got \"\"");
    reads_as ("int", "2.5", "expected int, got float");
    reads_as ("int", "18446744073709551616", "expected int, got \"18446744073709551616\"");
    reads_as ("int", "1 2", "expected int, got \"1 2\"");
    reads_as ("int", "0x10", "expected int, got \"0x10\"");
    reads_as ("bool", "yes", "expected bool, got \"yes\"");
    reads_as ("float", "x", "expected float, got \"x\"");
    reads_as ("float", "1,5", "expected float, got \"1,5\"");
    reads_as ("time", "today", "expected time, got \"today\"");
    reads_as ("bin", "abc", "expected hexadecimal digits, got \"abc\"");
    reads_as ("bin", "zz", "expected hexadecimal digits, got \"zz\"");
    reads_as ("bin", "00 ", "expected hexadecimal digits, got \"00 \"");
    reads_as ("bin", "h'00'x", "expected bin, got \"h'00'x\"");
    reads_as ("bin", "h'0'", "expected bin, got \"h'0'\"");
    reads_as ("bin", "h'", "expected bin, got \"h'\"");
    reads_as ("bin", "\x11\x10", "expected hexadecimal digits, got \"\\u0011\\u0010\"");
    reads_as ("int", "\x1b[m", "expected int, got \"\\u001b[m\"");
}

Test (read_text, a_wrong_list_is_told_with_the_place)
{
    reads_as ("list<int>", "[1,\"x\"]", "[1]: expected int, got str");
    reads_as ("list", "{}", "expected list, got map");
    reads_as ("list", "5", "expected list, got int");
    reads_as ("list", "[1", "column 3: expected , or ]");
    reads_as ("list", "[1,]", "column 4: expected a value");
    reads_as ("list", "[,]", "column 2: expected a value");
    reads_as ("list", "[x]", "column 2: expected a value, or a string in double quotes");
    reads_as ("list", "[1]]", "expected list, got \"[1]]\"");
    reads_as ("map", "{1:2}", "column 2: expected a key in double quotes");
    reads_as ("map", "{\"a\" 2}", "column 6: expected : behind a key");
    reads_as ("map", "{\"a\":}", "column 6: expected a value");
    reads_as ("map", "{\"a\":1,}", "column 8: expected a key in double quotes");
    reads_as ("map", "{\"a\":1", "column 7: expected , or }");
}

Test (read_text, nesting_is_bounded)
{
    char text [80] = "";
    for (int i = 0; i < 32; i++)
        strcat (text, "[");
    for (int i = 0; i < 32; i++)
        strcat (text, "]");
    reads_as ("list", text, text);
    memmove (text + 1, text, 65);
    reads_as ("list", text, "column 34: nested too deeply");
}

//  What is printed can be typed.
Test (read_text, what_is_printed_reads_back_as_it_was)
{
    static const struct {
        const char *bytes;
        size_t size;
    } cases [] = {
        { "\xc0", 1 },
        { "\xc3", 1 },
        { "\xd3\x80\0\0\0\0\0\0\0", 9 },
        { "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9 },
        { "\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", 9 },
        { "\xcb\x7f\xf0\0\0\0\0\0\0", 9 },
        { "\xcb\x80\0\0\0\0\0\0\0", 9 },
        { "\xcb\x40\0\0\0\0\0\0\0", 9 },
        { "\xa8 \"\\\n\x1b\x7f\xc2\x9b", 9 },
        { "\xa3"
          "a\xff\0",
          4 },
        { "\xc4\x03\0\xff\x27", 5 },
        { "\xd7\xff\0\0\0\x04\0\0\0\x01", 10 },
        { "\xc7\x0c\xff\x3b\x9a\xc9\xff\xff\xff\xff\xff\xff\xff\xff\xff", 15 },
        { "\x92\x82\xa0\x90\xa2k\0\xc4\0\x80", 10 },
    };
    type_t *any = type_new ("any", NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases [0]; i++) {
        DECODED one = decode (cases [i].bytes, cases [i].size);
        char *text = hearth_value_text (one->value);
        char problem [300] = "";
        pack_t pack;
        pack_init (&pack);
        cr_assert_eq (type_read_text (any, text, &pack, problem, sizeof problem), HEARTH_OK, "%s: %s", text, problem);
        cr_assert_eq (pack.buffer.size, cases [i].size, "%s", text);
        cr_assert_arr_eq (pack.buffer.data, cases [i].bytes, cases [i].size, "%s", text);
        pack_clear (&pack);
        free (text);
    }
    type_destroy (&any);
}

//  ---- all arguments ----

static void line_reads_as (const char *parameters, int argc, const char **words, const char *expected)
{
    char **argv = (char **) words;  //  as main has them
    char problem [300] = "";
    signature_t *signature = parameters ? signature_new (parameters, problem, sizeof problem) : NULL;
    cr_assert (signature || !parameters, "%s", problem);
    pack_t pack;
    pack_init (&pack);
    int code = signature_read_text (signature, argc, argv, &pack, problem, sizeof problem);
    packs_as (&pack, code, problem, expected);
    signature_destroy (&signature);

    //  The same by way of the public function.
    BUILDER builder = hearth_builder_new ();
    hearth_builder_open_list (builder);
    char again [300] = "";
    cr_assert_eq (hearth_builder_read (builder, parameters, argc, argv, again, sizeof again), code);
    cr_assert_str_eq (again, code ? problem : "");
    hearth_builder_close (builder);
    hearth_arg_t arg = hearth_from_builder (builder);
    DECODED list = decode (arg.as.data, arg.size);
    cr_assert_eq (hearth_value_size (list->value), code ? 0 : 1);
    if (!code)
        prints_as (AT (list->value, 0), expected);
}

#define LINE(parameters, expected, ...)                                                                              \
    do {                                                                                                             \
        const char *words [] = { __VA_ARGS__ };                                                                      \
        line_reads_as (parameters, (int) (sizeof words / sizeof words [0]), words, expected);                        \
    } while (0)

Test (read_line, arguments_in_order_make_a_list)
{
    LINE ("a: int, b: str", "[2, \"3\"]", "2", "3");
    LINE ("a: int, b: int = 1", "[2]", "2");
    LINE ("a: str, ...", "[\"1\", 2, \"x\"]", "1", "2", "x");
    LINE (NULL, "[1, \"x\", [2]]", "1", "x", "[2]");
    line_reads_as ("", 0, NULL, "[]");
    line_reads_as (NULL, 0, NULL, "[]");
    line_reads_as ("a: int", 0, NULL, "[]");
}

Test (read_line, arguments_with_names_make_a_map)
{
    LINE ("a: int, b: str", "{\"b\": \"3\", \"a\": 2}", "b=3", "a=2");
    LINE ("a: int, b: str", "{\"a\": 2, \"b\": \"3=4\"}", "2", "b=3=4");
    LINE ("a: str", "{\"a\": \"\"}", "a=");
}

Test (read_line, a_sign_without_a_parameters_name_is_text)
{
    LINE ("a: str", "[\"x=1\"]", "x=1");
    LINE ("a: str", "[\"=1\"]", "=1");
    LINE (NULL, "[\"a=1\"]", "a=1");
}

Test (read_line, problems_name_the_argument)
{
    LINE ("a: int, b: int", "argument \"b\": expected int, got \"x\"", "1", "x");
    LINE ("a: int, b: int", "argument \"b\": expected int, got \"x\"", "b=x");
    LINE ("a: int, b: int", "2 arguments expected, 3 given", "1", "2", "3");
    LINE ("a: int, b: int", "two arguments \"a\"", "1", "a=2");
    LINE ("a: int, b: int", "two arguments \"b\"", "b=1", "b=2");
    LINE ("a: int", "expected NAME=VALUE behind a named argument, got \"2\"", "a=1", "2");
    LINE ("a: int, ...", "argument 2: expected UTF-8, got \"\\xff\"", "1", "\xff");
    LINE ("a: int, ...", "NAME=VALUE does not go together with more arguments than there are names", "1", "2", "a=3");
}

Test (read_line, a_bad_signature_is_told)
{
    BUILDER builder = hearth_builder_new ();
    char problem [300];
    char one [] = "1";
    char *words [] = { one };
    cr_assert_eq (hearth_builder_read (builder, "a", 1, words, problem, sizeof problem), HEARTH_INVALID_ARGUMENT);
    cr_assert_str_eq (problem, "parameters: column 2: expected \":\" and a type behind \"a\"");
}

Test (read_line, a_value_that_has_no_place_is_told)
{
    BUILDER builder = hearth_builder_new ();
    hearth_builder_add (builder, 1);
    char problem [300];
    char one [] = "1";
    char *words [] = { one };
    cr_assert_eq (hearth_builder_read (builder, "a: int", 1, words, problem, sizeof problem),
                  HEARTH_INVALID_ARGUMENT);
    cr_assert_str_eq (problem, "a value has no place here");
    cr_assert_eq (hearth_builder_read (NULL, "a: int", 1, words, problem, sizeof problem), HEARTH_RESOURCE_EXHAUSTED);
    cr_assert_str_eq (problem, "out of memory");
}

//  ---- one value for a builder ----

static void value_reads_as (const char *type, const char *text, const char *expected)
{
    BUILDER builder = hearth_builder_new ();
    char problem [300] = "";
    int code = hearth_builder_read_value (builder, type, text, problem, sizeof problem);
    pack_t pack;
    pack_init (&pack);
    hearth_arg_t arg = hearth_from_builder (builder);
    if (!code)
        cr_assert_eq (pack_arg (&pack, &arg), 0);
    packs_as (&pack, code, problem, expected);
}

Test (read_value, it_is_read_by_its_type_or_its_looks)
{
    value_reads_as (NULL, "2", "2");
    value_reads_as (NULL, "two", "\"two\"");
    value_reads_as (NULL, "{\"a\": [1]}", "{\"a\": [1]}");
    value_reads_as ("str", "2", "\"2\"");
    value_reads_as ("list<int>", "[1, 2]", "[1, 2]");
    value_reads_as ("int", "two", "expected int, got \"two\"");
    value_reads_as ("number", "2", "type: column 1: unknown type \"number\"");
}

Test (read_value, a_value_that_has_no_place_is_told)
{
    BUILDER builder = hearth_builder_new ();
    char problem [300];
    cr_assert_eq (hearth_builder_read_value (builder, "int", "1", problem, sizeof problem), 0);
    cr_assert_eq (hearth_builder_read_value (builder, "int", "1", problem, sizeof problem), HEARTH_INVALID_ARGUMENT);
    cr_assert_str_eq (problem, "a value has no place here");
}
