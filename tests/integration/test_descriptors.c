/*  test_descriptors.c - a program that has hardly a descriptor left is told so */

#include <criterion/criterion.h>
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "hearth.h"

#define ENOUGH 32

Test (descriptors, a_connection_is_made_whole_or_not_at_all)
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
