/*  test_builder.c - lists and maps that are built value by value, down to the bytes
*/
#include <stdio.h>

#include "packs.h"
#include "scan.h"

#define BUILDER __attribute__ ((cleanup (hearth_builder_destroy))) hearth_builder_t *

static int code_of (const hearth_builder_t *builder)
{
    pack_t pack;
    pack_init (&pack);
    hearth_arg_t arg = HEARTH_ARG (builder);
    int code = pack_arg (&pack, &arg);
    cr_assert (code == HEARTH_OK || pack.buffer.size == 0);
    pack_clear (&pack);
    return code;
}

Test (builder, lists_and_maps_nest)
{
    BUILDER builder = hearth_builder_new ();
    hearth_builder_open_map (builder);
    hearth_builder_key (builder, "a");
    hearth_builder_open_list (builder);
    hearth_builder_add (builder, 1);
    hearth_builder_add (builder, "x");
    hearth_builder_open_map (builder);
    hearth_builder_close (builder);
    hearth_builder_close (builder);
    hearth_builder_key (builder, "b");
    hearth_builder_add (builder, hearth_nil ());
    hearth_builder_close (builder);
    ARG_PACKS_AS (builder, "\x82\xa1"
                           "a\x93\x01\xa1x\x80\xa1"
                           "b\xc0");
    cr_assert_eq (HEARTH_ARG (builder).type, HEARTH_TYPE_MAP);
}

Test (builder, a_single_value_needs_no_container)
{
    BUILDER builder = hearth_builder_new ();
    hearth_builder_add (builder, "x");
    ARG_PACKS_AS (builder, "\xa1x");
    cr_assert_eq (HEARTH_ARG (builder).type, HEARTH_TYPE_STR);
}

Test (builder, a_builder_is_added_to_another)
{
    BUILDER inner = hearth_builder_new ();
    hearth_builder_open_list (inner);
    hearth_builder_add (inner, 1);
    hearth_builder_close (inner);
    BUILDER outer = hearth_builder_new ();
    hearth_builder_open_list (outer);
    hearth_builder_add (outer, inner);
    hearth_builder_add (outer, 2);
    hearth_builder_close (outer);
    ARG_PACKS_AS (outer, "\x92\x91\x01\x02");
}

//  Heads grow from 1 to 3 to 5 bytes, on two levels, so that what was moved is moved again.
Test (builder, heads_have_the_shortest_form_for_each_count)
{
    static const size_t counts [] = { 0, 1, 15, 16, 17, 65535, 65536 };
    for (size_t i = 0; i < sizeof counts / sizeof counts [0]; i++) {
        BUILDER builder = hearth_builder_new ();
        pack_t expected;
        pack_init (&expected);
        hearth_builder_open_list (builder);
        pack_list (&expected, 17);
        for (int n = 0; n < 16; n++) {
            hearth_builder_add (builder, n);
            pack_int (&expected, n);
        }
        hearth_builder_open_map (builder);
        pack_map (&expected, counts [i]);
        for (size_t n = 0; n < counts [i]; n++) {
            char key [24];
            snprintf (key, sizeof key, "k%zu", n);
            hearth_builder_key (builder, key);
            hearth_builder_add (builder, n);
            pack_str (&expected, key);
            pack_uint (&expected, n);
        }
        hearth_builder_close (builder);
        hearth_builder_close (builder);
        arg_packs_as (HEARTH_ARG (builder), expected.buffer.data, expected.buffer.size);
        pack_clear (&expected);
    }
}

Test (builder, what_is_not_complete_is_refused)
{
    BUILDER builder = hearth_builder_new ();
    cr_assert_eq (code_of (builder), HEARTH_INVALID_ARGUMENT);
    hearth_builder_open_list (builder);
    cr_assert_eq (code_of (builder), HEARTH_INVALID_ARGUMENT);
    hearth_builder_close (builder);
    cr_assert_eq (code_of (builder), HEARTH_OK);
}

Test (builder, a_second_value_at_the_top_is_refused)
{
    BUILDER builder = hearth_builder_new ();
    hearth_builder_add (builder, 1);
    hearth_builder_add (builder, 2);
    cr_assert_eq (code_of (builder), HEARTH_INVALID_ARGUMENT);
}

Test (builder, an_unbalanced_close_sticks)
{
    BUILDER builder = hearth_builder_new ();
    hearth_builder_close (builder);
    hearth_builder_open_list (builder);
    hearth_builder_close (builder);
    cr_assert_eq (code_of (builder), HEARTH_INVALID_ARGUMENT);
}

Test (builder, keys_and_values_take_turns_in_a_map)
{
    BUILDER no_key = hearth_builder_new ();
    hearth_builder_open_map (no_key);
    hearth_builder_add (no_key, 1);
    cr_assert_eq (code_of (no_key), HEARTH_INVALID_ARGUMENT);

    BUILDER container_as_key = hearth_builder_new ();
    hearth_builder_open_map (container_as_key);
    hearth_builder_open_list (container_as_key);
    cr_assert_eq (code_of (container_as_key), HEARTH_INVALID_ARGUMENT);

    BUILDER two_keys = hearth_builder_new ();
    hearth_builder_open_map (two_keys);
    hearth_builder_key (two_keys, "a");
    hearth_builder_key (two_keys, "b");
    cr_assert_eq (code_of (two_keys), HEARTH_INVALID_ARGUMENT);

    BUILDER no_value = hearth_builder_new ();
    hearth_builder_open_map (no_value);
    hearth_builder_key (no_value, "a");
    hearth_builder_close (no_value);
    cr_assert_eq (code_of (no_value), HEARTH_INVALID_ARGUMENT);
}

Test (builder, a_key_has_its_place_in_maps_only)
{
    BUILDER at_top = hearth_builder_new ();
    hearth_builder_key (at_top, "a");
    cr_assert_eq (code_of (at_top), HEARTH_INVALID_ARGUMENT);

    BUILDER in_list = hearth_builder_new ();
    hearth_builder_open_list (in_list);
    hearth_builder_key (in_list, "a");
    hearth_builder_close (in_list);
    cr_assert_eq (code_of (in_list), HEARTH_INVALID_ARGUMENT);

    BUILDER no_string = hearth_builder_new ();
    hearth_builder_open_map (no_string);
    hearth_builder_key (no_string, NULL);
    cr_assert_eq (code_of (no_string), HEARTH_INVALID_ARGUMENT);
}

Test (builder, nesting_is_bounded)
{
    BUILDER builder = hearth_builder_new ();
    for (int i = 0; i < SCAN_NESTING; i++)
        hearth_builder_open_list (builder);
    for (int i = 0; i < SCAN_NESTING; i++)
        hearth_builder_close (builder);
    cr_assert_eq (code_of (builder), HEARTH_OK);
    hearth_arg_t arg = HEARTH_ARG (builder);
    cr_assert (scan_is_one (arg.as.data, arg.size));

    BUILDER deeper = hearth_builder_new ();
    for (int i = 0; i <= SCAN_NESTING; i++)
        hearth_builder_open_list (deeper);
    for (int i = 0; i <= SCAN_NESTING; i++)
        hearth_builder_close (deeper);
    cr_assert_eq (code_of (deeper), HEARTH_INVALID_ARGUMENT);
}

Test (builder, a_builder_that_could_not_be_made_says_so_when_it_is_used)
{
    hearth_builder_t *none = NULL;
    hearth_builder_open_list (none);
    hearth_builder_key (none, "a");
    hearth_builder_add (none, 1);
    hearth_builder_close (none);
    cr_assert_eq (code_of (none), HEARTH_RESOURCE_EXHAUSTED);
    hearth_builder_destroy (&none);
}

Test (builder, an_error_of_what_is_added_sticks)
{
    BUILDER broken = hearth_builder_new ();
    hearth_builder_close (broken);
    BUILDER builder = hearth_builder_new ();
    hearth_builder_open_list (builder);
    hearth_builder_add (builder, broken);
    hearth_builder_close (builder);
    cr_assert_eq (code_of (builder), HEARTH_INVALID_ARGUMENT);
}
