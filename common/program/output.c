/*  output.c - lines for people: results on standard output, mistakes on standard error

    Owns what may reach a terminal: well-formed UTF-8 without control characters and without those that reorder a line.
*/
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

void output_open (void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl (fd, F_GETFD) == -1 && errno == EBADF)
            (void) !open ("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    setvbuf (stdout, NULL, _IOLBF, 0);
    setvbuf (stderr, NULL, _IOLBF, 0);
}

bool output_close (void)
{
    if (fflush (stdout) == 0 && !ferror (stdout))
        return true;
    program_note ("cannot write to the standard output");
    return false;
}

//  Bytes of the well-formed UTF-8 character at text, and which it is; 0 for anything else.
static size_t decode (const unsigned char *text, size_t size, uint32_t *character)
{
    static const uint32_t least [] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t bytes = text [0] < 0x80 ? 1 : text [0] < 0xc2 ? 0 : text [0] < 0xe0 ? 2 : text [0] < 0xf0 ? 3 : 4;
    if (bytes == 0 || bytes > size || text [0] > 0xf4)
        return 0;
    *character = bytes == 1 ? text [0] : text [0] & (0x7fu >> bytes);
    for (size_t index = 1; index < bytes; index++) {
        if ((text [index] & 0xc0) != 0x80)
            return 0;
        *character = *character << 6 | (text [index] & 0x3f);
    }
    bool is_surrogate = *character >= 0xd800 && *character <= 0xdfff;
    return *character < least [bytes] || is_surrogate || *character > 0x10ffff ? 0 : bytes;
}

//  Bytes of the character at text if it may be shown; otherwise 0. Those that may not are the controls C0 and C1, and
//  what reorders or breaks a line.
static size_t shown (const char *text, size_t size)
{
    static const uint32_t hidden [][2] = { { 0, 0x1f },        { 0x7f, 0x9f },     { 0x61c, 0x61c },
                                           { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
                                           { 0xfeff, 0xfeff } };
    uint32_t character;
    size_t bytes = decode ((const unsigned char *) text, size, &character);
    for (size_t index = 0; bytes > 0 && index < sizeof hidden / sizeof *hidden; index++)
        if (character >= hidden [index][0] && character <= hidden [index][1])
            return 0;
    return bytes;
}

static bool is_plain (const char *text, size_t size)
{
    for (size_t index = 0, bytes; index < size; index += bytes)
        if ((bytes = shown (text + index, size - index)) == 0)
            return false;
    return true;
}

void output_write_safe (FILE *out, const char *text, size_t size)
{
    for (size_t index = 0; index < size;) {
        size_t bytes = shown (text + index, size - index);
        if (bytes > 0)
            fwrite (text + index, 1, bytes, out);
        else if (text [index] == '\n')
            fputs ("\\n", out);
        else if (text [index] == '\t')
            fputs ("\\t", out);
        else
            fprintf (out, "\\x%02x", (unsigned char) text [index]);
        index += bytes > 0 ? bytes : 1;
    }
}

void program_print_safe (const char *text)
{
    output_write_safe (stdout, text, strlen (text));
}

void output_note (const char *format, va_list arguments)
{
    char *text = NULL;
    int size = vasprintf (&text, format, arguments);
    fprintf (stderr, "%s: ", options_program ());
    if (size < 0)
        fputs ("no memory for a message", stderr);
    else
        output_write_safe (stderr, text, (size_t) size);
    fputc ('\n', stderr);
    if (size >= 0)
        free (text);
}

void program_note (const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    output_note (format, arguments);
    va_end (arguments);
}

//  A quote at the beginning marks what is quoted because it is not plain.
static bool goes_bare (const hearth_value_t *value)
{
    const char *text = hearth_value_str (value);
    return hearth_value_type (value) == HEARTH_TYPE_STR && *text != '"' && is_plain (text, hearth_value_size (value));
}

bool program_print_value (const hearth_value_t *value)
{
    if (goes_bare (value)) {
        fwrite (hearth_value_str (value), 1, hearth_value_size (value), stdout);
    } else {
        char *text = hearth_value_text (value);
        program_print_safe (text ? text : "(no memory to print it)");
        free (text);
    }
    putchar ('\n');
    return !ferror (stdout);
}
