/*  main.c - hearth-broker: from a command line to an exit code */

#include "broker.h"
#include "machine.h"

#include <stdio.h>

static int s_complain (broker_exit_t code, const char *problem)
{
    fprintf (stderr, "hearth-broker: %s\n", problem);
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

int main (int argc, char **argv)
{
    char problem [OPTIONS_PROBLEM];
    options_t options;
    int code = BROKER_DONE;
    if (machine_hold_standard_descriptors ())
        return BROKER_FAILED;
    if (options_read (&options, argc, argv, problem))
        code = s_complain (BROKER_MISUSED, problem);
    else if (options.help)
        options_print_help ();
    else if (options.version)
        puts ("hearth-broker (Hearth) " BROKER_VERSION);
    else
        code = s_serve (&options);
    options_clear (&options);
    return code;
}
