/*  load.c - calls with large arguments that the broker has to hold, until it is told to let them go

    usage: chaos_load COUNT SIZE [NAME]. Says `held N shed M first F` when the broker has them all: N wait for a name that never comes, or for the service
    of that name, M ended as hearth.Limit, the first of these was the call F. At the end of its input it cancels them, and says `gone` when the broker
    knows; with a NAME it waits for their results, and says `answered N`.
*/
#include "chaos.h"
#include "hearth.h"

#define TIMEOUT_MS 120000

typedef struct {
    unsigned held, shed, first;
} count_t;

//  What the broker answers to this comes after all that it was sent before.
static void s_meet (hearth_t *hearth)
{
    hearth_proxy_t *directory = hearth_proxy (hearth, "hearth");
    chaos_check (directory != NULL, "no proxy");
    hearth_proxy_set_timeout (directory, TIMEOUT_MS);
    hearth_result_t *result = hearth_call (directory, "ping");
    chaos_check (!hearth_failed (result), "the broker does not answer");
    hearth_result_destroy (&result);
    hearth_proxy_destroy (&directory);
}

static hearth_pending_t **s_start (hearth_t *hearth, const char *name, unsigned count, size_t size)
{
    hearth_proxy_t *proxy = hearth_proxy (hearth, name);
    hearth_pending_t **pending = calloc (count, sizeof *pending);
    uint8_t *bytes = calloc (1, size);
    chaos_check (proxy && pending && bytes, "out of memory");
    hearth_proxy_set_timeout (proxy, TIMEOUT_MS);
    hearth_proxy_set_wait (proxy, TIMEOUT_MS);
    for (unsigned at = 0; at < count; at++) {
        pending [at] = hearth_start (proxy, "take", hearth_bin (bytes, size));
        chaos_check (pending [at] != NULL, "a call cannot be started");
    }
    free (bytes);
    return pending;
}

static count_t s_count (hearth_pending_t **pending, unsigned count)
{
    count_t counted = { 0 };
    for (unsigned at = 0; at < count; at++) {
        hearth_result_t *result = hearth_wait (&pending [at], 0);
        if (!result) {
            counted.held++;
            continue;
        }
        chaos_check (hearth_failed (result) && strcmp (hearth_error (result)->name, "hearth.Limit") == 0
                         && hearth_error (result)->mark == HEARTH_NOT_EXECUTED,
                     hearth_failed (result) ? hearth_error (result)->name : "a result");
        if (counted.shed++ == 0)
            counted.first = at;
        hearth_result_destroy (&result);
    }
    return counted;
}

static unsigned s_await_results (hearth_pending_t **pending, unsigned count)
{
    unsigned answered = 0;
    for (unsigned at = 0; at < count; at++) {
        hearth_result_t *result = pending [at] ? hearth_wait (&pending [at], -1) : NULL;
        if (!result)
            continue;
        chaos_check (!hearth_failed (result), hearth_failed (result) ? hearth_error (result)->name : "");
        hearth_result_destroy (&result);
        answered++;
    }
    return answered;
}

static void s_cancel (hearth_t *hearth, hearth_pending_t **pending, unsigned count)
{
    for (unsigned at = 0; at < count; at++)
        hearth_pending_destroy (&pending [at]);
    s_meet (hearth);
}

int main (int argc, char **argv)
{
    chaos_check (argc == 3 || argc == 4, "usage: chaos_load COUNT SIZE [NAME]");
    const char *name = argv [3];
    unsigned count = (unsigned) atoi (argv [1]);
    hearth_t *hearth = hearth_connect (NULL);
    chaos_check (hearth && hearth_ready (hearth, TIMEOUT_MS) == 0, "no broker");
    hearth_pending_t **pending = s_start (hearth, name ? name : "chaos.absent", count, (size_t) atol (argv [2]));
    s_meet (hearth);
    count_t counted = s_count (pending, count);
    printf ("held %u shed %u first %u\n", counted.held, counted.shed, counted.first);
    fflush (stdout);
    while (getchar () != EOF)
        continue;
    if (name) {
        printf ("answered %u\n", s_await_results (pending, count));
    } else {
        s_cancel (hearth, pending, count);
        puts ("gone");
    }
    free (pending);
    hearth_destroy (&hearth);
    return 0;
}
