/*  state.h - what the files of the program library tell each other
*/
#ifndef STATE_H_INCLUDED
#define STATE_H_INCLUDED

#include <stdarg.h>
#include <stdio.h>

#include "program.h"

//  ---- options.c ----
const char *options_program (void);  //  the name that messages begin with
const char *options_broker (void);   //  --broker, or NULL

//  ---- help.c ----
//  `common` are the rows that every program has.
void help_write (const program_about_t *about, const program_option_t *common);

//  ---- program.c ----
void program_prepare (void);
_Noreturn void program_quit (int code);

//  ---- output.c ----
//  Standard descriptors that were closed fail from now on, rather than becoming somebody's socket.
void output_open (void);
//  True if everything that was printed has been written.
bool output_close (void);
void output_note (const char *format, va_list arguments);
void output_write_safe (FILE *out, const char *text, size_t size);

#endif
