/*  call.c - calling a method with arguments from the command line

    The directory tells how the method is declared; the arguments are read by that.
*/
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "verb.h"

static bool has_items;

static const program_option_t options [] = {
    { "--items", NULL, PROGRAM_SWITCH, &has_items, "send the lines of standard input, each as an item" },
    { 0 },
};

static const hearth_value_t *find_method (const hearth_value_t *service, const char *name)
{
    const hearth_value_t *methods = hearth_value_get (service, "methods");
    for (size_t index = 0; index < hearth_value_size (methods); index++) {
        const hearth_value_t *method = hearth_value_at (methods, index);
        if (strcmp (hearth_value_str (hearth_value_get (method, "name")), name) == 0)
            return method;
    }
    return NULL;
}

//  The declared parameters; NULL for a method that takes whatever comes, or that is not declared at all.
static const char *parameters_of (const hearth_value_t *method)
{
    const hearth_value_t *parameters = hearth_value_get (method, "parameters");
    return hearth_value_type (parameters) == HEARTH_TYPE_STR ? hearth_value_str (parameters) : NULL;
}

//  Where they cannot be read: NULL, and why in `problem`.
static hearth_builder_t *read_arguments (const hearth_value_t *description, const char *method, char *problem,
                                         size_t size)
{
    const char *parameters = parameters_of (description);
    hearth_builder_t *arguments = hearth_builder_new ();
    char reason [256] = "memory is short";
    int argc = (int) program_operand_count () - 2;
    if (!hearth_builder_read (arguments, parameters, argc, program_operands () + 2, reason, sizeof reason))
        return arguments;
    hearth_builder_destroy (&arguments);
    snprintf (problem, size, "%s (%s): %s", method, parameters ? parameters : "...", reason);
    return NULL;
}

static void call_with (const char *name, const char *method, const hearth_builder_t *arguments)
{
    hearth_result_t *result = hearth_call_with (program_proxy (name), method, arguments);
    if (program_succeeded (name, result))
        program_print_value (hearth_result_value (result));
    hearth_result_destroy (&result);
}

static int call (void)
{
    const char *name;
    const char *method = program_operand (1, "");
    hearth_result_t *service = verb_ask ("describe", program_operand (0, ""), &name);
    bool described = program_succeeded (name, service);
    const hearth_value_t *description = find_method (hearth_result_value (service), method);
    bool is_stream = has_items || stream_is_declared (description);
    char problem [512];
    hearth_builder_t *arguments = described ? read_arguments (description, method, problem, sizeof problem) : NULL;
    hearth_result_destroy (&service);
    if (described && !arguments)
        program_misused ("%s", problem);
    if (arguments && is_stream)
        stream_call (name, method, arguments, has_items);
    else if (arguments)
        call_with (name, method, arguments);
    hearth_builder_destroy (&arguments);
    return program_end ();
}

const program_verb_t verb_call = {
    "call",
    { .name = "hearth call",
      .summary = "Calls a method of a service and prints its result.",
      .operands = "NAME METHOD [ARG...]",
      .least = 2,
      .most = SIZE_MAX,
      .options = options,
      .details =
          "NAME may be a URI: hearth://HOST:PORT/NAME. Each ARG is read as the method declares it: 2, 2.5, true,\n"
          "nil; text as it is; JSON for lists and maps; hexadecimal for bin; 2026-01-31T12:00:00Z for time.\n"
          "NAME=VALUE gives an argument by its name. Where nothing is declared, an ARG that is JSON is taken for\n"
          "that, and anything else for text. ARGs that begin with a dash and a letter come after --.\n\n"
          "The result is printed so that it can be typed as an ARG again.\n\n"
          "A method that is declared as streaming, and any with --items, is called as a stream: each item is printed "
          "on\n"
          "a line of its own as it comes, and the result last, behind \"= \". --timeout is the longest silence then. "
          "An\n"
          "item that goes up is read as an ARG is where nothing is declared. A stream that is interrupted ends with "
          "128\n"
          "and the signal's number, after what had come was printed." },
    call,
};
