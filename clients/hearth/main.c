/*  main.c - hearth, the command-line tool: which verb is meant

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    Owns the table of verbs. Refuses to know what they do.
*/
#include <stddef.h>

#include "verb.h"

static int help (void);

static const program_verb_t verb_help = {
    "help",
    { .name = "hearth help", .summary = "Tells what a verb does.", .operands = "[VERB]", .most = 1 },
    help,
};

static const program_verb_t *const verbs [] = {
    &verb_call, &verb_describe, &verb_help, &verb_list, &verb_ping, NULL
};

static const program_about_t about = {
    .name = "hearth",
    .summary = "Looks at the services of a Hearth broker, and calls them.",
    .operands = "VERB [OPERAND...]",
    .verbs = verbs,
    .details = "hearth help VERB tells more. Where a NAME stands a URI may: hearth://HOST:PORT/NAME.",
};

static int help (void)
{
    const char *name = program_operand (0, NULL);
    program_help (name ? &program_find_verb (verbs, name)->about : &about);
    return program_end ();
}

int main (int argc, char **argv)
{
    const char *name = program_start_verbs (&about, &argc, &argv);
    if (!name)
        program_misused ("which verb?");
    const program_verb_t *verb = program_find_verb (verbs, name);
    program_start_verb (&verb->about, argc, argv);
    return verb->run ();
}
