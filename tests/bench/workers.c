/*  workers.c - a service whose handler waits a millisecond, on so many workers

    usage: workers ADDRESS NAME WORKERS
*/
#include <signal.h>
#include <time.h>

#include "bench.h"
#include "hearth.h"

static hearth_t *hearth;

static void stop (int number)
{
    (void) number;
    hearth_stop (hearth);
}

static void echo (hearth_call_t *call, void *self)
{
    (void) self;
    const struct timespec millisecond = { .tv_nsec = 1000000 };
    nanosleep (&millisecond, NULL);
    hearth_reply (call, hearth_arg (call, 0));
}

static const hearth_method_t methods [] = {
    { "echo", "payload: bin", "bin", echo, .doc = "Returns the payload.", .flags = HEARTH_IDEMPOTENT }, { 0 }
};

int main (int argc, char **argv)
{
    bench_check (argc == 4, "usage: ADDRESS NAME WORKERS");
    const hearth_service_options_t options = { .workers = (unsigned) atoi (argv [3]), .parallel = true };
    hearth = hearth_connect (argv [1]);
    signal (SIGTERM, stop);
    bench_check (hearth && hearth_serve_with (hearth, argv [2], methods, NULL, &options) == 0
                     && hearth_ready (hearth, 10000) == 0,
                 "cannot serve");
    bench_say ("ready");
    int code = hearth_run (hearth);
    hearth_destroy (&hearth);
    return code != 0;
}
