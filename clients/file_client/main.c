/*  main.c - file_client: lists, gets and puts the files that file_server serves

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    Owns the table of verbs, and how a transfer ends.
*/
#include <inttypes.h>
#include <stddef.h>

#include "files.h"

static const program_verb_t *const verbs [] = { &verb_get, &verb_list, &verb_put, NULL };

static const program_about_t about = {
    .name = "file_client",
    .summary = "Copies files from and to the folder of a file_server.",
    .operands = "VERB [OPERAND...]",
    .verbs = verbs,
    .details =
        "A file that is copied is there as a whole or not at all. One that is interrupted ends with 128 and the\n"
        "signal's number.",
};

hearth_pending_t *files_opened (hearth_pending_t *stream)
{
    if (!stream)
        program_complain (FILES, hearth_last_error (program_connect (NULL)));
    return stream;
}

bool files_turn (const hearth_pending_t *stream)
{
    return !hearth_is_over (stream) && program_turn (NULL, -1);
}

static bool has_ended_well (hearth_pending_t **stream_p, int64_t expected)
{
    hearth_result_t *end = hearth_wait (stream_p, -1);
    bool is_well = program_succeeded (FILES, end);
    int64_t size = is_well ? hearth_result_int (end) : 0;
    hearth_result_destroy (&end);
    if (is_well && size != expected)
        program_fail (FILES ": it says %" PRId64 " bytes, but %" PRId64 " went over", size, expected);
    return is_well && size == expected;
}

bool files_end (hearth_pending_t **stream_p, int64_t expected)
{
    progress_end ();
    if (*stream_p && hearth_is_over (*stream_p))
        return has_ended_well (stream_p, expected);
    hearth_pending_destroy (stream_p);
    program_interrupted ();
    return false;
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
