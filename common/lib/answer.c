/*  answer.c - the one answer of a call: a result, an error, or the system's word
*/
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "call.h"
#include "connection.h"

#define TEXT_SIZE 512

static void begin_reply (pack_t *pack, const wire_block_t *block, unsigned code, unsigned mark)
{
    wire_frame_t reply;  //  what a reply has is set, and nothing else
    reply.kind = WIRE_REPLY;
    reply.block = (wire_block_t){ .token = block->token };
    reply.code = code;
    reply.mark = mark;
    frame_begin_in (pack, &reply);
}

static void write_error (pack_t *pack, const wire_block_t *block, hearth_code_t code, hearth_mark_t mark,
                         const char *name, const char *message)
{
    uint8_t body [NAME_MAX_SIZE + TEXT_SIZE + 16];
    begin_reply (pack, block, (unsigned) code, (unsigned) mark);
    pack_raw (pack, body, wire_write_error (SPAN (name), SPAN (message), body, sizeof body));
}

void call_refuse (hearth_t *hearth, const wire_block_t *block, status_t status, const char *message)
{
    const status_row_t *row = status_row (status);
    write_error (&hearth->scratch, block, row->code, HEARTH_NOT_EXECUTED, row->name, message);
    frame_send (hearth);
}

/* ------------------------------------------------------------------------
    Whose handler ran
*/

//  A kept call has a buffer of its own, since any thread may answer it.
static pack_t *buffer_of (hearth_call_t *self)
{
    return self->kept.box ? &self->kept.answer : &self->hearth->scratch;
}

static uint64_t most_of (const hearth_call_t *self)
{
    return self->kept.box ? self->kept.message_most : frame_most (self->hearth);
}

static void send_answer (hearth_call_t *self)
{
    if (self->kept.box)
        kept_answered (self);
    else
        frame_send (self->hearth);
}

//  Whether this is the answer, and somebody is there to take it: tokens end with their session. A one-way call is
//  answered with nil, whatever its handler says. Another thread than the handler's answers nothing that is not kept.
static bool take_answer (hearth_call_t *self)
{
    if (!self || (!self->kept.box && guard_refusal (self->hearth)) || atomic_exchange (&self->is_answered, true))
        return false;
    if (!self->kept.box && self->sessions != self->hearth->session.count)
        return false;
    if (!(self->block.flags & WIRE_ONEWAY))
        return true;
    begin_reply (buffer_of (self), &self->block, HEARTH_OK, HEARTH_NO_MARK);
    pack_nil (buffer_of (self));
    send_answer (self);
    return false;
}

static void answer_error (hearth_call_t *self, hearth_code_t code, const char *name, const char *message)
{
    write_error (buffer_of (self), &self->block, code, HEARTH_EXECUTED, name, message);
    send_answer (self);
}

static void answer_status (hearth_call_t *self, status_t status, const char *message)
{
    answer_error (self, status_row (status)->code, status_row (status)->name, message);
}

//  A handler that gives up at the deadline says nothing, of which the broker may hear before it looks at the time itself.
static void answer_late (hearth_call_t *self)
{
    const status_row_t *row = status_row (STATUS_DEADLINE);
    write_error (buffer_of (self), &self->block, row->code, row->mark, row->name,
                 "the deadline passed before there was an answer");
    send_answer (self);
}

void call_end (hearth_call_t *self, status_t status, const char *message)
{
    if (!take_answer (self))
        return;
    if (status == STATUS_NO_REPLY && hearth_remaining_ms (self) == 0)
        answer_late (self);
    else
        answer_status (self, status, message);
}

//  Why the result cannot be sent, or NULL: then it is written.
static const char *write_result (hearth_call_t *self, const hearth_arg_t *result, char *text, size_t room)
{
    pack_t *pack = buffer_of (self);
    if (self->method->result && !type_check_arg (self->method->result, result, text, room))
        return text;
    begin_reply (pack, &self->block, HEARTH_OK, HEARTH_NO_MARK);
    const char *problem = frame_pack_arg_in (pack, result, 0);
    if (!problem)
        return frame_problem_in (pack, most_of (self), text, room);
    snprintf (text, room, "the result %s", problem);
    return text;
}

void hearth_reply_arg (hearth_call_t *self, hearth_arg_t result)
{
    char text [TEXT_SIZE];
    if (!take_answer (self))
        return;
    const char *problem = write_result (self, &result, text, sizeof text);
    if (problem)
        answer_status (self, STATUS_BAD_RESULT, problem);
    else
        send_answer (self);
}

void hearth_reply_nil (hearth_call_t *self)
{
    hearth_reply_arg (self, hearth_nil ());
}

void hearth_fail (hearth_call_t *self, hearth_code_t code, const char *name, const char *format, ...)
{
    char message [TEXT_SIZE];
    if (!take_answer (self))
        return;
    va_list args;
    va_start (args, format);
    vsnprintf (message, sizeof message, format, args);
    va_end (args);
    if (!name || !name_is_valid (name, strlen (name)) || status_is_reserved (name, strlen (name))) {
        char text [2 * TEXT_SIZE];
        snprintf (text, sizeof text, "the service failed with a name that is not its own, %.255s: %s",
                  name ? name : "NULL", message);
        answer_status (self, STATUS_BAD_RESULT, text);
        return;
    }
    bool is_error = code > HEARTH_OK && code <= HEARTH_UNAUTHENTICATED;
    answer_error (self, is_error ? code : HEARTH_UNKNOWN, name, message);
}
