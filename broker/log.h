/*  log.h - one event a line on a descriptor: when, level, part, peer, text

    The kind of an event is its level, its part and its text up to the first colon; what follows the colon is detail.
    Repeats of one kind about one peer within a second are summed, and so is what goes beyond LOG_KINDS different ones,
    so that no peer makes the log grow at will. Never waits for a reader: a line that does not fit is counted and
    dropped. Text is escaped, whoever it came from. Reads the wall clock for the lines; is told the time otherwise.
*/
#ifndef LOG_H_INCLUDED
#define LOG_H_INCLUDED

#include "core.h"

#define LOG_KINDS 128

typedef struct log log_t;

//  The descriptor is borrowed. NULL if memory is short.
log_t *log_new (int fd, log_level_t most);
//  Writes what has been summed.
void log_destroy (log_t **self_p);

//  Its signature is that of core_config_t's log. `context` is a log_t.
void log_write (void *context, log_level_t level, const char *part, const char *peer, const char *text);
void log_printf (log_t *self, log_level_t level, const char *part, const char *peer, const char *format, ...)
    __attribute__ ((format (printf, 5, 6)));

//  Writes what has been summed, once it is a second old. log_deadline: when that is, -1: nothing has been.
void log_tick (log_t *self, int64_t now_ms);
int64_t log_deadline (const log_t *self);

//  The level of that name, or -1. The name of a level.
int log_level_find (const char *name);
const char *log_level_name (log_level_t level);

#endif
