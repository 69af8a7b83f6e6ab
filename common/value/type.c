/*  type.c - parsing types (signature.c has the grammar), and their canonical text
*/
#include <stdio.h>

#include "parser.h"

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

//  A type's name, with what it says by itself.
static type_t *parse_word (parser_t *self, bool *may_have_element)
{
    char quoted [TEXT_QUOTED_SIZE];
    size_t size = parser_word_size (self);
    if (size == 0)
        return parser_fail (self, self->at, "expected a type, got %s", parser_quote (self, quoted));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds [0]; i++) {
        if (strlen (kinds [i].word) != size || memcmp (kinds [i].word, self->at, size) != 0)
            continue;
        type_t *type = parser_allocate (self, sizeof *type);
        if (!type)
            return NULL;
        *type = (type_t){ .kind = kinds [i].kind, .accepts = kinds [i].accepts, .text = kinds [i].word };
        *may_have_element = kinds [i].may_have_element;
        parser_skip (self, size);
        return type;
    }
    return parser_fail (self, self->at, "unknown type %s", text_quote (quoted, self->at, size));
}

//  The canonical form: "list" or "list<int>", and "?".
static bool write_text (parser_t *self, type_t *type, bool is_optional)
{
    if (!type->element && !is_optional)
        return true;
    size_t size = strlen (type->text) + (type->element ? strlen (type->element->text) : 0) + sizeof "<>?";
    char *text = parser_allocate (self, size);
    if (!text)
        return false;
    if (type->element)
        snprintf (text, size, "%s<%s>%s", type->text, type->element->text, is_optional ? "?" : "");
    else
        snprintf (text, size, "%s?", type->text);
    type->text = text;
    return true;
}

type_t *parser_type (parser_t *self, unsigned nesting)
{
    bool may_have_element = false;
    type_t *type = parse_word (self, &may_have_element);
    if (!type)
        return NULL;
    const char *bracket = self->at;
    if (parser_take (self, "<")) {
        if (!may_have_element)
            return parser_fail (self, bracket, "%s has no element type", type->text);
        if (nesting == SIGNATURE_NESTING)
            return parser_fail (self, bracket, "nested deeper than %d", SIGNATURE_NESTING);
        type->element = parser_type (self, nesting + 1);
        if (!type->element)
            return NULL;
        if (!parser_take (self, ">"))
            return parser_fail (self, self->at, "expected \">\"");
    }
    bool is_optional = parser_take (self, "?");
    if (is_optional)
        type->accepts |= TYPES_OF (HEARTH_TYPE_NIL);
    return write_text (self, type, is_optional) ? type : NULL;
}

//  ---- making and destroying ----

type_t *type_new (const char *text, char *problem, size_t size)
{
    parser_t parser;
    char quoted [TEXT_QUOTED_SIZE];
    if (!parser_begin (&parser, text, problem, size))
        return NULL;
    type_t *self = parser_type (&parser, 0);
    if (self && *parser.at)
        self = parser_fail (&parser, parser.at, "expected the end, got %s", parser_quote (&parser, quoted));
    if (!self)
        return parser_give_up (&parser);
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

const char *type_text (const type_t *self)
{
    return self->text;
}
