/*  fuzz_program.c - the command line of the programs: words, one a line; each ends in operands or in an exit code

    What the parser needs of the rest of the program is here, so that the end of the process is a way back.
*/
#include <setjmp.h>

#include "address.h"
#include "fuzz.h"

//  The parser's state is its own: it is one with this file, which sets it back.
#include "program/options.c"

#define WORDS_MOST 64

static jmp_buf end_of_program;

void program_prepare (void)
{
}

void program_quit (int code)
{
    longjmp (end_of_program, 1 + code);
}

void program_note (const char *format, ...)
{
    char text [2048];
    va_list arguments;
    va_start (arguments, format);
    REQUIRE (vsnprintf (text, sizeof text, format, arguments) > 0);
    va_end (arguments);
}

const char *hearth_address_problem (const char *address)
{
    address_t parsed;
    return address_parse (&parsed, address, false);
}

static const char *text;
static int64_t duration, count;
static bool is_set;

static const program_option_t rows [] = { { "--text", "TEXT", PROGRAM_TEXT, &text, "a text" },
                                          { "--duration", "TIME", PROGRAM_DURATION, &duration, "a time" },
                                          { "--count", "N", PROGRAM_COUNT, &count, "a number" },
                                          { "--switch", NULL, PROGRAM_SWITCH, &is_set, "a switch" },
                                          { 0 } };
static const program_about_t about = {
    .name = "fuzz", .summary = "x", .operands = "[WORD...]", .least = 1, .most = 4, .options = rows
};

static void s_reset (void)
{
    memset (&line, 0, sizeof line);
    line.timeout_ms = HEARTH_DEFAULT_TIMEOUT_MS;
    duration = count = 1;
}

static void s_run (int argc, char **argv, bool has_verbs)
{
    s_reset ();
    int end = setjmp (end_of_program);
    if (end) {
        REQUIRE (end == 1 + PROGRAM_DONE || end == 1 + PROGRAM_USAGE);
        return;
    }
    if (!has_verbs)
        program_start (&about, argc, argv);
    else if (program_start_verbs (&about, &argc, &argv))
        program_start_verb (&about, argc, argv);
    REQUIRE (has_verbs || (program_operand_count () >= about.least && program_operand_count () <= about.most));
    for (size_t at = 0; at < program_operand_count (); at++)
        REQUIRE (program_operand (at, NULL));
    REQUIRE (duration > 0 && duration <= TIMEOUT_MAX_MS && count > 0);
    REQUIRE (program_timeout_ms () > 0 && program_timeout_ms () <= TIMEOUT_MAX_MS);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    if (!nowhere)
        nowhere = freopen ("/dev/null", "w", stdout);
    if (size == 0)
        return 0;
    char *words = fuzz_text (data + 1, size - 1);
    char program [] = "fuzz", *argv [WORDS_MOST + 2] = { program };
    int argc = 1;
    for (char *rest = words, *word; argc <= WORDS_MOST && (word = strsep (&rest, "\n"));)
        argv [argc++] = word;
    s_run (argc, argv, data [0] & 1);
    free (words);
    return 0;
}
