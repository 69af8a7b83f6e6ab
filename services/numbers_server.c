/*  numbers_server.c - streams in each direction: numbers down, numbers up, and both ways in step

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    No handler waits: each call is kept and goes on whenever its caller asks for more or sends more, so that the one
    object serves any number of streams at once.
*/
#include <stdlib.h>

#include "program.h"

typedef struct stream stream_t;

typedef struct {
    stream_t *first;
} numbers_t;

//  A call in progress.
struct stream {
    stream_t *next;
    stream_t **at;  //  where the list points to it
    hearth_call_t *call;
    int64_t total;   //  what it has come to
    int64_t end;     //  of a range
    int64_t square;  //  that may not be sent yet, if there is one
    bool has_square;
};

static void finish (stream_t *stream)
{
    *stream->at = stream->next;
    if (stream->next)
        stream->next->at = stream->at;
    hearth_call_destroy (&stream->call);
    free (stream);
}

static void answer (stream_t *stream)
{
    hearth_reply (stream->call, stream->total);
    finish (stream);
}

static void overflow (stream_t *stream)
{
    hearth_fail (stream->call, HEARTH_OUT_OF_RANGE, "numbers.Overflow", "the number does not fit an int");
    finish (stream);
}

//  Keeps the call, to be gone on with by `go_on`.
static void begin (numbers_t *self, hearth_call_t *call, hearth_asked_fn *go_on, int64_t end)
{
    stream_t *stream = calloc (1, sizeof *stream);
    if (!stream || !hearth_keep (call)) {
        free (stream);
        hearth_fail (call, HEARTH_RESOURCE_EXHAUSTED, "numbers.NoMemory", "no memory for another stream");
        return;
    }
    *stream = (stream_t){ .next = self->first, .at = &self->first, .call = call, .end = end };
    if (stream->next)
        stream->next->at = &stream->next;
    self->first = stream;
    hearth_when_asked (call, go_on, stream);
}

/* ------------------------------------------------------------------------
    Down
*/

static void count_on (hearth_call_t *call, void *context)
{
    stream_t *stream = context;
    int code = 0;
    while (stream->total < stream->end && !code) {
        code = hearth_yield_arg (call, hearth_int (stream->total), 0);
        stream->total += !code;
    }
    if (!code)
        answer (stream);
    else if (code != HEARTH_DEADLINE_EXCEEDED)
        finish (stream);
}

static void range (hearth_call_t *call, void *self)
{
    begin (self, call, count_on, hearth_arg_int (call, 0));
}

/* ------------------------------------------------------------------------
    Up, and both ways
*/

//  Takes the next number. False if there is none yet, or the stream has ended with this.
static bool take (stream_t *stream, int64_t *number)
{
    const hearth_value_t *item = hearth_take (stream->call, 0);
    if (item && hearth_value_type (item) == HEARTH_TYPE_INT) {
        *number = hearth_value_int (item);
        return true;
    }
    if (item) {
        hearth_fail (stream->call, HEARTH_INVALID_ARGUMENT, "numbers.NoNumber", "an item is not an int");
        finish (stream);
    } else if (hearth_input_ended (stream->call))
        answer (stream);
    return false;
}

static void add_up (hearth_call_t *call, void *context)
{
    (void) call;
    stream_t *stream = context;
    for (int64_t number; take (stream, &number);)
        if (__builtin_add_overflow (stream->total, number, &stream->total)) {
            overflow (stream);
            return;
        }
}

static void sum (hearth_call_t *call, void *self)
{
    begin (self, call, add_up, 0);
}

//  Sends the square that is there, if any. False if it has to wait, or the stream has ended.
static bool send_square (stream_t *stream)
{
    int code = stream->has_square ? hearth_yield_arg (stream->call, hearth_int (stream->square), 0) : 0;
    if (code && code != HEARTH_DEADLINE_EXCEEDED)
        finish (stream);
    if (code)
        return false;
    stream->total += stream->has_square;
    stream->has_square = false;
    return true;
}

//  The next number stays where it is until the square of the one before was sent: who does not read cannot write on.
static void square_on (hearth_call_t *call, void *context)
{
    (void) call;
    stream_t *stream = context;
    for (int64_t number; send_square (stream) && take (stream, &number);) {
        if (__builtin_mul_overflow (number, number, &stream->square)) {
            overflow (stream);
            return;
        }
        stream->has_square = true;
    }
}

static void squares (hearth_call_t *call, void *self)
{
    begin (self, call, square_on, 0);
}

/* ------------------------------------------------------------------------
    The object
*/

static const hearth_method_t methods [] = {
    { "range", "end: int", "int", range, "Streams the numbers from 0 up to the end; answers how many.",
      HEARTH_STREAMING | HEARTH_IDEMPOTENT },
    { "sum", "", "int", sum, "Takes numbers; answers their sum.", HEARTH_STREAMING | HEARTH_IDEMPOTENT },
    { "squares", "", "int", squares, "Takes numbers and streams their squares; answers how many.",
      HEARTH_STREAMING | HEARTH_IDEMPOTENT },
    { 0 },
};

static const program_about_t about = {
    .name = "numbers_server",
    .summary = "Serves numbers, an object with streams in each direction.",
    .serves = true,
};

int main (int argc, char **argv)
{
    static const hearth_service_options_t options = { .doc = "Streams in each direction." };
    program_start (&about, argc, argv);
    numbers_t self = { 0 };
    hearth_t *hearth = program_connect (NULL);
    if (hearth_serve_with (hearth, "numbers", methods, &self, &options))
        program_complain ("numbers", hearth_last_error (hearth));
    int status = program_serve ();
    for (stream_t *stream, *next = self.first; (stream = next);) {
        next = stream->next;
        finish (stream);
    }
    return status;
}
