/*  hearth_service.c - the product's echo service, as a user would write it. usage: hearth_service ADDRESS */

#include <stdio.h>

#include "hearth.h"

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
    hearth_t *hearth = argc == 2 ? hearth_connect (argv [1]) : NULL;
    hearth_service_options_t options = { .capacity = 1000 };
    if (!hearth || hearth_serve_with (hearth, "bench.echo", methods, NULL, &options) != 0
        || hearth_ready (hearth, 5000) != 0)
        return 1;
    puts ("ready");
    fflush (stdout);
    int code = hearth_run (hearth);
    hearth_destroy (&hearth);
    return code != 0;
}
