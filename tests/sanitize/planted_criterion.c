/*  planted_criterion.c - the planted faults in Criterion's tests, which Criterion itself takes for successes */

#include "planted.h"

#include <criterion/criterion.h>

Test (planted, nothing)
{
    cr_assert (1);
}

Test (planted, leak)
{
    planted_leak ();
    cr_assert (1);
}

Test (planted, overflow)
{
    planted_overflow ();
    cr_assert (1);
}
