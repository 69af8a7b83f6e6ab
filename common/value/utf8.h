/*  utf8.h - well-formed UTF-8, strictly after RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF
*/
#ifndef UTF8_H_INCLUDED
#define UTF8_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

//  Bytes of the character at the start of text (1 to 4), with its code point; 0 if it is not well-formed.
size_t utf8_read (const char *text, size_t size, uint32_t *code_point);

//  Writes a code point up to U+10FFFF that is no surrogate; returns its bytes (1 to 4).
size_t utf8_write (uint32_t code_point, char out [4]);

bool utf8_is_valid (const char *text, size_t size);

#endif
