/*  signature.h - signatures (docs/protocol.md, section 7.2): parsing, checking, and reading arguments from text

    A signature is parsed once, into one allocation, and is immutable: any number of threads may use it.
*/
#ifndef SIGNATURE_H_INCLUDED
#define SIGNATURE_H_INCLUDED

#include "value.h"

#define SIGNATURE_SIZE    4096
#define SIGNATURE_NESTING 32  //  of types; list<int> has 1

typedef struct signature signature_t;  //  a parameter list
typedef struct type type_t;            //  one type

//  Parse text such as "a: int, b: int = 1, ..." or "list<str>?" of at most SIGNATURE_SIZE bytes. NULL with errno EINVAL
//  for a syntax error, with a sentence without a full stop in `problem` that names the place, or with ENOMEM.
signature_t *signature_new (const char *text, char *problem, size_t size);
void signature_destroy (signature_t **self_p);
type_t *type_new (const char *text, char *problem, size_t size);
void type_destroy (type_t **self_p);

size_t signature_count (const signature_t *self);     //  named parameters
bool signature_takes_rest (const signature_t *self);  //  ends with ...
const char *signature_name (const signature_t *self, size_t index);
const type_t *signature_type (const signature_t *self, size_t index);
bool signature_is_optional (const signature_t *self, size_t index);  //  has a default

//  Checks arguments (a list, or a map by name) and puts them in order with defaults filled in: argv has room for
//  signature_count, or for what a list holds if that is more; it borrows from arguments and the signature. Returns the
//  count, or -1 with a sentence in `problem` that names the argument, what was expected and what came.
int signature_bind (const signature_t *self, const hearth_value_t *arguments, const hearth_value_t **argv,
                    size_t room, char *problem, size_t size);

//  Whether a value fits a type; otherwise a sentence in `problem`. `any` takes everything, `float` takes ints, too; a str
//  has to be UTF-8.
bool type_check (const type_t *self, const hearth_value_t *value, char *problem, size_t size);
//  The same for what a handler answers, without decoding where that is not needed.
bool type_check_arg (const type_t *self, const hearth_arg_t *arg, char *problem, size_t size);
//  "list<str>", in its canonical form. Static within the type.
const char *type_text (const type_t *self);

//  Reads one command-line argument as a type and packs it: 2, 2.5, true, nil; text as it is for `str` and, unless it can
//  be read as a value (notation.h), for `any`; JSON for lists and maps; hexadecimal for `bin`; RFC 3339 for `time`. For
//  `T?` nil and null are nil. 0, or HEARTH_INVALID_ARGUMENT or HEARTH_RESOURCE_EXHAUSTED with a `problem`.
int type_read_text (const type_t *self, const char *text, pack_t *out, char *problem, size_t size);

//  All arguments of a command line: as a list, or as a map if the last ones, or all, are written NAME=VALUE and NAME is a
//  parameter. self NULL: any arguments. Returns as type_read_text does.
int signature_read_text (const signature_t *self, int argc, char **argv, pack_t *out, char *problem, size_t size);

#endif
