/*  text.c - values as one line of text that may go to a terminal

    The notation is JSON, and for nil, bools, ints, finite floats, strs, lists, and maps with str keys it is nothing else.
    Beyond JSON:

        h'0a0b'                     bin, as in RFC 8949, section 8
        2026-11-22T10:58:09.5Z      time, as in RFC 3339
        nan, inf, -inf              floats
        "\xff"                      a byte of a str that is no UTF-8
        {1: 2}                      a map with another key
        ext(5, h'0a')               an extension, or a time outside of the years 0 to 9999

    notation.c reads it back, but for the last two.
*/
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "number.h"
#include "text.h"
#include "timestamp.h"
#include "utf8.h"
#include "value.h"

#define ESCAPE_SIZE 8  //  room for any character, escaped or not

//  ---- escaping ----

//  Characters that do something to a terminal instead of being shown: the controls C0 and C1 (ECMA-48), and those that
//  reorder or break the line (UAX #9, table 4; U+2028, U+2029). All of them lie below U+10000.
static bool is_unsafe (uint32_t code_point)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges [] = {
        { 0x00, 0x1f },     { 0x7f, 0x9f },     { 0x061c, 0x061c }, { 0x200e, 0x200f },
        { 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xfeff, 0xfeff },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges [0]; i++)
        if (code_point >= ranges [i].first && code_point <= ranges [i].last)
            return true;
    return false;
}

//  Writes the first character of text as it stands in double quotes; returns its bytes there, and how many it took.
static size_t escape_one (const char *text, size_t size, char out [ESCAPE_SIZE], size_t *taken)
{
    static const char plain [] = "\"\\\b\f\n\r\t";
    static const char letters [] = "\"\\bfnrt";
    uint32_t code_point;
    *taken = utf8_read (text, size, &code_point);
    if (*taken == 0) {
        *taken = 1;
        return (size_t) snprintf (out, ESCAPE_SIZE, "\\x%02x", (unsigned char) text [0]);
    }
    const char *found = *taken == 1 && text [0] ? strchr (plain, text [0]) : NULL;
    if (found)
        return (size_t) snprintf (out, ESCAPE_SIZE, "\\%c", letters [found - plain]);
    if (is_unsafe (code_point))
        return (size_t) snprintf (out, ESCAPE_SIZE, "\\u%04x", (unsigned) code_point);
    memcpy (out, text, *taken);
    return *taken;
}

const char *text_quote (char quoted [TEXT_QUOTED_SIZE], const char *text, size_t size)
{
    static const char ending [] = "…\"";
    size_t used = 0;
    quoted [used++] = '"';
    for (size_t at = 0, taken; at < size; at += taken) {
        char one [ESCAPE_SIZE];
        size_t bytes = escape_one (text + at, size - at, one, &taken);
        if (used + bytes + sizeof ending > TEXT_QUOTED_SIZE) {
            memcpy (quoted + used, ending, sizeof ending);
            return quoted;
        }
        memcpy (quoted + used, one, bytes);
        used += bytes;
    }
    memcpy (quoted + used, "\"", 2);
    return quoted;
}

void text_problem (char *problem, size_t size, const char *format, ...)
{
    if (size == 0)
        return;
    va_list arguments;
    va_start (arguments, format);
    int wanted = vsnprintf (problem, size, format, arguments);
    va_end (arguments);
    if (wanted < 0 || (size_t) wanted < size)
        return;
    //  Cut off: a character that lost its end goes, too.
    size_t length = size - 1;
    while (length && !utf8_is_valid (problem, length))
        length--;
    problem [length] = '\0';
}

//  ---- values ----

//  A pack_t serves as a growing buffer with a sticky error.
static void add (pack_t *out, const char *text)
{
    pack_raw (out, text, strlen (text));
}

static void add_str (pack_t *out, const char *text, size_t size)
{
    add (out, "\"");
    for (size_t at = 0, taken; at < size; at += taken) {
        char one [ESCAPE_SIZE];
        size_t bytes = escape_one (text + at, size - at, one, &taken);
        pack_raw (out, one, bytes);
    }
    add (out, "\"");
}

static void add_bin (pack_t *out, const char *data, size_t size)
{
    static const char digits [] = "0123456789abcdef";
    add (out, "h'");
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char) data [i];
        char pair [] = { digits [byte >> 4], digits [byte & 15] };
        pack_raw (out, pair, sizeof pair);
    }
    add (out, "'");
}

static void add_number (pack_t *out, const hearth_value_t *value)
{
    char text [NUMBER_SIZE];
    if (hearth_value_type (value) == HEARTH_TYPE_FLOAT)
        number_write_float (hearth_value_float (value), text);
    else if (hearth_value_int (value) < 0)
        snprintf (text, sizeof text, "%" PRId64, hearth_value_int (value));
    else
        snprintf (text, sizeof text, "%" PRIu64, hearth_value_uint (value));
    add (out, text);
}

static void add_extension (pack_t *out, const hearth_value_t *value)
{
    char text [TIMESTAMP_SIZE];
    msgpack_timestamp timestamp;
    if (value_timestamp (value, &timestamp) && timestamp_write (&timestamp, text)) {
        add (out, text);
        return;
    }
    const msgpack_object_ext *ext = &value_object (value)->via.ext;
    snprintf (text, sizeof text, "ext(%d, ", ext->type);
    add (out, text);
    add_bin (out, ext->ptr, ext->size);
    add (out, ")");
}

static void add_value (pack_t *out, const hearth_value_t *value);

static void add_elements (pack_t *out, const hearth_value_t *value)
{
    for (size_t i = 0; i < hearth_value_size (value); i++) {
        if (i)
            add (out, ", ");
        const hearth_value_t *key = hearth_value_key (value, i);
        if (key) {
            add_value (out, key);
            add (out, ": ");
        }
        add_value (out, hearth_value_at (value, i));
    }
}

static void add_value (pack_t *out, const hearth_value_t *value)
{
    switch (hearth_value_type (value)) {
    case HEARTH_TYPE_NIL: add (out, "null"); break;
    case HEARTH_TYPE_BOOL: add (out, hearth_value_bool (value) ? "true" : "false"); break;
    case HEARTH_TYPE_INT:
    case HEARTH_TYPE_FLOAT: add_number (out, value); break;
    case HEARTH_TYPE_STR: add_str (out, hearth_value_str (value), hearth_value_size (value)); break;
    case HEARTH_TYPE_BIN: add_bin (out, hearth_value_bin (value), hearth_value_size (value)); break;
    case HEARTH_TYPE_LIST:
        add (out, "[");
        add_elements (out, value);
        add (out, "]");
        break;
    case HEARTH_TYPE_MAP:
        add (out, "{");
        add_elements (out, value);
        add (out, "}");
        break;
    case HEARTH_TYPE_TIME:
    case HEARTH_TYPE_OTHER: add_extension (out, value); break;
    }
}

char *hearth_value_text (const hearth_value_t *value)
{
    pack_t out;
    pack_init (&out);
    add_value (&out, value);
    pack_raw (&out, "", 1);
    if (!out.failed)
        return out.buffer.data;
    pack_clear (&out);
    return NULL;
}
