/*  repeat.h - a call whose attempt failed: whether it is made once more, and how it ends if that fails, too

    docs/protocol.md, section 6: what a caller may repeat. A call that has failed so that it may have been executed never ends
    as "not executed", whatever its later attempts say.
*/
#ifndef REPEAT_H_INCLUDED
#define REPEAT_H_INCLUDED

#include "calls.h"

//  Whether a call may be sent once more at all. A stream may not: items have gone, or come and were seen by the program.
static inline bool repeat_may (const hearth_pending_t *call)
{
    return call->is_call && call->request.size && !call->stream;
}

//  An answer came for the call, whose slot is free. True if another attempt follows; otherwise the call is to be ended.
bool repeat_failed (calls_t *self, hearth_pending_t *call, const wire_frame_t *reply, zmq_msg_t *message,
                    int64_t now_ms);
static inline bool repeat_answered (calls_t *self, hearth_pending_t *call, const wire_frame_t *reply,
                                    zmq_msg_t *message, int64_t now_ms)
{
    if (reply->code != HEARTH_OK)
        return repeat_failed (self, call, reply, message, now_ms);
    retry_give (&self->retry);
    return false;
}

//  The session of a call that was sent has ended. True if another attempt follows in the next one: it keeps its slot.
bool repeat_session_lost (calls_t *self, hearth_pending_t *call, const char *why, int64_t now_ms);

//  How a call ends; takes both: that of the attempt before, which may have been executed, and that of the last one.
hearth_result_t *repeat_result (hearth_result_t *before, hearth_result_t *last);

#endif
