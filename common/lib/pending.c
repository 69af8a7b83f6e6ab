/*  pending.c - calls in flight, as the program that made them sees them: waiting, being told, giving up
*/
#include "clock.h"
#include "connection.h"
#include "hooks.h"
#include "result.h"

//  Its hook hears of its end before the program does.
static hearth_result_t *take (hearth_t *self, hearth_pending_t *call)
{
    if (call->is_untold)
        hooks_call_ended (self, call);
    return calls_take (&self->calls, call);
}

hearth_result_t *call_finish (hearth_t *self, hearth_pending_t *call)
{
    int code = client_wait (self, &call->is_ended, INT64_MAX);
    if (code == 0)
        return take (self, call);
    status_t status = code == HEARTH_CANCELLED ? STATUS_CANCELLED : STATUS_LIMIT;
    hearth_result_t *result =
        result_failed (status, calls_mark (call), "%s",
                       code == HEARTH_CANCELLED ? "the connection is being stopped"
                                                : "too many calls wait within each other's handlers");
    hooks_call_abandoned (self, call, hearth_error (result));
    return result;
}

//  What is waited for must stay where it is, whatever a callback does with it meanwhile.
static hearth_result_t *await (hearth_t *hearth, hearth_pending_t *self, int64_t timeout_ms)
{
    self->is_awaited = true;
    if (self->stream)
        open_drop (hearth, self);
    if (timeout_ms < 0)
        return call_finish (hearth, self);
    int64_t deadline_ms = timeout_ms > 0 ? clock_after_ms (timeout_ms) : 0;  //  0 has passed
    bool is_ended = client_wait (hearth, &self->is_ended, deadline_ms) == 0;
    if (is_ended)
        return take (hearth, self);
    self->is_awaited = false;
    return NULL;
}

hearth_result_t *hearth_wait (hearth_pending_t **self_p, int64_t timeout_ms)
{
    hearth_pending_t *self = self_p ? *self_p : NULL;
    if (!self)
        return result_failed (STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED, "there is no call to wait for");
    hearth_t *hearth = self->hearth;
    if (!hearth) {
        *self_p = NULL;
        return calls_take (NULL, self);
    }
    if (!client_enter (hearth))
        return connection_refusal (hearth, HEARTH_MAY_HAVE_EXECUTED);
    bool is_taken = self->is_awaited || self->is_programs;
    hearth_result_t *result = is_taken ? result_error (HEARTH_FAILED_PRECONDITION, HEARTH_MAY_HAVE_EXECUTED,
                                                       "hearth.InUse", "the call is being waited for already")
                                       : await (hearth, self, timeout_ms);
    if (result && !is_taken)
        *self_p = NULL;
    client_leave (hearth);
    return result;
}

static bool has_come (const hearth_pending_t *call)
{
    return !call->is_programs && (call->is_ended || (call->stream && call->stream->can_read));
}

//  The first that has ended, or has an item, or -1.
static int find_ended (hearth_pending_t *const *calls, size_t count)
{
    for (size_t index = 0; index < count; index++)
        if (calls [index] && has_come (calls [index]))
            return (int) index;
    return -1;
}

//  The connection of the first; NULL if any cannot be waited for, or there is none.
static hearth_t *connection_of (hearth_pending_t *const *calls, size_t count)
{
    hearth_t *hearth = NULL;
    for (size_t index = 0; index < count; index++) {
        const hearth_pending_t *call = calls [index];
        if (!call)
            continue;
        if (call->is_awaited || call->is_programs || !call->hearth || (hearth && call->hearth != hearth))
            return NULL;
        hearth = call->hearth;
    }
    return hearth;
}

static void mind (hearth_pending_t *const *calls, size_t count, bool *any)
{
    for (size_t index = 0; index < count; index++) {
        if (!calls [index])
            continue;
        calls [index]->any = any;
        calls [index]->is_awaited = any;
    }
}

int hearth_wait_any (hearth_pending_t *const *calls, size_t count, int64_t timeout_ms)
{
    int index = find_ended (calls, count);
    hearth_t *hearth = index < 0 ? connection_of (calls, count) : NULL;
    if (!hearth || !client_enter (hearth))
        return index;
    bool any = false;
    mind (calls, count, &any);
    client_wait (hearth, &any, timeout_ms < 0 ? INT64_MAX : timeout_ms > 0 ? clock_after_ms (timeout_ms) : 0);
    mind (calls, count, NULL);
    client_leave (hearth);
    return find_ended (calls, count);
}

int hearth_when_done (hearth_pending_t *self, hearth_done_fn *done, void *context)
{
    if (!self || !self->hearth)
        return self ? HEARTH_FAILED_PRECONDITION : HEARTH_INVALID_ARGUMENT;
    hearth_t *hearth = self->hearth;
    if (!client_enter (hearth))
        return (int) guard_code (hearth);
    bool is_free = !self->is_awaited && !self->is_programs && done;
    if (is_free)
        calls_tell_program (&hearth->calls, self, done, context);
    client_leave (hearth);
    return is_free ? HEARTH_OK : HEARTH_FAILED_PRECONDITION;
}

static void give_up (hearth_t *hearth, hearth_pending_t *call)
{
    const hearth_error_t why = { HEARTH_CANCELLED, calls_mark (call), "hearth.Cancelled", "the call was given up",
                                 NULL };
    hooks_call_abandoned (hearth, call, &why);
}

void hearth_pending_destroy (hearth_pending_t **self_p)
{
    hearth_pending_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    hearth_t *hearth = self->hearth;
    if (!hearth) {
        hearth_result_t *result = calls_take (NULL, self);
        hearth_result_destroy (&result);
    } else if (client_enter (hearth)) {
        if (self->is_awaited)
            frame_cancel (hearth, self);
        else
            give_up (hearth, self);
        client_leave (hearth);
    } else
        return;
    *self_p = NULL;
}
