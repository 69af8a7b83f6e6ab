/*  remote_object_client.c - the third exercise: calls an object's methods, and lists them

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    The two calls know what they call; the list knows nothing but what the directory tells.
*/
#include <string.h>

#include "program.h"

static const program_about_t about = {
    .name = "remote_object_client",
    .summary = "Calls greet (\"World\") and add (2, 3) of an object and lists its methods.",
    .operands = "[NAME]",
    .most = 1,
    .details =
        "NAME is that of a service, example.remote.object unless given, or its URI. Of another one that does not\n"
        "have these methods only the list is printed.",
};

//  Whether there is nobody to ask, so that whatever is asked next would fail, too.
static bool is_absent (const hearth_error_t *error)
{
    return error->code == HEARTH_UNAVAILABLE || strcmp (error->name, "hearth.NoSuchService") == 0;
}

//  Prints how the call ended; false if there is nobody to ask. A method that the chosen service does not have is left out.
static bool print_answer (const char *method, hearth_result_t *answer)
{
    const hearth_error_t *error = hearth_error (answer);
    bool is_there = !error || !is_absent (error);
    bool left_out = error && program_operand_count () > 0 && strcmp (error->name, "hearth.NoSuchMethod") == 0;
    if (!error)
        program_print_value (hearth_result_value (answer));
    else if (!left_out)
        program_complain (method, error);
    hearth_result_destroy (&answer);
    return is_there;
}

static void list_methods (const char *name, const char *service)
{
    hearth_result_t *description = hearth_call (program_proxy ("hearth"), "describe", service);
    if (program_succeeded (name, description))
        program_print_methods (hearth_value_get (hearth_result_value (description), "methods"), "");
    hearth_result_destroy (&description);
}

int main (int argc, char **argv)
{
    program_start (&about, argc, argv);
    const char *name = program_operand (0, "example.remote.object");
    hearth_proxy_t *object = program_proxy (name);
    if (print_answer ("greet", hearth_call (object, "greet", "World"))
        && print_answer ("add", hearth_call (object, "add", 2, 3)))
        list_methods (name, hearth_proxy_name (object));
    return program_end ();
}
