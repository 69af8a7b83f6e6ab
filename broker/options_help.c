/*  options_help.c - the help, made from the tables of options and limits */

#include "options_state.h"

#include <stdio.h>
#include <string.h>

#define WIDTH  80
#define COLUMN 30  //  where descriptions begin

static const char *const unit_arguments [] = { "COUNT", "SIZE", "TIME" };

//  Writes words, and goes on below the first one when a line is full.
static void s_print_words (const char *text)
{
    for (size_t at = COLUMN; *text;) {
        size_t size = strcspn (text, " ");
        bool first = at == COLUMN;
        if (!first && at + 1 + size > WIDTH) {
            printf ("\n%*s", COLUMN, "");
            at = COLUMN;
            first = true;
        }
        printf ("%s%.*s", first ? "" : " ", (int) size, text);
        at += size + !first;
        text += size + (text [size] == ' ');
    }
    putchar ('\n');
}

static void s_print_option (const char *name, const char *argument, const char *text)
{
    int size = printf ("  --%s%s%s", name, argument ? " " : "", argument ? argument : "");
    printf ("%*s", size < COLUMN ? COLUMN - size : 1, "");
    s_print_words (text);
}

static void s_print_limit (limit_id_t id)
{
    const limit_row_t *row = &limit_rows [id];
    char value [LIMITS_TEXT_SIZE], text [160];
    if (row->kind == LIMIT_KIND_LIBRARY)
        return;
    limits_format (value, row->unit, row->value);
    snprintf (text, sizeof text, "%s (%s)", row->text, value);
    s_print_option (row->option, unit_arguments [row->unit], text);
}

void options_print_help (void)
{
    puts ("Usage: hearth-broker [OPTION]...\n"
          "Names services, and carries calls and notifications between programs.\n\n"
          "Options (defaults in parentheses):");
    for (size_t i = 0; i < option_row_count; i++)
        s_print_option (option_rows [i].name, option_rows [i].argument, option_rows [i].text);
    puts ("\nLimits on what peers can make grow (sizes take k, M or G; times ms, s, m or h):");
    for (int id = 0; id < LIMIT_COUNT; id++)
        s_print_limit ((limit_id_t) id);
    puts ("\nSIGTERM and SIGINT end the broker: calls that are pending fail, peers are told.\n"
          "Exit codes: 0 ended so; 1 a failure while it ran; 2 wrong options, or an address\n"
          "that cannot be had. More in hearth-broker(8).");
}
