/*  signature.c - parsing signatures (docs/protocol.md, section 7.2)

        signature  = [ parameters [ "," "..." ] / "..." ]
        parameters = parameter *( "," parameter )
        parameter  = name ":" type [ "=" default ]
        type       = word [ "<" type ">" ] [ "?" ]
        default    = "nil" / "true" / "false" / number / string / "[]" / "{}"

    Everything of a signature lies in one zone, itself included. To check values is check.c's and bind.c's part.
*/
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "notation.h"
#include "text.h"
#include "type.h"
#include "utf8.h"

#define ZONE_CHUNK 512

typedef struct {
    const char *text;  //  all of it
    const char *at;
    msgpack_zone *zone;
    char *problem;
    size_t size;
    int error;  //  an errno; 0 while all is well
} parser_t;

//  ---- tools ----

//  Says what is wrong, and where. Returns NULL, as those do that fail.
static void *fail (parser_t *self, const char *where, const char *format, ...) HEARTH_PRINTF (3, 4);

static void *fail (parser_t *self, const char *where, const char *format, ...)
{
    char what [256];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (what, sizeof what, format, arguments);
    va_end (arguments);
    text_problem (self->problem, self->size, "column %zu: %s", (size_t) (where - self->text) + 1, what);
    self->error = EINVAL;
    return NULL;
}

static void *allocate (parser_t *self, size_t size)
{
    void *memory = msgpack_zone_malloc (self->zone, size);
    if (memory)
        return memset (memory, 0, size);
    text_problem (self->problem, self->size, "out of memory");
    self->error = ENOMEM;
    return NULL;
}

static void skip_spaces (parser_t *self)
{
    self->at += strspn (self->at, " \t\r\n");
}

//  Takes a token and the spaces behind it, if that is what comes next.
static bool take (parser_t *self, const char *token)
{
    size_t size = strlen (token);
    if (strncmp (self->at, token, size))
        return false;
    self->at += size;
    skip_spaces (self);
    return true;
}

//  Bytes of the identifier that comes next.
static size_t word_size (const parser_t *self)
{
    static const char letters [] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return strchr ("0123456789", *self->at) ? 0 : strspn (self->at, letters);
}

//  What comes next, for a sentence: a word or a single character.
static const char *quote_next (const parser_t *self, char quoted [TEXT_QUOTED_SIZE])
{
    if (!*self->at)
        return "the end";
    uint32_t code_point;
    size_t size = word_size (self);
    if (size == 0)
        size = utf8_read (self->at, strnlen (self->at, 4), &code_point);
    return text_quote (quoted, self->at, size ? size : 1);
}

//  ---- types ----

static const struct {
    const char *word;
    hearth_type_t kind;
    types_t accepts;
    bool may_have_element;
} kinds [] = {
    { "nil", HEARTH_TYPE_NIL, TYPES_OF (HEARTH_TYPE_NIL), false },
    { "bool", HEARTH_TYPE_BOOL, TYPES_OF (HEARTH_TYPE_BOOL), false },
    { "int", HEARTH_TYPE_INT, TYPES_OF (HEARTH_TYPE_INT), false },
    //  Who declares a float means a number; an int is one, as in Python (PEP 484, "The numeric tower").
    { "float", HEARTH_TYPE_FLOAT, TYPES_OF (HEARTH_TYPE_FLOAT) | TYPES_OF (HEARTH_TYPE_INT), false },
    { "str", HEARTH_TYPE_STR, TYPES_OF (HEARTH_TYPE_STR), false },
    { "bin", HEARTH_TYPE_BIN, TYPES_OF (HEARTH_TYPE_BIN), false },
    { "list", HEARTH_TYPE_LIST, TYPES_OF (HEARTH_TYPE_LIST), true },
    { "map", HEARTH_TYPE_MAP, TYPES_OF (HEARTH_TYPE_MAP), true },
    { "time", HEARTH_TYPE_TIME, TYPES_OF (HEARTH_TYPE_TIME), false },
    { "any", HEARTH_TYPE_OTHER, TYPES_ALL, false },
};

const type_t type_any = { .kind = HEARTH_TYPE_OTHER, .accepts = TYPES_ALL, .text = "any" };

static type_t *parse_type (parser_t *self, unsigned nesting);

//  A type's name, with what it says by itself.
static type_t *parse_word (parser_t *self, bool *may_have_element)
{
    char quoted [TEXT_QUOTED_SIZE];
    size_t size = word_size (self);
    if (size == 0)
        return fail (self, self->at, "expected a type, got %s", quote_next (self, quoted));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds [0]; i++) {
        if (strlen (kinds [i].word) != size || memcmp (kinds [i].word, self->at, size))
            continue;
        type_t *type = allocate (self, sizeof *type);
        if (!type)
            return NULL;
        *type = (type_t){ .kind = kinds [i].kind, .accepts = kinds [i].accepts, .text = kinds [i].word };
        *may_have_element = kinds [i].may_have_element;
        self->at += size;
        skip_spaces (self);
        return type;
    }
    return fail (self, self->at, "unknown type %s", text_quote (quoted, self->at, size));
}

//  The canonical form: "list" or "list<int>", and "?".
static bool write_text (parser_t *self, type_t *type, bool is_optional)
{
    if (!type->element && !is_optional)
        return true;
    size_t size = strlen (type->text) + (type->element ? strlen (type->element->text) : 0) + sizeof "<>?";
    char *text = allocate (self, size);
    if (!text)
        return false;
    if (type->element)
        snprintf (text, size, "%s<%s>%s", type->text, type->element->text, is_optional ? "?" : "");
    else
        snprintf (text, size, "%s?", type->text);
    type->text = text;
    return true;
}

static type_t *parse_type (parser_t *self, unsigned nesting)
{
    bool may_have_element = false;
    type_t *type = parse_word (self, &may_have_element);
    if (!type)
        return NULL;
    const char *bracket = self->at;
    if (take (self, "<")) {
        if (!may_have_element)
            return fail (self, bracket, "%s has no element type", type->text);
        if (nesting == SIGNATURE_NESTING)
            return fail (self, bracket, "nested deeper than %d", SIGNATURE_NESTING);
        type->element = parse_type (self, nesting + 1);
        if (!type->element)
            return NULL;
        if (!take (self, ">"))
            return fail (self, self->at, "expected \">\"");
    }
    bool is_optional = take (self, "?");
    if (is_optional)
        type->accepts |= TYPES_OF (HEARTH_TYPE_NIL);
    return write_text (self, type, is_optional) ? type : NULL;
}

//  ---- defaults ----

//  The protocol's page lists what a default may be; the notation knows more.
static bool may_be_default (const char *text, const hearth_value_t *value)
{
    switch (hearth_value_type (value)) {
    case HEARTH_TYPE_NIL: return !strncmp (text, "nil", 3);
    case HEARTH_TYPE_FLOAT: return isfinite (hearth_value_float (value));
    case HEARTH_TYPE_LIST:
    case HEARTH_TYPE_MAP: return hearth_value_size (value) == 0;
    case HEARTH_TYPE_BIN:
    case HEARTH_TYPE_TIME: return false;
    default: return true;
    }
}

//  Moves a builder's value into the zone.
static const hearth_value_t *keep_value (parser_t *self, const hearth_builder_t *builder)
{
    hearth_arg_t arg = hearth_from_builder (builder);
    uint8_t *bytes = allocate (self, arg.size);
    if (!bytes)
        return NULL;
    memcpy (bytes, arg.as.data, arg.size);
    const hearth_value_t *value = value_decode (self->zone, bytes, arg.size);
    if (!value)
        self->error = ENOMEM;
    return value;
}

static bool parse_default (parser_t *self, parameter_t *parameter)
{
    hearth_builder_t *builder = hearth_builder_new ();
    const char *start = self->at;
    int code = notation_read (&self->at, builder, NULL, 0);
    const hearth_value_t *value = code ? NULL : keep_value (self, builder);
    hearth_builder_destroy (&builder);
    if (code == HEARTH_RESOURCE_EXHAUSTED)
        self->error = ENOMEM;
    if (self->error)
        return false;
    if (!value || !may_be_default (start, value)) {
        fail (self, start, "expected a default: nil, true, false, a number, a string in double quotes, [] or {}");
        return false;
    }
    char misfit [128];
    if (!type_check (parameter->type, value, misfit, sizeof misfit)) {
        fail (self, start, "the default of \"%.64s\": %s", parameter->name, misfit);
        return false;
    }
    parameter->default_value = value;
    return true;
}

//  ---- parameters ----

static const char *parse_name (parser_t *self, const signature_t *signature)
{
    char quoted [TEXT_QUOTED_SIZE];
    size_t size = word_size (self);
    if (size == 0)
        return fail (self, self->at, "expected a parameter's name, got %s", quote_next (self, quoted));
    if (signature_find (signature, self->at, size) >= 0)
        return fail (self, self->at, "a second parameter %s", text_quote (quoted, self->at, size));
    char *name = allocate (self, size + 1);
    if (!name)
        return NULL;
    memcpy (name, self->at, size);
    self->at += size;
    skip_spaces (self);
    return name;
}

static bool parse_parameter (parser_t *self, signature_t *signature)
{
    const char *start = self->at;
    parameter_t *parameter = &signature->parameters [signature->count];
    parameter->name = parse_name (self, signature);
    if (!parameter->name)
        return false;
    if (!take (self, ":")) {
        fail (self, self->at, "expected \":\" and a type behind \"%.64s\"", parameter->name);
        return false;
    }
    parameter->type = parse_type (self, 0);
    if (!parameter->type)
        return false;
    if (take (self, "=")) {
        if (!parse_default (self, parameter))
            return false;
    } else if (signature->count && parameter [-1].default_value) {
        fail (self, start, "\"%.64s\" needs a default, since the one before has one", parameter->name);
        return false;
    }
    signature->count++;
    return true;
}

static bool parse_parameters (parser_t *self, signature_t *signature)
{
    char quoted [TEXT_QUOTED_SIZE];
    if (!*self->at)
        return true;
    do {
        if (take (self, "...")) {
            signature->takes_rest = true;
            break;
        }
        if (!parse_parameter (self, signature))
            return false;
    } while (take (self, ","));
    if (*self->at)
        fail (self, self->at, "expected %sthe end, got %s", signature->takes_rest ? "" : "\",\" or ",
              quote_next (self, quoted));
    return !*self->at;
}

//  ---- making and destroying ----

//  False, with a problem and errno, if there is nothing to parse or no memory for it.
static bool begin (parser_t *self, const char *text, char *problem, size_t size)
{
    *self = (parser_t){ .text = text, .at = text, .problem = problem, .size = size };
    if (strnlen (text, SIGNATURE_SIZE + 1) > SIGNATURE_SIZE) {
        text_problem (problem, size, "longer than %d bytes", SIGNATURE_SIZE);
        errno = EINVAL;
        return false;
    }
    self->zone = msgpack_zone_new (ZONE_CHUNK);
    if (!self->zone) {
        text_problem (problem, size, "out of memory");
        errno = ENOMEM;
        return false;
    }
    skip_spaces (self);
    return true;
}

static void *give_up (parser_t *self)
{
    if (self->error == ENOMEM)
        text_problem (self->problem, self->size, "out of memory");
    msgpack_zone_free (self->zone);
    errno = self->error;
    return NULL;
}

//  No more parameters than commas and one; those within a default only make it too many.
static size_t parameters_at_most (const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == ',';
    return count;
}

signature_t *signature_new (const char *text, char *problem, size_t size)
{
    parser_t parser;
    if (!begin (&parser, text, problem, size))
        return NULL;
    signature_t *self = allocate (&parser, sizeof *self);
    if (!self)
        return give_up (&parser);
    self->zone = parser.zone;
    self->parameters = allocate (&parser, parameters_at_most (text) * sizeof *self->parameters);
    if (!self->parameters || !parse_parameters (&parser, self))
        return give_up (&parser);
    return self;
}

void signature_destroy (signature_t **self_p)
{
    if (!*self_p)
        return;
    msgpack_zone_free ((*self_p)->zone);
    *self_p = NULL;
}

type_t *type_new (const char *text, char *problem, size_t size)
{
    parser_t parser;
    char quoted [TEXT_QUOTED_SIZE];
    if (!begin (&parser, text, problem, size))
        return NULL;
    type_t *self = parse_type (&parser, 0);
    if (self && *parser.at)
        self = fail (&parser, parser.at, "expected the end, got %s", quote_next (&parser, quoted));
    if (!self)
        return give_up (&parser);
    self->zone = parser.zone;
    return self;
}

void type_destroy (type_t **self_p)
{
    if (!*self_p)
        return;
    msgpack_zone_free ((*self_p)->zone);
    *self_p = NULL;
}

//  ---- accessors ----

const char *type_text (const type_t *self)
{
    return self->text;
}

size_t signature_count (const signature_t *self)
{
    return self->count;
}

bool signature_takes_rest (const signature_t *self)
{
    return self->takes_rest;
}

const char *signature_name (const signature_t *self, size_t index)
{
    return self->parameters [index].name;
}

const type_t *signature_type (const signature_t *self, size_t index)
{
    return self->parameters [index].type;
}

bool signature_is_optional (const signature_t *self, size_t index)
{
    return self->parameters [index].default_value != NULL;
}

int signature_find (const signature_t *self, const char *name, size_t size)
{
    for (size_t i = 0; i < self->count; i++) {
        const char *known = self->parameters [i].name;
        if (strlen (known) == size && !memcmp (known, name, size))
            return (int) i;
    }
    return -1;
}
