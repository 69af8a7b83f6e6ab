/*  test_table.c - tables and indexes against a naive model */

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define ENTRIES 500

typedef struct {
    keyed_t keyed;
    char key [16];
    bool is_in;
} entry_t;

static const uint8_t hash_key [16] = { 9 };
static entry_t entries [ENTRIES];

static void s_make (void)
{
    for (int at = 0; at < ENTRIES; at++) {
        snprintf (entries [at].key, sizeof entries [at].key, "key-%03d", at);
        entries [at].keyed.key = entries [at].key;
        entries [at].keyed.size = strlen (entries [at].key);
        entries [at].is_in = false;
    }
}

Test (table, finds_exactly_what_is_in_it_through_any_order_of_changes)
{
    table_t table;
    table_init (&table, hash_key);
    s_make ();
    srandom (1);
    for (int step = 0; step < 50000; step++) {
        entry_t *entry = &entries [random () % ENTRIES];
        if (entry->is_in)
            table_remove (&table, &entry->keyed);
        else
            cr_assert_eq (table_insert (&table, &entry->keyed), 0);
        entry->is_in = !entry->is_in;
        entry_t *probe = &entries [random () % ENTRIES];
        cr_assert_eq (table_find (&table, probe->key, strlen (probe->key)), probe->is_in ? &probe->keyed : NULL);
    }
    size_t count = 0;
    for (int at = 0; at < ENTRIES; at++) {
        cr_assert_eq (table_find (&table, entries [at].key, 7), entries [at].is_in ? &entries [at].keyed : NULL);
        count += entries [at].is_in;
    }
    cr_assert_eq (table.count, count);
    table_clear (&table);
}

Test (table, an_empty_table_finds_nothing_and_keys_may_be_empty)
{
    table_t table;
    keyed_t nothing = { "", 0, 0 };
    table_init (&table, hash_key);
    cr_assert_null (table_find (&table, "", 0));
    table_remove (&table, &nothing);
    cr_assert_eq (table_insert (&table, &nothing), 0);
    cr_assert_eq (table_find (&table, "", 0), &nothing);
    table_clear (&table);
}

Test (index, keeps_the_order_of_keys_and_pages_through_them)
{
    index_t index;
    index_init (&index, hash_key);
    s_make ();
    srandom (2);
    for (int step = 0; step < 20000; step++) {
        entry_t *entry = &entries [random () % ENTRIES];
        if (entry->is_in)
            index_remove (&index, &entry->keyed);
        else
            cr_assert_eq (index_insert (&index, &entry->keyed), 0);
        entry->is_in = !entry->is_in;
    }
    size_t position = 0;
    for (int at = 0; at < ENTRIES; at++) {
        cr_assert_eq (index_lower (&index, entries [at].key, 7), position);
        cr_assert_eq (index_page (&index, "key-", 4, entries [at].key, 7), position + entries [at].is_in);
        if (entries [at].is_in)
            cr_assert_eq (index_at (&index, position++), &entries [at].keyed);
    }
    cr_assert_eq (position, index_count (&index));
    index_clear (&index);
}

Test (index, a_prefix_comes_before_what_it_begins)
{
    index_t index;
    keyed_t keys [] = { { "a.b", 3, 0 }, { "a", 1, 0 }, { "a-b", 3, 0 }, { "b", 1, 0 } };
    index_init (&index, hash_key);
    for (int at = 0; at < 4; at++)
        cr_assert_eq (index_insert (&index, &keys [at]), 0);
    cr_assert_eq (index_at (&index, 0), &keys [1]);
    cr_assert_eq (index_at (&index, 1), &keys [2]);
    cr_assert (keyed_has_prefix (&keys [0], "a", 1));
    cr_assert_not (keyed_has_prefix (&keys [1], "a.", 2));
    cr_assert_eq (index_page (&index, "a.", 2, "", 0), 2);
    index_clear (&index);
}
