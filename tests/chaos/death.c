/*  death.c - how long it takes from the kill of a service to the error that its caller gets

    usage: chaos_death ROUNDS. Each round starts a service, calls it, kills it when its handler runs, and waits for the call's end. Prints the times.
    Without ROUNDS it is that service, chaos.victim: its `hang` says `runs`, and does not end.
*/
#include <signal.h>
#include <sys/wait.h>

#include "chaos.h"
#include "hearth.h"

#define NAME       "chaos.victim"
#define TIMEOUT_MS 60000

static void s_hang (hearth_call_t *call, void *context)
{
    (void) call;
    (void) context;
    chaos_check (write (STDOUT_FILENO, "runs\n", 5) == 5, "nobody reads");
    for (;;)
        pause ();
}

static int s_serve (void)
{
    static const hearth_method_t methods [] = { { "hang", "", "nil", s_hang, .doc = "Does not end." }, { 0 } };
    hearth_t *hearth = hearth_connect (NULL);
    chaos_check (hearth && hearth_serve (hearth, NAME, methods, NULL) == 0, "cannot serve");
    return hearth_run (hearth);
}

//  This program again, as a service whose handler says on the pipe that it runs.
static pid_t s_start_service (int *says)
{
    int ends [2];
    chaos_check (pipe2 (ends, O_CLOEXEC) == 0, "no pipe");
    pid_t service = fork ();
    chaos_check (service >= 0, "no process");
    if (service == 0) {
        dup2 (ends [1], STDOUT_FILENO);
        execl ("/proc/self/exe", "chaos_death", (char *) NULL);
        _exit (2);
    }
    close (ends [1]);
    *says = ends [0];
    return service;
}

static int64_t s_measure (hearth_proxy_t *victim)
{
    int says;
    char said;
    pid_t service = s_start_service (&says);
    hearth_pending_t *pending = hearth_start (victim, "hang");
    //  Sent by a look: the broker holds the call until the service is there.
    chaos_check (pending && !hearth_wait (&pending, 0) && read (says, &said, 1) == 1, "the handler does not run");
    int64_t killed_ns = chaos_now_ns ();
    kill (service, SIGKILL);
    hearth_result_t *result = hearth_wait (&pending, -1);
    int64_t told_ns = chaos_now_ns ();
    chaos_check (hearth_failed (result) && strcmp (hearth_error (result)->name, "hearth.ServiceGone") == 0
                     && hearth_error (result)->mark == HEARTH_MAY_HAVE_EXECUTED,
                 "the call did not end as hearth.ServiceGone");
    hearth_result_destroy (&result);
    close (says);
    waitpid (service, NULL, 0);
    return told_ns - killed_ns;
}

static int s_compare (const void *one, const void *other)
{
    int64_t a = *(const int64_t *) one, b = *(const int64_t *) other;
    return (a > b) - (a < b);
}

int main (int argc, char **argv)
{
    if (argc == 1)
        return s_serve ();
    int rounds = atoi (argv [1]);
    chaos_check (rounds > 0, "usage: chaos_death ROUNDS");
    int64_t *times = calloc ((size_t) rounds, sizeof *times);
    hearth_t *hearth = hearth_connect (NULL);
    chaos_check (times && hearth && hearth_ready (hearth, TIMEOUT_MS) == 0, "no broker");
    hearth_proxy_t *victim = hearth_proxy (hearth, NAME);
    chaos_check (victim != NULL, "no proxy");
    hearth_proxy_set_timeout (victim, TIMEOUT_MS);
    hearth_proxy_set_wait (victim, TIMEOUT_MS);
    for (int at = 0; at < rounds; at++)
        times [at] = s_measure (victim);
    qsort (times, (size_t) rounds, sizeof *times, s_compare);
    printf ("%d kills: p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", rounds, (double) times [rounds / 2] / 1e6,
            (double) times [rounds * 99 / 100] / 1e6, (double) times [rounds - 1] / 1e6);
    free (times);
    hearth_destroy (&hearth);
    return 0;
}
