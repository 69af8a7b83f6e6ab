/*  options.c - a table of options, and their help */
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    const char *argument;  //  NULL: takes none
    const char *help;
    bool (*read) (options_t *self, const char *text);  //  false: the text is none
} row_t;

static bool s_read_number (const char *text, uint64_t *number, const char *end)
{
    char *rest;
    *number = strtoull (text, &rest, 10);
    return rest != text && strncmp (rest, end, strlen (end)) == 0 && (*end || !*rest);
}

static bool s_seed (options_t *self, const char *text)
{
    bool good = s_read_number (text, &self->first, "");
    self->last = self->first;
    return good;
}

static bool s_seeds (options_t *self, const char *text)
{
    const char *dots = strstr (text, "..");
    return dots && s_read_number (text, &self->first, "..") && s_read_number (dots + 2, &self->last, "")
           && self->first <= self->last;
}

static bool s_steps (options_t *self, const char *text)
{
    return s_read_number (text, &self->plan.steps, "");
}

//  The parts of a list with commas between.
static bool s_each (options_t *self, const char *text, bool (*read) (options_t *self, const char *part))
{
    char copy [4096], *rest = copy;
    snprintf (copy, sizeof copy, "%s", text);
    for (char *part; (part = strsep (&rest, ","));)
        if (!read (self, part))
            return false;
    return true;
}

static bool s_fault (options_t *self, const char *part)
{
    unsigned fault = 0;
    while (fault < FAULT_COUNT && strcmp (fault_names [fault], part) != 0)
        fault++;
    self->plan.without |= fault < FAULT_COUNT ? 1u << fault : 0;
    return fault < FAULT_COUNT;
}

static bool s_without (options_t *self, const char *text)
{
    return s_each (self, text, s_fault);
}

static bool s_peers (options_t *self, const char *text)
{
    uint64_t peers;
    bool good = s_read_number (text, &peers, "") && peers <= PEERS_MOST;
    self->plan.peers = (unsigned) peers;
    return good;
}

static bool s_skip_one (options_t *self, const char *part)
{
    uint64_t peer;
    if (!s_read_number (part, &peer, "") || peer >= PEERS_MOST)
        return false;
    self->plan.skipped [peer / 8] |= (uint8_t) (1u << peer % 8);
    return true;
}

static bool s_skip (options_t *self, const char *text)
{
    return s_each (self, text, s_skip_one);
}

static bool s_plant (options_t *self, const char *text)
{
    uint64_t call;
    bool good = s_read_number (text, &call, "");
    self->plan.planted = (uint32_t) call;
    return good;
}

static bool s_log (options_t *self, const char *text)
{
    (void) text;
    return self->plan.is_logged = true;
}

static bool s_coverage (options_t *self, const char *text)
{
    (void) text;
    return self->has_coverage = true;
}

static bool s_complete (options_t *self, const char *text)
{
    (void) text;
    return self->is_complete = true;
}

static bool s_first (options_t *self, const char *text)
{
    (void) text;
    return self->is_first = true;
}

static const row_t rows [] = {
    { "--seed", "N", "runs one seed", s_seed },
    { "--seeds", "A..B", "runs these seeds (default: 1..100)", s_seeds },
    { "--steps", "N", "so many events each, and then until all has come to rest (default: 10000)", s_steps },
    { "--without", "A,B", "leaves faults out", s_without },
    { "--peers", "N", "lets only the first so many peers take part", s_peers },
    { "--skip", "N,M", "leaves peers out", s_skip },
    { "--plant", "CALL", "takes it for a failure that this call is executed", s_plant },
    { "--log", NULL, "tells each event", s_log },
    { "--coverage", NULL, "tells how often each thing happened", s_coverage },
    { "--complete", NULL, "fails if something never happened", s_complete },
    { "--first", NULL, "stops at the first failure, and leaves it as it is", s_first },
};
enum { ROWS = sizeof rows / sizeof rows [0] };

static void s_help (void)
{
    printf (
        "Usage: hearth_simulate [OPTION…]\n\n"
        "Runs the broker's core and the library with simulated peers, a simulated network and a simulated clock.\n"
        "The same options give the same events. A failure tells its seed, and is shrunk to the fewest faults, peers "
        "and\n"
        "events that still show it.\n\n");
    for (unsigned at = 0; at < ROWS; at++)
        printf ("  %-12s %-8s %s\n", rows [at].name, rows [at].argument ? rows [at].argument : "", rows [at].help);
    printf ("\nFaults, each in some of the seeds:\n");
    for (unsigned fault = 0; fault < FAULT_COUNT; fault++)
        printf ("  %-12s %s\n", fault_names [fault], fault_texts [fault]);
}

static const row_t *s_find (const char *name)
{
    for (unsigned at = 0; at < ROWS; at++)
        if (strcmp (rows [at].name, name) == 0)
            return &rows [at];
    return NULL;
}

int options_read (options_t *self, int argc, char **argv)
{
    *self = (options_t){ .first = 1, .last = 100, .plan = { .steps = 10000, .peers = PEERS_MOST } };
    for (int at = 1; at < argc; at++) {
        if (strcmp (argv [at], "--help") == 0) {
            s_help ();
            exit (0);
        }
        const row_t *row = s_find (argv [at]);
        const char *text = row && row->argument && at + 1 < argc ? argv [++at] : NULL;
        if (row && (!row->argument || text) && row->read (self, text))
            continue;
        fprintf (stderr, "hearth_simulate: %s cannot be understood; see --help\n", text ? text : argv [at]);
        return -1;
    }
    return 0;
}
