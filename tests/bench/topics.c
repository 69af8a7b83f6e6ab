/*  topics.c - so many topics, each with one notification in its history. usage: topics ADDRESS COUNT

    Says `ready` when the session is there, and again when all are published.
*/
#include "bench.h"
#include "hearth.h"

int main (int argc, char **argv)
{
    static const hearth_method_t methods [] = { { 0 } };
    bench_check (argc == 3, "usage: ADDRESS COUNT");
    hearth_t *hearth = hearth_connect (argv [1]);
    bench_check (hearth && hearth_serve (hearth, "bench.topics", methods, NULL) == 0
                     && hearth_ready (hearth, 10000) == 0,
                 "cannot serve");
    bench_say ("ready");
    for (int at = 0; at < atoi (argv [2]); at++) {
        char event [32];
        snprintf (event, sizeof event, "event-%06d", at);
        bench_check (hearth_publish (hearth, "bench.topics", event, "sixteen bytes...") == 0, "cannot publish");
    }
    bench_say ("ready");
    getchar ();
    return 0;
}
