/*  consumer.cpp - a user's program in C++: prints the answer of a call */
#include <hearth.h>
#include <iostream>

int main ()
{
    hearth_t *hearth = hearth_connect (nullptr);
    hearth_result_t *answer = hearth_call (hearth_proxy (hearth, "echo.server"), "echo", "in C++");
    std::cout << (hearth_failed (answer) ? hearth_error (answer)->message : hearth_result_str (answer)) << std::endl;
    hearth_result_destroy (&answer);
    hearth_destroy (&hearth);
    return 0;
}
