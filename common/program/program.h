/*  program.h - what Hearth's programs share: their command line, their connection, their output, how they end

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    A process is one program, so the state is the process's. Standard output is line-buffered and carries results;
    standard error carries one line for each thing that went wrong. Text that came from elsewhere reaches neither as it
    is: control characters are escaped. Knows of Hearth what hearth.h says.
*/
#ifndef PROGRAM_H_INCLUDED
#define PROGRAM_H_INCLUDED

#include "hearth.h"

enum { PROGRAM_DONE = 0, PROGRAM_FAILED = 1, PROGRAM_USAGE = 2, PROGRAM_NO_BROKER = 3, PROGRAM_LATE = 4 };

typedef enum { PROGRAM_TEXT, PROGRAM_DURATION, PROGRAM_COUNT, PROGRAM_SWITCH } program_kind_t;

//  An option. `into` is a const char * for a text, an int64_t for a duration (ms) or a count, a bool for a switch.
typedef struct {
    const char *name;   //  "--count"
    const char *value;  //  "N", as the help shows it; NULL for a switch
    program_kind_t kind;
    void *into;
    const char *doc;
} program_option_t;

typedef struct program_verb program_verb_t;

//  What a program (or a verb of one) is. Tables end with a row of zeros, or with NULL.
typedef struct {
    const char *name;                    //  "echo_client"
    const char *summary;                 //  one sentence
    const char *operands;                //  "[TEXT]", as the help shows them; NULL: none
    size_t least, most;                  //  operands
    const char *details;                 //  paragraphs at the end of the help, or NULL
    const program_option_t *options;     //  its own, or NULL
    const program_verb_t *const *verbs;  //  for the help; NULL: it has none
    bool serves;                         //  it has no use for --timeout and --wait
} program_about_t;

//  Its `run` ends with program_end.
struct program_verb {
    const char *name;
    program_about_t about;
    int (*run) (void);
};

//  ---- the command line ----

//  Reads it, and ends the process for --help, --version (0) and mistakes (2).
void program_start (const program_about_t *about, int argc, char **argv);
//  The same for a program with verbs: reads the options that stand before the first operand, which it returns (NULL:
//  there is none); what is behind it is read by program_start_verb.
const char *program_start_verbs (const program_about_t *about, int *argc_p, char ***argv_p);
void program_start_verb (const program_about_t *about, int argc, char **argv);

size_t program_operand_count (void);
char **program_operands (void);
const char *program_operand (size_t index, const char *otherwise);

//  Writes the help of a program or verb to standard output.
void program_help (const program_about_t *about);
//  What a misspelled word may have meant: the candidate, if it is near enough and nearer than `nearest`, which is that of
//  the candidates before (NULL: none).
const char *program_nearer (const char *word, const char *candidate, const char *nearest);
//  The verb of that name; ends the process with 2 where there is none.
const program_verb_t *program_find_verb (const program_verb_t *const *verbs, const char *name);
//  Tells what is wrong with the command line, and ends the process with 2.
_Noreturn void program_misused (const char *format, ...) HEARTH_PRINTF (1, 2);

//  ---- the connection ----

//  The program's connection, made when it is first asked for; ends the process if it cannot be made. `uri` chooses the
//  broker if it is a URI; otherwise (a name, NULL) --broker does, HEARTH_BROKER, the default.
hearth_t *program_connect (const char *uri);
//  A proxy for a name or URI, which waits for the name and for the answer as long as the command line says. Ends the
//  process if there can be none.
hearth_proxy_t *program_proxy (const char *name_or_uri);
int64_t program_timeout_ms (void);
int64_t program_wait_ms (void);

//  From now on SIGTERM and SIGINT stop the connection (hearth_stop) instead of ending the process.
void program_catch_signals (void);
bool program_stopped (void);
//  Waits, for programs with a loop of their own, until the connection or a signal brings something, or at most timeout_ms
//  (-1: no such time), and has the connection do what is due. `also` is a descriptor that is waited for as well, or NULL.
//  False once the program is to end.
struct pollfd;
bool program_turn (struct pollfd *also, int64_t timeout_ms);
//  Has the program end with the exit code of one that the signal has ended, which a shell knows: 128 and its number.
void program_interrupted (void);
//  Serves until then, unless something was complained of, and ends as program_end does. Says when a name is served (its
//  URI), when a broker is waited for or was lost, and when a name is taken that is tried on for.
int program_serve (void);
//  The same for a service that acts by the clock: `act` does what is due and returns the time until it has to be called
//  again, in ms; -1: no such time.
int program_serve_timed (int64_t (*act) (void *context), void *context);
//  These two as hooks, for programs that have their own as well.
void program_waiting (hearth_t *hearth, const char *broker, void *context);
void program_disconnected (hearth_t *hearth, const hearth_error_t *why, void *context);

//  Says goodbye, and returns the exit code: what program_complain made of the errors, or 1 if the output was lost.
int program_end (void);

//  ---- the output ----

//  One line of text on standard error, after the program's name. The text is escaped as a whole.
void program_note (const char *format, ...) HEARTH_PRINTF (1, 2);
//  The same, and the exit code is 1.
void program_fail (const char *format, ...) HEARTH_PRINTF (1, 2);
//  The same of an error, with what was attempted; sets and returns the exit code that the error stands for.
int program_complain (const char *what, const hearth_error_t *error);
//  Complains if the result is an error; true if it is none.
bool program_succeeded (const char *what, const hearth_result_t *result);

//  One line on standard output: a str as it is (in JSON's quotes if it holds control characters), anything else as
//  hearth_value_text has it. False if the output is lost.
bool program_print_value (const hearth_value_t *value);
//  Text without a line's end, escaped.
void program_print_safe (const char *text);
//  "greet(name: str) -> str" and the documentation of each method, "message: str" and that of each event, from the lists
//  of these names in what the directory's `describe` tells.
void program_print_methods (const hearth_value_t *methods, const char *indent);
void program_print_events (const hearth_value_t *events, const char *indent);
//  Documentation, each of its lines behind an indentation; nothing for "".
void program_print_doc (const char *doc, const char *indent);

#endif
