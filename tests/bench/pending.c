/*  pending.c - so many calls that a service has taken and does not answer. usage: pending ADDRESS COUNT

    Says `ready` when the session is there, and again when the broker has dispatched them all.
*/
#include "bench.h"
#include "hearth.h"

static void hold (hearth_call_t *call, void *self)
{
    (void) call;
    (void) self;
}

static const hearth_method_t methods [] = { { "hold", "", "nil", hold, .doc = "Never runs." }, { 0 } };

int main (int argc, char **argv)
{
    bench_check (argc == 3, "usage: ADDRESS COUNT");
    unsigned count = (unsigned) atoi (argv [2]);
    hearth_service_options_t options = { .capacity = count };
    hearth_t *service = hearth_connect (argv [1]), *caller = hearth_connect (argv [1]);
    bench_check (service && hearth_serve_with (service, "bench.hold", methods, NULL, &options) == 0
                     && hearth_ready (service, 10000) == 0 && hearth_ready (caller, 10000) == 0,
                 "cannot serve");
    hearth_proxy_t *proxy = hearth_proxy (caller, "bench.hold"), *directory = hearth_proxy (caller, "hearth");
    hearth_proxy_set_timeout (proxy, 600000);
    bench_say ("ready");
    for (unsigned at = 0; at < count; at++)
        bench_check (hearth_start (proxy, "hold") != NULL, "out of memory");
    hearth_result_t *result = hearth_call (directory, "ping");
    bench_check (!hearth_failed (result), "the broker does not answer");
    bench_say ("ready");
    getchar ();
    return 0;
}
