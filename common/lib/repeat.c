/*  repeat.c - a call whose attempt failed: whether it is made once more, and how it ends if that fails, too
*/
#include "repeat.h"

#include "result.h"
#include "status.h"

//  Beside the message that it keeps, and with its slot.
_Static_assert(sizeof (hearth_pending_t) - REQUEST_SMALL + sizeof (call_slot_t) <= 256, "a call in flight is small");

//  What the broker said of an attempt. A service's own errors are answers like any other.
static retry_failure_t failure_of (const wire_frame_t *reply)
{
    static const retry_failure_t failures [STATUS_COUNT] = {
        [STATUS_SERVICE_GONE] = RETRY_SERVICE_GONE,
        [STATUS_NO_SUCH_SERVICE] = RETRY_ABSENT,
        [STATUS_STARTING] = RETRY_ABSENT,
    };
    span_t name, message, details;
    if (reply->block.session || !wire_read_error (reply->body, reply->body_size, &name, &message, &details))
        return RETRY_NEVER;
    int status = status_find (name.data, name.size);
    if (status == STATUS_STOPPING)
        return reply->mark == HEARTH_NOT_EXECUTED ? RETRY_ABSENT : RETRY_BROKER_GONE;
    return status < 0 ? RETRY_NEVER : failures [status];
}

static bool is_repeated (calls_t *self, hearth_pending_t *call, retry_failure_t failure, bool is_declared,
                         int64_t now_ms)
{
    const retry_facts_t facts = { is_declared, call->is_promised, call->result };
    if (!repeat_may (call) || !retry_is_right (failure, facts) || now_ms >= call->deadline_ms
        || !retry_take (&self->retry))
        return false;
    return calls_wait (self, call, now_ms + retry_pause_ms (&self->retry, call->retries + 1));
}

//  Of several failures the last counts that leaves it open whether the method ran.
static void remember (hearth_pending_t *call, hearth_result_t *failure)
{
    call->retries++;
    call->result = call->result ? repeat_result (call->result, failure) : failure;
}

bool repeat_failed (calls_t *self, hearth_pending_t *call, const wire_frame_t *reply, zmq_msg_t *message,
                    int64_t now_ms)
{
    retry_failure_t failure = failure_of (reply);
    if (failure == RETRY_NEVER)
        retry_give (&self->retry);
    if (failure == RETRY_NEVER || !is_repeated (self, call, failure, reply->block.flags & WIRE_IDEMPOTENT, now_ms))
        return false;
    remember (call, result_from_reply (reply, message));
    return true;
}

bool repeat_session_lost (calls_t *self, hearth_pending_t *call, const char *why, int64_t now_ms)
{
    if (!is_repeated (self, call, RETRY_BROKER_GONE, false, now_ms))
        return false;
    remember (call, result_failed (STATUS_BROKER_GONE, HEARTH_MAY_HAVE_EXECUTED, "%s", why));
    return true;
}

hearth_result_t *repeat_result (hearth_result_t *before, hearth_result_t *last)
{
    const hearth_error_t *error = hearth_error (last);
    bool is_earlier = error && error->mark == HEARTH_NOT_EXECUTED;
    hearth_result_destroy (is_earlier ? &last : &before);
    return is_earlier ? before : last;
}
