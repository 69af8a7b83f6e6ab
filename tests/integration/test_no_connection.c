/*  test_no_connection.c - a connection that cannot be made, and a program that goes on all the same */

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "hearth.h"

#define ENOUGH 32

Test (no_connection, whatever_is_asked_of_it_is_answered)
{
    static const hearth_method_t no_methods [] = { { 0 } };
    hearth_t *none = hearth_connect ("nonsense");
    hearth_builder_destroy (NULL);
    cr_assert_null (none);
    cr_assert_str_empty (hearth_broker (none));
    cr_assert_null (hearth_unique_name (none));
    cr_assert_null (hearth_uri (none, "a.name"));
    cr_assert_eq (hearth_fd (none), -1);
    cr_assert_eq (hearth_serve (none, "a.name", no_methods, NULL), HEARTH_INVALID_ARGUMENT);
    cr_assert_eq (hearth_run (none), HEARTH_INVALID_ARGUMENT);
    cr_assert_str_eq (hearth_last_error (none)->message, "there is no connection");
    hearth_result_t *result = hearth_call (hearth_proxy (none, "a.name"), "a_method");
    cr_assert_str_eq (hearth_error (result)->name, "hearth.BadArguments");
    hearth_result_destroy (&result);
}

Test (no_connection, without_descriptors_it_is_refused)
{
    struct rlimit limit;
    int first = dup (STDERR_FILENO), made = 0, refused = 0;
    close (first);
    cr_assert_eq (getrlimit (RLIMIT_NOFILE, &limit), 0);
    rlim_t soft = limit.rlim_cur;
    for (int spare = 0; spare <= ENOUGH; spare++) {
        limit.rlim_cur = (rlim_t) (first + spare);
        cr_assert_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
        hearth_t *hearth = hearth_connect ("ipc:///nowhere/at/all");
        made += hearth != NULL;
        refused += !hearth && errno == EMFILE;
        hearth_destroy (&hearth);
    }
    limit.rlim_cur = soft;
    setrlimit (RLIMIT_NOFILE, &limit);
    cr_assert_gt (made, 0);
    cr_assert_eq (made + refused, ENOUGH + 1);
}
