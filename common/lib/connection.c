/*  connection.c - a connection's life: connecting, destroying, its errors, and what its parts ask of it
*/
#include "connection.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"
#include "kept.h"
#include "limits.h"
#include "result.h"
#include "worker.h"

#define GOODBYE_MS 250  //  how long a goodbye may take to leave

/* ------------------------------------------------------------------------
    Connecting
*/

static const char *default_address (void)
{
    const char *address = getenv ("HEARTH_BROKER");
    return address && *address ? address : HEARTH_DEFAULT_BROKER;
}

const char *hearth_address_problem (const char *address)
{
    address_t parsed;
    return address_parse (&parsed, address ? address : default_address (), false);
}

//  What a connection needs of the system. False with errno.
static bool acquire (hearth_t *self)
{
    uint8_t random [WIRE_INSTANCE_SIZE + 8];
    if (!guard_init (self) || getrandom (random, sizeof random, 0) != (ssize_t) sizeof random)
        return false;
    session_init (&self->session, random, self->now_ms);
    retry_init (&self->calls.retry, self->session.random);
    self->uplink = uplink_new ();
    if (!self->uplink || uplink_open (self->uplink, self->endpoint) != 0)
        return false;
    session_opened (&self->session, self->now_ms);
    self->observers = observers_new (self);
    if (!self->observers)
        errno = ENOMEM;
    return self->observers;
}

static void release (hearth_t *self)
{
    observers_destroy (&self->observers);
    while (self->proxies)
        proxy_free (self->proxies);
    calls_clear (&self->calls);
    services_clear (self);
    notes_clear (self);
    uplink_destroy (&self->uplink, GOODBYE_MS);
    pack_clear (&self->scratch);
    pack_clear (&self->options);
    guard_clear (&self->here);
    free (self);
}

static int remember (error_copy_t *copy, hearth_code_t code, hearth_mark_t mark, const char *name)
{
    snprintf (copy->name, sizeof copy->name, "%s", name);
    copy->error = (hearth_error_t){ code, mark, copy->name, copy->message, NULL };
    return (int) code;
}

hearth_t *hearth_connect (const char *address)
{
    address_t parsed;
    if (address_parse (&parsed, address ? address : default_address (), false)) {
        errno = EINVAL;
        return NULL;
    }
    hearth_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->now_ms = clock_now_ms ();
    strcpy (self->endpoint, parsed.endpoint);
    pack_init (&self->scratch);
    pack_init (&self->options);
    calls_init (&self->calls, self->now_ms);
    services_init (&self->services);
    notes_init (self);
    streams_set_limits (&self->streams, limit_rows [LIMIT_GRANTED].value, limit_rows [LIMIT_GRANTED_BYTES].value);
    remember (&self->last_error, HEARTH_OK, HEARTH_NO_MARK, "");
    if (acquire (self))
        return self;

    int why = errno;
    release (self);
    errno = why;
    return NULL;
}

static void say_goodbye (hearth_t *self)
{
    wire_frame_t goodbye = { .kind = WIRE_GOODBYE };
    frame_begin (self, &goodbye);
    pack_nil (&self->scratch);
    frame_send (self);
}

//  A forked child leaves it to its parent: there is nothing in it that may be closed twice.
void hearth_destroy (hearth_t **self_p)
{
    hearth_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    if (guard_is_forked (self)) {
        *self_p = NULL;
        return;
    }
    if (!client_enter (self))
        return;
    if (self->depth > 1) {
        client_leave (self);
        return;
    }
    *self_p = NULL;
    kept_work (self);
    self->is_closing = true;
    calls_cancel_programs (&self->calls);
    turn_tell_ended (self);
    workers_end (self);
    posted_clear (self);
    callers_close (self);
    say_goodbye (self);
    release (self);
}

/* ------------------------------------------------------------------------
    About it
*/

const char *hearth_broker (const hearth_t *self)
{
    return self ? self->endpoint : "";
}

const char *hearth_unique_name (const hearth_t *self)
{
    if (worker_is_here (self))
        return worker_unique_name ();
    return self && self->session.state == CLIENT_UP ? self->session.unique_name : NULL;
}

char *hearth_uri (const hearth_t *self, const char *name)
{
    char uri [ADDRESS_MAX + NAME_MAX_SIZE + 16];
    return self && address_write_uri (uri, sizeof uri, self->endpoint, name) == 0 ? strdup (uri) : NULL;
}

const hearth_error_t *hearth_last_error (const hearth_t *self)
{
    if (worker_is_here (self))
        return worker_last_error ();
    const hearth_error_t *refusal = guard_refusal (self);
    return refusal ? refusal : &self->last_error.error;
}

void hearth_set_hooks (hearth_t *self, const hearth_hooks_t *hooks, void *context)
{
    if (!client_enter (self))
        return;
    self->hooks = hooks;
    self->hooks_context = context;
    client_leave (self);
}

/* ------------------------------------------------------------------------
    For its parts
*/

int64_t client_now_ms (const hearth_t *self)
{
    return self->now_ms;
}

bool client_is_up (const hearth_t *self)
{
    return self->session.state == CLIENT_UP;
}

uint64_t client_epoch (const hearth_t *self)
{
    return self->session.epoch;
}

observers_t *client_observers (const hearth_t *self)
{
    return self->observers;
}

//  Where the calling thread's errors go.
static error_copy_t *errors_of (hearth_t *self)
{
    return worker_is_here (self) ? worker_error () : &self->last_error;
}

int client_fail (hearth_t *self, hearth_code_t code, const char *name, const char *format, ...)
{
    error_copy_t *copy = errors_of (self);
    va_list args;
    va_start (args, format);
    vsnprintf (copy->message, sizeof copy->message, format, args);
    va_end (args);
    return remember (copy, code, HEARTH_NOT_EXECUTED, name);
}

int client_fail_result (hearth_t *self, const hearth_result_t *result)
{
    const hearth_error_t *error = hearth_error (result);
    if (!error)
        return HEARTH_OK;
    error_copy_t *copy = errors_of (self);
    snprintf (copy->message, sizeof copy->message, "%s", error->message);
    return remember (copy, error->code, error->mark, error->name);
}

hearth_result_t *connection_refusal (const hearth_t *self, hearth_mark_t mark)
{
    const hearth_error_t *why = guard_why (self);
    return result_error (why->code, mark, why->name, "%s", why->message);
}

static bool is_callable (const char *name)
{
    size_t size = strlen (name);
    return name_is_valid (name, size) || name_is_unique (name, size, NULL, NULL);
}

const char *client_resolve (hearth_t *self, const char *name, address_t *address)
{
    if (name && is_callable (name))
        return name;
    const char *problem = name ? address_parse (address, name, false) : "it is NULL";
    if (!problem && !is_callable (address->name))
        problem = "the URI holds no name";
    if (!problem && strcmp (address->endpoint, self->endpoint) != 0)
        problem = "the URI is of another broker";
    if (!problem)
        return address->name;
    if (name && !strstr (name, "://"))
        problem = "a name is 1 to 255 letters, digits, '_' and '-', in parts with dots between them";
    client_fail (self, HEARTH_INVALID_ARGUMENT, "hearth.BadArguments", "\"%.255s\" is not a name here: %s",
                 name ? name : "", problem);
    return NULL;
}

int client_call (hearth_t *self, const char *service, const char *method, const pack_t *arguments, int64_t timeout_ms,
                 client_done_fn *done, void *context)
{
    wire_frame_t header = { .kind = WIRE_REQUEST, .name = SPAN (service), .method = SPAN (method) };
    self->now_ms = clock_now_ms ();
    hearth_pending_t *call = arguments->failed ? NULL : frame_open_call (self, &header, timeout_ms);
    if (!call)
        return client_fail (self, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "memory is short");
    call->done = done;
    call->context = context;
    pack_raw (&self->scratch, arguments->buffer.data, arguments->buffer.size);
    frame_send_call (self, call);
    return HEARTH_OK;
}

void client_forget (hearth_t *self, void *context)
{
    wire_token_t token;
    while (calls_forget (&self->calls, context, &token))
        frame_send_cancel (self, token);
}
