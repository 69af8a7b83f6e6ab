/*  signature.h - signatures (docs/protocol.md, section 7.2): parsing, checking, and reading arguments from text

    A signature is parsed once, into one allocation, and is immutable: any number of threads may use it.
*/
#ifndef SIGNATURE_H_INCLUDED
#define SIGNATURE_H_INCLUDED

#include "value.h"

typedef struct signature signature_t;  //  a parameter list
typedef struct type type_t;            //  one type

//  Parse text such as "a: int, b: int = 1, ..." or "list<str>?". NULL for a syntax error, with a sentence without a full
//  stop in `problem` that names the place, or for want of memory.
signature_t *signature_new (const char *text, char *problem, size_t size);
void signature_destroy (signature_t **self_p);
type_t *type_new (const char *text, char *problem, size_t size);
void type_destroy (type_t **self_p);

size_t signature_count (const signature_t *self);          //  named parameters
bool signature_takes_rest (const signature_t *self);       //  ends with ...
const char *signature_name (const signature_t *self, size_t index);
const type_t *signature_type (const signature_t *self, size_t index);
bool signature_is_optional (const signature_t *self, size_t index);  //  has a default

//  Checks arguments (a list, or a map by name) and puts them in order with defaults filled in: argv has room for
//  signature_count plus what a list holds; it borrows from arguments, zone and the signature. Returns the count, or -1 with
//  a sentence in `problem` that names the argument, what was expected and what came.
int signature_bind (const signature_t *self, const hearth_value_t *arguments, msgpack_zone *zone,
                    const hearth_value_t **argv, size_t room, char *problem, size_t size);

//  Whether a value fits a type; otherwise a sentence in `problem`.
bool type_check (const type_t *self, const hearth_value_t *value, char *problem, size_t size);
//  The same for what a handler answers, without decoding where that is not needed.
bool type_check_arg (const type_t *self, const hearth_arg_t *arg, char *problem, size_t size);
//  "list<str>", in its canonical form. Static within the type.
const char *type_text (const type_t *self);

//  Reads one command-line argument as a type and packs it: 2, 2.5, true, nil; text as it is for `str` and, unless it is
//  JSON, for `any`; JSON for lists and maps; hexadecimal for `bin`; RFC 3339 for `time`. 0, or -1 with a `problem`.
int type_read_text (const type_t *self, const char *text, pack_t *out, char *problem, size_t size);

//  All arguments of a command line, as a list (or as a map where they are written NAME=VALUE and NAME is a parameter).
int signature_read_text (const signature_t *self, int argc, char **argv, pack_t *out, char *problem, size_t size);

#endif
