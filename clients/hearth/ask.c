/*  ask.c - what the directory has about a name, which may have to appear first
*/
#include <poll.h>
#include <time.h>

#include "verb.h"

static int64_t now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void name_changed (const char *name, hearth_change_t change, void *is_there)
{
    (void) name;
    *(bool *) is_there = change != HEARTH_WENT;
}

//  Whoever has no answer when the time has passed is told by the directory why.
static void await_name (const char *name)
{
    bool is_there = false;
    hearth_t *hearth = program_connect (NULL);
    hearth_watch_t *watch = hearth_watch (hearth, name, name_changed, &is_there);
    struct pollfd events = { .fd = hearth_fd (hearth), .events = POLLIN };
    int64_t end_ms = now_ms () + program_wait_ms ();
    for (int64_t left; watch && !is_there && (left = end_ms - now_ms ()) > 0;) {
        int64_t next = hearth_next_timeout_ms (hearth);
        poll (&events, 1, (int) (next >= 0 && next < left ? next : left));
        hearth_process (hearth);
    }
    hearth_watch_destroy (&watch);
}

hearth_result_t *verb_ask (const char *method, const char *name_or_uri, const char **name)
{
    *name = hearth_proxy_name (program_proxy (name_or_uri));
    if (program_wait_ms () > 0)
        await_name (*name);
    return hearth_call (program_proxy ("hearth"), method, *name);
}
