/*  list.c - the names that are served
*/
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "verb.h"

#define NAME_COLUMN 32

static void print_name (const hearth_value_t *entry)
{
    const char *name = hearth_value_str (hearth_value_get (entry, "name"));
    const char *mode = hearth_value_str (hearth_value_get (entry, "mode"));
    program_print_safe (name);
    size_t size = strlen (name);
    printf ("%*s  %9" PRId64 "  ", (int) (size < NAME_COLUMN ? NAME_COLUMN - size : 0), "",
            hearth_value_int (hearth_value_get (entry, "instances")));
    program_print_safe (mode);
    putchar ('\n');
}

//  Prints a page; true if there is another one. The last name of a page is where the next one goes on, so that a
//  broker that does not get on is not asked for ever. Nor is one for a reader that has gone.
static bool print_page (const hearth_value_t *page, char *after, size_t size)
{
    if (!*after)
        printf ("%-*s  INSTANCES  MODE\n", NAME_COLUMN, "NAME");
    const hearth_value_t *names = hearth_value_get (page, "names");
    for (size_t index = 0; index < hearth_value_size (names); index++)
        print_name (hearth_value_at (names, index));
    const hearth_value_t *next = hearth_value_get (page, "next");
    if (ferror (stdout) || hearth_value_type (next) != HEARTH_TYPE_STR
        || strcmp (hearth_value_str (next), after) <= 0)
        return false;
    snprintf (after, size, "%s", hearth_value_str (next));
    return true;
}

static int list (void)
{
    hearth_proxy_t *directory = program_proxy ("hearth");
    const char *prefix = program_operand (0, "");
    char after [256] = "";
    for (bool more = true; more;) {
        hearth_result_t *page = hearth_call (directory, "list", prefix, after);
        more = program_succeeded ("list", page) && print_page (hearth_result_value (page), after, sizeof after);
        hearth_result_destroy (&page);
    }
    return program_end ();
}

const program_verb_t verb_list = {
    "list",
    { .name = "hearth list",
      .summary = "Lists the names that are served.",
      .operands = "[PREFIX]",
      .most = 1,
      .details = "Only those that begin with PREFIX, if it is given." },
    list,
};
