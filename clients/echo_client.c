/*  echo_client.c - the first exercise: calls echo.server and prints the answer

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.
*/
#include "program.h"

static const program_about_t about = {
    .name = "echo_client",
    .summary = "Sends TEXT (HOLA) to echo.server and prints the answer.",
    .operands = "[TEXT]",
    .most = 1,
};

int main (int argc, char **argv)
{
    program_start (&about, argc, argv);
    hearth_proxy_t *server = program_proxy ("echo.server");
    hearth_result_t *answer = hearth_call (server, "echo", program_operand (0, "HOLA"));
    if (hearth_failed (answer))
        program_complain ("echo.server", hearth_error (answer));
    else
        program_print_value (hearth_result_value (answer));
    hearth_result_destroy (&answer);
    return program_end ();
}
