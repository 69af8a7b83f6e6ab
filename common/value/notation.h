/*  notation.h - reads a value from text as hearth_value_text writes it (text.c has the notation)
*/
#ifndef NOTATION_H_INCLUDED
#define NOTATION_H_INCLUDED

#include "value.h"

//  Reads the value at *text into a builder and moves *text behind it, and behind spaces around it. Takes `nil` for `null`.
//  Values nest at most SCAN_NESTING deep; keys are strs. Returns 0, or HEARTH_INVALID_ARGUMENT or
//  HEARTH_RESOURCE_EXHAUSTED with a sentence in `problem` and *text where it went wrong.
int notation_read (const char **text, hearth_builder_t *out, char *problem, size_t size);

#endif
