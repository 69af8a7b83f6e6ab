/*  fuzz_bundle.c - taking bundles apart: what is read lies within the message, and reads the same when it is bundled again */
#include "bundle.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static uint8_t room [BUNDLE_ROOM];
    bundle_t again = { .data = room };
    bundle_reader_t reader;
    const uint8_t *frame;
    size_t length, total = 0;
    if (!bundle_open (&reader, data, size))
        return 0;
    bundle_begin (&again);
    while (bundle_next (&reader, &frame, &length)) {
        REQUIRE (frame >= data && length <= size && frame + length <= data + size);
        total += length;
        if (bundle_add (&again, frame, length))
            continue;
        bundle_begin (&again);
    }
    REQUIRE (total + bundle_rest (&reader) <= size);
    if (again.count < 2)
        return 0;
    size_t count = 0;
    const uint8_t *message = bundle_message (&again, &length);
    REQUIRE (bundle_open (&reader, message, length));
    while (bundle_next (&reader, &frame, &length))
        count++;
    REQUIRE (count == again.count && bundle_rest (&reader) == 0);
    return 0;
}
