/*  interface.c - printing the interface that the directory tells of a service

    Every field may be missing or of another type than expected: it comes from a peer.
*/
#include <stdio.h>
#include <string.h>

#include "state.h"

void program_print_doc (const char *doc, const char *indent)
{
    while (*doc) {
        size_t size = strcspn (doc, "\n");
        fputs (indent, stdout);
        output_write_safe (stdout, doc, size);
        putchar ('\n');
        doc += size + (doc [size] == '\n');
    }
}

//  A signature or name, or what it means that there is none.
static void print_field (const hearth_value_t *map, const char *key, const char *otherwise)
{
    const hearth_value_t *text = hearth_value_get (map, key);
    program_print_safe (hearth_value_type (text) == HEARTH_TYPE_STR ? hearth_value_str (text) : otherwise);
}

static void print_flags (const hearth_value_t *flags, const char *indent)
{
    for (size_t index = 0; index < hearth_value_size (flags); index++) {
        printf ("%s%s", index == 0 ? indent : ", ", index == 0 ? "[" : "");
        program_print_safe (hearth_value_str (hearth_value_at (flags, index)));
    }
    if (hearth_value_size (flags) > 0)
        puts ("]");
}

//  Ends the line, and tells the documentation and the flags below.
static void print_rest (const hearth_value_t *map, const char *indent)
{
    char deeper [32];
    snprintf (deeper, sizeof deeper, "%s    ", indent);
    putchar ('\n');
    program_print_doc (hearth_value_str (hearth_value_get (map, "doc")), deeper);
    print_flags (hearth_value_get (map, "flags"), deeper);
}

void program_print_methods (const hearth_value_t *methods, const char *indent)
{
    for (size_t index = 0; index < hearth_value_size (methods); index++) {
        const hearth_value_t *method = hearth_value_at (methods, index);
        fputs (indent, stdout);
        print_field (method, "name", "?");
        putchar ('(');
        print_field (method, "parameters", "...");
        fputs (") -> ", stdout);
        print_field (method, "result", "any");
        print_rest (method, indent);
    }
}

void program_print_events (const hearth_value_t *events, const char *indent)
{
    for (size_t index = 0; index < hearth_value_size (events); index++) {
        const hearth_value_t *event = hearth_value_at (events, index);
        fputs (indent, stdout);
        print_field (event, "name", "?");
        fputs (": ", stdout);
        print_field (event, "type", "any");
        print_rest (event, indent);
    }
}
