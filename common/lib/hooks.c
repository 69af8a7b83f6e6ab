/*  hooks.c - what the program is told of its connection, and of its calls: that they began, are made once more, and how they ended
*/
#include "hooks.h"

#include <stdio.h>
#include <string.h>

#include "call_list.h"
#include "result.h"

void hooks_waiting (hearth_t *self)
{
    if (self->hooks && self->hooks->waiting)
        self->hooks->waiting (self, self->endpoint, self->hooks_context);
}

void hooks_disconnected (hearth_t *self)
{
    const client_session_t *session = &self->session;
    hearth_error_t why = { session->why_code, HEARTH_NO_MARK, session->why_name, session->why, NULL };
    if (self->hooks && self->hooks->disconnected)
        self->hooks->disconnected (self, &why, self->hooks_context);
}

/* ------------------------------------------------------------------------
    Calls
*/

typedef void hook_fn (hearth_t *self, const hearth_call_info_t *info, void *context);

//  What a hook is shown.
typedef struct {
    hearth_call_info_t info;
    hearth_error_t error;
    char service [NAME_MAX_SIZE + 1];
    char method [NAME_MAX_SIZE + 1];
    char name [NAME_MAX_SIZE + 1];
    char message [ERROR_TEXT_SIZE];
} picture_t;

static const char *copy (char out [NAME_MAX_SIZE + 1], span_t text)
{
    size_t size = text.size < NAME_MAX_SIZE ? text.size : NAME_MAX_SIZE;
    memcpy (out, text.data, size);
    out [size] = 0;
    return out;
}

static void show_error (picture_t *self, const hearth_error_t *error)
{
    if (!error)
        return;
    snprintf (self->name, sizeof self->name, "%s", error->name);
    snprintf (self->message, sizeof self->message, "%s", error->message);
    self->error = (hearth_error_t){ error->code, error->mark, self->name, self->message, NULL };
    self->info.error = &self->error;
}

static void draw (picture_t *self, const hearth_pending_t *call, const wire_frame_t *request)
{
    self->info = (hearth_call_info_t){ .service = copy (self->service, request->name),
                                       .method = copy (self->method, request->method),
                                       .number = call->number,
                                       .attempt = call->retries + 1,
                                       .started_ms = call->started_ms };
}

static void draw_kept (picture_t *self, hearth_pending_t *call)
{
    wire_frame_t request;
    wire_read (&request, request_data (&call->request), call->request.size);
    draw (self, call, &request);
}

static void tell (hearth_t *self, hook_fn *hook, const picture_t *picture)
{
    if (!hook)
        return;
    bool was_in_hook = self->in_call_hook;
    self->in_call_hook = true;
    hook (self, &picture->info, self->hooks_context);
    self->in_call_hook = was_in_hook;
    connection_note_time (self);
}

//  What has ended already has kept nothing, and is told of here: it was refused before it could be sent.
void hooks_call_began (hearth_t *self, hearth_pending_t *call, const wire_frame_t *request)
{
    picture_t picture;
    call->number = ++self->calls_watched;
    draw (&picture, call, request);
    bool is_refused = call->is_ended;
    call->is_watched = !is_refused;
    tell (self, self->hooks->call_started, &picture);
    if (!is_refused || !self->hooks)
        return;
    show_error (&picture, hearth_error (call->result));
    tell (self, self->hooks->call_ended, &picture);
}

void hooks_call_retried (hearth_t *self, hearth_pending_t *call)
{
    picture_t picture;
    if (!call->is_watched || !self->hooks)
        return;
    draw_kept (&picture, call);
    show_error (&picture, hearth_error (call->result));
    tell (self, self->hooks->call_retried, &picture);
}

void hooks_call_ended (hearth_t *self, hearth_pending_t *call)
{
    picture_t picture;
    draw_kept (&picture, call);
    show_error (&picture, hearth_error (call->result));
    calls_told (&self->calls, call);
    if (self->hooks)
        tell (self, self->hooks->call_ended, &picture);
}

void hooks_call_abandoned (hearth_t *self, hearth_pending_t *call, const hearth_error_t *why)
{
    picture_t picture;
    bool is_told = call->is_watched && (!call->is_ended || call->is_untold) && self->hooks;
    if (is_told) {
        draw_kept (&picture, call);
        show_error (&picture, call->is_ended ? hearth_error (call->result) : why);
    }
    frame_abandon (self, call);
    if (is_told)
        tell (self, self->hooks->call_ended, &picture);
}

void hooks_calls_ended (hearth_t *self)
{
    for (hearth_pending_t *call; (call = self->calls.untold.first);)
        hooks_call_ended (self, call);
}
