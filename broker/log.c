/*  log.c - formats, escapes and sums up events; knows nothing of what they mean */

#include "log.h"
#include "clock.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 1024  //  below PIPE_BUF: a pipe that is writable takes it whole
#define PERIOD_MS 1000

static const char *const level_names [] = { "error", "warning", "info", "debug" };

//  What has been written in this second, and how often it came again.
typedef struct {
    log_level_t level;
    char part [16];
    char peer [48];
    char text [256];
    size_t kind_size;  //  of text
    unsigned repeats;
} entry_t;

struct log {
    int fd;
    log_level_t most;
    int64_t flush_ms;  //  -1: nothing to sum
    size_t count;
    unsigned others;   //  events that found the table full
    unsigned dropped;  //  lines that nobody read
    entry_t entries [LOG_KINDS];
};

log_t *log_new (int fd, log_level_t most)
{
    log_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->fd = fd;
    self->most = most;
    self->flush_ms = -1;
    return self;
}

static bool s_is_writable (int fd)
{
    struct pollfd item = { .fd = fd, .events = POLLOUT };
    return poll (&item, 1, 0) == 1 && (item.revents & POLLOUT);
}

static size_t s_write_time (char *out, size_t room)
{
    int64_t now_ms = clock_wall_ms ();
    time_t seconds = (time_t) (now_ms / 1000);
    struct tm parts;
    if (!gmtime_r (&seconds, &parts))
        return 0;
    size_t size = strftime (out, room, "%Y-%m-%dT%H:%M:%S", &parts);
    return size + (size_t) snprintf (out + size, room - size, ".%03dZ ", (int) (now_ms % 1000));
}

//  Copies text with all but printable ASCII as \xNN. Returns the size; cuts what does not fit.
static size_t s_escape (char *out, size_t room, const char *text)
{
    size_t size = 0;
    for (; *text && size + 4 < room; text++) {
        if (*text >= ' ' && *text <= '~' && *text != '\\')
            out [size++] = *text;
        else
            size += (size_t) snprintf (out + size, room - size, "\\x%02x", (unsigned char) *text);
    }
    return size;
}

//  Returns whether the line was written; counts it if not.
static bool s_write_line (log_t *self, log_level_t level, const char *part, const char *peer, const char *text)
{
    char line [LINE_SIZE];
    size_t size = s_write_time (line, sizeof line);
    size += (size_t) snprintf (line + size, sizeof line - size, "%s %s %s ", level_names [level], part, peer);
    size += s_escape (line + size, sizeof line - size - 1, text);
    line [size++] = '\n';
    bool written = s_is_writable (self->fd) && write (self->fd, line, size) == (ssize_t) size;
    self->dropped += !written;
    return written;
}

static size_t s_kind_size (const char *text)
{
    return strcspn (text, ":");
}

static entry_t *s_find (log_t *self, log_level_t level, const char *part, const char *peer, const char *text)
{
    size_t size = s_kind_size (text);
    for (entry_t *entry = self->entries; entry < self->entries + self->count; entry++)
        if (entry->level == level && entry->kind_size == size && memcmp (entry->text, text, size) == 0
            && strcmp (entry->part, part) == 0 && strcmp (entry->peer, peer) == 0)
            return entry;
    return NULL;
}

static void s_remember (log_t *self, log_level_t level, const char *part, const char *peer, const char *text)
{
    entry_t *entry = &self->entries [self->count++];
    entry->level = level;
    entry->repeats = 0;
    snprintf (entry->part, sizeof entry->part, "%s", part);
    snprintf (entry->peer, sizeof entry->peer, "%s", peer);
    snprintf (entry->text, sizeof entry->text, "%s", text);
    entry->kind_size = s_kind_size (entry->text);
}

void log_write (void *context, log_level_t level, const char *part, const char *peer, const char *text)
{
    log_t *self = context;
    if (level > self->most)
        return;
    if (self->flush_ms < 0)
        self->flush_ms = clock_now_ms () + PERIOD_MS;
    entry_t *entry = s_find (self, level, part, peer, text);
    if (entry)
        entry->repeats++;
    else if (self->count == LOG_KINDS)
        self->others++;
    else {
        s_remember (self, level, part, peer, text);
        s_write_line (self, level, part, peer, text);
    }
}

void log_printf (log_t *self, log_level_t level, const char *part, const char *peer, const char *format, ...)
{
    char text [512];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    log_write (self, level, part, peer, text);
}

static void s_write_repeats (log_t *self, const entry_t *entry)
{
    char text [sizeof entry->text + 32];
    if (entry->repeats == 0)
        return;
    snprintf (text, sizeof text, "%.*s (%u more)", (int) entry->kind_size, entry->text, entry->repeats);
    s_write_line (self, entry->level, entry->part, entry->peer, text);
}

//  A sum that belongs to no peer. Returns what is left of it: nothing, unless it could not be written.
static unsigned s_write_sum (log_t *self, unsigned sum, const char *what)
{
    char text [96];
    if (sum == 0)
        return 0;
    snprintf (text, sizeof text, "%u %s", sum, what);
    return s_write_line (self, LOG_WARNING, "log", "-", text) ? 0 : sum;
}

static void s_flush (log_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        s_write_repeats (self, &self->entries [i]);
    self->others = s_write_sum (self, self->others, "more events of other kinds within a second");
    self->dropped = s_write_sum (self, self->dropped, "lines were dropped, since nobody read them");
    self->count = 0;
    self->flush_ms = -1;
}

void log_tick (log_t *self, int64_t now_ms)
{
    if (self->flush_ms >= 0 && now_ms >= self->flush_ms)
        s_flush (self);
}

int64_t log_deadline (const log_t *self)
{
    return self->flush_ms;
}

void log_destroy (log_t **self_p)
{
    if (*self_p)
        s_flush (*self_p);
    free (*self_p);
    *self_p = NULL;
}

int log_level_find (const char *name)
{
    for (size_t level = 0; level < sizeof level_names / sizeof *level_names; level++)
        if (strcmp (level_names [level], name) == 0)
            return (int) level;
    return -1;
}

const char *log_level_name (log_level_t level)
{
    return level_names [level];
}
