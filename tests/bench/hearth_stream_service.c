/*  hearth_stream_service.c - the product's streams as a user would write them: handlers that yield, or take, in a loop

    usage: hearth_stream_service ADDRESS NAME WORKERS; 0: the handlers run in the connection's thread, one at a time.
*/
#include <signal.h>

#include "bench.h"
#include "hearth.h"

static hearth_t *hearth;
static const uint8_t payload [BENCH_PAYLOAD];

static void stop (int number)
{
    (void) number;
    hearth_stop (hearth);
}

static void range (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t count = hearth_arg_int (call, 0), size = hearth_arg_int (call, 1);
    hearth_hold (hearth_connection (call));
    for (int64_t at = 0; at < count; at++)
        if (hearth_yield (call, hearth_bin (payload, (size_t) size)))
            return;
    hearth_reply_nil (call);
}

static void sum (hearth_call_t *call, void *self)
{
    (void) self;
    int64_t count = 0;
    while (hearth_take (call, -1))
        count++;
    hearth_reply (call, count);
}

static const hearth_method_t methods [] = {
    { "range", "count: int, size: int", "nil", range, .doc = "Sends so many items.", .flags = HEARTH_STREAMING },
    { "sum", "", "int", sum, .doc = "Counts the items that come.", .flags = HEARTH_STREAMING },
    { 0 }
};

int main (int argc, char **argv)
{
    bench_check (argc == 4, "usage: ADDRESS NAME WORKERS");
    hearth_service_options_t options = { .workers = (unsigned) atoi (argv [3]), .parallel = atoi (argv [3]) > 0 };
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
