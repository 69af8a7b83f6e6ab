/*  fuzz_result.c - what a reply holds for its caller, and on whose behalf a request says that it is made (`via`) */
#include <zmq.h>

#include "call.h"
#include "feed.h"
#include "result.h"
#include "scan.h"

static void s_read_result (const wire_frame_t *frame, zmq_msg_t *message)
{
    hearth_result_t *result = result_from_reply (frame, message);
    const hearth_error_t *error = hearth_error (result);
    REQUIRE (result && hearth_failed (result) == (error != NULL));
    if (error) {
        REQUIRE (error->code > HEARTH_OK && error->code <= HEARTH_UNAUTHENTICATED);
        REQUIRE (error->mark >= HEARTH_NOT_EXECUTED && error->mark <= HEARTH_EXECUTED);
        REQUIRE (error->name && error->message);
        if (frame->block.session && status_is_reserved (error->name, strlen (error->name)))
            REQUIRE (status_service_may_say (error->name, strlen (error->name)));
        char *details = error->details ? hearth_value_text (error->details) : NULL;
        free (details);
    } else {
        char *text = hearth_value_text (hearth_result_value (result));
        REQUIRE (text);
        free (text);
    }
    hearth_result_destroy (&result);
}

static void s_read_via (const wire_frame_t *frame)
{
    hearth_call_t call = { .block.token = { 1, 2 }, .session = 3 };
    call_read_via (&call, frame->options);
    bool is_ours = call_is_in_via (&call, frame->options);
    REQUIRE (call.via_count <= 32 && (call.via_count > 0 || !is_ours));
    pack_t pack;
    pack_init (&pack);
    pack_map (&pack, 1);
    if (call_pack_via (&call, &pack)) {
        REQUIRE (scan_is_one ((const uint8_t *) pack.buffer.data, pack.buffer.size));
        REQUIRE (call_is_in_via (&call, (span_t){ pack.buffer.data, pack.buffer.size }));
    } else
        REQUIRE (call.via_count == 32);
    pack_clear (&pack);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    zmq_msg_t message;
    wire_frame_t frame;
    REQUIRE (zmq_msg_init_size (&message, size) == 0);
    if (size)
        memcpy (zmq_msg_data (&message), data, size);
    if (wire_read (&frame, zmq_msg_data (&message), size) == WIRE_OK) {
        if (frame.kind == WIRE_REPLY)
            s_read_result (&frame, &message);
        if (frame.kind == WIRE_REQUEST)
            s_read_via (&frame);
    }
    zmq_msg_close (&message);
    return 0;
}
