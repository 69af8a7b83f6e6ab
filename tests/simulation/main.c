/*  main.c - the command line, the seeds one after the other, and one line at the end */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "coverage.h"
#include "run.h"

int main (int argc, char **argv)
{
    uint64_t first = 1, last = 100, steps = 10000;
    bool log = false, coverage = false;
    for (int i = 1; i < argc; i++) {
        if (!strcmp (argv [i], "--seed"))
            first = last = strtoull (argv [++i], NULL, 10);
        else if (!strcmp (argv [i], "--seeds"))
            sscanf (argv [++i], "%" SCNu64 "..%" SCNu64, &first, &last);
        else if (!strcmp (argv [i], "--steps"))
            steps = strtoull (argv [++i], NULL, 10);
        else if (!strcmp (argv [i], "--log"))
            log = true;
        else if (!strcmp (argv [i], "--coverage"))
            coverage = true;
    }
    uint64_t sum = 0, calls = 0, notes = 0, bad = 0;
    clock_t begun = clock ();
    for (uint64_t seed = first; seed <= last; seed++) {
        plan = (plan_t){ .seed = seed, .steps = steps, .peers = PEERS_MOST, .is_logged = log };
        plan_draw ();
        verdict_t verdict;
        run_plan (&verdict);
        sum += verdict.steps;
        calls += verdict.calls;
        notes += verdict.notifications;
        if (verdict.broken_at) {
            bad++;
            printf ("seed %" PRIu64 " step %" PRIu64 ": %s\n", seed, verdict.broken_at, verdict.text);
        }
    }
    double s = (double) (clock () - begun) / CLOCKS_PER_SEC;
    if (coverage)
        cover_print ();
    printf ("%" PRIu64 " seeds, %" PRIu64 " steps, %.0f steps/s, %" PRIu64 " calls, %" PRIu64 " notifications, %" PRIu64
            " broken\n", last - first + 1, sum, (double) sum / s, calls, notes, bad);
    return bad != 0;
}
