/*  mortal.c - a process for test_deaths.c to kill: serves a name until then, or makes itself known to a service

    usage: mortal serve NAME ENTERED RELEASED (descriptors: a byte is written when a handler has begun, and one is read before it
    answers), or mortal call. A program rather than a forked child: what libzmq's threads hold at a fork would be held in the
    child for ever.
*/
#include <hearth.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int entered, released;

static void hang (hearth_call_t *call, void *self)
{
    char byte;
    (void) self;
    if (write (entered, "", 1) == 1 && read (released, &byte, 1) == 1)
        hearth_reply (call, hearth_bool (true));
}

//  Sends three items first.
static void stream (hearth_call_t *call, void *self)
{
    for (int number = 0; number < 3; number++)
        hearth_yield (call, number);
    hang (call, self);
}

static const hearth_method_t methods [] = {
    { "hang", "", "bool", hang, .doc = NULL },
    { "stream", "", "bool", stream, .flags = HEARTH_STREAMING | HEARTH_IDEMPOTENT },
    { .name = NULL },
};

int main (int argc, char **argv)
{
    hearth_t *hearth = hearth_connect (NULL);
    if (!hearth)
        return 1;
    if (argc == 5 && strcmp (argv [1], "serve") == 0) {
        entered = atoi (argv [3]);
        released = atoi (argv [4]);
        return hearth_serve (hearth, argv [2], methods, NULL) == 0 ? hearth_run (hearth) : 1;
    }
    return hearth_failed (hearth_call (hearth_proxy (hearth, "test.memory"), "remember")) ? 1 : hearth_run (hearth);
}
