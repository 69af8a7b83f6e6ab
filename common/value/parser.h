/*  parser.h - what the parsing of types and that of parameters share (signature.c has the grammar)
*/
#ifndef PARSER_H_INCLUDED
#define PARSER_H_INCLUDED

#include "text.h"
#include "type.h"

typedef struct {
    const char *text;  //  all of it
    const char *at;
    msgpack_zone *zone;
    char *problem;
    size_t size;
    int error;  //  an errno; 0 while all is well
} parser_t;

//  Skips spaces. False, with a problem and errno, if the text is too long or memory is short.
bool parser_begin (parser_t *self, const char *text, char *problem, size_t size);
//  Frees what was made and sets errno. Returns NULL.
void *parser_give_up (parser_t *self);

//  Says what is wrong, and where. Returns NULL, as those do that fail.
void *parser_fail (parser_t *self, const char *where, const char *format, ...) HEARTH_PRINTF (3, 4);
//  Zeroed memory in the zone; NULL is an error of the parser's.
void *parser_allocate (parser_t *self, size_t size);

//  Takes a token and the spaces behind it, if that is what comes next.
bool parser_take (parser_t *self, const char *token);
//  Takes a number of bytes and the spaces behind them.
void parser_skip (parser_t *self, size_t size);
//  Bytes of the identifier that comes next.
size_t parser_word_size (const parser_t *self);
//  What comes next, for a sentence: a word or a single character.
const char *parser_quote (const parser_t *self, char quoted [TEXT_QUOTED_SIZE]);

//  A type, at most SIGNATURE_NESTING - nesting deep; NULL is an error of the parser's.
type_t *parser_type (parser_t *self, unsigned nesting);

#endif
