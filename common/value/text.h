/*  text.h - text that is safe to show: escaping, and sentences about what is wrong
*/
#ifndef TEXT_H_INCLUDED
#define TEXT_H_INCLUDED

#include <stddef.h>

#include "hearth.h"

#define TEXT_QUOTED_SIZE 80  //  room for a quoted excerpt

//  Writes foreign text for a sentence, in double quotes and escaped as in hearth_value_text; what is too long ends in an
//  ellipsis. Returns quoted.
const char *text_quote (char quoted [TEXT_QUOTED_SIZE], const char *text, size_t size);

//  Writes a sentence into problem, which may be NULL if size is 0, cut between characters if need be.
void text_problem (char *problem, size_t size, const char *format, ...) HEARTH_PRINTF (3, 4);

#endif
