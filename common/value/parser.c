/*  parser.c - the tools of parsing: where it stands, what comes next, what went wrong

    Owns the zone until the parsing is done. Knows no grammar.
*/
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "parser.h"
#include "utf8.h"

#define ZONE_CHUNK 512

void *parser_fail (parser_t *self, const char *where, const char *format, ...)
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

void *parser_allocate (parser_t *self, size_t size)
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

void parser_skip (parser_t *self, size_t size)
{
    self->at += size;
    skip_spaces (self);
}

bool parser_take (parser_t *self, const char *token)
{
    size_t size = strlen (token);
    if (strncmp (self->at, token, size) != 0)
        return false;
    parser_skip (self, size);
    return true;
}

size_t parser_word_size (const parser_t *self)
{
    static const char letters [] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return strchr ("0123456789", *self->at) ? 0 : strspn (self->at, letters);
}

const char *parser_quote (const parser_t *self, char quoted [TEXT_QUOTED_SIZE])
{
    if (!*self->at)
        return "the end";
    uint32_t code_point;
    size_t size = parser_word_size (self);
    if (size == 0)
        size = utf8_read (self->at, strnlen (self->at, 4), &code_point);
    return text_quote (quoted, self->at, size ? size : 1);
}

//  ---- beginning and giving up ----

bool parser_begin (parser_t *self, const char *text, char *problem, size_t size)
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

void *parser_give_up (parser_t *self)
{
    if (self->error == ENOMEM)
        text_problem (self->problem, self->size, "out of memory");
    msgpack_zone_free (self->zone);
    errno = self->error;
    return NULL;
}
