/*  shrink.c - leaving out faults, peers and steps, for as long as it still fails

    Each peer and each kind of fault draws from a stream of its own, so that what is left does much the same as before. Each
    attempt is a process of its own: it may crash or hang.
*/
#include "shrink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES_MOST 200
#define TRIES_MOST 1500

static verdict_t *seen;
static char wanted [sizeof seen->text];  //  how it fails, but for numbers
static unsigned tries;

static void s_without_numbers (char *text)
{
    char *out = text;
    for (; *text; text++)
        if (*text < '0' || *text > '9')
            *out++ = *text;
    *out = 0;
}

//  Another failure than the one that is shrunk is a story of its own.
static bool s_is_same (int status)
{
    char text [sizeof wanted];
    if (!WIFEXITED (status))
        return !*wanted;
    snprintf (text, sizeof text, "%s", seen->text);
    s_without_numbers (text);
    return WEXITSTATUS (status) == 1 && strcmp (text, wanted) == 0;
}

//  Runs the plan; where `out` is given, with its events told there. True if it fails.
static bool s_fails (const plan_t *candidate, FILE *out)
{
    int status;
    tries++;
    fflush (stdout);
    *seen = (verdict_t){ .broken_at = candidate->steps };
    pid_t child = fork ();
    if (child == 0) {
        alarm (HANG_S);
        if (out && dup2 (fileno (out), STDOUT_FILENO) < 0)
            _exit (2);
        plan = *candidate;
        plan.is_logged = out != NULL;
        plan_draw ();
        run_plan (seen);
        fflush (stdout);
        _exit (seen->broken_at != 0);
    }
    if (child < 0 || waitpid (child, &status, 0) != child)
        abort ();
    return s_is_same (status);
}

//  Takes the candidate over if it still fails; nothing behind the failure matters.
static bool s_try (plan_t *best, const plan_t *candidate)
{
    if (tries >= TRIES_MOST || !s_fails (candidate, NULL))
        return false;
    *best = *candidate;
    if (seen->broken_at && seen->broken_at < best->steps)
        best->steps = seen->broken_at;
    return true;
}

static void s_drop_faults (plan_t *best)
{
    for (unsigned fault = 0; fault < FAULT_COUNT; fault++) {
        plan_t candidate = *best;
        candidate.without |= 1u << fault;
        if (candidate.without != best->without)
            s_try (best, &candidate);
    }
}

static void s_skip (plan_t *candidate, unsigned from, unsigned count)
{
    for (unsigned peer = from; peer < from + count && peer < PEERS_MOST; peer++)
        candidate->skipped [peer / 8] |= (uint8_t) (1u << peer % 8);
}

//  Halves, quarters, … and at last one by one.
static void s_drop_peers (plan_t *best)
{
    for (unsigned size = PEERS_MOST / 2; size > 0; size /= 2)
        for (unsigned from = 0; from < best->peers; from += size) {
            plan_t candidate = *best;
            s_skip (&candidate, from, size);
            if (memcmp (candidate.skipped, best->skipped, sizeof candidate.skipped) != 0)
                s_try (best, &candidate);
        }
}

static void s_drop_steps (plan_t *best)
{
    for (uint64_t size = best->steps / 2; size > 0; size /= 2) {
        plan_t candidate = *best;
        candidate.steps -= size;
        s_try (best, &candidate);
    }
}

static void s_tell_plan (const plan_t *best)
{
    const char *comma = " --without ";
    printf ("again: hearth_simulate --seed %" PRIu64 " --steps %" PRIu64, best->seed, best->steps);
    for (unsigned fault = 0; fault < FAULT_COUNT; fault++)
        if (best->without & 1u << fault) {
            printf ("%s%s", comma, fault_names [fault]);
            comma = ",";
        }
    unsigned last = best->peers;
    while (last && best->skipped [(last - 1) / 8] & 1u << (last - 1) % 8)
        last--;
    printf (" --peers %u", last);
    comma = " --skip ";
    for (unsigned peer = 0; peer < last; peer++)
        if (best->skipped [peer / 8] & 1u << peer % 8) {
            printf ("%s%u", comma, peer);
            comma = ",";
        }
    if (best->planted)
        printf (" --plant %u", best->planted);
    printf (" --log\n");
}

static void s_tell_events (const plan_t *best)
{
    char line [400];
    unsigned lines = 0, at = 0;
    FILE *events = tmpfile ();
    if (!events)
        return;
    s_fails (best, events);
    rewind (events);
    while (fgets (line, sizeof line, events))
        lines++;
    rewind (events);
    if (lines > LINES_MOST)
        printf ("  … %u lines before\n", lines - LINES_MOST);
    while (fgets (line, sizeof line, events))
        if (++at + LINES_MOST > lines)
            fputs (line, stdout);
    fclose (events);
}

void shrink_plan (const verdict_t *verdict)
{
    plan_t best = plan;
    seen = mmap (NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (seen == MAP_FAILED)
        abort ();
    if (verdict->broken_at > 1 && verdict->broken_at < best.steps)
        best.steps = verdict->broken_at;
    const plan_t same = best;
    snprintf (wanted, sizeof wanted, "%s", verdict->broken_at > 1 ? verdict->text : "");
    s_without_numbers (wanted);
    if (!s_try (&best, &same)) {
        printf ("it does not fail again\n");
        return;
    }
    s_drop_faults (&best);
    s_drop_peers (&best);
    s_drop_faults (&best);
    s_drop_steps (&best);
    s_tell_events (&best);
    printf ("shrunk to %" PRIu64 " steps in %u runs\n", best.steps, tries);
    s_tell_plan (&best);
}
