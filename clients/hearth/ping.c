/*  ping.c - whether the broker answers: for people and for health checks
*/
#include <stdio.h>
#include <time.h>

#include "verb.h"

static double now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

//  The first call makes the connection, so the second one is measured.
static int ping (void)
{
    hearth_proxy_t *directory = program_proxy ("hearth");
    hearth_t *hearth = program_connect (NULL);
    double begin_ms = 0, end_ms = 0;
    for (int count = 0; count < 2; count++) {
        begin_ms = now_ms ();
        hearth_result_t *answer = hearth_call (directory, "ping");
        end_ms = now_ms ();
        bool failed = !program_succeeded ("ping", answer);
        hearth_result_destroy (&answer);
        if (failed)
            return program_end ();
    }
    program_print_safe (hearth_broker (hearth));
    printf (" answers in %.2f ms\n", end_ms - begin_ms);
    return program_end ();
}

const program_verb_t verb_ping = {
    "ping",
    { .name = "hearth ping", .summary = "Tells whether the broker answers, and how fast." },
    ping,
};
