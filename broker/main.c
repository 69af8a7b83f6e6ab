/*  main.c - hearth-broker: from a command line to an exit code */

#include "broker.h"
#include "machine.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

//  What was given is repeated, on one line and without steering a terminal.
static void s_write_plain (FILE *out, const char *text)
{
    size_t bytes;
    for (size_t left = strlen (text); left > 0; left -= bytes, text += bytes) {
        uint32_t character;
        bytes = utf8_read (text, left, &character);
        if (bytes > 0 && character >= ' ' && (character < 0x7f || character > 0x9f))
            fwrite (text, 1, bytes, out);
        else {
            bytes = 1;
            fprintf (out, "\\x%02x", (unsigned char) *text);
        }
    }
}

static int s_complain (broker_exit_t code, const char *problem)
{
    fputs ("hearth-broker: ", stderr);
    s_write_plain (stderr, problem);
    fputc ('\n', stderr);
    return (int) code;
}

static int s_serve (const options_t *options)
{
    char problem [OPTIONS_PROBLEM];
    broker_exit_t code;
    broker_t *broker = broker_new (options, &code, problem);
    if (!broker)
        return s_complain (code, problem);
    code = broker_run (broker);
    broker_destroy (&broker);
    return (int) code;
}

static int s_tell (const options_t *options)
{
    if (options->help)
        options_print_help ();
    else
        puts ("hearth-broker (Hearth) " BROKER_VERSION);
    if (fflush (stdout) == 0 && !ferror (stdout))
        return BROKER_DONE;
    return s_complain (BROKER_FAILED, "cannot write to the standard output");
}

int main (int argc, char **argv)
{
    char problem [OPTIONS_PROBLEM];
    options_t options;
    int code = BROKER_DONE;
    if (machine_hold_standard_descriptors ())
        return BROKER_FAILED;
    if (options_read (&options, argc, argv, problem))
        code = s_complain (BROKER_MISUSED, problem);
    else if (options.help || options.version)
        code = s_tell (&options);
    else
        code = s_serve (&options);
    options_clear (&options);
    return code;
}
