/*  test_interface.c - what a registration may declare, and what is found of it */

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "interface.h"

#define BYTES(text)                                                                                                  \
    {                                                                                                                \
        text, sizeof text - 1                                                                                        \
    }

static interface_t *s_parse (span_t bytes, char problem [128])
{
    return interface_new ((const uint8_t *) bytes.data, bytes.size, problem, 128);
}

//  A method or event of one letter: { "name": … }
#define MEMBER(letter) "\x81\xa4name\xa1" letter

Test (interface, what_is_declared_is_found_and_nothing_else)
{
    static const span_t bytes =
        BYTES ("\x82\xa7methods\x93\x82\xa4name\xa3two\xa5"
               "flags\x92\xaaidempotent\xa6oneway" MEMBER ("b") "\x81\xa4name\xa3one"
                                                                "\xa6"
                                                                "events\x92\x82\xa4name\xa5state\xa5"
                                                                "flags\x91\xa8retained" MEMBER ("b"));
    char problem [128];
    interface_t *self = s_parse (bytes, problem);
    cr_assert (self, "%s", problem);
    static const char *const methods [] = { "one", "two", "b" };
    for (int at = 0; at < 3; at++)
        cr_assert (interface_method (self, SPAN (methods [at])), "%s", methods [at]);
    cr_assert (interface_method (self, SPAN ("two"))->idempotent);
    cr_assert_eq (interface_method (self, SPAN ("two"))->flags, WIRE_ONEWAY);
    cr_assert_not (interface_method (self, SPAN ("one"))->idempotent);
    cr_assert_eq (interface_method (self, SPAN ("one"))->flags, 0);
    cr_assert (interface_event (self, SPAN ("state"))->retained);
    cr_assert_not (interface_event (self, SPAN ("b"))->retained);
    static const char *const absent [] = { "", "o", "onee", "state", "three", "name" };
    for (int at = 0; at < 6; at++)
        cr_assert_null (interface_method (self, SPAN (absent [at])), "%s", absent [at]);
    cr_assert_null (interface_event (self, SPAN ("one")));
    cr_assert_eq (interface_bytes (self).size, bytes.size);
    cr_assert_eq (memcmp (interface_bytes (self).data, bytes.data, bytes.size), 0);
    cr_assert_gt (interface_weight (self), bytes.size + 5 * sizeof (member_t));
    interface_destroy (&self);
    interface_destroy (&self);
    cr_assert_eq (interface_weight (self), 0);
}

Test (interface, what_may_be_left_out_may_be_left_out_and_unknown_keys_are_passed_over)
{
    static const span_t rows [] = {
        BYTES ("\x80"),
        BYTES ("\x81\xa3"
               "doc\xa0"),
        BYTES ("\x81\xa7methods\x90"),
        BYTES ("\x82\xa6"
               "events\x90\xa7methods\x91" MEMBER ("a")),
        BYTES ("\x81\xa5other\x81\xa1x\x93\x01\x02\x03"),
        BYTES ("\x81\xa7methods\x91\x82\xa5later\x90\xa4name\xa1"
               "a"),
        BYTES ("\x82\xa7methods\x91" MEMBER ("a") "\xa6"
                                                  "events\x91" MEMBER ("a")),
    };
    for (size_t at = 0; at < sizeof rows / sizeof rows [0]; at++) {
        char problem [128];
        interface_t *self = s_parse (rows [at], problem);
        cr_assert (self, "row %zu: %s", at, problem);
        interface_destroy (&self);
    }
}

Test (interface, what_is_wrong_is_said)
{
    static const struct {
        span_t bytes;
        const char *problem;
    } rows [] = {
        { BYTES (""), "malformed" },
        { BYTES ("\xc1"), "malformed" },
        { BYTES ("\x81\xa7methods\x91"), "malformed" },
        { BYTES ("\x80\x80"), "malformed" },
        { BYTES ("\x90"), "it is not a map" },
        { BYTES ("\xc0"), "it is not a map" },
        { BYTES ("\x81\x01\x02"), "a key is not a str" },
        { BYTES ("\x81\xa7methods\x80"), "methods is not a list" },
        { BYTES ("\x81\xa6"
                 "events\xa0"),
          "events is not a list" },
        { BYTES ("\x82\xa7methods\x90\xa7methods\x90"), "methods are there twice" },
        { BYTES ("\x82\xa6"
                 "events\x90\xa6"
                 "events\x90"),
          "events are there twice" },
        { BYTES ("\x81\xa3"
                 "doc\x01"),
          "doc is not a str" },
        { BYTES ("\x81\xa3"
                 "doc\xa1\xff"),
          "doc is not a str" },
        { BYTES ("\x81\xa7methods\x91\x01"), "is not a map" },
        { BYTES ("\x81\xa7methods\x91\x80"), "has no name" },
        { BYTES ("\x81\xa7methods\x91\x81\xa4name\x01"), "has a bad name" },
        { BYTES ("\x81\xa7methods\x91" MEMBER (" ")), "has a bad name" },
        { BYTES ("\x81\xa7methods\x91\x81\xa4name\xa0"), "has a bad name" },
        { BYTES ("\x81\xa7methods\x92" MEMBER ("a") MEMBER ("a")), "\"a\" is declared twice" },
        { BYTES ("\x81\xa6"
                 "events\x92" MEMBER ("a") MEMBER ("a")),
          "\"a\" is declared twice" },
        { BYTES ("\x81\xa7methods\x91\x82\xa4name\xa1"
                 "a\xa5"
                 "flags\x01"),
          "flags are not a list" },
        { BYTES ("\x81\xa7methods\x91\x82\xa4name\xa1"
                 "a\xa5"
                 "flags\x91\x01"),
          "a flag is not a str" },
        { BYTES ("\x81\xa7methods\x91\x82\xa4name\xa1"
                 "a\xa6result\xc0"),
          "result is not a str" },
        { BYTES ("\x81\xa7methods\x91\x82\xa4name\xa1"
                 "a\x01\xc0"),
          "a key is not a str" },
    };
    for (size_t at = 0; at < sizeof rows / sizeof rows [0]; at++) {
        char problem [128];
        cr_assert_null (s_parse (rows [at].bytes, problem), "row %zu", at);
        cr_assert (strstr (problem, rows [at].problem), "row %zu: %s", at, problem);
    }
}
