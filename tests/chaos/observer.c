/*  observer.c - observes a topic, and journals all that it is told, and the sessions in which it could be told

    usage: chaos_observer FOLDER ROLE SEED NAME. Goes on until there is a file `done` in the folder.
*/
#include <poll.h>

#include "chaos.h"
#include "hearth.h"

#define LOOK_MS 200

static void s_told (const hearth_notification_t *note, void *context)
{
    chaos_t *self = context;
    if (note->kind == HEARTH_MESSAGE)
        chaos_write (self, "GOT %" PRIu64 " %s", note->number, hearth_value_str (note->value));
    else if (note->kind == HEARTH_LOST)
        chaos_write (self, "LOST %" PRIu64 " %" PRIu64, note->number, note->lost);
    else
        chaos_write (self, "EPOCH %" PRIu64, note->number);
}

static void s_connected (hearth_t *hearth, const char *unique_name, void *context)
{
    (void) hearth;
    chaos_write (context, "SESSION %.*s %" PRId64, (int) strcspn (unique_name, "."), unique_name, chaos_now_ns ());
}

static void s_disconnected (hearth_t *hearth, const hearth_error_t *why, void *context)
{
    (void) hearth;
    (void) why;
    chaos_write (context, "DOWN %" PRId64, chaos_now_ns ());
}

static hearth_observation_t *s_observe (chaos_t *self, hearth_t *hearth, const char *name)
{
    hearth_observation_t *observation = NULL;
    while (!observation && !chaos_told (self, "done"))
        observation = hearth_observe (hearth, name, "tick", 5000, s_told, self);
    return observation;
}

int main (int argc, char **argv)
{
    static chaos_t self;
    static const hearth_hooks_t hooks = { .connected = s_connected, .disconnected = s_disconnected };
    chaos_check (argc == 5, "usage: chaos_observer FOLDER ROLE SEED NAME");
    chaos_open (&self, argv [1], argv [2], argv [3]);
    hearth_t *hearth = hearth_connect (NULL);
    chaos_check (hearth != NULL, "bad address");
    hearth_set_hooks (hearth, &hooks, &self);
    chaos_write (&self, "OBSERVE %s %" PRId64, argv [4], chaos_now_ns ());
    if (s_observe (&self, hearth, argv [4]))
        chaos_write (&self, "LIVE %" PRId64, chaos_now_ns ());
    while (!chaos_told (&self, "done")) {
        struct pollfd item = { .fd = hearth_fd (hearth), .events = POLLIN };
        int64_t due_ms = hearth_next_timeout_ms (hearth);
        poll (&item, 1, due_ms < 0 || due_ms > LOOK_MS ? LOOK_MS : (int) due_ms);
        hearth_process (hearth);
    }
    hearth_destroy (&hearth);
    chaos_close (&self);
    return 0;
}
