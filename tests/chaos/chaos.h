/*  chaos.h - what the chaos programs share: a journal that outlives its writer, a clock, dice

    A journal is a file of lines of words, each written at once before the program goes on, so that a SIGKILL loses none of them. docs/reliability.md
    says what is done with them; tests/chaos/checker.py reads them. Knows nothing of Hearth.
*/
#ifndef CHAOS_H_INCLUDED
#define CHAOS_H_INCLUDED

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHAOS_LINE_MAX 512
#define CHAOS_NAME_MAX 96

typedef struct {
    const char *folder;
    char name [CHAOS_NAME_MAX];  //  of this run of the program: no other run ever has it
    int fd;
    uint64_t dice;
} chaos_t;

//  Monotonic, and the same in all containers of a machine.
static inline int64_t chaos_now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void chaos_check (bool fact, const char *what)
{
    if (fact)
        return;
    fprintf (stderr, "chaos: %s\n", what);
    exit (2);
}

__attribute__ ((format (printf, 2, 3))) static inline void chaos_write (chaos_t *self, const char *format, ...)
{
    char line [CHAOS_LINE_MAX];
    va_list arguments;
    va_start (arguments, format);
    int size = vsnprintf (line, sizeof line - 1, format, arguments);
    va_end (arguments);
    chaos_check (size > 0 && size < (int) sizeof line - 1, "a line is too long");
    line [size++] = '\n';
    chaos_check (write (self->fd, line, (size_t) size) == size, "the journal cannot be written");
}

//  FOLDER/ROLE.START.journal; ROLE begins with the container's name and a dot.
static inline void chaos_open (chaos_t *self, const char *folder, const char *role, const char *seed)
{
    char path [CHAOS_LINE_MAX];
    int64_t now = chaos_now_ns ();
    self->folder = folder;
    snprintf (self->name, sizeof self->name, "%s.%" PRId64, role, now);
    snprintf (path, sizeof path, "%s/%s.journal", folder, self->name);
    self->fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    chaos_check (self->fd >= 0, "the journal cannot be made");
    self->dice = strtoull (seed, NULL, 10) * 2654435761u + 88172645463325252u;
    for (const char *at = role; *at; at++)
        self->dice = self->dice * 31 + (uint8_t) *at;
    chaos_write (self, "BEGIN %" PRId64, now);
}

//  The last line of a program that was not killed.
static inline void chaos_close (chaos_t *self)
{
    chaos_write (self, "QUIT %" PRId64, chaos_now_ns ());
    close (self->fd);
}

//  0 to sides - 1.
static inline unsigned chaos_roll (chaos_t *self, unsigned sides)
{
    self->dice ^= self->dice << 13;
    self->dice ^= self->dice >> 7;
    self->dice ^= self->dice << 17;
    return (unsigned) (self->dice >> 33) % sides;
}

//  Whether the script has put a file of this name into the folder.
static inline bool chaos_told (const chaos_t *self, const char *name)
{
    char path [CHAOS_LINE_MAX];
    snprintf (path, sizeof path, "%s/%s", self->folder, name);
    return access (path, F_OK) == 0;
}

static inline void chaos_pause (int64_t ms)
{
    struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
    nanosleep (&pause, NULL);
}

#endif
