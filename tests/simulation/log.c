/*  log.c - events and their digest; frames are told by what their header says */
#include "log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "dice.h"
#include "schedule.h"
#include "wire_note.h"

static struct {
    bool is_printed;
    bool is_broken;
    uint64_t digest;
    char text [400];
} state;

static const char *const kinds [WIRE_KINDS] = { "-",      "hello",   "welcome", "goodbye", "request", "reply",
                                                "cancel", "publish", "probe",   "item",    "credit" };

void log_begin (bool is_printed)
{
    state.is_printed = is_printed;
    state.is_broken = false;
    state.digest = 0;
    state.text [0] = 0;
}

static void s_digest (uint64_t one, uint64_t other)
{
    state.digest = dice_mix (state.digest ^ one, other);
}

void log_event (unsigned peer, const char *what, uint64_t one, uint64_t other)
{
    s_digest ((uint64_t) now_ms () << 16 | peer, one << 32 ^ other);
    if (state.is_printed)
        printf ("%8" PRId64 "  peer %-3u %s %" PRIu64 " %" PRIu64 "\n", now_ms (), peer, what, one, other);
}

static void s_print_frame (unsigned peer, const char *way, const uint8_t *data, size_t size)
{
    wire_frame_t frame;
    wire_result_t result = wire_read (&frame, data, size);
    printf ("%8" PRId64 "  peer %-3u %s ", now_ms (), peer, way);
    if (result == WIRE_GARBAGE) {
        printf ("garbage, %zu bytes\n", size);
        return;
    }
    printf ("%s %u.%u", frame.kind < WIRE_KINDS ? kinds [frame.kind] : "unknown", frame.block.token.slot,
            frame.block.token.generation);
    if (result == WIRE_BAD_FRAME)
        printf (" malformed");
    else if (frame.kind == WIRE_REQUEST || frame.kind == WIRE_PUBLISH)
        printf (" %.*s %.*s flags %x remaining %u", (int) frame.name.size, frame.name.data, (int) frame.method.size,
                frame.method.data, frame.block.flags, frame.block.remaining_ms);
    else if (frame.kind == WIRE_CREDIT)
        printf (" flags %x, %" PRIu64 " items, %" PRIu64 " bytes", frame.block.flags, frame.items, frame.bytes);
    else if (frame.kind == WIRE_ITEM)
        printf (" flags %x, %zu bytes", frame.block.flags, size);
    else if (frame.kind == WIRE_REPLY || frame.kind == WIRE_GOODBYE)
        printf (" %s, %s", hearth_code_name (frame.code), hearth_mark_name (frame.mark));
    span_t name, message, details;
    if (result == WIRE_OK && wire_read_error (frame.body, frame.body_size, &name, &message, &details))
        printf (" %.*s: %.*s", (int) name.size, name.data, (int) message.size, message.data);
    putchar ('\n');
}

void log_frame (unsigned peer, bool is_up, const uint8_t *data, size_t size)
{
    uint64_t head = 0;
    for (size_t at = 0; at < size && at < 32; at++)
        head = head * 31 + data [at];
    s_digest ((uint64_t) now_ms () << 16 | peer << 1 | is_up, head + size);
    if (state.is_printed)
        s_print_frame (peer, is_up ? "->" : "<-", data, size);
}

void log_note (const uint8_t *data, size_t size)
{
    wire_note_t note;
    s_digest ((uint64_t) now_ms (), size);
    if (!state.is_printed || !wire_read_note (&note, data, size))
        return;
    printf ("%8" PRId64 "  published %.*s %" PRIu64 ", number %" PRIu64 ":", now_ms (), (int) note.topic.size,
            note.topic.data, note.topic_number, note.number);
    for (size_t at = 0; at < note.body_size && at < 120; at++)
        putchar (note.body [at] >= ' ' && note.body [at] <= '~' ? note.body [at] : '.');
    putchar ('\n');
}

uint64_t log_digest (void)
{
    return state.digest;
}

void broken (const char *format, ...)
{
    if (state.is_broken)
        return;
    state.is_broken = true;
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (state.text, sizeof state.text, format, arguments);
    va_end (arguments);
    if (state.is_printed)
        printf ("%8" PRId64 "  BROKEN: %s\n", now_ms (), state.text);
}

bool is_broken (void)
{
    return state.is_broken;
}

const char *broken_text (void)
{
    return state.text;
}
