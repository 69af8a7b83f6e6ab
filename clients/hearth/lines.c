/*  lines.c - the lines of a descriptor, read without waiting for more than there is
*/
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_SIZE 65536

char *lines_next (lines_t *self, size_t *size)
{
    size_t left = self->size - self->at;
    char *line = self->data + self->at;
    char *end = left > 0 ? memchr (line, '\n', left) : NULL;
    if (!end && (!self->is_over || left == 0))
        return NULL;
    if (!end)
        end = line + left;  //  there is room for one byte more
    *end = '\0';
    *size = (size_t) (end - line);
    self->at = (size_t) (end - self->data) + 1;
    if (self->at > self->size)
        self->at = self->size;
    self->count++;
    return line;
}

//  Room for a chunk, and a byte that ends a last line.
static bool make_room (lines_t *self)
{
    if (self->at > 0)
        memmove (self->data, self->data + self->at, self->size - self->at);
    self->size -= self->at;
    self->at = 0;
    if (self->room - self->size > CHUNK_SIZE)
        return true;
    size_t room = 2 * self->room + CHUNK_SIZE + 1;
    char *data = realloc (self->data, room);
    if (!data)
        return false;
    self->data = data;
    self->room = room;
    return true;
}

bool lines_read (lines_t *self, int fd)
{
    if (!make_room (self))
        return false;
    ssize_t bytes = read (fd, self->data + self->size, CHUNK_SIZE);
    if (bytes < 0)
        return errno == EINTR || errno == EAGAIN;
    self->size += (size_t) bytes;
    self->is_over = bytes == 0;
    return true;
}

void lines_clear (lines_t *self)
{
    free (self->data);
    *self = (lines_t){ 0 };
}
