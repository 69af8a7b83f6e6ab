/*  options.c - reading a command line by a table of options

    Owns the grammar: --name VALUE or --name=VALUE, before or after the operands, until a `--`. A word that begins with
    a dash and a digit is an operand. Refuses to know what the options are for.
*/
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define TIMEOUT_MAX_MS (24 * INT64_C (3600000))
#define OPTION_MAX     32

static struct {
    const program_about_t *about;
    const char *broker;
    int64_t timeout_ms;
    int64_t wait_ms;
    bool help;
    bool version;
    char **operands;
    size_t operand_count;
} line = { .timeout_ms = HEARTH_DEFAULT_TIMEOUT_MS };

//  The first rows are not there for programs that serve.
static const program_option_t common_options [] = {
    { "--wait", "DURATION", PROGRAM_DURATION, &line.wait_ms, "how long to wait for the service to appear (0)" },
    { "--timeout", "DURATION", PROGRAM_DURATION, &line.timeout_ms, "how long a call may take: 500ms, 2s, 1m (10s)" },
    { "--broker", "ADDR", PROGRAM_TEXT, &line.broker, "the broker ($HEARTH_BROKER, else " HEARTH_DEFAULT_BROKER ")" },
    { "--help", NULL, PROGRAM_SWITCH, &line.help, "tell this, and end" },
    { "--version", NULL, PROGRAM_SWITCH, &line.version, "tell the version, and end" },
    { 0 },
};

static const program_option_t *common_for (const program_about_t *about)
{
    return common_options + (about->serves ? 2 : 0);
}

const char *options_program (void)
{
    return line.about ? line.about->name : "hearth";
}

const char *options_broker (void)
{
    return line.broker;
}

int64_t program_timeout_ms (void)
{
    return line.timeout_ms;
}

int64_t program_wait_ms (void)
{
    return line.wait_ms;
}

size_t program_operand_count (void)
{
    return line.operand_count;
}

char **program_operands (void)
{
    return line.operands;
}

const char *program_operand (size_t index, const char *otherwise)
{
    return index < line.operand_count ? line.operands [index] : otherwise;
}

void program_misused (const char *format, ...)
{
    va_list arguments;
    char text [1024];
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    program_note ("%s (see %s --help)", text, options_program ());
    program_quit (PROGRAM_USAGE);
}

static _Noreturn void unknown_option (const char *word, size_t size)
{
    const program_option_t *tables [] = { common_for (line.about), line.about->options };
    char name [OPTION_MAX + 1];
    snprintf (name, sizeof name, "%.*s", (int) size, word);
    const char *nearest = NULL;
    for (size_t table = 0; table < 2; table++)
        for (const program_option_t *row = tables [table]; row && row->name; row++)
            nearest = program_nearer (name, row->name, nearest);
    if (nearest)
        program_misused ("there is no option %.*s: did you mean %s?", (int) size, word, nearest);
    program_misused ("there is no option %.*s; operands that begin with a dash come after --", (int) size, word);
}

static const program_option_t *find_option (const char *word, size_t size)
{
    const program_option_t *tables [] = { common_for (line.about), line.about->options };
    for (size_t table = 0; table < 2; table++)
        for (const program_option_t *row = tables [table]; row && row->name; row++)
            if (strlen (row->name) == size && memcmp (row->name, word, size) == 0)
                return row;
    unknown_option (word, size);
}

//  A number without a sign, up to `most`; *rest is what follows it.
static bool read_number (const char *text, int64_t most, int64_t *number, const char **rest)
{
    if (!isdigit ((unsigned char) *text))
        return false;
    char *end;
    errno = 0;
    long long value = strtoll (text, &end, 10);
    *number = value;
    *rest = end;
    return errno == 0 && value <= most;
}

static bool read_duration (const char *text, int64_t *duration_ms)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units [] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
    int64_t number;
    const char *unit;
    if (!read_number (text, TIMEOUT_MAX_MS, &number, &unit))
        return false;
    for (size_t index = 0; index < sizeof units / sizeof *units; index++)
        if (strcmp (unit, units [index].name) == 0 && number <= TIMEOUT_MAX_MS / units [index].ms) {
            *duration_ms = number * units [index].ms;
            return *duration_ms > 0;
        }
    return false;
}

static bool read_count (const char *text, int64_t *count)
{
    const char *rest;
    return read_number (text, INT64_MAX, count, &rest) && *rest == '\0' && *count > 0;
}

static void set_option (const program_option_t *option, const char *value)
{
    switch (option->kind) {
    case PROGRAM_TEXT: *(const char **) option->into = value; return;
    case PROGRAM_SWITCH: *(bool *) option->into = true; return;
    case PROGRAM_DURATION:
        if (!read_duration (value, option->into))
            program_misused ("%s takes a time such as 500ms, 2s or 1m, from 1ms to 24h, not '%s'", option->name,
                             value);
        return;
    case PROGRAM_COUNT:
        if (!read_count (value, option->into))
            program_misused ("%s takes a whole number from 1, not '%s'", option->name, value);
        return;
    }
}

//  Reads the option that stands at argv [0]; returns how many words it took.
static int read_option (int argc, char **argv)
{
    const char *word = argv [0];
    const char *value = strchr (word, '=');
    const program_option_t *option = find_option (word, value ? (size_t) (value - word) : strlen (word));
    if (!option->value) {
        if (value)
            program_misused ("%s takes no value", option->name);
        set_option (option, NULL);
        return 1;
    }
    if (!value && argc < 2)
        program_misused ("%s wants its %s", option->name, option->value);
    set_option (option, value ? value + 1 : argv [1]);
    return value ? 1 : 2;
}

static bool is_option (const char *word)
{
    return word [0] == '-' && word [1] != '\0' && word [1] != '.' && !isdigit ((unsigned char) word [1]);
}

//  Reads options up to the first operand, or all of them: then the operands are moved to the front.
//  Returns how many words that were: read and to be left behind, or operands.
static int read_words (int argc, char **argv, bool all)
{
    int operands = 0;
    for (int index = 0; index < argc;) {
        if (strcmp (argv [index], "--") == 0) {
            while (all && ++index < argc)
                argv [operands++] = argv [index];
            return all ? operands : index + 1;
        }
        if (is_option (argv [index]))
            index += read_option (argc - index, argv + index);
        else if (all)
            argv [operands++] = argv [index++];
        else
            return index;
    }
    return all ? operands : argc;
}

static void end_if_asked (void)
{
    if (line.help)
        help_write (line.about, common_for (line.about));
    else if (line.version)
        printf ("%s (Hearth) " HEARTH_VERSION "\n", options_program ());
    if (line.help || line.version)
        program_quit (PROGRAM_DONE);
}

void program_help (const program_about_t *about)
{
    help_write (about, common_for (about));
}

void program_start_verb (const program_about_t *about, int argc, char **argv)
{
    line.about = about;
    line.operand_count = (size_t) read_words (argc, argv, true);
    line.operands = argv;
    end_if_asked ();
    if (line.operand_count < about->least)
        program_misused ("too few operands: %s", about->operands);
    if (line.operand_count > about->most)
        program_misused ("unexpected '%s'", argv [about->most]);
    const char *problem = line.broker ? hearth_address_problem (line.broker) : NULL;
    if (problem)
        program_misused ("--broker %s: %s", line.broker, problem);
}

void program_start (const program_about_t *about, int argc, char **argv)
{
    program_prepare ();
    program_start_verb (about, argc > 0 ? argc - 1 : 0, argv + 1);
}

const char *program_start_verbs (const program_about_t *about, int *argc_p, char ***argv_p)
{
    program_prepare ();
    line.about = about;
    int argc = *argc_p > 0 ? *argc_p - 1 : 0;
    char **argv = *argv_p + 1;
    int read = read_words (argc, argv, false);
    end_if_asked ();
    if (read >= argc)
        return NULL;
    *argc_p = argc - read - 1;
    *argv_p = argv + read + 1;
    return argv [read];
}
