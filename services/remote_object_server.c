/*  remote_object_server.c - the third exercise: an object with two methods

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.
*/
#include <stdio.h>
#include <stdlib.h>

#include "program.h"

static void greet (hearth_call_t *call, void *self)
{
    (void) self;
    char *greeting;
    if (asprintf (&greeting, "Hello, %s!", hearth_arg_str (call, 0)) < 0) {
        hearth_fail (call, HEARTH_RESOURCE_EXHAUSTED, "example.NoMemory", "no memory for the greeting");
        return;
    }
    hearth_reply (call, greeting);
    free (greeting);
}

//  An int is -2^63 to 2^64 - 1: the numbers are added with 128 bits, `high` being the upper half.
static void add (hearth_call_t *call, void *self)
{
    (void) self;
    bool a_is_negative = hearth_arg_int (call, 0) < 0;
    bool b_is_negative = hearth_arg_int (call, 1) < 0;
    uint64_t a = a_is_negative ? (uint64_t) hearth_arg_int (call, 0) : hearth_value_uint (hearth_arg (call, 0));
    uint64_t b = b_is_negative ? (uint64_t) hearth_arg_int (call, 1) : hearth_value_uint (hearth_arg (call, 1));
    uint64_t low = a + b;
    int high = (low < a) - a_is_negative - b_is_negative;
    if (high == 0)
        hearth_reply (call, low);
    else if (high == -1 && low > INT64_MAX)
        hearth_reply (call, (int64_t) low);
    else
        hearth_fail (call, HEARTH_OUT_OF_RANGE, "example.Overflow", "the sum does not fit an int");
}

static const hearth_method_t methods [] = {
    { "greet", "name: str", "str", greet, "Greets whoever bears the name.", HEARTH_IDEMPOTENT },
    { "add", "a: int, b: int", "int", add, "Adds two numbers. A sum that is no int is an error, example.Overflow.",
      HEARTH_IDEMPOTENT },
    { 0 },
};

static const program_about_t about = {
    .name = "remote_object_server",
    .summary = "Serves example.remote.object, which greets and adds.",
    .serves = true,
};

int main (int argc, char **argv)
{
    static const hearth_service_options_t options = { .doc = "An object with two methods." };
    program_start (&about, argc, argv);
    hearth_t *hearth = program_connect (NULL);
    if (hearth_serve_with (hearth, "example.remote.object", methods, NULL, &options))
        program_complain ("example.remote.object", hearth_last_error (hearth));
    return program_serve ();
}
