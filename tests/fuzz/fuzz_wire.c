/*  fuzz_wire.c - frames: what is read lies within the frame, and is read again as it is written */
#include "fuzz.h"
#include "wire.h"

static void require_within (const void *part, size_t part_size, const uint8_t *data, size_t size)
{
    const uint8_t *start = part;
    REQUIRE (part_size == 0 || (start >= data && part_size <= size && start + part_size <= data + size));
}

static void look_into_options (span_t options)
{
    uint64_t number, bytes;
    span_t option = wire_option (options, "wait");
    require_within (option.data, option.size, (const uint8_t *) options.data, options.size);
    if (wire_option_uint (options, "wait", &number))
        REQUIRE (option.size > 0);
    if (wire_option_credit (options, &number, &bytes))
        REQUIRE (number <= WIRE_CREDIT_MOST && bytes <= WIRE_CREDIT_MOST);
}

static void require_rewritable (const wire_frame_t *frame, const uint8_t *data, size_t size)
{
    wire_frame_t second;
    uint8_t *out = malloc (size + 1), *again = malloc (size + 1);
    REQUIRE (out && again);
    //  The shortest forms take no more room than those that were read.
    size_t written = wire_write_header (frame, out, size);
    REQUIRE (written > 0 && written <= (size_t) (frame->body - data));
    out [written] = 0xc0;
    REQUIRE (wire_read (&second, out, written + 1) == WIRE_OK);
    REQUIRE (wire_write_header (&second, again, size) == written && memcmp (out, again, written) == 0);
    free (out);
    free (again);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    wire_frame_t frame = { 0 };
    wire_result_t result = wire_read (&frame, data, size);
    const span_t parts [] = { frame.library, frame.instance, frame.name, frame.method, frame.options };
    for (size_t i = 0; result == WIRE_OK && i < sizeof parts / sizeof parts [0]; i++)
        require_within (parts [i].data, parts [i].size, data, size);
    if (result != WIRE_OK || frame.kind == WIRE_PROBE)
        return 0;

    require_within (frame.body, frame.body_size, data, size);
    REQUIRE (frame.body + frame.body_size == data + size);
    wire_check_body (&frame, 32);
    look_into_options (frame.options);
    require_rewritable (&frame, data, size);
    return 0;
}
