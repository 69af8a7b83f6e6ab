/*  notify.c - the second exercise: has the observable notify its observers

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.
*/
#include "program.h"

static const program_about_t about = {
    .name = "notify",
    .summary =
        "Notifies the observers of example.observable of MESSAGE (Hello, Observers!) and prints how many they are.",
    .operands = "[MESSAGE]",
    .most = 1,
};

int main (int argc, char **argv)
{
    program_start (&about, argc, argv);
    hearth_proxy_t *server = program_proxy ("example.observable");
    const char *message = program_operand (0, "Hello, Observers!");
    hearth_result_t *registered = hearth_call (server, "notify_observers", message);
    if (hearth_failed (registered))
        program_complain ("example.observable", hearth_error (registered));
    else
        program_print_value (hearth_result_value (registered));
    hearth_result_destroy (&registered);
    return program_end ();
}
