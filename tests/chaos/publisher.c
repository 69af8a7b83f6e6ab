/*  publisher.c - publishes texts that never come twice, and journals each before it is sent and what the broker said

    usage: chaos_publisher FOLDER ROLE SEED NAME. Goes on until there is a file `stop` in the folder; its last publication was acknowledged.
*/
#include "chaos.h"
#include "hearth.h"

#define PAUSE_MS 60

typedef struct {
    chaos_t chaos;
    hearth_t *hearth;
    const char *name;
    uint64_t published;
} publisher_t;

//  The run of the broker that the session belongs to, as a word.
static void s_epoch (publisher_t *self, char *epoch, size_t size)
{
    const char *unique = hearth_unique_name (self->hearth);
    snprintf (epoch, size, "%.*s", unique ? (int) strcspn (unique, ".") : 1, unique ? unique : "-");
}

static bool s_publish (publisher_t *self)
{
    char text [CHAOS_NAME_MAX + 16], before [32], after [32];
    snprintf (text, sizeof text, "%s/%" PRIu64, self->chaos.name, ++self->published);
    s_epoch (self, before, sizeof before);
    chaos_write (&self->chaos, "PUBLISH %s %s %s %" PRId64, self->name, text, before, chaos_now_ns ());
    hearth_pending_t *pending = hearth_start_publish (self->hearth, self->name, "tick", text);
    if (!pending) {
        chaos_write (&self->chaos, "REFUSED %s unsent %d %" PRId64, text, HEARTH_NOT_EXECUTED, chaos_now_ns ());
        return false;
    }
    hearth_result_t *result = hearth_wait (&pending, -1);
    bool failed = hearth_failed (result);
    s_epoch (self, after, sizeof after);
    if (failed)
        chaos_write (&self->chaos, "REFUSED %s %s %d %" PRId64, text, hearth_error (result)->name,
                     hearth_error (result)->mark, chaos_now_ns ());
    else
        chaos_write (&self->chaos, "TAKEN %s %" PRId64 " %s %" PRId64, text, hearth_result_int (result),
                     strcmp (before, after) == 0 ? after : "-", chaos_now_ns ());
    hearth_result_destroy (&result);
    return !failed;
}

int main (int argc, char **argv)
{
    static publisher_t self;
    static const hearth_method_t methods [] = { { 0 } };
    static const hearth_event_t events [] = { { "tick", "str", "A text.", 0 }, { 0 } };
    static const hearth_service_options_t options = { .events = events };
    chaos_check (argc == 5, "usage: chaos_publisher FOLDER ROLE SEED NAME");
    chaos_open (&self.chaos, argv [1], argv [2], argv [3]);
    self.name = argv [4];
    self.hearth = hearth_connect (NULL);
    chaos_check (self.hearth && hearth_serve_with (self.hearth, self.name, methods, NULL, &options) == 0,
                 "cannot serve");
    bool taken = false, stop = false;
    while (!stop || !taken) {
        taken = hearth_ready (self.hearth, 1000) == 0 && s_publish (&self);
        if (!stop)
            chaos_pause (chaos_roll (&self.chaos, PAUSE_MS));
        stop = chaos_told (&self.chaos, "stop");
    }
    hearth_destroy (&self.hearth);
    chaos_close (&self.chaos);
    return 0;
}
