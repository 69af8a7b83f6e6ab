/*  nearest.c - which word a misspelled one may have meant
*/
#include <string.h>

#include "state.h"

#define WORD_MAX     32
#define MISTAKES_MAX 2

//  How many characters must be inserted, deleted or replaced to make one word of the other.
static size_t distance (const char *left, const char *right)
{
    size_t row [WORD_MAX + 1];
    size_t left_size = strlen (left), right_size = strlen (right);
    if (left_size > WORD_MAX || right_size > WORD_MAX)
        return WORD_MAX;
    for (size_t column = 0; column <= right_size; column++)
        row [column] = column;
    for (size_t index = 0; index < left_size; index++) {
        size_t diagonal = row [0];
        row [0] = index + 1;
        for (size_t column = 0; column < right_size; column++) {
            size_t replaced = diagonal + (left [index] != right [column]);
            size_t shifted = 1 + (row [column] < row [column + 1] ? row [column] : row [column + 1]);
            diagonal = row [column + 1];
            row [column + 1] = replaced < shifted ? replaced : shifted;
        }
    }
    return row [right_size];
}

const char *program_nearer (const char *word, const char *candidate, const char *nearest)
{
    size_t least = nearest ? distance (word, nearest) : MISTAKES_MAX + 1;
    size_t away = distance (word, candidate);
    return away < least && away < strlen (word) ? candidate : nearest;
}

const program_verb_t *program_find_verb (const program_verb_t *const *verbs, const char *name)
{
    const char *nearest = NULL;
    for (const program_verb_t *const *verb = verbs; *verb; verb++) {
        if (strcmp ((*verb)->name, name) == 0)
            return *verb;
        nearest = program_nearer (name, (*verb)->name, nearest);
    }
    if (nearest)
        program_misused ("there is no verb '%s': did you mean %s?", name, nearest);
    program_misused ("there is no verb '%s'", name);
}
