/*  lines.h - the lines of a descriptor, read without waiting for more than there is
*/
#ifndef LINES_H_INCLUDED
#define LINES_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char *data;
    size_t room;
    size_t size;   //  bytes that were read
    size_t at;     //  where the next line begins
    size_t count;  //  lines that were taken
    bool is_over;  //  nothing more comes
} lines_t;

//  The next line without its end, and its size, if all of it is there; NULL otherwise. A zero byte follows it, and there may
//  be others within it. Valid until the next is asked for or read.
char *lines_next (lines_t *self, size_t *size);
//  Reads what is there, once. False with errno if that failed.
bool lines_read (lines_t *self, int fd);
void lines_clear (lines_t *self);

#endif
