/*  describe.c - what a service offers
*/
#include <inttypes.h>
#include <stdio.h>

#include "verb.h"

//  A line for each pair of a map: a service's metadata.
static void print_pairs (const hearth_value_t *map)
{
    for (size_t index = 0; index < hearth_value_size (map); index++) {
        fputs ("    ", stdout);
        program_print_safe (hearth_value_str (hearth_value_key (map, index)));
        fputs (" = ", stdout);
        program_print_value (hearth_value_at (map, index));
    }
}

static void print_section (const char *title, const hearth_value_t *content, void (*print) (const hearth_value_t *))
{
    if (hearth_value_size (content) == 0)
        return;
    printf ("\n%s\n", title);
    print (content);
}

static void print_methods (const hearth_value_t *methods)
{
    program_print_methods (methods, "    ");
}

static void print_events (const hearth_value_t *events)
{
    program_print_events (events, "    ");
}

static void print_description (const hearth_value_t *service)
{
    program_print_safe (hearth_value_str (hearth_value_get (service, "name")));
    fputs (" (", stdout);
    program_print_safe (hearth_value_str (hearth_value_get (service, "mode")));
    printf (", instances: %" PRId64 ")\n", hearth_value_int (hearth_value_get (service, "instances")));
    program_print_doc (hearth_value_str (hearth_value_get (service, "doc")), "    ");
    const hearth_value_t *methods = hearth_value_get (service, "methods");
    if (hearth_value_type (methods) == HEARTH_TYPE_NIL)
        puts ("\nIt declares no methods, and takes any.");
    print_section ("Methods", methods, print_methods);
    print_section ("Events", hearth_value_get (service, "events"), print_events);
    print_section ("Metadata", hearth_value_get (service, "metadata"), print_pairs);
}

static int describe (void)
{
    const char *name;
    hearth_result_t *service = verb_ask ("describe", program_operand (0, ""), &name);
    if (program_succeeded (name, service))
        print_description (hearth_result_value (service));
    hearth_result_destroy (&service);
    return program_end ();
}

const program_verb_t verb_describe = {
    "describe",
    { .name = "hearth describe",
      .summary = "Tells a service's methods, events and documentation.",
      .operands = "NAME",
      .least = 1,
      .most = 1,
      .details = "NAME may be a URI: hearth://HOST:PORT/NAME." },
    describe,
};
