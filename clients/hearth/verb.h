/*  verb.h - the verbs of the command-line tool: one file each, and a row in main.c
*/
#ifndef VERB_H_INCLUDED
#define VERB_H_INCLUDED

#include "program.h"

extern const program_verb_t verb_call;
extern const program_verb_t verb_describe;
extern const program_verb_t verb_list;
extern const program_verb_t verb_ping;

//  Asks the directory's method for what it has about a name or URI, for which it waits as long as --wait says; `name` gets
//  the name. The caller destroys the result.
hearth_result_t *verb_ask (const char *method, const char *name_or_uri, const char **name) HEARTH_MUST_USE;

//  ---- stream.c ----

//  Whether the directory's description of a method says that it streams.
bool stream_is_declared (const hearth_value_t *method);
//  Calls it as a stream, whose items up are the lines of standard input, or none.
void stream_call (const char *name, const char *method, const hearth_builder_t *arguments, bool has_items);

#endif
