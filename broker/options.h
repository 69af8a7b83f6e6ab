/*  options.h - the broker's command line and configuration file

    Both say the same things: each option is a key of the file, which czmq's zconfig reads (`name = value`). What the
    command line says takes the place of what the file says. Opens no socket.
*/
#ifndef OPTIONS_H_INCLUDED
#define OPTIONS_H_INCLUDED

#include "core.h"

#define OPTIONS_ADDRESSES 16  //  of a kind
#define OPTIONS_PROBLEM   1024

typedef struct {
    char *items [OPTIONS_ADDRESSES + 1];  //  up to NULL
    size_t count;
} addresses_t;

typedef struct {
    addresses_t bind;
    addresses_t publish;
    bool is_beside;  //  nobody gave them: they are those beside `bind`, in order
    addresses_t advertise;
    char *config;
    bool allow_anonymous;
    bool help;
    bool version;
    int64_t settle_ms;
    log_level_t log_level;
    int ready_fd;  //  -1: none
    limits_t limits;
} options_t;

//  Reads the command line, and the configuration file if it names one. Returns 0, or -1 with a sentence in `problem`
//  that begins with what is wrong ("--bind tcp://…: …"). Call options_clear in any case.
int options_read (options_t *self, int argc, char **argv, char problem [OPTIONS_PROBLEM]);
void options_clear (options_t *self);

//  Writes the help, in 80 columns, to standard output.
void options_print_help (void);

#endif
