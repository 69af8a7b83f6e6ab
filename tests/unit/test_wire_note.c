/*  test_wire_note.c - notifications on the publishing socket, byte by byte: one in a message, and several of one topic
*/
#include "wire_note.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "hex.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static const wire_note_t a_note = { .topic = { "echo.server/said/", 17 },
                                    .epoch = 0x0123456789ab,
                                    .number = 4,
                                    .topic_number = 3,
                                    .topic_first = 2,
                                    .time_ms = 0x019b76daa800,
                                    .body = (const uint8_t *) "\xa4HOLA",
                                    .body_size = 5 };
static const char a_note_bytes [] = "'echo.server/said/' 00 00 00 01 23 45 67 89 ab 00x7 04 00x7 03 00x7 02 "
                                    "00 00 01 9b 76 da a8 00 a4 'HOLA'";

Test (wire_note, is_written_byte_by_byte_as_specified)
{
    bytes_t out = bytes_copy (NULL, wire_note_size (&a_note));
    wire_write_note (&a_note, out.data);
    cr_assert_bytes (out.data, out.size, a_note_bytes);
}

Test (wire_note, is_read_back_as_it_was_written)
{
    bytes_t bytes = hex (a_note_bytes);
    wire_note_t note;
    cr_assert (wire_read_note (&note, bytes.data, bytes.size));
    cr_assert (span_equals (note.topic, "echo.server/said/"));
    cr_assert_eq (note.epoch, a_note.epoch);
    cr_assert_eq (note.number, a_note.number);
    cr_assert_eq (note.topic_number, a_note.topic_number);
    cr_assert_eq (note.topic_first, a_note.topic_first);
    cr_assert_eq (note.time_ms, a_note.time_ms);
    cr_assert_bytes (note.body, note.body_size, "a4 'HOLA'");
}

Test (wire_note, a_marker_has_neither_a_topics_number_nor_a_body)
{
    static const char *const prefixes [] = { "", "example.", "echo.server/" };
    for (size_t i = 0; i < COUNT (prefixes); i++) {
        wire_note_t marker = { .topic = SPAN (prefixes [i]), .epoch = 1, .number = 2, .time_ms = 3 }, read;
        bytes_t out = bytes_copy (NULL, wire_note_size (&marker));
        wire_write_note (&marker, out.data);
        cr_assert_eq (out.size, strlen (prefixes [i]) + 1 + WIRE_STAMP_SIZE);
        cr_assert (wire_read_note (&read, out.data, out.size));
        cr_assert (span_equals (read.topic, prefixes [i]));
        cr_assert (read.topic_number == 0 && read.body_size == 0);
    }
}

Test (wire_note, one_that_is_cut_off_in_its_topic_or_stamp_is_none)
{
    bytes_t bytes = hex (a_note_bytes);
    for (size_t size = 0; size <= 17 + 1 + WIRE_STAMP_SIZE; size++) {
        bytes_t start = bytes_copy (bytes.data, size);
        wire_note_t note;
        cr_assert_not (wire_read_note (&note, start.data, size), "cut at %zu", size);
    }
}

Test (wire_note, a_stamp_that_cannot_be_true_is_refused)
{
    static const struct {
        uint64_t number;
        uint64_t first;
        size_t body;
        bool is_possible;
    } cases [] = {
        { 1, 1, 1, true },  { 9, 9, 1, true },          { 9, 1, 5, true },           { 0, 0, 0, true },
        { 0, 0, 1, false }, { 0, 1, 0, false },         { 1, 0, 1, false },          { 1, 2, 1, false },
        { 1, 1, 0, false }, { UINT64_MAX, 1, 1, true }, { 1, UINT64_MAX, 1, false },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        wire_note_t note = a_note, read;
        note.topic_number = cases [i].number;
        note.topic_first = cases [i].first;
        note.body_size = cases [i].body;
        bytes_t out = bytes_copy (NULL, wire_note_size (&note));
        wire_write_note (&note, out.data);
        cr_assert_eq (wire_read_note (&read, out.data, out.size), cases [i].is_possible, "case %zu", i);
    }
}

Test (wire_note, no_change_of_a_byte_makes_a_reader_leave_it)
{
    bytes_t bytes = hex (a_note_bytes);
    for (size_t at = 0; at < bytes.size; at++)
        for (unsigned change = 1; change < 256; change++) {
            wire_note_t note;
            bytes.data [at] ^= (uint8_t) change;
            if (wire_read_note (&note, bytes.data, bytes.size))
                cr_assert_eq (note.topic.size + 1 + WIRE_STAMP_SIZE + note.body_size, bytes.size);
            bytes.data [at] ^= (uint8_t) change;
        }
    cr_assert_bytes (bytes.data, bytes.size, a_note_bytes);
}

//  ---- several ----

#define STAMP(number) "00 00 01 23 45 67 89 ab 00x7 " number " 00x7 " number " 00x7 01 00 00 01 9b 76 da a8 00 "

static uint8_t room [BUNDLE_ROOM];
static note_bundle_t bundle = { .data = room };

static bytes_t numbered (const char *topic, uint64_t number, span_t body)
{
    wire_note_t note = { .topic = SPAN (topic),
                         .epoch = 0x0123456789ab,
                         .number = number,
                         .topic_number = number,
                         .topic_first = 1,
                         .time_ms = 0x019b76daa800,
                         .body = (const uint8_t *) body.data,
                         .body_size = body.size };
    bytes_t out = bytes_copy (NULL, wire_note_size (&note));
    wire_write_note (&note, out.data);
    return out;
}

static bool begin (bytes_t note)
{
    return note_bundle_begin (&bundle, note.data, note.size);
}

static bool add (bytes_t note)
{
    return note_bundle_add (&bundle, note.data, note.size);
}

//  The numbers that a message has, as text.
static const char *numbers_in (const uint8_t *data, size_t size)
{
    static char text [256];
    note_reader_t reader;
    wire_note_t note;
    text [0] = 0;
    note_reader_open (&reader, data, size);
    while (note_reader_next (&reader, &note))
        snprintf (text + strlen (text), sizeof text - strlen (text), "%u ", (unsigned) note.topic_number);
    cr_assert_eq (reader.left, 0);
    return text;
}

Test (note_bundle, is_written_byte_by_byte_as_specified)
{
    cr_assert (begin (numbered ("s/e/", 7, SPAN ("\xa1x"))));
    cr_assert (add (numbered ("s/e/", 8, SPAN ("\x05"))));
    cr_assert_eq (bundle.count, 2);
    cr_assert_bytes (bundle.data, bundle.size, "'s/e/' 01 00 2a " STAMP ("07") "a1 'x' 00 29 " STAMP ("08") "05");
}

Test (note_bundle, is_read_as_its_notifications_in_order)
{
    note_reader_t reader;
    wire_note_t note;
    cr_assert (begin (numbered ("s/e/", 7, SPAN ("\xa1x"))) && add (numbered ("s/e/", 8, SPAN ("\x05")))
               && add (numbered ("s/e/", 9, SPAN ("\xc0"))));
    note_reader_open (&reader, bundle.data, bundle.size);
    cr_assert (reader.is_bundle);
    for (uint64_t number = 7; number <= 9; number++) {
        cr_assert (note_reader_next (&reader, &note));
        cr_assert (span_equals (note.topic, "s/e/"));
        cr_assert (note.number == number && note.topic_number == number && note.topic_first == 1);
        cr_assert_eq (note.body_size, number == 7 ? 2 : 1);
        cr_assert_eq (note.body [0], number == 7 ? 0xa1 : number == 8 ? 0x05 : 0xc0);
    }
    cr_assert_not (note_reader_next (&reader, &note));
}

Test (note_bundle, one_alone_is_read_in_the_same_way)
{
    bytes_t bytes = hex (a_note_bytes);
    cr_assert_str_eq (numbers_in (bytes.data, bytes.size), "3 ");
}

Test (note_bundle, takes_no_other_topic)
{
    static const char *const topics [] = { "s/f/", "s/e/f/", "s/", "s/e", "t/e/", "" };
    cr_assert (begin (numbered ("s/e/", 1, SPAN ("\x05"))));
    for (size_t i = 0; i < COUNT (topics); i++)
        cr_assert_not (add (numbered (topics [i], 2, SPAN ("\x05"))), "%s", topics [i]);
    cr_assert_str_eq (numbers_in (bundle.data, bundle.size), "1 ");
}

Test (note_bundle, takes_what_is_small_while_there_is_room)
{
    static char body [BUNDLE_MOST + 1];
    for (size_t size = 1; size <= BUNDLE_MOST + 1 - WIRE_STAMP_SIZE; size++) {
        bytes_t note = numbered ("s/e/", 1, (span_t){ body, size });
        size_t part = 2 + WIRE_STAMP_SIZE + size, count = 1;
        bool is_small = size <= BUNDLE_MOST - WIRE_STAMP_SIZE;
        cr_assert_eq (begin (note), is_small, "%zu bytes", size);
        while (is_small && add (note))
            count++;
        if (is_small)
            cr_assert_eq (count, (BUNDLE_ROOM - 5) / part, "%zu bytes", size);
        cr_assert_leq (bundle.size, BUNDLE_ROOM);
    }
}

Test (note_bundle, of_a_topic_that_leaves_no_room_is_none)
{
    static char topic [BUNDLE_ROOM + 1];
    for (size_t size = BUNDLE_ROOM - WIRE_STAMP_SIZE - 8; size <= BUNDLE_ROOM; size++) {
        memset (topic, 'x', size);
        cr_assert_eq (begin (numbered (topic, 1, SPAN ("\x05"))), size + 1 + 2 + WIRE_STAMP_SIZE + 1 <= BUNDLE_ROOM);
    }
    cr_assert_not (begin (hex ("'no zero'")));
}

Test (note_bundle, what_cannot_be_read_is_left_out_and_the_rest_told)
{
    static const struct {
        const char *message, *numbers;
    } cases [] = {
        { "'s/' 01 00 29 " STAMP ("07") "05 00 29 " STAMP ("08") "05", "7 8 " },
        { "'s/' 01 00 29 " STAMP ("07") "05 00 05 01 02 03 04 05 00 29 " STAMP ("08") "05", "7 8 " },  //  no stamp
        { "'s/' 01 00 28 " STAMP ("07") "00 29 " STAMP ("08") "05", "8 " },                            //  no body
        { "'s/' 01 00 00 00 29 " STAMP ("08") "05", "8 " },
        { "'s/' 01 00 29 " STAMP ("07") "05 00 29 " STAMP ("08"), "7 " },  //  cut off
        { "'s/' 01 00 29 " STAMP ("07") "05 00", "7 " },
        { "'s/' 01 ff ff " STAMP ("07") "05", "" },
        { "'s/' 01", "" },
        { "'s/'", "" },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        bytes_t bytes = hex (cases [i].message);
        cr_assert_str_eq (numbers_in (bytes.data, bytes.size), cases [i].numbers, "case %zu", i);
    }
}

Test (note_bundle, no_change_of_a_byte_makes_a_reader_leave_it)
{
    cr_assert (begin (numbered ("s/e/", 7, SPAN ("\xa1x"))) && add (numbered ("s/e/", 8, SPAN ("\x05"))));
    bytes_t bytes = bytes_copy (bundle.data, bundle.size);
    for (size_t at = 0; at < bytes.size; at++)
        for (unsigned change = 1; change < 256; change++) {
            note_reader_t reader;
            wire_note_t note;
            bytes.data [at] ^= (uint8_t) change;
            note_reader_open (&reader, bytes.data, bytes.size);
            while (note_reader_next (&reader, &note))
                cr_assert (note.body >= bytes.data && note.body + note.body_size <= bytes.data + bytes.size);
            bytes.data [at] ^= (uint8_t) change;
        }
}
