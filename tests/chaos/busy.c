/*  busy.c - so many connections, each with a call in flight all the time

    usage: chaos_busy CONNECTIONS ROUNDS. Calls echo.server; says `ready` when all are connected, begins at the end of its input, prints what came of it.
*/
#include "chaos.h"
#include "hearth.h"

#define TIMEOUT_MS 30000

typedef struct {
    hearth_t *hearth;
    hearth_proxy_t *echo;
    hearth_pending_t *pending;
} line_t;

static void s_connect (line_t *self)
{
    self->hearth = hearth_connect (NULL);
    chaos_check (self->hearth && hearth_ready (self->hearth, TIMEOUT_MS) == 0, "cannot connect");
    self->echo = hearth_proxy (self->hearth, "echo.server");
    chaos_check (self->echo != NULL, "no proxy");
    hearth_proxy_set_timeout (self->echo, TIMEOUT_MS);
}

static unsigned s_run_round (line_t *lines, size_t count)
{
    unsigned errors = 0;
    for (size_t at = 0; at < count; at++)
        lines [at].pending = hearth_start (lines [at].echo, "echo", "HOLA");
    for (size_t at = 0; at < count; at++) {
        hearth_result_t *result = lines [at].pending ? hearth_wait (&lines [at].pending, -1) : NULL;
        errors += !result || hearth_failed (result);
        hearth_result_destroy (&result);
    }
    return errors;
}

int main (int argc, char **argv)
{
    chaos_check (argc == 3, "usage: chaos_busy CONNECTIONS ROUNDS");
    size_t count = (size_t) atol (argv [1]);
    unsigned rounds = (unsigned) atoi (argv [2]), errors = 0;
    line_t *lines = calloc (count, sizeof *lines);
    chaos_check (lines != NULL, "out of memory");
    for (size_t at = 0; at < count; at++)
        s_connect (&lines [at]);
    puts ("ready");
    fflush (stdout);
    while (getchar () != EOF)
        continue;
    int64_t began_ns = chaos_now_ns ();
    for (unsigned round = 0; round < rounds; round++)
        errors += s_run_round (lines, count);
    double seconds = (double) (chaos_now_ns () - began_ns) / 1e9;
    printf ("%zu calls, %u errors, %.0f calls/s\n", count * rounds, errors, (double) count * rounds / seconds);
    for (size_t at = 0; at < count; at++)
        hearth_destroy (&lines [at].hearth);
    free (lines);
    return errors != 0;
}
