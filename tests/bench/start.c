/*  start.c - how long a program takes, from its exec to a line, or to its end. usage: start line|end|fd ROUNDS PROGRAM [WORD…]

    `line` waits for the first byte on its standard output, `end` for its exit, which must be 0, `fd` for the first byte on a
    descriptor whose number is put in the place of the word `@`. Prints milliseconds, one round a line. What has not ended is
    ended by its pid.
*/
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum { WORDS = 32 };

//  In the child: its standard output is the pipe, unless it is told the pipe's number.
static void s_exec (const char *what, int out, char **words)
{
    static char number [16];
    char *given [WORDS + 1] = { 0 };
    snprintf (number, sizeof number, "%d", out);
    for (int at = 0; at < WORDS && words [at]; at++)
        given [at] = strcmp (words [at], "@") == 0 ? number : words [at];
    if (strcmp (what, "fd") != 0)
        dup2 (out, STDOUT_FILENO);
    execv (given [0], given);
    _exit (127);
}

static double s_time (const char *what, char **words)
{
    int ends [2], status = 0;
    char bytes [4096];
    bench_check (pipe (ends) == 0, "no pipe");
    int64_t start = bench_now_ns ();
    pid_t pid = fork ();
    if (pid == 0)
        s_exec (what, ends [1], words);
    close (ends [1]);
    if (strcmp (what, "end") == 0) {
        bench_check (waitpid (pid, &status, 0) == pid && status == 0, "the program failed");
    } else
        bench_check (read (ends [0], bytes, sizeof bytes) > 0, "the program did not start");
    double elapsed = (double) (bench_now_ns () - start) / 1e6;
    close (ends [0]);
    if (strcmp (what, "end") != 0) {
        kill (pid, SIGTERM);
        waitpid (pid, &status, 0);
    }
    return elapsed;
}

int main (int argc, char **argv)
{
    bench_check (argc >= 4 && argc - 3 < WORDS, "usage: line|end|fd ROUNDS PROGRAM [WORD…]");
    for (int round = 0; round < atoi (argv [2]); round++)
        printf ("%.3f\n", s_time (argv [1], argv + 3));
    return 0;
}
