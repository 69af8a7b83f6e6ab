/*  fuzz_note.c - notifications: what is read lies within the message; one alone is written as the same bytes, and several are put
    together again as what they were
*/
#include "fuzz.h"
#include "wire_note.h"

static void s_write_again (const wire_note_t *note, const uint8_t *data, size_t size)
{
    REQUIRE (wire_note_size (note) == size);
    uint8_t *out = malloc (size);
    REQUIRE (out);
    wire_write_note (note, out);
    REQUIRE (memcmp (out, data, size) == 0);
    free (out);
}

//  Puts one behind the others; begins anew where it does not go with them.
static void s_put_together (note_bundle_t *bundle, const wire_note_t *note)
{
    size_t size = wire_note_size (note);
    uint8_t *one = malloc (size);
    REQUIRE (one);
    wire_write_note (note, one);
    if (!bundle->count || !note_bundle_add (bundle, one, size))
        note_bundle_begin (bundle, one, size);
    free (one);
}

static size_t s_count (const note_bundle_t *bundle)
{
    note_reader_t reader;
    wire_note_t note;
    size_t count = 0;
    note_reader_open (&reader, bundle->data, bundle->size);
    while (note_reader_next (&reader, &note))
        count++;
    return count;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static uint8_t room [BUNDLE_ROOM];
    note_bundle_t bundle = { .data = room };
    note_reader_t reader;
    wire_note_t note;
    if (wire_read_note (&note, data, size))
        s_write_again (&note, data, size);
    note_reader_open (&reader, data, size);
    while (note_reader_next (&reader, &note)) {
        REQUIRE (note.body >= data && note.body + note.body_size <= data + size);
        s_put_together (&bundle, &note);
    }
    REQUIRE (bundle.size <= BUNDLE_ROOM && (!bundle.count || s_count (&bundle) == bundle.count));
    return 0;
}
