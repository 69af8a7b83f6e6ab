/*  session.c - when there is a session: hello, welcome, loss, and when to try again
*/
#include "session.h"

#include <string.h>

#include "limits.h"
#include "status.h"
#include "value.h"

#define OPENING_MS  2000  //  from connect to a connection: names that do not resolve are not reported by libzmq
#define GREETING_MS 5000  //  from hello to welcome
#define WELCOME_MAX 16384
#define BRIEF_MOST  6     //  doublings of the pause
#define BRIEF_MS    1000  //  a session that ends before says nothing good about the next one

static const char lost [] = "the connection to the broker was lost";

void session_init (client_session_t *self, const uint8_t random [WIRE_INSTANCE_SIZE + 8], int64_t now_ms)
{
    *self = (client_session_t){ .at_ms = now_ms, .pause_ms = (int64_t) limit_rows [LIMIT_RECONNECT].value };
    memcpy (self->instance, random, WIRE_INSTANCE_SIZE);
    memcpy (&self->random, random + WIRE_INSTANCE_SIZE, sizeof self->random);
    self->random |= 1;
    self->limits = (client_limits_t){
        .message = limit_rows [LIMIT_MESSAGE].value,
        .calls = limit_rows [LIMIT_CALLS].value,
        .deadline = limit_rows [LIMIT_DEADLINE].value,
        .capacity = limit_rows [LIMIT_CAPACITY].value,
        .granted = limit_rows [LIMIT_GRANTED].value,
        .granted_bytes = limit_rows [LIMIT_GRANTED_BYTES].value,
    };
}

session_task_t session_task (const client_session_t *self, int64_t now_ms)
{
    if (self->state == CLIENT_UP || now_ms < self->at_ms)
        return SESSION_NOTHING;
    return self->state == CLIENT_DOWN ? SESSION_OPEN : SESSION_GIVE_UP;
}

int64_t session_deadline (const client_session_t *self)
{
    return self->state == CLIENT_UP ? -1 : self->at_ms;
}

int64_t session_attempt (const client_session_t *self)
{
    return self->state == CLIENT_OPENING || self->state == CLIENT_GREETING ? self->at_ms : 0;
}

void session_opened (client_session_t *self, int64_t now_ms)
{
    self->state = CLIENT_OPENING;
    self->at_ms = now_ms + OPENING_MS;
    self->why_code = HEARTH_OK;
}

size_t session_write_hello (client_session_t *self, uint8_t *out, size_t room, int64_t now_ms)
{
    const uint8_t nil = 0xc0;
    wire_frame_t hello = {
        .kind = WIRE_HELLO,
        .version = WIRE_VERSION,
        .library = SPAN ("libhearth/" HEARTH_VERSION),
        .instance = { (const char *) self->instance, WIRE_INSTANCE_SIZE },
        .sessions = ++self->count,
    };
    size_t size = wire_write_header (&hello, out, room - 1);
    if (size)
        out [size++] = nil;
    self->state = CLIENT_GREETING;
    self->begun_ms = now_ms;
    self->at_ms = now_ms + GREETING_MS;
    return size;
}

/* ------------------------------------------------------------------------
    Why it ends
*/

static void copy_text (char *out, size_t room, span_t text)
{
    size_t size = text.size < room ? text.size : room - 1;
    memcpy (out, text.data, size);
    out [size] = 0;
}

static void say_why (client_session_t *self, hearth_code_t code, span_t name, span_t message)
{
    self->why_code = code;
    copy_text (self->why_name, sizeof self->why_name, name);
    copy_text (self->why, sizeof self->why, message);
}

static void say_gone (client_session_t *self, const char *message)
{
    say_why (self, HEARTH_UNAVAILABLE, SPAN (status_row (STATUS_BROKER_GONE)->name), SPAN (message));
}

/* ------------------------------------------------------------------------
    The welcome
*/

//  No broker is taken at its word beyond what a limit can be.
static void read_limit (uint64_t *limit, const hearth_value_t *limits, const char *key, limit_id_t id)
{
    const hearth_value_t *value = hearth_value_get (limits, key);
    if (hearth_value_type (value) != HEARTH_TYPE_INT)
        return;
    uint64_t said = hearth_value_uint (value);
    *limit = said < limit_rows [id].most ? said : limit_rows [id].most;
}

static void read_limits (client_limits_t *self, const hearth_value_t *limits)
{
    read_limit (&self->message, limits, "message", LIMIT_MESSAGE);
    read_limit (&self->calls, limits, "calls", LIMIT_CALLS);
    read_limit (&self->deadline, limits, "deadline", LIMIT_DEADLINE);
    read_limit (&self->capacity, limits, "capacity", LIMIT_CAPACITY);
    read_limit (&self->granted, limits, "granted", LIMIT_GRANTED);
    read_limit (&self->granted_bytes, limits, "granted_bytes", LIMIT_GRANTED_BYTES);
}

static void choose_publish (client_session_t *self, const hearth_value_t *addresses, const char *endpoint)
{
    self->publish [0] = 0;
    for (size_t index = 0; index < hearth_value_size (addresses); index++) {
        const char *address = hearth_value_str (hearth_value_at (addresses, index));
        if (address_resolve (self->publish, address, endpoint))
            return;
    }
    self->publish [0] = 0;
}

bool session_welcome (client_session_t *self, const wire_frame_t *frame, const char *endpoint)
{
    uint8_t copy [WELCOME_MAX];
    msgpack_zone zone;
    say_gone (self, "what answers there does not greet as a broker of this version does");
    if (frame->version != WIRE_VERSION || frame->body_size > sizeof copy || !msgpack_zone_init (&zone, 2048))
        return false;
    memcpy (copy, frame->body, frame->body_size);
    const hearth_value_t *body = value_decode (&zone, copy, frame->body_size);
    bool good = body && hearth_value_type (body) == HEARTH_TYPE_MAP;
    if (good) {
        say_gone (self, lost);  //  also to a call that cannot be sent before the loss is noticed
        self->why_code = HEARTH_OK;
        read_limits (&self->limits, hearth_value_get (body, "limits"));
        self->bundles = hearth_value_bool (hearth_value_get (body, "bundles"));
        choose_publish (self, hearth_value_get (body, "publish"), endpoint);
        self->epoch = frame->epoch;
        self->number = frame->block.session;
        name_write_unique (self->unique_name, self->epoch, self->number);
        self->state = CLIENT_UP;
        self->told = false;
    }
    msgpack_zone_destroy (&zone);
    return good;
}

/* ------------------------------------------------------------------------
    The end
*/

void session_goodbye (client_session_t *self, const wire_frame_t *frame)
{
    span_t name, message, details;
    if (self->why_code != HEARTH_OK)
        return;
    if (wire_read_error (frame->body, frame->body_size, &name, &message, &details) && frame->code <= 16)
        say_why (self, (hearth_code_t) frame->code, name, message);
}

void session_broken (client_session_t *self)
{
    if (self->why_code == HEARTH_OK)
        say_gone (self, "memory is short for an answer to the broker");
}

//  Xorshift (G. Marsaglia, 2003): the pauses of many peers must differ, not be secret.
static uint64_t next_random (client_session_t *self)
{
    self->random ^= self->random << 13;
    self->random ^= self->random >> 7;
    self->random ^= self->random << 17;
    return self->random;
}

//  Between half the pause and the whole one.
static int64_t with_jitter (client_session_t *self, int64_t pause_ms)
{
    int64_t half = pause_ms / 2;
    return half + (int64_t) (next_random (self) % (uint64_t) (pause_ms - half + 1));
}

//  A broker that welcomes and ends sessions again and again is not asked ever so often.
static int64_t pause_after_session (client_session_t *self, int64_t now_ms)
{
    unsigned brief = self->brief;
    self->brief = now_ms - self->begun_ms >= BRIEF_MS ? 0 : brief < BRIEF_MOST ? brief + 1 : brief;
    return (int64_t) limit_rows [LIMIT_RECONNECT].value << (self->brief ? brief : 0);
}

bool session_lost (client_session_t *self, int64_t now_ms)
{
    bool was_up = self->state == CLIENT_UP;
    if (self->why_code == HEARTH_OK)
        say_gone (self, was_up ? lost : "no broker answers");
    if (was_up)
        self->pause_ms = pause_after_session (self, now_ms);
    self->state = CLIENT_DOWN;
    self->at_ms = now_ms + with_jitter (self, self->pause_ms);
    self->pause_ms *= 2;
    if (self->pause_ms > (int64_t) limit_rows [LIMIT_RECONNECT_MOST].value)
        self->pause_ms = (int64_t) limit_rows [LIMIT_RECONNECT_MOST].value;
    if (was_up || self->told)
        return false;
    self->told = true;
    return true;
}
