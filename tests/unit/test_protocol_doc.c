/*  test_protocol_doc.c - the bytes that stand in docs/protocol.md are what wire.c reads

    Owns the reading of the document's blocks: a fence with `hex`, a title after `# `, then bytes in hexadecimal with
    comments after `#`. Knows nothing of what the frames are for.
*/
#include <criterion/criterion.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hearth.h"
#include "wire_note.h"

#define EPOCH 0x0123456789abu

//  The bytes of one block.
typedef struct {
    uint8_t data [1024];
    size_t size;
} block_t;

//  The whole of it, until it is read again.
static const char *read_document (void)
{
    static char document [1 << 18];
    FILE *file = fopen (HEARTH_PROTOCOL_DOC, "rb");
    cr_assert_not_null (file, "cannot open %s", HEARTH_PROTOCOL_DOC);
    size_t size = fread (document, 1, sizeof document - 1, file);
    fclose (file);
    cr_assert (size > 0 && size < sizeof document - 1, "%s is empty or too large", HEARTH_PROTOCOL_DOC);
    document [size] = '\0';
    return document;
}

//  Adds the bytes of a line up to its comment.
static void read_line (block_t *block, const char *line, size_t length)
{
    for (size_t i = 0; i < length && line [i] != '#'; i++) {
        if (isspace ((unsigned char) line [i]))
            continue;
        cr_assert (isxdigit ((unsigned char) line [i]) && isxdigit ((unsigned char) line [i + 1]),
                   "no byte at: %.20s", line + i);
        cr_assert (block->size < sizeof block->data);
        const char digits [3] = { line [i], line [i + 1], 0 };
        block->data [block->size++] = (uint8_t) strtoul (digits, NULL, 16);
        i++;
    }
}

//  Where the lines of a block begin that are below its title; a test fails if there is no such block.
static const char *find_lines (const char *document, const char *title)
{
    char opening [160];
    int size = snprintf (opening, sizeof opening, "```hex\n# %s\n", title);
    const char *found = strstr (document, opening);
    cr_assert_not_null (found, "the document has no block: %s", title);
    return found + size;
}

static block_t block_of (const char *title)
{
    block_t block = { .size = 0 };
    const char *line = find_lines (read_document (), title);
    while (strncmp (line, "```", 3) != 0) {
        size_t length = strcspn (line, "\n");
        read_line (&block, line, length);
        line += length + 1;
    }
    return block;
}

//  Reads a block's frame, and checks that writing its header again gives the same bytes.
static wire_frame_t frame_of (block_t *block, const char *title)
{
    *block = block_of (title);
    wire_frame_t frame;
    cr_assert (wire_read (&frame, block->data, block->size) == WIRE_OK, "%s is not read", title);
    cr_assert (wire_check_body (&frame, 32) == WIRE_OK, "%s has a bad body", title);

    uint8_t header [WIRE_HEADER_MAX];
    size_t size = wire_write_header (&frame, header, sizeof header);
    cr_assert_eq (size, block->size - frame.body_size);
    cr_assert_arr_eq (header, block->data, size);
    return frame;
}

static wire_note_t note_of (block_t *block, const char *title)
{
    *block = block_of (title);
    wire_note_t note;
    cr_assert (wire_read_note (&note, block->data, block->size), "%s is not read", title);

    uint8_t again [sizeof block->data];
    cr_assert_eq (wire_note_size (&note), block->size);
    wire_write_note (&note, again);
    cr_assert_arr_eq (again, block->data, block->size);
    return note;
}

static void check_token (const wire_frame_t *frame, uint32_t slot, uint32_t generation)
{
    cr_assert_eq (frame->block.token.slot, slot);
    cr_assert_eq (frame->block.token.generation, generation);
}

Test (protocol_doc, hello_carries_version_library_instance_and_count)
{
    block_t block;
    wire_frame_t hello = frame_of (&block, "hello: service to broker");
    cr_assert_eq (hello.kind, WIRE_HELLO);
    cr_assert_eq (hello.version, WIRE_VERSION);
    cr_assert (span_equals (hello.library, "python-interop/1"));
    cr_assert_eq (hello.instance.size, WIRE_INSTANCE_SIZE);
    cr_assert_eq ((uint8_t) hello.instance.data [15], 0xaf);
    cr_assert_eq (hello.sessions, 1);
}

Test (protocol_doc, welcome_carries_epoch_unique_name_and_session)
{
    block_t block;
    wire_frame_t welcome = frame_of (&block, "welcome: broker to service");
    cr_assert_eq (welcome.kind, WIRE_WELCOME);
    cr_assert_eq (welcome.epoch, EPOCH);
    cr_assert (span_equals (welcome.name, ":0123456789ab.1"));
    cr_assert_eq (welcome.block.session, 1);
}

Test (protocol_doc, registration_is_a_call_that_the_broker_answers)
{
    block_t block;
    wire_frame_t request = frame_of (&block, "register: service to broker");
    cr_assert_eq (request.kind, WIRE_REQUEST);
    cr_assert (span_equals (request.name, "hearth"));
    cr_assert (span_equals (request.method, "register"));
    cr_assert_eq (request.block.remaining_ms, 10000);
    check_token (&request, 0, 1);

    wire_frame_t reply = frame_of (&block, "registered: broker to service");
    cr_assert_eq (reply.kind, WIRE_REPLY);
    cr_assert_eq (reply.code, HEARTH_OK);
    cr_assert_eq (reply.block.session, 0);
    check_token (&reply, 0, 1);
}

Test (protocol_doc, request_differs_only_in_its_block_on_the_services_side)
{
    block_t sent, arrived;
    wire_frame_t before = frame_of (&sent, "request: caller to broker");
    wire_frame_t after = frame_of (&arrived, "request: broker to service");
    check_token (&before, 7, 1);
    check_token (&after, 0, 0x51);
    cr_assert_eq (after.block.session, 2);
    cr_assert_eq (after.block.remaining_ms, 1999);

    wire_patch (sent.data, &after.block);
    cr_assert_eq (sent.size, arrived.size);
    cr_assert_arr_eq (sent.data, arrived.data, sent.size);
}

Test (protocol_doc, reply_differs_only_in_its_block_on_the_callers_side)
{
    block_t sent, arrived;
    wire_frame_t before = frame_of (&sent, "reply: service to broker");
    wire_frame_t after = frame_of (&arrived, "reply: broker to caller");
    check_token (&before, 0, 0x51);
    check_token (&after, 7, 1);
    cr_assert_eq (after.block.session, 1);

    wire_patch (sent.data, &after.block);
    cr_assert_eq (sent.size, arrived.size);
    cr_assert_arr_eq (sent.data, arrived.data, sent.size);
}

Test (protocol_doc, error_has_a_name_and_a_message)
{
    block_t block;
    wire_frame_t call = frame_of (&block, "call of an undeclared method: caller to broker");
    cr_assert (span_equals (call.method, "shout"));

    wire_frame_t reply = frame_of (&block, "error: broker to caller");
    cr_assert_eq (reply.code, HEARTH_UNIMPLEMENTED);
    cr_assert_eq (reply.mark, HEARTH_NOT_EXECUTED);
    span_t name, message, details;
    cr_assert (wire_read_error (reply.body, reply.body_size, &name, &message, &details));
    cr_assert (span_equals (name, "hearth.NoSuchMethod"));
    cr_assert_gt (message.size, 0);
    cr_assert_eq (details.size, 0);
}

Test (protocol_doc, marker_has_a_prefix_and_topic_number_zero)
{
    block_t block;
    wire_note_t marker = note_of (&block, "marker: broker to the subscribers of echo.server/");
    cr_assert (span_equals (marker.topic, "echo.server/"));
    cr_assert_eq (marker.epoch, EPOCH);
    cr_assert_eq (marker.number, 3);
    cr_assert_eq (marker.topic_number, 0);
    cr_assert_eq (marker.body_size, 0);
}

Test (protocol_doc, notification_carries_what_was_published_and_its_numbers)
{
    block_t sent, arrived;
    wire_frame_t publish = frame_of (&sent, "publish: service to broker");
    cr_assert_eq (publish.kind, WIRE_PUBLISH);
    cr_assert (span_equals (publish.name, "echo.server"));
    cr_assert (span_equals (publish.method, "said"));

    wire_note_t note = note_of (&arrived, "notification: broker to the subscribers of echo.server/said/");
    cr_assert (span_equals (note.topic, "echo.server/said/"));
    cr_assert_eq (note.number, 4);
    cr_assert_eq (note.topic_number, 4);
    cr_assert_eq (note.topic_first, 4);
    cr_assert_eq (note.time_ms, INT64_C (1767225600000));
    cr_assert_eq (note.body_size, publish.body_size);
    cr_assert_arr_eq (note.body, publish.body, note.body_size);

    wire_frame_t reply = frame_of (&sent, "published: broker to service");
    check_token (&reply, 1, 1);
    cr_assert_eq (reply.body_size, 1);
    cr_assert_eq (reply.body [0], 4);
}

static void check_other_side (const char *kind, const char *there, const char *here)
{
    char one [64], other [64];
    block_t sent, arrived;
    snprintf (one, sizeof one, "%s: %s", kind, there);
    snprintf (other, sizeof other, "%s: %s", kind, here);
    frame_of (&sent, one);
    wire_frame_t after = frame_of (&arrived, other);
    wire_patch (sent.data, &after.block);
    cr_assert_eq (sent.size, arrived.size, "%s", kind);
    cr_assert_arr_eq (sent.data, arrived.data, sent.size);
}

Test (protocol_doc, what_a_stream_carries_differs_only_in_its_block_on_the_other_side)
{
    static const char *const up [] = { "stream", "item up", "credit", "end of the items up", "cancel" };
    for (size_t at = 0; at < sizeof up / sizeof up [0]; at++)
        check_other_side (up [at], "caller to broker", "broker to service");
    check_other_side ("credit", "service to broker", "broker to caller");
    check_other_side ("item down", "service to broker", "broker to caller");
}

Test (protocol_doc, a_stream_begins_with_credit_and_its_direction_is_told)
{
    block_t block;
    uint64_t items, bytes;
    wire_frame_t request = frame_of (&block, "stream: caller to broker");
    cr_assert_eq (request.block.flags, WIRE_STREAM);
    cr_assert (wire_option_credit (request.options, &items, &bytes));
    cr_assert (items == 1 && bytes == 4096);

    wire_frame_t credit = frame_of (&block, "credit: broker to caller");
    cr_assert (credit.kind == WIRE_CREDIT && credit.items == 16 && credit.bytes == 65536);
    cr_assert (credit.block.flags == 0 && credit.block.session == 1 && credit.block.remaining_ms == 2000);
    wire_frame_t item = frame_of (&block, "item up: broker to service");
    cr_assert (item.kind == WIRE_ITEM && item.block.flags == WIRE_UP && item.block.session == 2);
    wire_frame_t end = frame_of (&block, "end of the items up: broker to service");
    cr_assert (end.kind == WIRE_ITEM && end.block.flags == (WIRE_UP | WIRE_END));
}

Test (protocol_doc, goodbye_of_a_peer_has_code_zero)
{
    block_t block;
    wire_frame_t goodbye = frame_of (&block, "goodbye: service to broker");
    cr_assert_eq (goodbye.kind, WIRE_GOODBYE);
    cr_assert_eq (goodbye.code, 0);
}
