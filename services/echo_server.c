/*  echo_server.c - the first exercise: a service that returns what it is given

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.
*/
#include "program.h"

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply (call, hearth_arg (call, 0));
}

static const hearth_method_t methods [] = {
    { "echo", "message: str", "str", echo, "Returns the message unchanged.", HEARTH_IDEMPOTENT },
    { 0 },
};

static const program_about_t about = {
    .name = "echo_server",
    .summary = "Serves echo.server, whose echo returns what it is given.",
    .serves = true,
};

int main (int argc, char **argv)
{
    program_start (&about, argc, argv);
    hearth_t *hearth = program_connect (NULL);
    if (hearth_serve (hearth, "echo.server", methods, NULL))
        program_complain ("echo.server", hearth_last_error (hearth));
    return program_serve ();
}
