/*  help.c - what --help says, from the same tables that the command line is read by
*/
#include <string.h>

#include "state.h"

#define COLUMN      22
#define VERB_COLUMN 30

static void write_options (const program_option_t *rows)
{
    for (; rows && rows->name; rows++) {
        const char *value = rows->value ? rows->value : "";
        int used = printf ("  %s%s%s", rows->name, *value ? " " : "", value);
        printf ("%*s%s\n", used < COLUMN ? COLUMN - used : 1, "", rows->doc);
    }
}

static void write_verbs (const program_verb_t *const *verbs)
{
    puts ("\nVerbs:");
    for (; *verbs; verbs++) {
        const char *operands = (*verbs)->about.operands ? (*verbs)->about.operands : "";
        int used = printf ("  %s %s", (*verbs)->name, operands);
        printf ("%*s%s\n", used < VERB_COLUMN ? VERB_COLUMN - used : 1, "", (*verbs)->about.summary);
    }
}

void help_write (const program_about_t *about, const program_option_t *common)
{
    const char *operands = about->operands ? about->operands : "";
    printf ("Usage: %s [OPTION...]%s%s\n\n", about->name, *operands ? " " : "", operands);
    printf ("%s\n\nOptions:\n", about->summary);
    write_options (about->options);
    write_options (common);
    if (about->verbs)
        write_verbs (about->verbs);
    if (about->details)
        printf ("\n%s\n", about->details);
    if (about->serves)
        printf ("\nIt ends on SIGTERM and SIGINT. Exit codes: 0 done, 1 failed, 2 usage.\n");
    else
        printf ("\nExit codes: 0 done, 1 failed, 2 usage, 3 no broker, 4 deadline exceeded.\n");
}
