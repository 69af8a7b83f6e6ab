/*  test_bundle.c - several small frames in one message (docs/protocol.md, section 3.1) */
#include "bundle.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "hex.h"

#define HEAD "92 0b c4 18 00x24 "

static uint8_t room [BUNDLE_ROOM];
static bundle_t bundle = { .data = room };

static void add (const char *text)
{
    cr_assert (bundle_add (&bundle, (const uint8_t *) text, strlen (text)));
}

Test (bundle, is_written_byte_by_byte_as_specified)
{
    size_t size;
    bundle_begin (&bundle);
    add ("ab");
    add ("");
    add ("c");
    const uint8_t *message = bundle_message (&bundle, &size);
    cr_assert_bytes (message, size, HEAD "dc 00 03 c5 00 02 'ab' c5 00 00 c5 00 01 'c'");
}

Test (bundle, of_nothing_says_that_one_is_understood)
{
    size_t size;
    bundle_begin (&bundle);
    const uint8_t *message = bundle_message (&bundle, &size);
    cr_assert_bytes (message, size, HEAD "dc 00 00");
}

Test (bundle, of_one_frame_is_that_frame)
{
    size_t size;
    bundle_begin (&bundle);
    add ("alone");
    const uint8_t *message = bundle_message (&bundle, &size);
    cr_assert_bytes (message, size, "'alone'");
}

Test (bundle, takes_frames_while_there_is_room)
{
    static const uint8_t frame [BUNDLE_MOST + 1];
    for (size_t size = 0; size <= sizeof frame; size++) {
        size_t whole;
        unsigned count = 0;
        bundle_begin (&bundle);
        while (bundle_add (&bundle, frame, size))
            count++;
        cr_assert_eq (count, size > BUNDLE_MOST ? 0 : (BUNDLE_ROOM - 31) / (size + 3));
        bundle_message (&bundle, &whole);
        cr_assert_leq (whole, BUNDLE_ROOM);
    }
}

//  What is read of a message: its frames, each followed by a comma, and then whatever cannot be read of it.
static const char *read_all (const bytes_t *message)
{
    static char text [1024];
    bundle_reader_t reader;
    const uint8_t *frame;
    size_t size, at = 0;
    bool is_open = bundle_open (&reader, message->data, message->size);
    while (is_open && bundle_next (&reader, &frame, &size)) {
        memcpy (text + at, frame, size);
        at += size;
        text [at++] = ',';
    }
    snprintf (text + at, sizeof text - at, "%zu", bundle_rest (&reader));
    return text;
}

Test (bundle, is_read_in_whatever_form_a_packer_gives_it)
{
    static const struct {
        const char *message, *text;
    } cases [] = {
        { HEAD "dc 00 03 c5 00 02 'ab' c5 00 00 c5 00 01 'c'", "ab,,c,0" },
        { HEAD "93 c4 02 'ab' c4 00 c4 01 'c'", "ab,,c,0" },
        { HEAD "dd 00 00 00 01 c6 00 00 00 02 'ab'", "ab,0" },
        { HEAD "90", "0" },
        { HEAD "dc 00 00", "0" },
        //  cut off, no list, no bins, more than there should be
        { HEAD "92 c4 02 'ab'", "ab,0" },
        { HEAD "92 c4 02 'ab' c4 05 'c'", "ab,3" },
        { HEAD "93 c4 02 'ab' 01 c4 00", "ab,3" },
        { HEAD "91 a2 'ab'", "3" },
        { HEAD "91 c4 02 'ab' c0", "ab,1" },
        { HEAD "c4 02 'ab'", "4" },
        { HEAD "dd ff ff ff ff c4 00", "7" },
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases [0]; index++) {
        bytes_t message = hex (cases [index].message);
        cr_assert (bundle_is (message.data, message.size));
        cr_assert_str_eq (read_all (&message), cases [index].text, "%s: %s", cases [index].message,
                          read_all (&message));
    }
}

Test (bundle, other_frames_are_none)
{
    static const char *const others [] = { "",
                                           "92 0b c4 18",
                                           "92 0b c4 18 00x24",
                                           "93 0b c4 18 00x24 90",
                                           "92 0a c4 18 00x24 90",
                                           "92 0b c4 17 00x24 90",
                                           "92 08 c4 18 00x24 c0" };
    for (size_t index = 0; index < sizeof others / sizeof others [0]; index++) {
        bytes_t message = hex (others [index]);
        bundle_reader_t reader;
        cr_assert_not (bundle_is (message.data, message.size), "%s", others [index]);
        cr_assert_not (bundle_open (&reader, message.data, message.size));
    }
}
