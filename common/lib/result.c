/*  result.c - how a call ended: one allocation, which owns all that it shows

    A small body is copied behind the struct, together with the first room of the zone that its value is decoded into; a
    large one stays in the message that it came in. Knows nothing of calls or connections, and so outlives them.
*/
#include "result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "value.h"

#define COPY_MOST  8192  //  bytes of a body that are copied rather than kept in their message
#define ZONE_ROOM  64    //  bytes of the zone that come with the struct: a number, a string or two
#define ZONE_CHUNK 1024
#define NAME_ROOM  256
#define TEXT_ROOM  513

struct hearth_result_t {
    hearth_error_t error;
    const hearth_value_t *value;
    msgpack_zone zone;
    bool has_message;
    zmq_msg_t message;                      //  not cleared
    _Alignas(max_align_t) uint8_t room [];  //  ZONE_ROOM, then a body or an error's strings
};

//  What is answered when there is no memory for an answer.
static const hearth_result_t no_memory = {
    .error = { HEARTH_RESOURCE_EXHAUSTED, HEARTH_MAY_HAVE_EXECUTED, "hearth.Limit", "memory is short", NULL },
};

static hearth_result_t *or_no_memory (hearth_result_t *self)
{
    return self ? self : (hearth_result_t *) &no_memory;
}

//  A zone whose first chunk lies in the result. (A zone is its public fields; msgpack's inline functions rest on them.)
static hearth_result_t *result_new (size_t size)
{
    hearth_result_t *self = malloc (sizeof *self + ZONE_ROOM + size);
    if (!self)
        return NULL;
    memset (self, 0, offsetof (hearth_result_t, message));
    self->zone.chunk_size = ZONE_CHUNK;
    self->zone.chunk_list.ptr = (char *) self->room;
    self->zone.chunk_list.free = ZONE_ROOM;
    return self;
}

void hearth_result_destroy (hearth_result_t **self_p)
{
    hearth_result_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    *self_p = NULL;
    if (self == &no_memory)
        return;
    if (self->zone.chunk_list.head)
        msgpack_zone_destroy (&self->zone);
    if (self->has_message)
        zmq_msg_close (&self->message);
    free (self);
}

/* ------------------------------------------------------------------------
    Errors
*/

static hearth_result_t *failed (hearth_code_t code, hearth_mark_t mark, span_t name, span_t message, size_t extra)
{
    hearth_result_t *self = result_new (name.size + message.size + 2 + extra);
    if (!self)
        return NULL;
    char *text = (char *) self->room + ZONE_ROOM + extra;
    memcpy (text, name.data, name.size);
    text [name.size] = 0;
    self->error = (hearth_error_t){ code, mark, text, text + name.size + 1, NULL };
    text += name.size + 1;
    memcpy (text, message.data, message.size);
    text [message.size] = 0;
    return self;
}

static hearth_result_t *failed_va (hearth_code_t code, hearth_mark_t mark, const char *name, const char *format,
                                   va_list args)
{
    char text [TEXT_ROOM];
    vsnprintf (text, sizeof text, format, args);
    return or_no_memory (failed (code, mark, SPAN (name), SPAN (text), 0));
}

hearth_result_t *result_failed (status_t status, hearth_mark_t mark, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    hearth_result_t *self = failed_va (status_row (status)->code, mark, status_row (status)->name, format, args);
    va_end (args);
    return self;
}

hearth_result_t *result_error (hearth_code_t code, hearth_mark_t mark, const char *name, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    hearth_result_t *self = failed_va (code, mark, name, format, args);
    va_end (args);
    return self;
}

hearth_result_t *result_of_stream (hearth_result_t *result, uint64_t received)
{
    const hearth_error_t *error = hearth_error (result);
    if (!error || error->mark == HEARTH_NOT_EXECUTED || !status_is_reserved (error->name, strlen (error->name)))
        return result;
    hearth_result_t *self = result_error (error->code, error->mark, error->name, "%s, after %llu item%s",
                                          error->message, (unsigned long long) received, received == 1 ? "" : "s");
    hearth_result_destroy (&result);
    return self;
}

//  Details that cannot be decoded are left out: the error is worth more than they are.
static hearth_result_t *with_details (hearth_result_t *self, span_t details)
{
    if (!self || !details.size)
        return self;
    uint8_t *copy = self->room + ZONE_ROOM;
    memcpy (copy, details.data, details.size);
    self->error.details = value_decode (&self->zone, copy, details.size);
    return self;
}

static hearth_result_t *from_error (const wire_frame_t *frame)
{
    hearth_code_t code = frame->code <= HEARTH_UNAUTHENTICATED ? (hearth_code_t) frame->code : HEARTH_UNKNOWN;
    hearth_mark_t mark = frame->mark >= HEARTH_NOT_EXECUTED && frame->mark <= HEARTH_EXECUTED
                             ? (hearth_mark_t) frame->mark
                             : HEARTH_MAY_HAVE_EXECUTED;
    span_t name, message, details;
    if (!wire_read_error (frame->body, frame->body_size, &name, &message, &details)
        || !name_is_valid (name.data, name.size))
        return result_failed (STATUS_BAD_RESULT, HEARTH_MAY_HAVE_EXECUTED, "an error came that cannot be read");
    if (frame->block.session && status_is_reserved (name.data, name.size)
        && !status_service_may_say (name.data, name.size))
        return result_failed (STATUS_BAD_RESULT, HEARTH_MAY_HAVE_EXECUTED,
                              "the service answered with an error that is not its own: %.*s: %.*s",
                              (int) (name.size < NAME_ROOM ? name.size : NAME_ROOM), name.data,
                              (int) (message.size < TEXT_ROOM ? message.size : TEXT_ROOM), message.data);
    return or_no_memory (with_details (failed (code, mark, name, message, details.size), details));
}

/* ------------------------------------------------------------------------
    Replies
*/

hearth_result_t *result_from_reply (const wire_frame_t *frame, zmq_msg_t *message)
{
    if (frame->code != HEARTH_OK)
        return from_error (frame);

    bool keeps = message && frame->body_size > COPY_MOST;
    hearth_result_t *self = result_new (keeps ? 0 : frame->body_size);
    if (!self)
        return or_no_memory (NULL);
    uint8_t *body = self->room + ZONE_ROOM;
    if (keeps) {
        size_t at = (size_t) (frame->body - (const uint8_t *) zmq_msg_data (message));
        zmq_msg_init (&self->message);
        zmq_msg_move (&self->message, message);
        self->has_message = true;
        body = (uint8_t *) zmq_msg_data (&self->message) + at;
    } else
        memcpy (body, frame->body, frame->body_size);

    self->value = value_decode (&self->zone, body, frame->body_size);
    if (self->value)
        return self;
    hearth_result_destroy (&self);
    return result_failed (STATUS_BAD_RESULT, HEARTH_EXECUTED, "the result cannot be read");
}

/* ------------------------------------------------------------------------
    Reading
*/

bool hearth_failed (const hearth_result_t *self)
{
    return !self || self->error.code != HEARTH_OK;
}

const hearth_error_t *hearth_error (const hearth_result_t *self)
{
    if (!self)
        return &no_memory.error;
    return self->error.code != HEARTH_OK ? &self->error : NULL;
}

const hearth_value_t *hearth_result_value (const hearth_result_t *self)
{
    return self ? self->value : NULL;
}

bool hearth_result_bool (const hearth_result_t *self)
{
    return hearth_value_bool (hearth_result_value (self));
}

int64_t hearth_result_int (const hearth_result_t *self)
{
    return hearth_value_int (hearth_result_value (self));
}

double hearth_result_float (const hearth_result_t *self)
{
    return hearth_value_float (hearth_result_value (self));
}

const char *hearth_result_str (const hearth_result_t *self)
{
    return hearth_value_str (hearth_result_value (self));
}
