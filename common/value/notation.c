/*  notation.c - reads a value from text as hearth_value_text writes it

    A recursive descent over RFC 8259's grammar and the additions of text.c. What is no string, list or map is a word:
    everything up to the next delimiter, and tried as one kind of scalar after the other.
*/
#include "notation.h"
#include "number.h"
#include "scan.h"
#include "text.h"
#include "timestamp.h"
#include "utf8.h"

typedef struct {
    const char *at;
    hearth_builder_t *out;
    unsigned nesting;
    const char *problem;  //  NULL while all is well; static
} reader_t;

static const char no_memory [] = "out of memory";

static bool fail (reader_t *self, const char *problem)
{
    self->problem = problem;
    return false;
}

static void skip_spaces (reader_t *self)
{
    self->at += strspn (self->at, " \t\r\n");
}

//  Takes a character and the spaces behind it, if that is what comes next.
static bool take (reader_t *self, char c)
{
    if (*self->at != c)
        return false;
    self->at++;
    skip_spaces (self);
    return true;
}

//  ---- strings and bytes ----

//  Exactly `count` hexadecimal digits.
static bool read_hex (const char *text, int count, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < count; i++) {
        int digit = number_hex_digit (text [i]);
        if (digit < 0)
            return false;
        *value = *value << 4 | (uint32_t) digit;
    }
    return true;
}

//  The digits of \uXXXX; a surrogate takes the second one of its pair with it (RFC 8259, section 7).
static bool read_code_point (reader_t *self, uint32_t *code_point)
{
    uint32_t low;
    if (!read_hex (self->at, 4, code_point))
        return false;
    self->at += 4;
    if (*code_point < 0xd800 || *code_point > 0xdfff)
        return true;
    if (*code_point > 0xdbff || self->at [0] != '\\' || self->at [1] != 'u' || !read_hex (self->at + 2, 4, &low)
        || low < 0xdc00 || low > 0xdfff)
        return false;
    self->at += 6;
    *code_point = 0x10000 + ((*code_point - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

//  What stands behind a backslash; returns the bytes written to out, 0 if it is nothing.
static size_t read_escape (reader_t *self, char out [4])
{
    static const char letters [] = "\"\\/bfnrt";
    static const char plain [] = "\"\\/\b\f\n\r\t";
    uint32_t code_point;
    char letter = *self->at;
    if (letter == '\0')
        return 0;
    self->at++;
    if (letter == 'u')
        return read_code_point (self, &code_point) ? utf8_write (code_point, out) : 0;
    if (letter == 'x' && read_hex (self->at, 2, &code_point)) {
        self->at += 2;
        out [0] = (char) code_point;
        return 1;
    }
    const char *found = strchr (letters, letter);
    if (!found)
        return 0;
    out [0] = plain [found - letters];
    return 1;
}

//  The text up to the closing quote, without its escapes. It never takes more bytes than its notation, for which `text`
//  has room.
static bool read_string_into (reader_t *self, char *text, size_t *size)
{
    *size = 0;
    while (*self->at != '"') {
        if ((unsigned char) *self->at < 0x20)
            return fail (self, *self->at ? "a control character in a string" : "a string without end");
        if (*self->at != '\\') {
            text [(*size)++] = *self->at++;
            continue;
        }
        self->at++;
        size_t bytes = read_escape (self, text + *size);
        if (bytes == 0)
            return fail (self, "an unknown escape sequence");
        *size += bytes;
    }
    self->at++;
    return true;
}

//  Bytes that the notation of a string takes, at most: up to a quote that is not escaped.
static size_t string_room (const char *text)
{
    size_t size = 0;
    while (text [size] && text [size] != '"')
        size += text [size] == '\\' && text [size + 1] ? 2 : 1;
    return size + 1;
}

//  A string as a value, or as a key.
static bool read_string (reader_t *self, bool is_key)
{
    if (*self->at != '"')
        return fail (self, is_key ? "expected a key in double quotes" : "expected a value");
    self->at++;
    size_t size;
    char *text = malloc (string_room (self->at));
    if (!text)
        return fail (self, no_memory);
    bool done = read_string_into (self, text, &size);
    if (done && is_key)
        builder_add_key (self->out, text, size);
    else if (done)
        hearth_builder_add (self->out, ((hearth_arg_t){ .type = HEARTH_TYPE_STR, .as.data = text, .size = size }));
    free (text);
    if (done)
        skip_spaces (self);
    return done;
}

//  h'0a0b'
static bool read_bin (reader_t *self)
{
    const char *digits = self->at + 2;
    size_t size = strcspn (digits, "'");
    uint8_t *bytes = malloc (size / 2 + 1);
    if (!bytes)
        return fail (self, no_memory);
    bool good = digits [size] == '\'' && number_read_bytes (digits, size, bytes);
    if (good)
        hearth_builder_add (self->out, hearth_bin (bytes, size / 2));
    free (bytes);
    if (!good)
        return fail (self, "expected pairs of hexadecimal digits between h' and '");
    self->at = digits + size + 1;
    skip_spaces (self);
    return true;
}

//  ---- words ----

static bool add_keyword (reader_t *self, const char *word, size_t size)
{
    static const struct {
        const char *word;
        hearth_arg_t arg;
    } keywords [] = {
        { "null", { .type = HEARTH_TYPE_NIL } },
        { "nil", { .type = HEARTH_TYPE_NIL } },
        { "true", { .type = HEARTH_TYPE_BOOL, .as.boolean = true } },
        { "false", { .type = HEARTH_TYPE_BOOL, .as.boolean = false } },
    };
    for (size_t i = 0; i < sizeof keywords / sizeof keywords [0]; i++)
        if (strlen (keywords [i].word) == size && !memcmp (word, keywords [i].word, size)) {
            hearth_builder_add (self->out, keywords [i].arg);
            return true;
        }
    return false;
}

static bool add_int (reader_t *self, const char *word, size_t size)
{
    uint64_t value;
    bool is_negative;
    if (!number_read_int (word, size, &value, &is_negative))
        return false;
    hearth_builder_add (self->out, is_negative ? hearth_int ((int64_t) value) : hearth_uint (value));
    return true;
}

//  An int that is too large is an error: as a float it would be another number.
static bool add_float (reader_t *self, const char *word, size_t size)
{
    double value;
    bool is_int = strspn (word, "-0123456789") >= size;
    if (is_int || !number_read_float (word, size, &value))
        return false;
    hearth_builder_add (self->out, value);
    return true;
}

static bool add_time (reader_t *self, const char *word, size_t size)
{
    msgpack_timestamp timestamp;
    if (!timestamp_read (word, size, &timestamp))
        return false;
    pack_t pack;
    pack_init (&pack);
    pack_timestamp (&pack, &timestamp);
    hearth_arg_t arg = { .type = HEARTH_TYPE_TIME, .is_packed = true, .size = HEARTH_RESOURCE_EXHAUSTED };
    if (!pack.failed) {
        arg.as.data = pack.buffer.data;
        arg.size = pack.buffer.size;
    }
    hearth_builder_add (self->out, arg);
    pack_clear (&pack);
    return true;
}

static bool read_word (reader_t *self)
{
    const char *word = self->at;
    size_t size = strcspn (word, " \t\r\n,:[]{}\"");
    //  A time has colons.
    if (size && word [size] == ':' && strchr ("0123456789", word [0]))
        size = strcspn (word, " \t\r\n,[]{}\"");
    if (size == 0)
        return fail (self, "expected a value");
    if (!add_keyword (self, word, size) && !add_int (self, word, size) && !add_float (self, word, size)
        && !add_time (self, word, size))
        return fail (self, "expected a value, or a string in double quotes");
    self->at += size;
    skip_spaces (self);
    return true;
}

//  ---- lists and maps ----

static bool read_value (reader_t *self);

//  The elements up to the closing bracket, which is `end`.
static bool read_elements (reader_t *self, char end, bool is_map)
{
    if (take (self, end))
        return true;
    for (;;) {
        if (is_map) {
            if (!read_string (self, true))
                return false;
            if (!take (self, ':'))
                return fail (self, "expected : behind a key");
        }
        if (!read_value (self))
            return false;
        if (take (self, end))
            return true;
        if (!take (self, ','))
            return fail (self, is_map ? "expected , or }" : "expected , or ]");
    }
}

static bool read_container (reader_t *self, bool is_map)
{
    if (self->nesting == SCAN_NESTING)
        return fail (self, "nested too deeply");
    self->nesting++;
    if (is_map)
        hearth_builder_open_map (self->out);
    else
        hearth_builder_open_list (self->out);
    if (!read_elements (self, is_map ? '}' : ']', is_map))
        return false;
    hearth_builder_close (self->out);
    self->nesting--;
    return true;
}

static bool read_value (reader_t *self)
{
    if (take (self, '['))
        return read_container (self, false);
    if (take (self, '{'))
        return read_container (self, true);
    if (*self->at == '"')
        return read_string (self, false);
    if (self->at [0] == 'h' && self->at [1] == '\'')
        return read_bin (self);
    return read_word (self);
}

int notation_read (const char **text, hearth_builder_t *out, char *problem, size_t size)
{
    reader_t reader = { .at = *text, .out = out };
    skip_spaces (&reader);
    bool done = read_value (&reader);
    size_t column = (size_t) (reader.at - *text) + 1;
    *text = reader.at;
    if (!done) {
        text_problem (problem, size, "column %zu: %s", column, reader.problem);
        return reader.problem == no_memory ? HEARTH_RESOURCE_EXHAUSTED : HEARTH_INVALID_ARGUMENT;
    }
    int code = builder_error (out);
    if (code)
        text_problem (problem, size, "%s",
                      code == HEARTH_INVALID_ARGUMENT ? "a value has no place here" : "out of memory");
    return code;
}
