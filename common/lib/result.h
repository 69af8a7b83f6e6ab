/*  result.h - how a call ended: one allocation, which owns all that it shows
*/
#ifndef RESULT_H_INCLUDED
#define RESULT_H_INCLUDED

#include <zmq.h>

#include "hearth.h"
#include "status.h"
#include "wire.h"

//  From a reply's frame, which lies in the message; takes the message's content where that is cheaper than a copy.
//  Whatever the frame holds, there is a result.
hearth_result_t *result_from_reply (const wire_frame_t *frame, zmq_msg_t *message);

//  An error that the library itself found. The text is a printf format of our own.
hearth_result_t *result_failed (status_t status, hearth_mark_t mark, const char *format, ...) HEARTH_PRINTF (3, 4);
//  The end of a stream: what the system says of a failure says, too, how many items came.
hearth_result_t *result_of_stream (hearth_result_t *result, uint64_t received);
hearth_result_t *result_error (hearth_code_t code, hearth_mark_t mark, const char *name, const char *format, ...)
    HEARTH_PRINTF (4, 5);

#endif
