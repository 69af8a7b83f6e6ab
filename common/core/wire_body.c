/*  wire_body.c - the layout of what is not a header: options and errors

    Owns docs/protocol.md's errors (section 4). Gives no name a meaning.
*/
#include "wire.h"
#include "bytes.h"
#include "emit.h"
#include "scan.h"

#define MOST_MESSAGE 512  //  bytes of an error's message

//  Skips one value; false if there is none.
static bool skip (const uint8_t *data, size_t size, size_t *at)
{
    size_t length = *at < size ? scan_value (data + *at, size - *at, SCAN_NESTING) : 0;
    *at += length;
    return length > 0;
}

//  Reads a pair's key; one that is no string is skipped, and its data is NULL.
static bool read_key (const uint8_t *data, size_t size, size_t *at, span_t *key)
{
    *key = (span_t){ NULL, 0 };
    return scan_str (data, size, at, &key->data, &key->size) || skip (data, size, at);
}

span_t wire_option (span_t options, const char *key)
{
    const span_t none = { NULL, 0 };
    const uint8_t *data = (const uint8_t *) options.data;
    size_t count, at = 0;
    if (!scan_map (data, options.size, &at, &count))
        return none;

    for (size_t i = 0; i < count; i++) {
        span_t found;
        if (!read_key (data, options.size, &at, &found))
            return none;
        size_t value = at;
        if (!skip (data, options.size, &at))
            return none;
        if (found.data && span_equals (found, key))
            return (span_t){ options.data + value, at - value };
    }
    return none;
}

bool wire_option_uint (span_t options, const char *key, uint64_t *value)
{
    span_t option = wire_option (options, key);
    size_t at = 0;
    return scan_uint ((const uint8_t *) option.data, option.size, &at, value);
}

bool wire_option_credit (span_t options, uint64_t *items, uint64_t *bytes)
{
    span_t option = wire_option (options, "credit");
    const uint8_t *data = (const uint8_t *) option.data;
    size_t count, at = 0;
    return scan_array (data, option.size, &at, &count) && count == 2 && scan_uint (data, option.size, &at, items)
           && scan_uint (data, option.size, &at, bytes) && *items <= WIRE_CREDIT_MOST && *bytes <= WIRE_CREDIT_MOST;
}

//  The longest start of a text that has at most `most` bytes and does not end within a character.
static span_t cut (span_t text, size_t most)
{
    if (text.size <= most)
        return text;
    size_t size = most;
    while (size > 0 && ((uint8_t) text.data [size] & 0xc0) == 0x80)
        size--;
    return (span_t){ text.data, size };
}

size_t wire_write_error (span_t name, span_t message, uint8_t *out, size_t room)
{
    const uint8_t list_of_two = 0x92;
    span_t shown = cut (message, MOST_MESSAGE);
    emit_t emit = { out, room, 0 };
    emit_raw (&emit, &list_of_two, 1);
    emit_str (&emit, name.data, name.size);
    emit_str (&emit, shown.data, shown.size);
    return emit_size (&emit);
}

bool wire_read_error (const uint8_t *body, size_t size, span_t *name, span_t *message, span_t *details)
{
    size_t count, at = 0;
    if (!scan_is_one (body, size) || !scan_array (body, size, &at, &count) || count < 2 || count > 3)
        return false;
    if (!scan_str (body, size, &at, &name->data, &name->size))
        return false;
    if (!scan_str (body, size, &at, &message->data, &message->size))
        return false;
    *details = (span_t){ count == 3 ? (const char *) body + at : NULL, size - at };
    return true;
}
