/*  test_guard.c - who is refused because another thread is in the connection is told so, although that thread may have left meanwhile

    The moment between the two is made by hand: client_enter refuses, and nobody is there.
*/
#include <criterion/criterion.h>
#include <string.h>

#include "client.h"

bool __real_client_enter (hearth_t *self);  // NOLINT (bugprone-reserved-identifier)
bool __wrap_client_enter (hearth_t *self);  // NOLINT (bugprone-reserved-identifier)

static bool refuses;

bool __wrap_client_enter (hearth_t *self)  // NOLINT (bugprone-reserved-identifier)
{
    return !refuses && __real_client_enter (self);
}

static hearth_t *hearth;
static hearth_proxy_t *proxy;
static hearth_pending_t *call;

static void begin (void)
{
    hearth = hearth_connect ("ipc:///nowhere/at/all");
    cr_assert (hearth);
    proxy = hearth_proxy (hearth, "test.service");
    call = hearth_start (proxy, "work");
    cr_assert (call);
    refuses = true;
}

static void end (void)
{
    refuses = false;
    hearth_pending_destroy (&call);
    hearth_destroy (&hearth);
}

TestSuite (guard, .init = begin, .fini = end);

static void expect_in_use (hearth_result_t *result, hearth_mark_t mark)
{
    cr_assert (hearth_failed (result));
    cr_assert_eq (hearth_error (result)->code, HEARTH_FAILED_PRECONDITION);
    cr_assert_str_eq (hearth_error (result)->name, "hearth.InUse");
    cr_assert_eq (hearth_error (result)->mark, mark);
    hearth_result_destroy (&result);
}

Test (guard, calls_fail_as_in_use_although_nobody_is_there_any_more)
{
    expect_in_use (hearth_call (proxy, "work"), HEARTH_NOT_EXECUTED);
    expect_in_use (hearth_oneway (proxy, "work"), HEARTH_NOT_EXECUTED);
    expect_in_use (hearth_call_with (proxy, "work", hearth_nil ()), HEARTH_NOT_EXECUTED);
    expect_in_use (hearth_list (hearth, "", NULL), HEARTH_NOT_EXECUTED);
    expect_in_use (hearth_lookup (hearth, "test.service"), HEARTH_NOT_EXECUTED);
    cr_assert_null (hearth_start (proxy, "work"));
}

Test (guard, a_call_that_cannot_be_waited_for_stays_whatever_the_time)
{
    hearth_pending_t *same = call;
    expect_in_use (hearth_wait (&call, -1), HEARTH_MAY_HAVE_EXECUTED);
    expect_in_use (hearth_wait (&call, 0), HEARTH_MAY_HAVE_EXECUTED);
    cr_assert_eq (hearth_when_done (call, NULL, NULL), HEARTH_FAILED_PRECONDITION);
    hearth_pending_destroy (&call);
    cr_assert_eq (call, same);
}

Test (guard, functions_with_a_code_answer_with_it)
{
    static const hearth_method_t methods [] = { { .name = NULL } };
    cr_assert_eq (hearth_serve (hearth, "test.service", methods, NULL), HEARTH_FAILED_PRECONDITION);
    cr_assert_eq (hearth_process (hearth), HEARTH_FAILED_PRECONDITION);
    cr_assert_eq (hearth_ready (hearth, 0), HEARTH_FAILED_PRECONDITION);
    cr_assert_eq (hearth_run (hearth), HEARTH_FAILED_PRECONDITION);
    cr_assert_eq (hearth_publish (hearth, "test.service", "event", 1), HEARTH_FAILED_PRECONDITION);
}

Test (guard, what_there_is_not_is_no_use_of_it)
{
    hearth_result_t *result = hearth_call (NULL, "work");
    cr_assert_str_eq (hearth_error (result)->name, "hearth.BadArguments");
    hearth_result_destroy (&result);
    cr_assert_eq (hearth_process (NULL), HEARTH_INVALID_ARGUMENT);
}
