/*  test_wire_rules.c - what makes a frame malformed, rule by rule (docs/protocol.md, sections 3 and 4) */
#include "wire_examples.h"

#include <criterion/criterion.h>

Test (wire_rules, the_first_four_bytes_have_one_form)
{
    bytes_t bytes = hex ("94 04 " BLOCK ("00") " a1 's' a1 'm' c0x16");
    for (size_t at = 0; at < 4; at++)
        for (unsigned byte = 0; byte < 256; byte++) {
            static const struct {
                unsigned least;
                unsigned most;
            } allowed [] = { { 0x92, 0x9f }, { 0x00, 0x7f }, { 0xc4, 0xc4 }, { 0x18, 0x18 } };
            bool is_allowed = byte >= allowed [at].least && byte <= allowed [at].most;
            uint8_t before = bytes.data [at];
            wire_frame_t frame;
            bytes.data [at] = (uint8_t) byte;
            bool is_garbage = wire_read (&frame, bytes.data, bytes.size) == WIRE_GARBAGE;
            cr_assert_eq (is_garbage, !is_allowed, "byte %zu is %02x", at, byte);
            bytes.data [at] = before;
        }
}

Test (wire_rules, frames_of_the_majordomo_protocol_are_garbage)
{
    static const char *const others [] = { "",
                                           "00",
                                           "'MDPC02'",
                                           "'MDPW02' 01 00x40",
                                           "'MDPC01' 00x40",
                                           "92 04 c4",
                                           "dc 00 04 04 " BLOCK ("00") " a1 's' a1 'm' c0",
                                           "94 cc 04 " BLOCK ("00") " a1 's' a1 'm' c0",
                                           "94 04 c5 00 18 00x24 a1 's' a1 'm' c0" };
    for (size_t i = 0; i < COUNT (others); i++) {
        wire_frame_t frame;
        cr_assert_eq (read_hex (&frame, others [i]), WIRE_GARBAGE, "%s", others [i]);
    }
    wire_frame_t frame;
    cr_assert_eq (wire_read (&frame, NULL, 0), WIRE_GARBAGE);
}

Test (wire_rules, unknown_kinds_are_refused_with_their_block_filled_in)
{
    bytes_t bytes = hex ("94 04 " BLOCK ("00") " a1 's' a1 'm' c0");
    for (unsigned kind = 0; kind < 128; kind++) {
        if (kind >= WIRE_HELLO && kind <= WIRE_CREDIT)
            continue;
        wire_frame_t frame;
        bytes.data [1] = (uint8_t) kind;
        cr_assert_eq (wire_read (&frame, bytes.data, bytes.size), WIRE_BAD_FRAME, "kind %u", kind);
        cr_assert_eq ((unsigned) frame.kind, kind);
        assert_same_block (&frame.block, &(wire_block_t){ TOKEN });
        cr_assert_eq (wire_write_header (&(wire_frame_t){ .kind = (wire_kind_t) kind }, bytes.data, bytes.size), 0);
    }
}

Test (wire_rules, each_kind_has_its_own_flags)
{
    static const uint32_t flags [WIRE_KINDS] = { [WIRE_REQUEST] = WIRE_ONEWAY | WIRE_WAIT | WIRE_STREAM,
                                                 [WIRE_ITEM] = WIRE_UP,
                                                 [WIRE_CREDIT] = WIRE_UP,
                                                 [WIRE_REPLY] = WIRE_IDEMPOTENT,
                                                 [WIRE_PUBLISH] = WIRE_NOACK };
    for (size_t i = 0; i < COUNT (examples); i++)
        for (unsigned bit = 0; bit < 32; bit++) {
            bytes_t bytes = frame_bytes (i);
            wire_frame_t frame = examples [i].frame;
            uint8_t out [WIRE_HEADER_MAX];
            frame.block.flags = UINT32_C (1) << bit;
            wire_patch (bytes.data, &frame.block);
            bool is_allowed = flags [frame.kind] >> bit & 1;
            cr_assert_eq (wire_write_header (&frame, out, sizeof out) > 0, is_allowed);

            is_allowed |= frame.kind == WIRE_PROBE;
            wire_result_t result = wire_read (&frame, bytes.data, bytes.size);
            cr_assert_eq (result, is_allowed ? WIRE_OK : WIRE_BAD_FRAME, "%s with bit %u", examples [i].bytes, bit);
            cr_assert_eq (frame.block.flags, UINT32_C (1) << bit);
        }
}

Test (wire_rules, a_request_declines_the_acknowledgement_only_if_it_is_oneway)
{
    static const bool allowed [16] = { [0] = true, [1] = true, [3] = true, [4] = true, [5] = true, [7] = true };
    for (unsigned flags = 0; flags < 16; flags++) {
        bytes_t bytes = hex ("94 04 " BLOCK ("00") " a1 's' a1 'm' c0");
        wire_frame_t frame;
        bytes.data [27] = (uint8_t) flags;
        cr_assert_eq (wire_read (&frame, bytes.data, bytes.size), allowed [flags] ? WIRE_OK : WIRE_BAD_FRAME, "%u",
                      flags);
    }
}

Test (wire_rules, a_stream_is_no_oneway_call)
{
    static const bool allowed [8] = { [0] = true, [4] = true };
    for (unsigned flags = 0; flags < 8; flags++) {
        bytes_t bytes = hex ("94 04 " BLOCK ("00") " a1 's' a1 'm' c0");
        wire_frame_t frame;
        bytes.data [27] = (uint8_t) (WIRE_STREAM | flags);
        cr_assert_eq (wire_read (&frame, bytes.data, bytes.size), allowed [flags] ? WIRE_OK : WIRE_BAD_FRAME, "%u",
                      flags);
    }
}

Test (wire_rules, only_the_caller_ends_its_items)
{
    wire_frame_t frame;
    cr_assert_eq (read_hex (&frame, "92 09 " BLOCK ("20") " c0"), WIRE_BAD_FRAME);
    cr_assert_eq (read_hex (&frame, "92 09 " BLOCK ("60") " c0"), WIRE_OK);
}

Test (wire_rules, a_probe_may_carry_anything)
{
    static const char *const probes [] = { "92 08 " BLOCK ("00"), "92 08 " BLOCK ("ff"), "9f 08 " BLOCK ("00"),
                                           "92 08 " BLOCK ("00") " c1 c1", "93 08 " BLOCK ("00") " dd ffx4" };
    for (size_t i = 0; i < COUNT (probes); i++) {
        wire_frame_t frame;
        cr_assert_eq (read_hex (&frame, probes [i]), WIRE_OK, "%s", probes [i]);
        cr_assert_eq (frame.kind, WIRE_PROBE);
    }
}

Test (wire_rules, elements_of_another_type_or_beyond_their_range_are_refused)
{
    static const char *const frames [] = {
        //  hello: version, library, instance, count
        "96 01 " BLOCK ("00") " ff a0 c4 10 00x16 01 c0",
        "96 01 " BLOCK ("00") " 01 c0 c4 10 00x16 01 c0",
        "96 01 " BLOCK ("00") " 01 a0 c4 0f 00x15 01 c0",
        "96 01 " BLOCK ("00") " 01 a0 c4 11 00x17 01 c0",
        "96 01 " BLOCK ("00") " 01 a0 b0 00x16 01 c0",
        "96 01 " BLOCK ("00") " 01 a0 c4 10 00x16 a1 '1' c0",
        "95 01 " BLOCK ("00") " 01 a0 c4 10 00x16 01 c0",
        "96 01 " BLOCK ("00") " c4 01 00 a0 c4 10 00x16 01 c0",
        //  welcome: version, epoch, unique name
        "95 02 " BLOCK ("00") " 01 c0 a1 'n' c0",
        "95 02 " BLOCK ("00") " 01 02 03 c0",
        "94 02 " BLOCK ("00") " 01 02 c0",
        "95 02 " BLOCK ("00") " 01 02 c4 01 'n' c0",
        //  goodbye: code
        "93 03 " BLOCK ("00") " 11 c0",
        "93 03 " BLOCK ("00") " c0 c0",
        "92 03 " BLOCK ("00") " c0",
        "93 03 " BLOCK ("00") " cf 00 00 00 01 00 00 00 00 c0",
        "93 03 " BLOCK ("00") " ff c0",
        //  request: service, method
        "94 04 " BLOCK ("00") " 01 a1 'm' c0",
        "94 04 " BLOCK ("00") " a1 's' 01 c0",
        "93 04 " BLOCK ("00") " a1 's' c0",
        "92 04 " BLOCK ("00") " c0",
        "94 04 " BLOCK ("00") " c4 01 's' a1 'm' c0",
        "94 04 " BLOCK ("00") " 81 00 00 00 c0",
        //  credit: items, bytes
        "94 0a " BLOCK ("00") " 01 c0 c0",
        "94 0a " BLOCK ("00") " ff 01 c0",
        "93 0a " BLOCK ("00") " 01 c0",
        "94 0a " BLOCK ("00") " cf 00 00 00 01 00 00 00 00 01 c0",
        "94 0a " BLOCK ("00") " 01 cf 00 00 00 01 00 00 00 00 c0",
        //  reply: code, mark
        "94 05 " BLOCK ("00") " 11 01 c0",
        "94 05 " BLOCK ("00") " 01 04 c0",
        "93 05 " BLOCK ("00") " 00 c0",
        "94 05 " BLOCK ("00") " 00 c2 c0",
        "94 05 " BLOCK ("00") " ce 00 01 00 00 00 c0",
        "94 05 " BLOCK ("00") " cf 00 00 00 01 00 00 00 00 00 c0",
        //  cancel: reason
        "93 06 " BLOCK ("00") " 03 c0",
        "93 06 " BLOCK ("00") " ff c0",
        "92 06 " BLOCK ("00") " c0",
        //  publish: service, event
        "94 07 " BLOCK ("00") " a1 's' c0 c0",
        "93 07 " BLOCK ("00") " a1 's' c0",
        "94 07 " BLOCK ("00") " 90 a1 'e' c0",
    };
    for (size_t i = 0; i < COUNT (frames); i++) {
        wire_frame_t frame;
        cr_assert_eq (read_hex (&frame, frames [i]), WIRE_BAD_FRAME, "%s", frames [i]);
        assert_same_block (&frame.block, &(wire_block_t){ TOKEN });
    }
}

Test (wire_rules, a_reply_has_a_mark_if_and_only_if_it_is_an_error)
{
    for (unsigned code = 0; code <= 17; code++)
        for (unsigned mark = 0; mark <= 4; mark++) {
            bytes_t bytes = hex ("94 05 " BLOCK ("00") " 00 00 c0");
            bytes.data [28] = (uint8_t) code;
            bytes.data [29] = (uint8_t) mark;
            bool is_allowed = code <= 16 && mark <= 3 && (code == 0) == (mark == 0);
            wire_frame_t frame;
            uint8_t out [WIRE_HEADER_MAX];
            cr_assert_eq (wire_read (&frame, bytes.data, bytes.size) == WIRE_OK, is_allowed, "%u %u", code, mark);
            frame = (wire_frame_t){ .kind = WIRE_REPLY, .code = code, .mark = mark };
            cr_assert_eq (wire_write_header (&frame, out, sizeof out) > 0, is_allowed, "%u %u", code, mark);
        }
}

//  Both texts of a request, of that size, in the form that a careless packer would use.
static wire_result_t read_request_with_texts (size_t size)
{
    bytes_t bytes = hex ("94 04 " BLOCK ("00"));
    for (int i = 0; i < 2; i++) {
        bytes_add (&bytes, 0xda, 1);
        bytes_add (&bytes, (uint8_t) (size >> 8), 1);
        bytes_add (&bytes, (uint8_t) size, 1);
        bytes_add (&bytes, 'n', size);
    }
    bytes_add (&bytes, 0xc0, 1);
    wire_frame_t frame;
    wire_result_t result = wire_read (&frame, bytes.data, bytes.size);
    cr_assert (result != WIRE_OK || (frame.name.size == size && frame.method.size == size));
    return result;
}

Test (wire_rules, names_have_at_most_255_bytes)
{
    char text [256];
    memset (text, 'n', sizeof text);
    for (size_t size = 250; size <= 256; size++) {
        uint8_t out [WIRE_HEADER_MAX];
        wire_frame_t frame = { .kind = WIRE_PUBLISH, .name = { text, size }, .method = { text, size } };
        cr_assert_eq (read_request_with_texts (size), size <= 255 ? WIRE_OK : WIRE_BAD_FRAME);
        cr_assert_eq (wire_write_header (&frame, out, sizeof out), size <= 255 ? 28 + 2 * (2 + size) : 0);
    }
    cr_assert_eq (read_request_with_texts (0), WIRE_OK, "the grammar is not the wire's");
}

Test (wire_rules, elements_beyond_those_defined_are_skipped)
{
    static const struct {
        const char *bytes;
        const char *options;
    } cases [] = {
        { "95 04 " BLOCK ("00") " a1 's' a1 'm' 81 a1 'k' 01 91 c0", "81 a1 'k' 01" },
        { "95 04 " BLOCK ("00") " a1 's' a1 'm' de 00 01 a1 'k' 01 91 c0", "de 00 01 a1 'k' 01" },
        { "95 04 " BLOCK ("00") " a1 's' a1 'm' df 00 00 00 00 91 c0", "df 00 00 00 00" },
        { "97 04 " BLOCK ("00") " a1 's' a1 'm' 81 a1 'k' 01 93 01 02 03 82 01 02 03 04 91 c0", "81 a1 'k' 01" },
        { "95 04 " BLOCK ("00") " a1 's' a1 'm' 05 91 c0", "" },
        { "96 04 " BLOCK ("00") " a1 's' a1 'm' c0 81 a1 'k' 01 91 c0", "" },
        { "9f 04 " BLOCK ("00") " a1 's' a1 'm' c0x11 91 c0", "" },
        { "97 01 " BLOCK ("00") " 01 a0 c4 10 00x16 01 80 91 c0", "80" },
        { "95 07 " BLOCK ("00") " a1 's' a1 'e' 81 c0 c0 91 c0", "81 c0 c0" },
        { "95 05 " BLOCK ("00") " 00 00 81 a1 'k' 01 91 c0", "" },
        { "94 06 " BLOCK ("00") " 00 80 91 c0", "" },
        { "94 03 " BLOCK ("00") " 00 a3 'abc' 91 c0", "" },
        { "96 02 " BLOCK ("00") " 01 02 a1 'n' 80 91 c0", "" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        wire_frame_t frame;
        cr_assert_eq (read_hex (&frame, cases [i].bytes), WIRE_OK, "%s", cases [i].bytes);
        cr_assert_bytes (frame.options.data, frame.options.size, cases [i].options);
        cr_assert_bytes (frame.body, frame.body_size, "91 c0");
    }
}

Test (wire_rules, elements_that_are_no_values_are_refused)
{
    static const char *const frames [] = {
        "95 04 " BLOCK ("00") " a1 's' a1 'm' c1 c0",           "95 04 " BLOCK ("00") " a1 's' a1 'm' dd ffx4 c0",
        "95 04 " BLOCK ("00") " a1 's' a1 'm' 91x33 c0 c0",     "9f 04 " BLOCK ("00") " a1 's' a1 'm' c0x10",
        "95 04 " BLOCK ("00") " a1 's' a1 'm' 82 a1 'k' 01 c0", "95 05 " BLOCK ("00") " 00 00 df ffx4 c0",
    };
    for (size_t i = 0; i < COUNT (frames); i++) {
        wire_frame_t frame;
        cr_assert_eq (read_hex (&frame, frames [i]), WIRE_BAD_FRAME, "%s", frames [i]);
    }
}

Test (wire_rules, numbers_may_come_in_any_form)
{
    static const char *const codes [] = { "0e",    "cc 0e",    "cd 00 0e",   "ce 00x3 0e", "cf 00x7 0e",
                                          "d0 0e", "d1 00 0e", "d2 00x3 0e", "d3 00x7 0e" };
    for (size_t i = 0; i < COUNT (codes); i++) {
        bytes_t bytes = hex ("94 05 " BLOCK ("00"));
        bytes_t code = hex (codes [i]);
        for (size_t at = 0; at < code.size; at++)
            bytes_add (&bytes, code.data [at], 1);
        bytes_add (&bytes, 2, 1);
        bytes_add (&bytes, 0xc0, 1);
        wire_frame_t frame;
        cr_assert_eq (wire_read (&frame, bytes.data, bytes.size), WIRE_OK, "%s", codes [i]);
        cr_assert_eq (frame.code, 14);
    }
}
