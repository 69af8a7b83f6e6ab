/*  options_state.h - the table of options, and what the files that read it tell each other
*/
#ifndef OPTIONS_STATE_H_INCLUDED
#define OPTIONS_STATE_H_INCLUDED

#include "options.h"

typedef struct option_row option_row_t;

//  Takes a value. Returns 0, or -1 with a sentence about it, without its name, in `problem`.
typedef int option_set_fn (options_t *options, const option_row_t *row, const char *value, char *problem);

struct option_row {
    const char *name;
    const char *argument;  //  as the help shows it; NULL: a switch
    option_set_fn *set;
    size_t offset;   //  of what it sets within options_t
    bool only_line;  //  no key of the file
    const char *text;
};

//  An option is a row of the table, or a limit (row NULL).
typedef struct {
    const option_row_t *row;
    limit_id_t limit;
    size_t index;  //  below OPTION_COUNT
} option_t;

extern const option_row_t option_rows [];
extern const size_t option_row_count;
#define OPTION_COUNT (16 + LIMIT_COUNT)

//  Finds an option by its name; false if there is none.
bool option_find (option_t *option, const char *name, size_t size);
bool option_takes_value (const option_t *self);
//  Returns 0, or -1 with a sentence in `problem`.
int option_set (const option_t *self, options_t *options, const char *value, char problem [OPTIONS_PROBLEM]);

//  Sets what the file says, but for options that are `given` already. Returns 0, or -1 with a sentence in `problem`.
int options_read_file (options_t *self, const char *path, const bool given [OPTION_COUNT],
                       char problem [OPTIONS_PROBLEM]);

#endif
