/*  signature.c - parsing signatures (docs/protocol.md, section 7.2)

        signature  = [ parameters [ "," "..." ] / "..." ]
        parameters = parameter *( "," parameter )
        parameter  = name ":" type [ "=" default ]
        type       = word [ "<" type ">" ] [ "?" ]
        default    = "nil" / "true" / "false" / number / string / "[]" / "{}"

    Everything of a signature lies in one zone, itself included. To check values is check.c's and bind.c's part.
*/
#include <errno.h>
#include <math.h>

#include "notation.h"
#include "parser.h"

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
    uint8_t *bytes = parser_allocate (self, arg.size);
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
        parser_fail (self, start,
                     "expected a default: nil, true, false, a number, a string in double quotes, [] or {}");
        return false;
    }
    char misfit [128];
    if (!type_check (parameter->type, value, misfit, sizeof misfit)) {
        parser_fail (self, start, "the default of \"%.64s\": %s", parameter->name, misfit);
        return false;
    }
    parameter->default_value = value;
    return true;
}

//  ---- parameters ----

static const char *parse_name (parser_t *self, const signature_t *signature)
{
    char quoted [TEXT_QUOTED_SIZE];
    size_t size = parser_word_size (self);
    if (size == 0)
        return parser_fail (self, self->at, "expected a parameter's name, got %s", parser_quote (self, quoted));
    if (signature_find (signature, self->at, size) >= 0)
        return parser_fail (self, self->at, "a second parameter %s", text_quote (quoted, self->at, size));
    char *name = parser_allocate (self, size + 1);
    if (!name)
        return NULL;
    memcpy (name, self->at, size);
    parser_skip (self, size);
    return name;
}

static bool parse_parameter (parser_t *self, signature_t *signature)
{
    const char *start = self->at;
    parameter_t *parameter = &signature->parameters [signature->count];
    parameter->name = parse_name (self, signature);
    if (!parameter->name)
        return false;
    if (!parser_take (self, ":")) {
        parser_fail (self, self->at, "expected \":\" and a type behind \"%.64s\"", parameter->name);
        return false;
    }
    parameter->type = parser_type (self, 0);
    if (!parameter->type)
        return false;
    if (parser_take (self, "=")) {
        if (!parse_default (self, parameter))
            return false;
    } else if (signature->count && parameter [-1].default_value) {
        parser_fail (self, start, "\"%.64s\" needs a default, since the one before has one", parameter->name);
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
        if (parser_take (self, "...")) {
            signature->takes_rest = true;
            break;
        }
        if (!parse_parameter (self, signature))
            return false;
    } while (parser_take (self, ","));
    if (*self->at)
        parser_fail (self, self->at, "expected %sthe end, got %s", signature->takes_rest ? "" : "\",\" or ",
                     parser_quote (self, quoted));
    return !*self->at;
}

//  ---- making and destroying ----

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
    if (!parser_begin (&parser, text, problem, size))
        return NULL;
    signature_t *self = parser_allocate (&parser, sizeof *self);
    if (!self)
        return parser_give_up (&parser);
    self->zone = parser.zone;
    self->parameters = parser_allocate (&parser, parameters_at_most (text) * sizeof *self->parameters);
    if (!self->parameters || !parse_parameters (&parser, self))
        return parser_give_up (&parser);
    return self;
}

void signature_destroy (signature_t **self_p)
{
    if (!*self_p)
        return;
    msgpack_zone_free ((*self_p)->zone);
    *self_p = NULL;
}

//  ---- accessors ----

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
