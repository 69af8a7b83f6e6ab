/*  directory.c - what the directory is asked for a program, and publishing
*/
#include <string.h>

#include "clock.h"
#include "connection.h"
#include "errand.h"
#include "result.h"
#include "worker.h"

//  Calls the directory with texts; NULL is the parameter's default.
static hearth_result_t *ask (hearth_t *self, const char *method, const char *first, const char *second)
{
    if (!client_enter (self))
        return connection_refusal (self, HEARTH_NOT_EXECUTED);
    hearth_proxy_t *directory = hearth_proxy (self, "hearth");
    const hearth_arg_t argv [] = { hearth_str (method), hearth_str (first ? first : ""), hearth_str (second) };
    hearth_result_t *result = directory ? hearth_call_args (directory, argv, second ? 3 : 2)
                                        : result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "memory is short");
    hearth_proxy_destroy (&directory);
    client_leave (self);
    return result;
}

hearth_result_t *hearth_list (hearth_t *self, const char *prefix, const char *after)
{
    return ask (self, "list", prefix, after);
}

//  Asks about a name, which may be that of a URI. Of what is no name the broker says so.
static hearth_result_t *ask_about (hearth_t *self, const char *method, const char *name)
{
    address_t address;
    bool is_uri = name && strstr (name, "://");
    if (!client_enter (self))
        return connection_refusal (self, HEARTH_NOT_EXECUTED);
    const char *asked = is_uri ? client_resolve (self, name, &address) : name;
    hearth_result_t *result = is_uri && !asked ? result_error (HEARTH_INVALID_ARGUMENT, HEARTH_NOT_EXECUTED,
                                                               "hearth.BadArguments", "%s", self->last_error.message)
                                               : ask (self, method, asked, NULL);
    client_leave (self);
    return result;
}

hearth_result_t *hearth_lookup (hearth_t *self, const char *name)
{
    return ask_about (self, "lookup", name);
}

hearth_result_t *hearth_describe (hearth_t *self, const char *name)
{
    return ask_about (self, "describe", name);
}

/* ------------------------------------------------------------------------
    Publishing
*/

//  How a publication ends that is not even sent; NULL if memory is short.
static hearth_pending_t *end_early (hearth_t *self, hearth_pending_t *call, hearth_result_t *result)
{
    if (call)
        calls_end (&self->calls, call, result);
    else
        hearth_result_destroy (&result);
    return call;
}

//  A publication in flight. The name of a session is known only once there is one.
static hearth_pending_t *publish (hearth_t *self, const char *name, const char *event, const hearth_arg_t *value,
                                  hearth_result_t *refused)
{
    wire_frame_t header = { .kind = WIRE_PUBLISH,
                            .name = SPAN (name && *name ? name : self->session.unique_name),
                            .method = SPAN (event ? event : "") };
    hearth_pending_t *call = frame_open_call (self, &header, HEARTH_DEFAULT_TIMEOUT_MS);
    if (!call || refused)
        return end_early (self, call, refused);
    const char *problem = call->slot == CALLS_NO_SLOT ? NULL : frame_pack_arg (self, value, 0);
    if (problem)
        return end_early (self, call,
                          result_failed (STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED, "the value %s", problem));
    frame_send_call (self, call);
    return call;
}

//  Why a publication is not even sent, or NULL.
static hearth_result_t *check_publish (hearth_t *self, const char *name, const char *event)
{
    if (!name || !services_find (&self->services, SPAN (name)))
        return result_failed (STATUS_NOT_OWNER, HEARTH_NOT_EXECUTED, "this connection does not serve %.255s",
                              name ? name : "NULL");
    if (!event || !name_is_valid (event, strlen (event)))
        return result_failed (STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED, "\"%.255s\" is not an event's name",
                              event ? event : "");
    if (!*name && !connection_await_session (self))
        return result_failed (STATUS_BROKER_GONE, HEARTH_NOT_EXECUTED, "there is no session to publish as");
    return NULL;
}

static hearth_pending_t *check_and_publish (hearth_t *self, const char *name, const char *event,
                                            const hearth_arg_t *value)
{
    frame_make_room (self);
    hearth_result_t *refused = check_publish (self, name, event);
    connection_note_time (self);
    return publish (self, name, event, value, refused);
}

hearth_pending_t *hearth_start_publish_arg (hearth_t *self, const char *name, const char *event, hearth_arg_t value)
{
    if (!client_enter (self))
        return NULL;
    hearth_pending_t *call = check_and_publish (self, name, event, &value);
    client_leave (self);
    return call;
}

typedef struct {
    const char *name;
    const char *event;
    const hearth_arg_t *value;
} publication_t;

//  Where there is no session, none is waited for: this is no place for it.
static hearth_pending_t *start_for_worker (hearth_t *self, void *argument)
{
    const publication_t *publication = argument;
    bool has_no_name = publication->name && !*publication->name && !client_is_up (self);
    if (!has_no_name)
        return check_and_publish (self, publication->name, publication->event, publication->value);
    return publish (self, "", publication->event, publication->value,
                    result_failed (STATUS_BROKER_GONE, HEARTH_NOT_EXECUTED, "there is no session to publish as"));
}

static int publish_on_worker (hearth_t *self, publication_t *publication)
{
    hearth_result_t *result =
        errand_run (self, start_for_worker, publication, clock_after_ms (HEARTH_DEFAULT_TIMEOUT_MS));
    int code = client_fail_result (self, result);
    hearth_result_destroy (&result);
    return code;
}

int hearth_publish_arg (hearth_t *self, const char *name, const char *event, hearth_arg_t value)
{
    if (worker_is_here (self))
        return publish_on_worker (self, &(publication_t){ name, event, &value });
    if (!client_enter (self))
        return (int) guard_code (self);
    hearth_pending_t *call = check_and_publish (self, name, event, &value);
    hearth_result_t *result =
        call ? call_finish (self, call) : result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "memory is short");
    int code = client_fail_result (self, result);
    hearth_result_destroy (&result);
    client_leave (self);
    return code;
}
