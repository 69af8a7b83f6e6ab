/*  test_registration.c - when a name is tried, tried again, and refused for good
*/
#include <criterion/criterion.h>

#include "registration.h"

static const hearth_error_t taken = { HEARTH_ALREADY_EXISTS, HEARTH_NOT_EXECUTED, "hearth.NameTaken", "taken", NULL };
static const hearth_error_t gone = { HEARTH_UNAVAILABLE, HEARTH_NOT_EXECUTED, "hearth.BrokerGone", "gone", NULL };
static const hearth_error_t bad = { HEARTH_INVALID_ARGUMENT, HEARTH_NOT_EXECUTED, "hearth.BadArguments", "bad",
                                    NULL };

//  Sends what is due and answers it.
static registration_news_t answer (registration_t *self, const hearth_error_t *error, int64_t now_ms)
{
    cr_assert (registration_is_due (self, now_ms));
    registration_sent (self);
    cr_assert_eq (registration_deadline (self), -1);
    return registration_answered (self, error, now_ms);
}

static registration_t begin (bool fails_if_taken)
{
    registration_t self;
    registration_init (&self, fails_if_taken);
    cr_assert_not (registration_is_due (&self, 0));
    registration_session_up (&self, 0);
    return self;
}

Test (registration, a_name_is_registered_in_each_session)
{
    registration_t self = begin (false);
    cr_assert_eq (answer (&self, NULL, 0), REGISTRATION_GAINED);
    cr_assert_eq (self.state, REGISTRATION_HELD);
    registration_session_down (&self);
    cr_assert_not (registration_is_due (&self, 100));
    registration_session_up (&self, 100);
    cr_assert_eq (answer (&self, NULL, 100), REGISTRATION_GAINED);
}

Test (registration, a_taken_name_is_tried_until_a_ghost_would_be_dead)
{
    registration_t self = begin (false);
    int64_t now_ms = 0;
    registration_news_t news = answer (&self, &taken, now_ms);
    while (news == REGISTRATION_QUIET) {
        cr_assert_gt (registration_deadline (&self), now_ms);
        cr_assert_leq (registration_deadline (&self), now_ms + 2000);
        now_ms = registration_deadline (&self);
        news = answer (&self, &taken, now_ms);
    }
    cr_assert_eq (news, REGISTRATION_LOST);
    cr_assert_eq (self.state, REGISTRATION_REFUSED);
    cr_assert_eq (self.code, HEARTH_ALREADY_EXISTS);
    cr_assert_geq (now_ms, 12000);
    cr_assert_leq (now_ms, 14000);
    registration_session_up (&self, now_ms);
    cr_assert_not (registration_is_due (&self, now_ms), "refused for good");
}

Test (registration, a_taken_name_fails_at_once_where_that_is_asked_for)
{
    registration_t self = begin (true);
    cr_assert_eq (answer (&self, &taken, 0), REGISTRATION_LOST);
    cr_assert_eq (self.state, REGISTRATION_REFUSED);
}

Test (registration, a_name_that_was_held_is_tried_as_long_as_it_is_taken_and_told_once)
{
    registration_t self = begin (true);
    answer (&self, NULL, 0);
    registration_session_down (&self);
    registration_session_up (&self, 1000);
    cr_assert_eq (answer (&self, &taken, 1000), REGISTRATION_LOST);
    for (int64_t round = 0; round < 100; round++)
        cr_assert_eq (answer (&self, &taken, registration_deadline (&self)), REGISTRATION_QUIET);
    cr_assert_eq (answer (&self, NULL, registration_deadline (&self)), REGISTRATION_GAINED);
}

Test (registration, what_is_wrong_is_refused_for_good)
{
    registration_t self = begin (false);
    cr_assert_eq (answer (&self, &bad, 0), REGISTRATION_LOST);
    cr_assert_eq (self.state, REGISTRATION_REFUSED);
    cr_assert_str_eq (self.name, "hearth.BadArguments");
}

Test (registration, a_broker_that_went_says_nothing_of_the_name)
{
    registration_t self = begin (true);
    cr_assert_eq (answer (&self, &gone, 0), REGISTRATION_QUIET);
    cr_assert_eq (self.state, REGISTRATION_DUE);
}

Test (registration, an_answer_of_an_older_session_counts_for_nothing)
{
    registration_t self = begin (false);
    registration_sent (&self);
    registration_session_down (&self);
    cr_assert_eq (registration_answered (&self, &gone, 0), REGISTRATION_QUIET);
    cr_assert_eq (self.state, REGISTRATION_IDLE);
}

Test (registration, a_name_that_was_taken_over_is_not_tried_again)
{
    registration_t self = begin (false);
    answer (&self, NULL, 0);
    cr_assert_eq (registration_replaced (&self), REGISTRATION_LOST);
    cr_assert_eq (registration_replaced (&self), REGISTRATION_QUIET);
    registration_session_down (&self);
    registration_session_up (&self, 100);
    cr_assert_not (registration_is_due (&self, 100));
}

Test (registration, a_name_may_be_taken_over_before_its_user_hears_that_it_was_registered)
{
    registration_t self = begin (false);
    cr_assert_eq (registration_replaced (&self), REGISTRATION_QUIET, "it was not asked for");
    registration_sent (&self);
    cr_assert_eq (registration_replaced (&self), REGISTRATION_LOST);
    cr_assert_eq (registration_answered (&self, NULL, 0), REGISTRATION_QUIET);
    cr_assert_eq (self.state, REGISTRATION_REPLACED);
}
