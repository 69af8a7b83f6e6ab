/*  stream.c - calling a method as a stream: items on standard output as they come, and from standard input as they go

    Waits in one place, for the connection, the input and signals. A line is read ahead at most: what the service does not
    ask for stays where it comes from.
*/
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"
#include "verb.h"

typedef struct {
    hearth_pending_t *call;
    lines_t lines;
    hearth_builder_t *item;  //  that goes next; NULL: a line has to come first
    bool has_input;          //  more may come
    bool has_moved;          //  since it was looked at: items may be there, or may be sent
} stream_t;

bool stream_is_declared (const hearth_value_t *method)
{
    const hearth_value_t *flags = hearth_value_get (method, "flags");
    for (size_t index = 0; index < hearth_value_size (flags); index++)
        if (strcmp (hearth_value_str (hearth_value_at (flags, index)), "streaming") == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------------------
    Up
*/

//  Makes an item of the next line. False if there is none yet, or it cannot be one, which is said.
static bool read_item (stream_t *self)
{
    char problem [256];
    size_t size;
    const char *line = lines_next (&self->lines, &size);
    if (!line)
        return false;
    self->item = hearth_builder_new ();
    if (strlen (line) != size)
        snprintf (problem, sizeof problem, "it holds a zero byte; write it as \\u0000, in JSON's quotes");
    else if (hearth_builder_read_value (self->item, NULL, line, problem, sizeof problem) == 0)
        return true;
    program_fail ("line %zu of the input: %s", self->lines.count, problem);
    hearth_pending_destroy (&self->call);
    return false;
}

//  False if the item has to wait, or nothing goes any more.
static bool send_item (stream_t *self)
{
    int code = hearth_put_arg (self->call, hearth_from_builder (self->item), 0);
    if (code == HEARTH_DEADLINE_EXCEEDED)
        return false;
    hearth_builder_destroy (&self->item);
    if (code == HEARTH_INVALID_ARGUMENT || code == HEARTH_RESOURCE_EXHAUSTED) {
        char what [64];
        snprintf (what, sizeof what, "line %zu of the input", self->lines.count);
        program_complain (what, hearth_last_error (program_connect (NULL)));
        hearth_pending_destroy (&self->call);
    }
    self->has_input = !code;
    return !code;
}

//  Sends what there is and the service has asked for. False if the stream was given up.
static bool send_items (stream_t *self)
{
    while (self->has_input && (self->item || read_item (self)) && send_item (self))
        continue;
    if (self->call && self->has_input && !self->item && self->lines.is_over) {
        hearth_put_end (self->call);
        self->has_input = false;
    }
    return self->call;
}

static bool read_lines (stream_t *self)
{
    if (lines_read (&self->lines, STDIN_FILENO))
        return true;
    program_fail ("standard input: %s", strerror (errno));
    return false;
}

/* ------------------------------------------------------------------------
    Down
*/

//  False if nobody reads what is printed.
static bool print_items (stream_t *self)
{
    self->has_moved = false;
    for (const hearth_value_t *item; (item = hearth_next (self->call, 0));)
        if (!program_print_value (item))
            return false;
    return true;
}

static void print_end (stream_t *self, const char *name)
{
    hearth_result_t *end = hearth_wait (&self->call, -1);
    if (program_succeeded (name, end)) {
        fputs ("= ", stdout);
        program_print_value (hearth_result_value (end));
    }
    hearth_result_destroy (&end);
}

/* ------------------------------------------------------------------------
    Both
*/

static void note_moved (hearth_pending_t *call, void *self)
{
    (void) call;
    ((stream_t *) self)->has_moved = true;
}

//  True when the stream is over; false if it was given up before. While an item is sent others may come.
static bool run (stream_t *self)
{
    hearth_when_ready (self->call, note_moved, self);
    while (print_items (self) && send_items (self)) {
        if (hearth_is_over (self->call))
            return true;
        struct pollfd input = { .fd = self->has_input && !self->item ? STDIN_FILENO : -1, .events = POLLIN };
        if (!program_turn (&input, self->has_moved ? 0 : -1) || (input.revents && !read_lines (self)))
            return false;
    }
    return false;
}

void stream_call (const char *name, const char *method, const hearth_builder_t *arguments, bool has_items)
{
    hearth_proxy_t *proxy = program_proxy (name);
    program_catch_signals ();
    stream_t self = { .call = hearth_open_with (proxy, method, arguments), .has_input = has_items };
    if (!self.call) {
        program_complain (name, hearth_last_error (program_connect (NULL)));
        return;
    }
    if (!has_items)
        hearth_put_end (self.call);
    if (run (&self))
        print_end (&self, name);
    else
        program_interrupted ();
    hearth_pending_destroy (&self.call);
    hearth_builder_destroy (&self.item);
    lines_clear (&self.lines);
}
