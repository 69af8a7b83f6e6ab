//  Counting an observer's different subscriptions.

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "subscriptions.h"

static const uint8_t key [SUBSCRIPTIONS_KEY_SIZE] = "0123456789abcde";

static void add (subscriptions_t *self, const char *prefix)
{
    cr_assert_eq (subscriptions_add (self, key, prefix, strlen (prefix)), 0);
}

static void remove_prefix (subscriptions_t *self, const char *prefix)
{
    subscriptions_remove (self, key, prefix, strlen (prefix));
}

Test (subscriptions, the_same_prefix_counts_once)
{
    subscriptions_t self = { 0 };
    add (&self, "a/");
    add (&self, "a/");
    add (&self, "");
    cr_assert_eq (self.count, 2);
    subscriptions_clear (&self);
}

Test (subscriptions, a_cancel_of_what_is_not_there_makes_no_room)
{
    subscriptions_t self = { 0 };
    remove_prefix (&self, "a/");
    add (&self, "a/");
    remove_prefix (&self, "b/");
    cr_assert_eq (self.count, 1);
    remove_prefix (&self, "a/");
    remove_prefix (&self, "a/");
    cr_assert_eq (self.count, 0);
    subscriptions_clear (&self);
}

Test (subscriptions, thousands_come_and_go_and_the_rest_stays)
{
    enum { MANY = 5000 };
    subscriptions_t self = { 0 };
    char prefix [32];
    for (int i = 0; i < MANY; i++) {
        snprintf (prefix, sizeof prefix, "topic%d/", i);
        add (&self, prefix);
    }
    cr_assert_eq (self.count, MANY);
    for (int i = 0; i < MANY; i += 2) {
        snprintf (prefix, sizeof prefix, "topic%d/", i);
        remove_prefix (&self, prefix);
    }
    cr_assert_eq (self.count, MANY / 2);
    for (int i = 1; i < MANY; i += 2) {
        snprintf (prefix, sizeof prefix, "topic%d/", i);
        add (&self, prefix);
    }
    cr_assert_eq (self.count, MANY / 2, "what was left is still known");
    subscriptions_clear (&self);
    cr_assert_eq (self.count, 0);
}
