/*  hearth_service.c - the product's echo service, as a user would write it

    usage: hearth_service ADDRESS NAME CAPACITY [shared]
*/
#include <signal.h>

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
    hearth_reply (call, hearth_arg (call, 0));
}

static const hearth_method_t methods [] = {
    { "echo", "payload: bin", "bin", echo, .doc = "Returns the payload.", .flags = HEARTH_IDEMPOTENT }, { 0 }
};

int main (int argc, char **argv)
{
    bench_check (argc == 4 || argc == 5, "usage: ADDRESS NAME CAPACITY [shared]");
    hearth_service_options_t options = { .capacity = (unsigned) atoi (argv [3]),
                                         .mode = argc == 5 ? HEARTH_SHARED : HEARTH_EXCLUSIVE };
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
