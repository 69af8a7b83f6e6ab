/*  made_up_directory.c - the made-up broker's directory: what its answers say, and when they come
*/
#include "made_up.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "clock.h"
#include "result.h"

static void list (const hearth_t *self, const hearth_value_t *arguments, pack_t *out)
{
    const char *prefix = hearth_value_str (hearth_value_at (arguments, 0));
    const char *after = hearth_value_str (hearth_value_at (arguments, 2));
    uint64_t since = hearth_value_uint (hearth_value_at (arguments, 1));
    const made_up_topic_t *found [MADE_UP_TOPICS + 1];
    size_t count = 0;
    for (int at = 0; at <= MADE_UP_EVENTS; at++) {
        const made_up_topic_t *topic = &self->topics [at];
        if (topic->last && topic->last_number > since && strcmp (topic->name, after) > 0
            && strncmp (topic->name, prefix, strlen (prefix)) == 0)
            found [count++] = topic;
    }
    size_t page = count > 2 ? 2 : count;
    pack_list (out, page);
    for (size_t at = 0; at < page; at++) {
        pack_list (out, 4);
        pack_str (out, found [at]->name);
        pack_uint (out, found [at]->first);
        pack_uint (out, found [at]->last);
        pack_bool (out, false);
    }
    pack_str (out, "next");
    if (page < count)
        pack_str (out, found [page - 1]->name);
    else
        pack_nil (out);
}

static void answer_topics (const hearth_t *self, const hearth_value_t *arguments, pack_t *out)
{
    pack_map (out, 4);
    pack_str (out, "epoch");
    pack_uint (out, self->epoch);
    pack_str (out, "number");
    pack_uint (out, self->number);
    pack_str (out, "topics");
    list (self, arguments, out);
}

static uint64_t most (uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

static void answer_history (const hearth_t *self, const hearth_value_t *arguments, pack_t *out)
{
    const char *name = hearth_value_str (hearth_value_at (arguments, 0));
    uint64_t from = hearth_value_uint (hearth_value_at (arguments, 1));
    uint64_t to = hearth_value_uint (hearth_value_at (arguments, 2));
    for (int at = 0; at <= MADE_UP_EVENTS; at++)
        if (strcmp (self->topics [at].name, name) == 0) {
            const made_up_topic_t *topic = &self->topics [at];
            uint64_t oldest = topic->last > self->history ? topic->last + 1 - self->history : 1;
            from = most (from, most (oldest, topic->first));
            to = to < topic->last ? to : topic->last;
        }
    uint64_t count = from <= to ? to - from + 1 : 0, page = count > 50 ? 50 : count;
    pack_map (out, 2);
    pack_str (out, "items");
    pack_list (out, page);
    for (uint64_t number = from; number < from + page; number++) {
        pack_list (out, 4);
        pack_uint (out, number);
        pack_uint (out, number);
        pack_int (out, 0);
        pack_bin (out, "\x07", 1);
    }
    pack_str (out, "more");
    pack_bool (out, page < count);
}

static void answer_lookup (const hearth_t *self, pack_t *out)
{
    pack_map (out, 2);
    pack_str (out, "owners");
    pack_list (out, 1);
    pack_str (out, self->owner);
    pack_str (out, "number");
    pack_uint (out, self->number);
}

static hearth_result_t *result_of (const pack_t *body)
{
    zmq_msg_t message;
    zmq_msg_init_size (&message, body->buffer.size);
    memcpy (zmq_msg_data (&message), body->buffer.data, body->buffer.size);
    wire_frame_t frame = { .kind = WIRE_REPLY, .body = zmq_msg_data (&message), .body_size = body->buffer.size };
    hearth_result_t *result = result_from_reply (&frame, &message);
    zmq_msg_close (&message);
    return result;
}

static hearth_result_t *answer_to (hearth_t *self, made_up_call_t *call)
{
    msgpack_zone zone;
    msgpack_zone_init (&zone, 1024);
    pack_t body;
    pack_init (&body);
    const hearth_value_t *arguments =
        value_decode (&zone, (uint8_t *) call->arguments.buffer.data, call->arguments.buffer.size);
    if (strcmp (call->method, "lookup") == 0 && !self->owner) {
        pack_clear (&body);
        msgpack_zone_destroy (&zone);
        return result_error (HEARTH_NOT_FOUND, HEARTH_NOT_EXECUTED, "made.Up", "made up");
    }
    if (strcmp (call->method, "lookup") == 0)
        answer_lookup (self, &body);
    else if (strcmp (call->method, "topics") == 0)
        answer_topics (self, arguments, &body);
    else if (strcmp (call->method, "history") == 0)
        answer_history (self, arguments, &body);
    else
        cr_assert_fail ("%s", call->method);
    hearth_result_t *result = result_of (&body);
    pack_clear (&body);
    msgpack_zone_destroy (&zone);
    return result;
}

//  The result is on its way to whoever waits, who takes it.
static void finish (hearth_t *self, hearth_result_t *result)
{
    made_up_call_t *call = &self->calls [self->answered++ % MADE_UP_CALLS];
    client_done_fn *done = call->done;
    pack_clear (&call->arguments);
    if (done)
        done (self, result, call->context);
    else
        hearth_result_destroy (&result);
}

bool made_up_answer (hearth_t *self)
{
    if (self->answered == self->called || !self->is_up)
        return false;
    finish (self, answer_to (self, &self->calls [self->answered % MADE_UP_CALLS]));
    return true;
}

bool made_up_refuse (hearth_t *self, hearth_code_t code)
{
    if (self->answered == self->called)
        return false;
    finish (self, result_error (code, HEARTH_NOT_EXECUTED, "made.Up", "made up"));
    return true;
}

const char *made_up_asked (const hearth_t *self)
{
    return self->answered == self->called ? "" : self->calls [self->answered % MADE_UP_CALLS].method;
}
