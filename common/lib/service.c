/*  service.c - the objects that a connection serves: adding and taking away, and their registrations
*/
#include "service.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "connection.h"
#include "dispatch.h"
#include "result.h"
#include "worker.h"

#define PROBLEM_SIZE 512

void services_init (services_t *self)
{
    *self = (services_t){ .due_ms = -1 };
    self->ready_last = &self->ready;
}

static void object_destroy (object_t *self)
{
    for (request_t *request; (request = request_pop (self));)
        free (request);
    declaration_clear (&self->declaration);
    free (self->name);
    free (self);
}

void services_release (object_t *object)
{
    if (object->is_gone && !object->running && !object->kept)
        object_destroy (object);
}

void services_clear (hearth_t *hearth)
{
    services_t *self = &hearth->services;
    for (size_t index = 0; index < self->count; index++) {
        self->objects [index]->is_gone = true;
        services_release (self->objects [index]);
    }
    free (self->objects);
    for (unsigned level = 0; level < SERVICE_NESTING; level++) {
        if (!self->levels [level])
            continue;
        msgpack_zone_destroy (&self->levels [level]->zone);
        free (self->levels [level]);
    }
    kept_close (hearth);
}

/* ------------------------------------------------------------------------
    The table of objects
*/

static int compare (span_t name, const object_t *object)
{
    size_t size = name.size < object->size ? name.size : object->size;
    int order = memcmp (name.data, object->name, size);
    if (order == 0 && name.size != object->size)
        order = name.size < object->size ? -1 : 1;
    return order;
}

//  Where an object of that name is, or would be.
static size_t position (const services_t *self, span_t name, bool *found)
{
    size_t low = 0, high = self->count;
    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        int order = compare (name, self->objects [middle]);
        *found = order == 0;
        if (order <= 0)
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}

object_t *services_find (const services_t *self, span_t name)
{
    bool found;
    size_t index = position (self, name, &found);
    return found ? self->objects [index] : NULL;
}

static bool insert (services_t *self, object_t *object)
{
    object_t **objects = realloc (self->objects, (self->count + 1) * sizeof (object_t *));
    if (!objects)
        return false;
    self->objects = objects;
    bool found;
    size_t index = position (self, (span_t){ object->name, object->size }, &found);
    memmove (objects + index + 1, objects + index, (self->count - index) * sizeof (object_t *));
    objects [index] = object;
    self->count++;
    return true;
}

//  How many of its handlers may run at a time.
static unsigned most_handlers (const hearth_service_options_t *options)
{
    if (!options->parallel)
        return 1;
    return options->workers ? options->workers : UINT_MAX;
}

static object_t *object_new (const char *name, void *context, const hearth_service_options_t *options)
{
    object_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->last = &self->first;
    self->context = context;
    self->most = most_handlers (options);
    self->name = strdup (name ? name : "");
    registration_init (&self->registration, options->fail_if_taken);
    if (self->name) {
        self->size = strlen (self->name);
        return self;
    }
    free (self);
    return NULL;
}

//  What an object takes beside its declaration. False if that is not to be had.
static bool start (hearth_t *hearth, object_t *object, const hearth_service_options_t *options)
{
    unsigned workers = options->parallel || !options->workers ? options->workers : 1;
    if (workers && workers_start (hearth, object, workers) != HEARTH_OK)
        return false;
    if (insert (&hearth->services, object))
        return true;
    workers_release (hearth, object);
    return false;
}

int services_add (hearth_t *hearth, const char *name, const hearth_method_t *methods, void *context,
                  const hearth_service_options_t *options)
{
    static const hearth_service_options_t defaults = { 0 };
    options = options ? options : &defaults;
    services_t *self = &hearth->services;
    if (name && services_find (self, SPAN (name)))
        return client_fail (hearth, HEARTH_ALREADY_EXISTS, "hearth.NameTaken",
                            "this connection serves %.255s already",
                            *name ? name : "an object under its unique name");
    object_t *object = object_new (name, context, options);
    if (!object)
        return client_fail (hearth, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "memory is short");

    char problem [PROBLEM_SIZE];
    int code = declaration_init (&object->declaration, name, methods, options, problem, sizeof problem);
    bool is_short = code == 0 && !start (hearth, object, options);
    if (code == 0 && !is_short) {
        if (hearth->session.state == CLIENT_UP) {
            registration_session_up (&object->registration, hearth->now_ms);
            self->due_ms = hearth->now_ms;
            services_tick (hearth);
        }
        return 0;
    }
    object_destroy (object);
    if (is_short)
        return client_fail (hearth, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "memory or threads are short");
    return client_fail (hearth, (hearth_code_t) code, "hearth.BadArguments", "%s", problem);
}

static void ignore_result (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    (void) context;
    hearth_result_destroy (&result);
}

static void unregister (hearth_t *hearth, const object_t *object)
{
    if (object->registration.state != REGISTRATION_SENT && object->registration.state != REGISTRATION_HELD)
        return;
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 1);
    pack_text (&arguments, object->name, object->size);
    client_call (hearth, "hearth", "unregister", &arguments, HEARTH_DEFAULT_TIMEOUT_MS, ignore_result,
                 &hearth->services);
    pack_clear (&arguments);
}

int services_remove (hearth_t *hearth, const char *name)
{
    services_t *self = &hearth->services;
    bool found = false;
    size_t index = name ? position (self, SPAN (name), &found) : 0;
    if (!found)
        return client_fail (hearth, HEARTH_NOT_FOUND, "hearth.NoSuchService", "this connection does not serve %.255s",
                            name ? name : "NULL");
    object_t *object = self->objects [index];
    memmove (self->objects + index, self->objects + index + 1, (--self->count - index) * sizeof (object_t *));
    self->refused -= object->registration.state == REGISTRATION_REFUSED;
    client_forget (hearth, object);  //  a registration that the broker holds back would come behind its end
    unregister (hearth, object);
    dispatch_refuse_all (hearth, object);
    object->is_gone = true;
    callers_drop (hearth, object);
    workers_release (hearth, object);
    services_release (object);
    return 0;
}

/* ------------------------------------------------------------------------
    Registrations
*/

static void tell_gained (hearth_t *hearth, const object_t *object)
{
    if (hearth->hooks && hearth->hooks->registered)
        hearth->hooks->registered (hearth, object->name, hearth->hooks_context);
}

static void tell_lost (hearth_t *hearth, const object_t *object, const hearth_error_t *why)
{
    if (hearth->hooks && hearth->hooks->unregistered)
        hearth->hooks->unregistered (hearth, object->name, why, hearth->hooks_context);
}

static void note_due (services_t *self, const object_t *object)
{
    int64_t at = registration_deadline (&object->registration);
    if (at >= 0 && (self->due_ms < 0 || at < self->due_ms))
        self->due_ms = at;
}

static void registered (hearth_t *hearth, hearth_result_t *result, void *context)
{
    object_t *object = context;
    const hearth_error_t *error = hearth_error (result);
    registration_news_t news = registration_answered (&object->registration, error, hearth->now_ms);
    note_due (&hearth->services, object);
    hearth->services.refused += object->registration.state == REGISTRATION_REFUSED;
    if (news == REGISTRATION_GAINED)
        tell_gained (hearth, object);
    if (news == REGISTRATION_LOST)
        tell_lost (hearth, object, error);
    hearth_result_destroy (&result);
}

//  What it leads to may take objects away: nothing of this one is touched once the call is on its way.
static void send_registration (hearth_t *hearth, object_t *object)
{
    registration_t *registration = &object->registration;
    registration_sent (registration);
    bool is_full = calls_is_full (&hearth->calls);
    if (!is_full
        && client_call (hearth, "hearth", "register", &object->declaration.registration, HEARTH_DEFAULT_TIMEOUT_MS,
                        registered, object)
               == HEARTH_OK)
        return;
    const hearth_error_t error = { HEARTH_UNAVAILABLE, HEARTH_NOT_EXECUTED, "hearth.Limit",
                                   is_full ? "too many calls are in flight" : "memory is short", NULL };
    registration_answered (registration, &error, hearth->now_ms);
    note_due (&hearth->services, object);
}

void services_tick (hearth_t *hearth)
{
    services_t *self = &hearth->services;
    if (self->due_ms < 0 || hearth->now_ms < self->due_ms)
        return;
    self->due_ms = -1;
    for (size_t index = 0; index < self->count; index++) {
        object_t *object = self->objects [index];
        if (registration_is_due (&object->registration, hearth->now_ms))
            send_registration (hearth, object);
        else
            note_due (self, object);
    }
}

int64_t services_deadline (const services_t *self)
{
    return self->due_ms;
}

void services_session_up (hearth_t *hearth)
{
    services_t *self = &hearth->services;
    for (size_t index = 0; index < self->count; index++)
        registration_session_up (&self->objects [index]->registration, hearth->now_ms);
    self->due_ms = hearth->now_ms;
    services_tick (hearth);
}

void services_session_down (hearth_t *hearth)
{
    services_t *self = &hearth->services;
    self->due_ms = -1;
    client_forget (hearth, self);  //  the session's end unregisters all; later the name may be ours again
    for (size_t index = 0; index < self->count; index++)
        registration_session_down (&self->objects [index]->registration);
    dispatch_session_down (hearth);
}

object_t *services_refused (const services_t *self)
{
    for (size_t index = 0; self->refused && index < self->count; index++)
        if (self->objects [index]->registration.state == REGISTRATION_REFUSED)
            return self->objects [index];
    return NULL;
}

object_t *services_unregistered (const services_t *self)
{
    for (size_t index = 0; index < self->count; index++) {
        registration_state_t state = self->objects [index]->registration.state;
        if (state != REGISTRATION_HELD && state != REGISTRATION_REPLACED)
            return self->objects [index];
    }
    return NULL;
}

//  What comes before a registration's answer is about one before it, of an object that was taken away.
static bool is_taken_over (const hearth_t *hearth, object_t *object)
{
    return !calls_await (&hearth->calls, object)
           && registration_replaced (&object->registration) == REGISTRATION_LOST;
}

//  Version 1 has one notice: a name was taken over.
void services_notice (hearth_t *hearth, const wire_frame_t *frame)
{
    if (frame->block.session != 0 || !span_equals (frame->name, "hearth") || !span_equals (frame->method, "replaced"))
        return;
    uint8_t copy [1024];
    msgpack_zone zone;
    if (frame->body_size > sizeof copy || !msgpack_zone_init (&zone, 256))
        return;
    memcpy (copy, frame->body, frame->body_size);
    const hearth_value_t *body = value_decode (&zone, copy, frame->body_size);
    const char *name = hearth_value_str (hearth_value_get (body, "name"));
    object_t *object = *name ? services_find (&hearth->services, SPAN (name)) : NULL;
    if (object && is_taken_over (hearth, object)) {
        const hearth_error_t why = { HEARTH_ALREADY_EXISTS, HEARTH_NO_MARK, "hearth.NameTaken",
                                     "another session took the name over", NULL };
        tell_lost (hearth, object, &why);
    }
    msgpack_zone_destroy (&zone);
}
