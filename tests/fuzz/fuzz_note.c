/*  fuzz_note.c - notifications: one that is read is written as the same bytes */
#include "fuzz.h"
#include "wire.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    wire_note_t note;
    if (!wire_read_note (&note, data, size))
        return 0;
    REQUIRE (wire_note_size (&note) == size);
    uint8_t *out = malloc (size);
    REQUIRE (out);
    wire_write_note (&note, out);
    REQUIRE (memcmp (out, data, size) == 0);
    free (out);
    return 0;
}
