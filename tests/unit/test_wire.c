/*  test_wire.c - frames are read and written as docs/protocol.md says, whatever bytes come */
#include "wire_examples.h"

#include <criterion/criterion.h>

static bool spans_equal (span_t one, span_t other)
{
    return one.size == other.size && (one.size == 0 || memcmp (one.data, other.data, one.size) == 0);
}

Test (wire, each_kind_is_written_byte_by_byte_as_specified)
{
    for (size_t i = 0; i < COUNT (examples); i++) {
        uint8_t out [WIRE_HEADER_MAX];
        size_t size = wire_write_header (&examples [i].frame, out, sizeof out);
        cr_assert_bytes (out, size, examples [i].bytes);
    }
}

Test (wire, each_kind_is_read_back_as_it_was_written)
{
    for (size_t i = 0; i < COUNT (examples); i++) {
        const wire_frame_t *expected = &examples [i].frame;
        bytes_t bytes = frame_bytes (i);
        wire_frame_t frame = { 0 };
        cr_assert_eq (wire_read (&frame, bytes.data, bytes.size), WIRE_OK, "%s", examples [i].bytes);
        cr_assert_eq (frame.kind, expected->kind);
        assert_same_block (&frame.block, &expected->block);
        cr_assert_eq (frame.version, expected->version);
        cr_assert (spans_equal (frame.library, expected->library));
        cr_assert (spans_equal (frame.instance, expected->instance));
        cr_assert_eq (frame.sessions, expected->sessions);
        cr_assert_eq (frame.epoch, expected->epoch);
        cr_assert (spans_equal (frame.name, expected->name));
        cr_assert (spans_equal (frame.method, expected->method));
        cr_assert_eq (frame.code, expected->code);
        cr_assert_eq (frame.mark, expected->mark);
        cr_assert_eq (frame.reason, expected->reason);
        cr_assert (spans_equal (frame.options, expected->options));
    }
}

Test (wire, the_body_is_all_that_follows_the_header)
{
    for (size_t i = 0; i < COUNT (examples); i++) {
        bytes_t bytes = frame_bytes (i);
        wire_frame_t frame;
        cr_assert_eq (wire_read (&frame, bytes.data, bytes.size), WIRE_OK);
        if (frame.kind == WIRE_PROBE)
            continue;
        cr_assert_eq (frame.body, bytes.data + bytes.size - BODY_SIZE);
        cr_assert_eq (frame.body_size, BODY_SIZE);
        cr_assert_eq (wire_check_body (&frame, 1), WIRE_OK);
    }
}

Test (wire, nothing_of_an_earlier_frame_is_left)
{
    bytes_t request = hex ("95 04 " BLOCK ("00") " a1 's' a1 'm' 80 91 c0");
    wire_frame_t frame;
    cr_assert_eq (wire_read (&frame, request.data, request.size), WIRE_OK);
    cr_assert_eq (frame.options.size, 1);
    cr_assert_eq (read_hex (&frame, "94 04 " BLOCK ("00") " a1 's' a1 'm' c0"), WIRE_OK);
    cr_assert_eq (frame.options.size, 0);

    cr_assert_eq (wire_read (&frame, request.data, request.size), WIRE_OK);
    cr_assert_eq (read_hex (&frame, "94 04 " BLOCK ("00") " a1 's'"), WIRE_BAD_FRAME);
    cr_assert (frame.options.size == 0 && frame.body_size == 0);

    cr_assert_eq (wire_read (&frame, request.data, 27), WIRE_GARBAGE);
    cr_assert (frame.kind == 0 && frame.block.token.slot == 0);
}

Test (wire, a_frame_that_is_cut_off_anywhere_is_refused)
{
    for (size_t i = 0; i < COUNT (examples); i++) {
        bytes_t bytes = frame_bytes (i);
        bool is_probe = examples [i].frame.kind == WIRE_PROBE;
        for (size_t size = 0; size < bytes.size; size++) {
            bytes_t start = bytes_copy (bytes.data, size);
            wire_frame_t frame;
            wire_result_t result = wire_read (&frame, start.data, size);
            if (size < 28)
                cr_assert_eq (result, WIRE_GARBAGE, "%s cut at %zu", examples [i].bytes, size);
            else if (size == bytes.size - 1 && !is_probe)
                cr_assert_eq (wire_check_body (&frame, 32), WIRE_BAD_BODY, "%s", examples [i].bytes);
            else
                cr_assert_eq (result, is_probe ? WIRE_OK : WIRE_BAD_FRAME, "%s cut at %zu", examples [i].bytes, size);
        }
    }
}

static bool lies_within (const void *part, size_t size, bytes_t whole)
{
    const uint8_t *start = part;
    return size == 0 || (start >= whole.data && start + size <= whole.data + whole.size);
}

static void assert_borrows_only (const wire_frame_t *frame, bytes_t bytes)
{
    const span_t spans [] = { frame->library, frame->instance, frame->name, frame->method, frame->options };
    for (size_t i = 0; i < COUNT (spans); i++)
        cr_assert (lies_within (spans [i].data, spans [i].size, bytes));
    cr_assert (lies_within (frame->body, frame->body_size, bytes));
}

//  Whatever is read may be written, and is read again as the same.
static void assert_survives_rewriting (const wire_frame_t *frame)
{
    uint8_t out [WIRE_HEADER_MAX], again [WIRE_HEADER_MAX];
    wire_frame_t second;
    size_t size = wire_write_header (frame, out, sizeof out - 1);
    if (frame->kind == WIRE_PROBE)
        return;
    cr_assert_neq (size, 0);
    out [size] = 0xc0;
    cr_assert_eq (wire_read (&second, out, size + 1), WIRE_OK);
    cr_assert_eq (wire_write_header (&second, again, sizeof again), size);
    cr_assert_arr_eq (out, again, size);
}

Test (wire, no_change_of_a_byte_makes_a_reader_leave_the_frame, .timeout = 120)
{
    for (size_t i = 0; i < COUNT (examples); i++) {
        bytes_t bytes = frame_bytes (i);
        for (size_t at = 0; at < bytes.size; at++)
            for (unsigned change = 1; change < 256; change++) {
                wire_frame_t frame = { 0 };
                bytes.data [at] ^= (uint8_t) change;
                wire_result_t result = wire_read (&frame, bytes.data, bytes.size);
                if (result == WIRE_OK) {
                    assert_borrows_only (&frame, bytes);
                    assert_survives_rewriting (&frame);
                    wire_check_body (&frame, 32);
                }
                bytes.data [at] ^= (uint8_t) change;
            }
    }
}

Test (wire, patching_overwrites_the_block_and_nothing_else)
{
    const wire_block_t block = { .token = { 0x01020304, 0x05060708 },
                                 .session = UINT64_C (0x090a0b0c0d0e0f10),
                                 .remaining_ms = 0x11121314,
                                 .flags = 0x15161718 };
    bytes_t bytes = hex ("94 04 c4 18 eex24 a1 's' a1 'm' 91 c0");
    wire_patch (bytes.data, &block);
    cr_assert_bytes (bytes.data, bytes.size,
                     "94 04 c4 18 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 "
                     "a1 's' a1 'm' 91 c0");
}

Test (wire, a_header_is_written_only_where_there_is_room_for_it)
{
    for (size_t i = 0; i < COUNT (examples); i++) {
        bytes_t header = hex (examples [i].bytes);
        for (size_t room = 0; room <= header.size; room++) {
            bytes_t out = bytes_copy (header.data, room);
            size_t size = wire_write_header (&examples [i].frame, out.data, room);
            cr_assert_eq (size, room < header.size ? 0 : header.size, "%s in %zu", examples [i].bytes, room);
        }
    }
}

Test (wire, a_hello_is_written_only_with_a_whole_instance_id)
{
    for (size_t size = 0; size <= 20; size++) {
        uint8_t out [WIRE_HEADER_MAX];
        wire_frame_t hello = { .kind = WIRE_HELLO, .instance = { "01234567890123456789", size } };
        cr_assert_eq (wire_write_header (&hello, out, sizeof out) > 0, size == WIRE_INSTANCE_SIZE);
    }
}

Test (wire, a_body_is_one_value_within_the_nesting)
{
    static const struct {
        const char *bytes;
        unsigned nesting;
        wire_result_t result;
    } cases [] = {
        { "c0", 0, WIRE_OK },          { "c0 c0", 32, WIRE_BAD_BODY },    { "91 c0", 1, WIRE_OK },
        { "91 c0", 0, WIRE_BAD_BODY }, { "91", 32, WIRE_BAD_BODY },       { "c1", 32, WIRE_BAD_BODY },
        { "91x32 c0", 32, WIRE_OK },   { "91x33 c0", 33, WIRE_BAD_BODY }, { "dd 04 00 00 00", 32, WIRE_BAD_BODY },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        bytes_t body = hex (cases [i].bytes);
        wire_frame_t frame = { .body = body.data, .body_size = body.size };
        cr_assert_eq (wire_check_body (&frame, cases [i].nesting), cases [i].result, "%s", cases [i].bytes);
    }
    cr_assert_eq (wire_check_body (&(wire_frame_t){ .body = NULL }, 32), WIRE_BAD_BODY);
}

Test (wire, spans_are_compared_with_text)
{
    cr_assert (span_equals (SPAN ("abc"), "abc"));
    cr_assert_not (span_equals (SPAN ("abc"), "ab"));
    cr_assert_not (span_equals (SPAN ("abc"), "abd"));
    cr_assert (span_equals ((span_t){ NULL, 0 }, ""));
    cr_assert_not (span_equals ((span_t){ "a\0b", 3 }, "a"));
}
