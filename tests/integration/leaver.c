/*  leaver.c - a program that ends while its workers run handlers: `main` by returning, `exit` and `handler` by calling exit
*/
#include <hearth.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gate.h"

#define PATIENCE_MS 20000

static gate_t entered = GATE_INITIALIZER;
static const char *how;
static hearth_t *service, *client;  //  within reach to the end: they are no leaks

static void hold (hearth_call_t *call, void *self)
{
    (void) call;
    (void) self;
    gate_pass (&entered);
    gate_await (&entered, 2);
    if (strcmp (how, "handler") == 0)
        exit (5);  // NOLINT (concurrency-mt-unsafe)
    for (;;)
        pause ();
}

static const hearth_method_t methods [] = { { "hold", "", NULL, hold, .doc = NULL }, { 0 } };

static void *run (void *hearth)
{
    return (void *) (intptr_t) hearth_run (hearth);
}

int main (int argc, char **argv)
{
    pthread_t thread;
    const hearth_service_options_t options = { .workers = 2, .parallel = true };
    how = argc > 1 ? argv [1] : "";
    service = hearth_connect (NULL);
    client = hearth_connect (NULL);
    if (!service || !client || hearth_serve_with (service, "test.leaver", methods, NULL, &options)
        || hearth_ready (service, PATIENCE_MS) || pthread_create (&thread, NULL, run, service))
        return 1;
    hearth_proxy_t *proxy = hearth_proxy (client, "test.leaver");
    hearth_pending_t *one = hearth_start (proxy, "hold"), *other = hearth_start (proxy, "hold");
    if (hearth_ready (client, PATIENCE_MS) || !one || !other)
        return 2;
    gate_await (&entered, 2);
    while (strcmp (how, "handler") == 0)
        pause ();
    if (strcmp (how, "exit") == 0)
        exit (3);  // NOLINT (concurrency-mt-unsafe)
    return 4;
}
