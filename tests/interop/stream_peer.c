/*  stream_peer.c - streams of the library for the peer in Python to meet. usage: stream_peer serve | call

    `serve` has c.feed, and says so; `call` calls py.feed, and prints a line for each stream: what came, and how it ended.
    At last it calls py.feed's `finish`.
*/
#include <hearth.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//  ---- serving ----

static void count (hearth_call_t *call, void *self)
{
    (void) self;
    for (int64_t number = 0; number < hearth_arg_int (call, 0); number++)
        if (hearth_yield (call, number) != 0)
            return;
    hearth_reply (call, hearth_arg (call, 0));
}

static void add (hearth_call_t *call, void *self)
{
    int64_t sum = 0;
    (void) self;
    for (const hearth_value_t *item; (item = hearth_take (call, -1));)
        sum += hearth_value_int (item);
    if (hearth_input_ended (call))
        hearth_reply (call, sum);
}

static void repeat (hearth_call_t *call, void *self)
{
    (void) self;
    for (const hearth_value_t *item; (item = hearth_take (call, -1));)
        if (hearth_yield (call, item) != 0)
            return;
    hearth_reply_nil (call);
}

static void endless (hearth_call_t *call, void *self)
{
    (void) self;
    while (hearth_yield (call, "again") == 0)
        continue;
}

static const hearth_method_t methods [] = {
    { "count", "to: int", "int", count, "Sends the numbers below one.", HEARTH_STREAMING },
    { "add", "", "int", add, "Adds what comes up.", HEARTH_STREAMING },
    { "repeat", "", NULL, repeat, "Sends what comes up.", HEARTH_STREAMING },
    { "endless", "", NULL, endless, "Sends until nobody wants more.", HEARTH_STREAMING },
    { 0 },
};

static int serve (hearth_t *hearth)
{
    if (hearth_serve (hearth, "c.feed", methods, NULL) || hearth_ready (hearth, 30000))
        return EXIT_FAILURE;
    printf ("c.feed\n");
    fflush (stdout);
    return hearth_run (hearth);
}

//  ---- calling ----

static void tell (const char *what, int64_t sum, hearth_pending_t **stream)
{
    uint64_t items = hearth_received (*stream);
    hearth_result_t *result = hearth_wait (stream, -1);
    const hearth_error_t *error = hearth_error (result);
    printf ("%s: %" PRIu64 " items, sum %" PRId64 ", %s\n", what, items, sum, error ? error->name : "done");
    hearth_result_destroy (&result);
}

static void call_count (hearth_proxy_t *feed)
{
    int64_t sum = 0;
    hearth_pending_t *stream = hearth_open (feed, "count", 500);
    for (const hearth_value_t *item; (item = hearth_next (stream, -1));)
        sum += hearth_value_int (item);
    tell ("count", sum, &stream);
}

static void call_add (hearth_proxy_t *feed)
{
    hearth_pending_t *stream = hearth_open (feed, "add");
    for (int64_t number = 0; number < 500; number++)
        if (hearth_put (stream, number) != 0)
            break;
    hearth_put_end (stream);
    hearth_result_t *result = hearth_wait (&stream, -1);
    printf ("add: %" PRId64 "\n", hearth_result_int (result));
    hearth_result_destroy (&result);
}

static void call_repeat (hearth_proxy_t *feed)
{
    int64_t sum = 0;
    hearth_pending_t *stream = hearth_open (feed, "repeat");
    for (int64_t number = 0; number < 100; number++) {
        const hearth_value_t *item = hearth_put (stream, number) == 0 ? hearth_next (stream, -1) : NULL;
        sum += item ? hearth_value_int (item) : -1000000;
    }
    hearth_put_end (stream);
    tell ("repeat", sum, &stream);
}

static void call_fail (hearth_proxy_t *feed)
{
    hearth_pending_t *stream = hearth_open (feed, "fail");
    while (hearth_next (stream, -1))
        continue;
    tell ("fail", 0, &stream);
}

static void call_endless (hearth_proxy_t *feed)
{
    hearth_pending_t *stream = hearth_open (feed, "endless");
    const hearth_value_t *item = hearth_next (stream, -1);
    printf ("endless: %s\n", item ? hearth_value_str (item) : "nothing");
    hearth_pending_destroy (&stream);
}

static int call (hearth_t *hearth)
{
    hearth_proxy_t *feed = hearth_proxy (hearth, "py.feed");
    if (!feed)
        return EXIT_FAILURE;
    hearth_proxy_set_timeout (feed, 30000);
    for (int small = 0; small < 2; small++) {
        hearth_proxy_set_window (feed, small ? 3 : 0, small ? 100 : 0);
        call_count (feed);
        call_add (feed);
        call_repeat (feed);
        call_fail (feed);
        call_endless (feed);
    }
    hearth_result_t *result = hearth_call (feed, "finish");
    hearth_result_destroy (&result);
    hearth_proxy_destroy (&feed);
    return EXIT_SUCCESS;
}

int main (int argc, char **argv)
{
    hearth_t *hearth = hearth_connect (NULL);
    if (argc != 2 || !hearth)
        return EXIT_FAILURE;
    int status = (strcmp (argv [1], "serve") == 0 ? serve : call) (hearth);
    hearth_destroy (&hearth);
    return status;
}
