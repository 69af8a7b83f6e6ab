/*  type.h - what signatures look like inside: for signature.c, which makes them, and those who use them
*/
#ifndef TYPE_H_INCLUDED
#define TYPE_H_INCLUDED

#include "signature.h"

//  A set of hearth_type_t.
typedef unsigned types_t;
#define TYPES_OF(type) (1u << (type))
#define TYPES_ALL      (~0u)

struct type {
    hearth_type_t kind;  //  HEARTH_TYPE_OTHER stands for `any`
    types_t accepts;
    const type_t *element;  //  of list<T> and map<T>, else NULL
    const char *text;
    msgpack_zone *zone;  //  that it lies in, if it is nobody's part, else NULL
};

typedef struct {
    const char *name;
    const type_t *type;
    const hearth_value_t *default_value;  //  NULL: required
} parameter_t;

struct signature {
    msgpack_zone *zone;  //  that all of it lies in
    parameter_t *parameters;
    size_t count;
    bool takes_rest;
};

//  `any`: the type of arguments that no parameter names.
extern const type_t type_any;

//  Whether a value fits, without saying why not.
bool type_fits (const type_t *self, const hearth_value_t *value);

//  As type_check, for a part of something: the sentence begins with `subject`, such as `argument "b"`, and the path of
//  what does not fit within the value. An empty subject is left out.
bool type_check_part (const type_t *self, const hearth_value_t *value, const char *subject, char *problem,
                      size_t size);

//  As type_check_arg, but tells HEARTH_INVALID_ARGUMENT and HEARTH_RESOURCE_EXHAUSTED apart; 0 if it fits.
int type_try_arg (const type_t *self, const hearth_arg_t *arg, char *problem, size_t size);

//  The index of a parameter, or -1.
int signature_find (const signature_t *self, const char *name, size_t size);

//  "2 arguments expected, 3 given"
void signature_count_problem (const signature_t *self, size_t given, char *problem, size_t size);

#endif
