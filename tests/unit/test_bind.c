/*  test_bind.c - arguments by order and by name, defaults, and what is said about wrong ones
*/
#include <stdio.h>

#include "signature.h"
#include "values.h"

#define ROOM 8

typedef struct {
    signature_t *signature;
    decoded_t *arguments;
    const hearth_value_t *argv [ROOM];
    int count;
    char problem [200];
} bound_t;

static bound_t *bind_bytes (const char *text, const char *bytes, size_t size)
{
    bound_t *self = calloc (1, sizeof *self);
    cr_assert (self);
    self->signature = signature_new (text, self->problem, sizeof self->problem);
    cr_assert (self->signature, "%s", self->problem);
    self->arguments = decode (bytes, size);
    cr_assert (self->arguments->value);
    self->count = signature_bind (self->signature, self->arguments->value, self->argv, ROOM, self->problem,
                                  sizeof self->problem);
    return self;
}

static void bound_release (bound_t **self_p)
{
    if (!*self_p)
        return;
    signature_destroy (&(*self_p)->signature);
    decoded_release (&(*self_p)->arguments);
    free (*self_p);
    *self_p = NULL;
}

#define BOUND             __attribute__ ((cleanup (bound_release))) bound_t *
#define BIND(text, bytes) bind_bytes (text, bytes, sizeof (bytes) - 1)

//  Binds, and compares what comes first: the arguments as text, or the problem.
static void binds_as (const char *text, const char *bytes, size_t size, const char *expected)
{
    BOUND bound = bind_bytes (text, bytes, size);
    if (bound->count < 0) {
        cr_assert_str_eq (bound->problem, expected);
        return;
    }
    char all [200] = "";
    for (int i = 0; i < bound->count; i++) {
        char *one = hearth_value_text (bound->argv [i]);
        cr_assert (one);
        size_t used = strlen (all);
        snprintf (all + used, sizeof all - used, "%s%s", i ? " " : "", one);
        free (one);
    }
    cr_assert_str_eq (all, expected);
}

#define BINDS_AS(text, bytes, expected) binds_as (text, bytes, sizeof (bytes) - 1, expected)

Test (bind, a_list_goes_to_the_parameters_in_order)
{
    BINDS_AS ("a: int, b: str", "\x92\x01\xa1x", "1 \"x\"");
    BINDS_AS ("", "\x90", "");
    BINDS_AS ("a: float", "\x91\x02", "2");
    BINDS_AS ("a: int?", "\x91\xc0", "null");
}

Test (bind, a_map_goes_to_the_parameters_by_name)
{
    BINDS_AS ("a: int, b: str",
              "\x82\xa1"
              "b\xa1x\xa1"
              "a\x01",
              "1 \"x\"");
    BINDS_AS ("", "\x80", "");
}

Test (bind, defaults_are_filled_in)
{
    BINDS_AS ("a: int, b: int = 7, c: str = \"z\"", "\x91\x01", "1 7 \"z\"");
    BINDS_AS ("a: int, b: int = 7, c: str = \"z\"", "\x92\x01\x02", "1 2 \"z\"");
    BINDS_AS ("a: int, b: int = 7, c: str = \"z\"",
              "\x82\xa1"
              "a\x01\xa1"
              "c\xa1q",
              "1 7 \"q\"");
    BINDS_AS ("a: list = [], b: map = {}, c: bool? = nil", "\x90", "[] {} null");
    BINDS_AS ("a: str = \"\"", "\x90", "\"\"");
}

//  Nil that is given is not the same as nothing given.
Test (bind, nil_does_not_stand_for_a_default)
{
    BINDS_AS ("a: int? = 7", "\x91\xc0", "null");
    BINDS_AS ("a: int = 7", "\x91\xc0", "argument \"a\": expected int, got nil");
}

Test (bind, the_rest_follows_the_parameters)
{
    BINDS_AS ("a: int, ...", "\x93\x01\xa1x\xc3", "1 \"x\" true");
    BINDS_AS ("a: int, ...", "\x91\x01", "1");
    BINDS_AS ("...", "\x90", "");
    BINDS_AS ("a: int = 1, ...", "\x90", "1");
    BINDS_AS ("a: int, ...", "\x90", "missing argument \"a\" (int)");
    BINDS_AS ("a: int, ...",
              "\x82\xa1"
              "a\x01\xa1z\x02",
              "unexpected argument \"z\"");
}

Test (bind, a_wrong_type_names_argument_expectation_and_what_came)
{
    BINDS_AS ("a: int, b: int", "\x92\x01\xa1x", "argument \"b\": expected int, got str");
    BINDS_AS ("a: int, b: int",
              "\x82\xa1"
              "a\x01\xa1"
              "b\xc3",
              "argument \"b\": expected int, got bool");
    BINDS_AS ("a: list<int>", "\x91\x92\x01\xc0", "argument \"a\"[1]: expected int, got nil");
    BINDS_AS ("a: map<list<str>>", "\x91\x81\xa1k\x91\x01", "argument \"a\"[\"k\"][0]: expected str, got int");
    BINDS_AS ("a: str", "\x91\xa1\xff", "argument \"a\": expected str, got bytes that are not UTF-8");
}

Test (bind, a_missing_argument_is_named)
{
    BINDS_AS ("a: int, b: list<int>", "\x91\x01", "missing argument \"b\" (list<int>)");
    BINDS_AS ("a: int, b: int",
              "\x81\xa1"
              "b\x01",
              "missing argument \"a\" (int)");
    BINDS_AS ("a: int", "\x90", "missing argument \"a\" (int)");
}

Test (bind, too_many_arguments_are_counted)
{
    BINDS_AS ("a: int, b: int", "\x93\x01\x02\x03", "2 arguments expected, 3 given");
    BINDS_AS ("a: int", "\x92\x01\x02", "1 argument expected, 2 given");
    BINDS_AS ("a: int, b: int = 1", "\x93\x01\x02\x03", "at most 2 arguments expected, 3 given");
    BINDS_AS ("", "\x91\x01", "no arguments expected, 1 given");
}

Test (bind, unknown_and_repeated_names_are_refused)
{
    BINDS_AS ("a: int",
              "\x82\xa1"
              "a\x01\xa1"
              "c\x02",
              "unexpected argument \"c\"");
    BINDS_AS ("a: int",
              "\x82\xa1"
              "a\x01\xa1"
              "a\x02",
              "two arguments \"a\"");
    BINDS_AS ("a: int", "\x81\x01\x02", "an argument's name must be str, got int");
    BINDS_AS ("ab: int",
              "\x81\xa1"
              "a\x01",
              "unexpected argument \"a\"");
    BINDS_AS ("a: int",
              "\x81\xa2"
              "a\0\x01",
              "unexpected argument \"a\\u0000\"");
    BINDS_AS ("a: int", "\x81\xa2\x1b[\x01", "unexpected argument \"\\u001b[\"");
    BINDS_AS ("a: int", "\x81\xa1\xff\x01", "unexpected argument \"\\xff\"");
}

Test (bind, arguments_are_a_list_or_a_map)
{
    BINDS_AS ("", "\xc0", "arguments must be a list or a map, got nil");
    BINDS_AS ("a: int", "\x01", "arguments must be a list or a map, got int");
}

Test (bind, more_than_there_is_room_for_is_refused)
{
    BINDS_AS ("...", "\x98\x01\x02\x03\x04\x05\x06\x07\x08", "1 2 3 4 5 6 7 8");
    BINDS_AS ("...", "\x99\x01\x02\x03\x04\x05\x06\x07\x08\x09", "more than 8 arguments");
    BINDS_AS ("a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: int, i: int", "\x90",
              "more than 8 arguments");
    //  Too many that will not be placed need no room.
    BINDS_AS ("a: int", "\x99\x01\x02\x03\x04\x05\x06\x07\x08\x09", "1 argument expected, 9 given");
}

Test (bind, a_signature_is_used_again_and_again)
{
    char problem [200];
    signature_t *signature = signature_new ("a: str = \"once\"", problem, sizeof problem);
    cr_assert (signature);
    for (int i = 0; i < 3; i++) {
        DECODED none = DECODE ("\x90");
        const hearth_value_t *argv [1];
        cr_assert_eq (signature_bind (signature, none->value, argv, 1, problem, sizeof problem), 1);
        cr_assert_str_eq (hearth_value_str (argv [0]), "once");
    }
    signature_destroy (&signature);
}

Test (bind, a_problem_need_not_be_wanted)
{
    signature_t *signature = signature_new ("a: int", NULL, 0);
    DECODED none = DECODE ("\x90");
    const hearth_value_t *argv [1];
    cr_assert_eq (signature_bind (signature, none->value, argv, 1, NULL, 0), -1);
    signature_destroy (&signature);
}
