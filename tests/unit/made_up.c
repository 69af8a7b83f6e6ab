/*  made_up.c - the functions of client.h over a made-up broker */

#include "made_up.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "result.h"

static const char *const names [MADE_UP_TOPICS + 1] = { "a.feed/news/", "a.feed/state/", "a.other/news/",
                                                        "hearth/name/" };

static const hearth_t *present;

//  ---- clock.h, client.h ----

int64_t clock_now_ms (void)
{
    return present->now_ms;
}

bool client_enter (hearth_t *self)
{
    return self;
}

void client_leave (hearth_t *self)
{
    (void) self;
}

int64_t client_now_ms (const hearth_t *self)
{
    return self->now_ms;
}

observers_t *client_observers (const hearth_t *self)
{
    return self->observers;
}

const char *hearth_broker (const hearth_t *self)
{
    (void) self;
    return "made up";
}

int client_fail (hearth_t *self, hearth_code_t code, const char *name, const char *format, ...)
{
    (void) name;
    (void) format;
    self->code = code;
    return (int) code;
}

const char *client_resolve (hearth_t *self, const char *name, address_t *address)
{
    const char *problem = address_parse (address, name ? name : "", true);
    if (problem)
        client_fail (self, HEARTH_INVALID_ARGUMENT, "hearth.BadArguments", "%s", problem);
    return problem ? NULL : address->name;
}

int client_fail_result (hearth_t *self, const hearth_result_t *result)
{
    self->code = hearth_error (result)->code;
    return (int) self->code;
}

static void put (hearth_t *self, const wire_note_t *note)
{
    size_t at = self->written % MADE_UP_NOTES, size = wire_note_size (note);
    if (!self->is_subscribed || self->is_losing)
        return;
    cr_assert_leq (size, sizeof self->notes [at].bytes);
    self->notes [at].size = size;
    wire_write_note (note, self->notes [at].bytes);
    self->written++;
}

static void put_marker (hearth_t *self, const char *prefix)
{
    wire_note_t note = { .topic = SPAN (prefix), .epoch = self->epoch, .number = self->number };
    put (self, &note);
}

void client_ask_marker (hearth_t *self, const char *prefix)
{
    self->markers++;
    put_marker (self, prefix);
}

bool client_subscribe (hearth_t *self, const char *prefix)
{
    strcpy (self->prefixes [self->prefix_count++], prefix);
    put_marker (self, prefix);
    return true;
}

void client_unsubscribe (hearth_t *self, const char *prefix)
{
    size_t at = 0;
    while (strcmp (self->prefixes [at], prefix) != 0)
        at++;
    memmove (self->prefixes [at], self->prefixes [at + 1], (--self->prefix_count - at) * sizeof *self->prefixes);
}

int client_call (hearth_t *self, const char *service, const char *method, const pack_t *arguments, int64_t timeout_ms,
                 client_done_fn *done, void *context)
{
    cr_assert_str_eq (service, "hearth");
    cr_assert_gt (timeout_ms, 0);
    cr_assert (self->is_up, "a call without a session");
    cr_assert_lt (self->called - self->answered, MADE_UP_CALLS);
    made_up_call_t *call = &self->calls [self->called++ % MADE_UP_CALLS];
    *call = (made_up_call_t){ .done = done, .context = context };
    strcpy (call->method, method);
    pack_init (&call->arguments);
    pack_raw (&call->arguments, arguments->buffer.data, arguments->buffer.size);
    return 0;
}

void client_forget (hearth_t *self, void *context)
{
    for (size_t at = self->answered; at < self->called; at++)
        if (self->calls [at % MADE_UP_CALLS].context == context)
            self->calls [at % MADE_UP_CALLS].done = NULL;
}

int client_wait (hearth_t *self, const bool *done, int64_t deadline_ms)
{
    for (made_up_settle (self); !*done; made_up_settle (self)) {
        int64_t at_ms = observers_deadline (self->observers);
        if (at_ms < 0 || at_ms > deadline_ms)
            return HEARTH_DEADLINE_EXCEEDED;
        made_up_wait (self);
    }
    return 0;
}

//  ---- the broker ----

void made_up_begin (hearth_t *self, uint64_t history)
{
    *self = (hearth_t){ .now_ms = 1000, .epoch = 77, .history = history };
    for (int at = 0; at <= MADE_UP_EVENTS; at++)
        self->topics [at].name = names [at];
    present = self;
    self->observers = observers_new (self);
    cr_assert_not_null (self->observers);
}

static void end_calls (hearth_t *self)
{
    while (made_up_refuse (self, HEARTH_UNAVAILABLE))
        continue;
}

void made_up_end (hearth_t *self)
{
    observers_destroy (&self->observers);
    end_calls (self);
}

void made_up_connect (hearth_t *self, bool reopened)
{
    self->is_up = self->is_subscribed = true;
    if (reopened)
        self->read = self->written;
    for (size_t at = 0; reopened && at < self->prefix_count; at++)
        put_marker (self, self->prefixes [at]);
    observers_session_up (self->observers, self->epoch, reopened, self->now_ms);
}

void made_up_disconnect (hearth_t *self)
{
    self->is_up = self->is_subscribed = false;
    observers_session_down (self->observers, self->now_ms);
    if (!self->is_holding)
        end_calls (self);
}

void made_up_restart (hearth_t *self)
{
    self->epoch++;
    self->number = 0;
    for (int at = 0; at <= MADE_UP_EVENTS; at++)
        self->topics [at] = (made_up_topic_t){ .name = names [at] };
}

static void publish (hearth_t *self, made_up_topic_t *topic, const void *body, size_t size)
{
    topic->last_number = ++self->number;
    topic->last = topic->first ? topic->last + 1 : self->number;
    topic->first = topic->first ? topic->first : self->number;
    wire_note_t note = { .topic = SPAN (topic->name),
                         .epoch = self->epoch,
                         .number = self->number,
                         .topic_number = topic->last,
                         .topic_first = topic->first,
                         .body = body,
                         .body_size = size };
    put (self, &note);
}

void made_up_publish (hearth_t *self, int at)
{
    publish (self, &self->topics [at], "\x07", 1);
}

static void pack_pair (pack_t *self, const char *key, const char *value)
{
    pack_str (self, key);
    pack_str (self, value);
}

void made_up_event (hearth_t *self, const char *change, const char *session, const char *previous)
{
    pack_t body;
    pack_init (&body);
    pack_map (&body, previous ? 4 : 3);
    pack_pair (&body, "name", "a.name");
    pack_pair (&body, "change", change);
    pack_pair (&body, "session", session);
    if (previous)
        pack_pair (&body, "previous", previous);
    self->owner = strcmp (change, "went") == 0 ? NULL : session;
    publish (self, &self->topics [MADE_UP_EVENTS], body.buffer.data, body.buffer.size);
    pack_clear (&body);
}

//  ---- time ----

size_t made_up_read (hearth_t *self, size_t count)
{
    size_t at = 0;
    for (; at < count && self->read < self->written && !observers_busy (self->observers); at++) {
        uint8_t bytes [256];
        size_t size = self->notes [self->read % MADE_UP_NOTES].size;
        memcpy (bytes, self->notes [self->read++ % MADE_UP_NOTES].bytes, size);
        wire_note_t note;
        cr_assert (wire_read_note (&note, bytes, size));
        observers_note (self->observers, &note, self->now_ms);
    }
    return at;
}

void made_up_settle (hearth_t *self)
{
    while (made_up_read (self, MADE_UP_NOTES) || made_up_answer (self))
        continue;
}

bool made_up_wait (hearth_t *self)
{
    int64_t at_ms = observers_deadline (self->observers);
    if (at_ms < 0)
        return false;
    if (at_ms > self->now_ms)
        self->now_ms = at_ms;
    observers_tick (self->observers, self->now_ms);
    return true;
}

void made_up_pass (hearth_t *self, int64_t ms)
{
    int64_t end_ms = self->now_ms + ms;
    made_up_settle (self);
    for (int64_t at_ms; (at_ms = observers_deadline (self->observers)) >= 0 && at_ms <= end_ms;) {
        made_up_wait (self);
        made_up_settle (self);
    }
    self->now_ms = end_ms;
}
