/*  list.c - the files that are there
*/
#include <inttypes.h>
#include <stdio.h>

#include "files.h"

static void print_files (hearth_pending_t *stream)
{
    for (const hearth_value_t *file; (file = hearth_next (stream, 0));) {
        printf ("%12" PRId64 "  ", hearth_value_int (hearth_value_get (file, "size")));
        program_print_safe (hearth_value_str (hearth_value_get (file, "name")));
        putchar ('\n');
    }
}

static int list (void)
{
    hearth_proxy_t *files = program_proxy (FILES);
    program_catch_signals ();
    hearth_pending_t *stream = files_opened (hearth_open (files, "list"));
    do
        print_files (stream);
    while (files_turn (stream));
    files_end (&stream, (int64_t) hearth_received (stream));
    return program_end ();
}

const program_verb_t verb_list = {
    "ls",
    { .name = "file_client ls", .summary = "Lists the files and their sizes." },
    list,
};
