/*  consumer.c - a user's program in C: prints the answer of a call */
#include <hearth.h>
#include <stdio.h>

int main (void)
{
    hearth_t *hearth = hearth_connect (NULL);
    hearth_result_t *answer = hearth_call (hearth_proxy (hearth, "echo.server"), "echo", "in C");
    puts (hearth_failed (answer) ? hearth_error (answer)->message : hearth_result_str (answer));
    hearth_result_destroy (&answer);
    hearth_destroy (&hearth);
    return 0;
}
