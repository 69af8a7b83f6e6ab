/*  main.c - the command line, the seeds one after the other, and one line at the end

    Seeds run in a child process, so that one that crashes or hangs is a failure like any other: it is told, and shrunk.
*/
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "coverage.h"
#include "options.h"
#include "run.h"
#include "shrink.h"

#define BROKEN_MOST 10

//  What the child tells its parent.
typedef struct {
    uint64_t seed;  //  that runs, or is next
    uint64_t steps;
    uint64_t calls;
    uint64_t notifications;
    uint64_t digest;
    verdict_t verdict;
} board_t;

static options_t options;
static board_t *board;

static void s_run_seeds (void)
{
    for (; board->seed <= options.last; board->seed++) {
        alarm (HANG_S);
        plan = options.plan;
        plan.seed = board->seed;
        plan_draw ();
        run_plan (&board->verdict);
        fflush (stdout);
        if (board->verdict.broken_at)
            _exit (1);
        board->steps += board->verdict.steps;
        board->calls += board->verdict.calls;
        board->notifications += board->verdict.notifications;
        board->digest = board->digest * 31 + board->verdict.digest;
    }
    _exit (0);
}

//  True if all seeds that are left have been run.
static bool s_run_on (void)
{
    int status;
    fflush (stdout);
    pid_t child = fork ();
    if (child == 0)
        s_run_seeds ();
    if (child < 0 || waitpid (child, &status, 0) != child)
        abort ();
    if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
        return true;
    if (WIFSIGNALED (status))
        board->verdict = (verdict_t){ .broken_at = 1 };
    if (WIFSIGNALED (status))
        snprintf (board->verdict.text, sizeof board->verdict.text, "%s",
                  WTERMSIG (status) == SIGALRM ? "it hangs" : strsignal (WTERMSIG (status)));
    return false;
}

static void s_tell_broken (bool is_first)
{
    printf ("seed %" PRIu64 ", step %" PRIu64 ": %s\n", board->seed, board->verdict.broken_at, board->verdict.text);
    if (!is_first || options.plan.is_logged || options.is_first)
        return;
    plan = options.plan;
    plan.seed = board->seed;
    shrink_plan (&board->verdict);
}

static double s_seconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static unsigned s_run_all (void)
{
    unsigned broken = 0;
    board->seed = options.first;
    while (board->seed <= options.last && !s_run_on ()) {
        s_tell_broken (broken++ == 0);
        board->seed++;
        if (broken == BROKEN_MOST || options.is_first)
            break;
    }
    return broken;
}

int main (int argc, char **argv)
{
    if (options_read (&options, argc, argv) != 0)
        return 2;
    cover_begin ();
    board = mmap (NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        abort ();
    double begun = s_seconds ();
    unsigned broken = s_run_all ();
    double seconds = s_seconds () - begun;
    if (options.has_coverage)
        cover_print ();
    unsigned missing = options.is_complete ? cover_missing () : 0;
    printf ("%" PRIu64 " seeds, %" PRIu64 " steps, %.0f steps/s, %" PRIu64 " calls, %" PRIu64
            " notifications, digest %016" PRIx64 ", %u broken\n",
            board->seed - options.first, board->steps, (double) board->steps / seconds, board->calls,
            board->notifications, board->digest, broken);
    return broken || missing;
}
