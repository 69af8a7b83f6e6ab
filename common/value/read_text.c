/*  read_text.c - arguments as people type them on a command line, read by what the signature declares
*/
#include <errno.h>
#include <stdio.h>

#include "notation.h"
#include "number.h"
#include "text.h"
#include "type.h"
#include "utf8.h"

#define SUBJECT_SIZE 96

//  ---- one argument ----

typedef struct {
    const type_t *type;
    const char *text;
    pack_t *out;
    char *problem;
    size_t size;
} reader_t;

static int fail (const reader_t *self, const char *expected)
{
    char quoted [TEXT_QUOTED_SIZE];
    text_problem (self->problem, self->size, "expected %s, got %s", expected,
                  text_quote (quoted, self->text, strlen (self->text)));
    return HEARTH_INVALID_ARGUMENT;
}

static int out_of_memory (const reader_t *self)
{
    text_problem (self->problem, self->size, "out of memory");
    return HEARTH_RESOURCE_EXHAUSTED;
}

static int done (const reader_t *self)
{
    return self->out->failed ? out_of_memory (self) : HEARTH_OK;
}

static int read_str (const reader_t *self)
{
    if (!utf8_is_valid (self->text, strlen (self->text)))
        return fail (self, "UTF-8");
    pack_str (self->out, self->text);
    return done (self);
}

static int read_float (const reader_t *self)
{
    double value;
    if (!number_read_float (self->text, strlen (self->text), &value))
        return fail (self, self->type->text);
    pack_float (self->out, value);
    return done (self);
}

//  Packs what the builder holds, if all of the text was read and it fits the type.
static int finish_notation (const reader_t *self, const hearth_builder_t *builder, const char *end)
{
    if (*end)
        return fail (self, self->type->text);
    hearth_arg_t arg = hearth_from_builder (builder);
    int code = type_try_arg (self->type, &arg, self->problem, self->size);
    if (code)
        return code;
    return pack_arg (self->out, &arg) ? out_of_memory (self) : HEARTH_OK;
}

static int read_notation (const reader_t *self)
{
    hearth_builder_t *builder = hearth_builder_new ();
    const char *at = self->text;
    int code = notation_read (&at, builder, self->problem, self->size);
    if (code == HEARTH_OK)
        code = finish_notation (self, builder, at);
    //  Where a list or map goes wrong is worth telling; of a word it is the word.
    else if (code == HEARTH_INVALID_ARGUMENT && self->text [0] != '[' && self->text [0] != '{')
        code = fail (self, self->type->text);
    hearth_builder_destroy (&builder);
    return code;
}

//  What cannot be read as a value is text.
static int read_any (const reader_t *self)
{
    int code = read_notation (self);
    return code == HEARTH_INVALID_ARGUMENT ? read_str (self) : code;
}

//  Hexadecimal digits, with or without h'' around them.
static int read_bin (const reader_t *self)
{
    if (!strncmp (self->text, "h'", 2))
        return read_notation (self);
    size_t size = strlen (self->text);
    uint8_t *bytes = malloc (size / 2 + 1);
    if (!bytes)
        return out_of_memory (self);
    bool good = number_read_bytes (self->text, size, bytes);
    if (good)
        pack_bin (self->out, bytes, size / 2);
    free (bytes);
    return good ? done (self) : fail (self, "hexadecimal digits");
}

int type_read_text (const type_t *self, const char *text, pack_t *out, char *problem, size_t size)
{
    static int (*const readers []) (const reader_t *) = {
        [HEARTH_TYPE_NIL] = read_notation,  [HEARTH_TYPE_BOOL] = read_notation, [HEARTH_TYPE_INT] = read_notation,
        [HEARTH_TYPE_FLOAT] = read_float,   [HEARTH_TYPE_STR] = read_str,       [HEARTH_TYPE_BIN] = read_bin,
        [HEARTH_TYPE_LIST] = read_notation, [HEARTH_TYPE_MAP] = read_notation,  [HEARTH_TYPE_TIME] = read_notation,
        [HEARTH_TYPE_OTHER] = read_any,
    };
    reader_t reader = { .type = self, .text = text, .out = out, .size = size };
    reader.problem = problem;
    bool is_nil = !strcmp (text, "nil") || !strcmp (text, "null");
    if (is_nil && self->accepts & TYPES_OF (HEARTH_TYPE_NIL)) {
        pack_nil (out);
        return done (&reader);
    }
    return readers [self->kind](&reader);
}

//  ---- all arguments ----

//  The parameter that NAME=VALUE names, and in *value what comes behind the sign; -1 if it is not written so.
static int named (const signature_t *self, const char *text, const char **value)
{
    const char *sign = strchr (text, '=');
    if (!self || !sign)
        return -1;
    *value = sign + 1;
    return signature_find (self, text, (size_t) (sign - text));
}

//  How many come before the first one that is written NAME=VALUE.
static size_t count_unnamed (const signature_t *self, size_t argc, char **argv)
{
    const char *value;
    size_t count = 0;
    while (count < argc && named (self, argv [count], &value) < 0)
        count++;
    return count;
}

//  Reads one argument for a parameter, or, with an index behind the parameters, for the rest.
static int read_one (const signature_t *self, size_t index, const char *text, pack_t *out, char *problem, size_t size)
{
    bool has_parameter = self && index < self->count;
    char what [256];
    int code =
        type_read_text (has_parameter ? self->parameters [index].type : &type_any, text, out, what, sizeof what);
    if (code && has_parameter)
        text_problem (problem, size, "argument \"%.64s\": %s", self->parameters [index].name, what);
    else if (code)
        text_problem (problem, size, "argument %zu: %s", index + 1, what);
    return code;
}

static int read_list (const signature_t *self, size_t argc, char **argv, pack_t *out, char *problem, size_t size)
{
    int code = HEARTH_OK;
    pack_list (out, argc);
    for (size_t i = 0; i < argc && !code; i++)
        code = read_one (self, i, argv [i], out, problem, size);
    return code;
}

//  Whether a parameter has its argument among the first `count`.
static bool is_given (const signature_t *self, int index, char **argv, size_t unnamed, size_t count)
{
    const char *value;
    for (size_t i = unnamed; i < count; i++)
        if (named (self, argv [i], &value) == index)
            return true;
    return (size_t) index < unnamed;
}

//  Those that are not named come first, and belong to the first parameters.
static int read_map (const signature_t *self, size_t argc, char **argv, size_t unnamed, pack_t *out, char *problem,
                     size_t size)
{
    int code = HEARTH_OK;
    pack_map (out, argc);
    for (size_t i = 0; i < argc && !code; i++) {
        const char *value = argv [i];
        int index = i < unnamed ? (int) i : named (self, argv [i], &value);
        if (index < 0) {
            char quoted [TEXT_QUOTED_SIZE];
            text_problem (problem, size, "expected NAME=VALUE behind a named argument, got %s",
                          text_quote (quoted, argv [i], strlen (argv [i])));
            return HEARTH_INVALID_ARGUMENT;
        }
        if (i >= unnamed && is_given (self, index, argv, unnamed, i)) {
            text_problem (problem, size, "two arguments \"%.64s\"", self->parameters [index].name);
            return HEARTH_INVALID_ARGUMENT;
        }
        pack_str (out, self->parameters [index].name);
        code = read_one (self, (size_t) index, value, out, problem, size);
    }
    return code;
}

int signature_read_text (const signature_t *self, int argc, char **argv, pack_t *out, char *problem, size_t size)
{
    size_t given = argc > 0 ? (size_t) argc : 0;
    size_t unnamed = count_unnamed (self, given, argv);
    bool by_name = self && unnamed < given;
    if (by_name && self->takes_rest && unnamed > self->count) {
        text_problem (problem, size, "NAME=VALUE does not go together with more arguments than there are names");
        return HEARTH_INVALID_ARGUMENT;
    }
    if (self && unnamed > self->count && !self->takes_rest) {
        signature_count_problem (self, given, problem, size);
        return HEARTH_INVALID_ARGUMENT;
    }
    int code = by_name ? read_map (self, given, argv, unnamed, out, problem, size)
                       : read_list (self, given, argv, out, problem, size);
    if (code == HEARTH_OK && out->failed) {
        text_problem (problem, size, "out of memory");
        code = HEARTH_RESOURCE_EXHAUSTED;
    }
    return code;
}

//  What was packed becomes a value of the builder.
static int add_packed (hearth_builder_t *self, const pack_t *pack, hearth_type_t type, char *problem, size_t size)
{
    hearth_builder_add_arg (
        self,
        (hearth_arg_t){ .type = type, .is_packed = true, .as.data = pack->buffer.data, .size = pack->buffer.size });
    int code = builder_error (self);
    if (code)
        text_problem (problem, size, "%s",
                      code == HEARTH_INVALID_ARGUMENT ? "a value has no place here" : "out of memory");
    return code;
}

static hearth_type_t type_of_arguments (const pack_t *pack)
{
    uint8_t head = (uint8_t) pack->buffer.data [0];
    bool is_list = (head & 0xf0) == 0x90 || head == 0xdc || head == 0xdd;
    return is_list ? HEARTH_TYPE_LIST : HEARTH_TYPE_MAP;
}

int hearth_builder_read (hearth_builder_t *self, const char *parameters, int argc, char **argv, char *problem,
                         size_t size)
{
    signature_t *signature = NULL;
    if (parameters) {
        char what [256];
        signature = signature_new (parameters, what, sizeof what);
        if (!signature) {
            text_problem (problem, size, "parameters: %s", what);
            return errno == ENOMEM ? HEARTH_RESOURCE_EXHAUSTED : HEARTH_INVALID_ARGUMENT;
        }
    }
    pack_t pack;
    pack_init (&pack);
    int code = signature_read_text (signature, argc, argv, &pack, problem, size);
    signature_destroy (&signature);
    if (code == HEARTH_OK)
        code = add_packed (self, &pack, type_of_arguments (&pack), problem, size);
    pack_clear (&pack);
    return code;
}

int hearth_builder_read_value (hearth_builder_t *self, const char *type, const char *text, char *problem, size_t size)
{
    char what [256];
    type_t *read = type ? type_new (type, what, sizeof what) : NULL;
    if (type && !read) {
        text_problem (problem, size, "type: %s", what);
        return errno == ENOMEM ? HEARTH_RESOURCE_EXHAUSTED : HEARTH_INVALID_ARGUMENT;
    }
    pack_t pack;
    pack_init (&pack);
    int code = type_read_text (read ? read : &type_any, text, &pack, problem, size);
    if (code == HEARTH_OK)
        code = add_packed (self, &pack, HEARTH_TYPE_OTHER, problem, size);
    pack_clear (&pack);
    type_destroy (&read);
    return code;
}
