/*  observable_server.c - the second exercise: an object that notifies its observers

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    Owns the list of who is registered; one object for all callers. An observer stands in the list as long as the
    directory knows its name: each is watched. Who receives a notification is not decided here: whoever observes does.
*/
#include <stdlib.h>
#include <string.h>

#include "program.h"

#define NAME          "example.observable"
#define EVENT         "message"
#define TOPIC         NAME "/" EVENT "/"
#define OBSERVERS_MAX 10000

typedef struct observer {
    struct observer *next;
    hearth_watch_t *watch;
    char name [];
} observer_t;

typedef struct {
    observer_t *first;
    size_t count;
} observable_t;

//  Where the observer of that name hangs in the list, or would.
static observer_t **find (observable_t *self, const char *name)
{
    observer_t **place = &self->first;
    while (*place && strcmp ((*place)->name, name) != 0)
        place = &(*place)->next;
    return place;
}

static bool remove_observer (observable_t *self, const char *name)
{
    observer_t **place = find (self, name);
    observer_t *observer = *place;
    if (!observer)
        return false;
    *place = observer->next;
    self->count--;
    hearth_watch_destroy (&observer->watch);
    free (observer);
    return true;
}

//  The connection, which is gone, took the watches along.
static void forget_observers (observable_t *self)
{
    for (observer_t *next, *observer = self->first; observer; observer = next) {
        next = observer->next;
        free (observer);
    }
}

static void observer_changed (const char *name, hearth_change_t change, void *self)
{
    if (change == HEARTH_WENT)
        remove_observer (self, name);
}

//  Returns 0 or why not.
static hearth_code_t add_observer (observable_t *self, hearth_t *hearth, const char *name)
{
    if (self->count == OBSERVERS_MAX)
        return HEARTH_RESOURCE_EXHAUSTED;
    observer_t *observer = calloc (1, sizeof *observer + strlen (name) + 1);
    if (!observer)
        return HEARTH_RESOURCE_EXHAUSTED;
    strcpy (observer->name, name);
    observer->watch = hearth_watch (hearth, observer->name, observer_changed, self);
    if (!observer->watch) {
        free (observer);
        return hearth_last_error (hearth)->code;
    }
    *find (self, name) = observer;
    self->count++;
    return HEARTH_OK;
}

//  Of text that is no name nobody is there, either.
static void refuse (hearth_call_t *call, hearth_code_t code, const char *name)
{
    if (code == HEARTH_NOT_FOUND || code == HEARTH_INVALID_ARGUMENT)
        hearth_fail (call, HEARTH_NOT_FOUND, "example.NoSuchObserver", "nobody is there of the name '%s'", name);
    else
        hearth_fail (call, code, "example.NotRegistered", "'%s' could not be registered", name);
}

//  An observer that the directory does not know does not stay. One that has just gone is not in the list any more.
static void confirm_observer (observable_t *self, hearth_call_t *call, const char *name)
{
    hearth_result_t *found = hearth_call (hearth_proxy_within (call, "hearth"), "lookup", name);
    const hearth_error_t *error = hearth_error (found);
    if (error)
        remove_observer (self, name);
    if (*find (self, name))
        hearth_reply (call, TOPIC);
    else
        refuse (call, error ? error->code : HEARTH_NOT_FOUND, name);
    hearth_result_destroy (&found);
}

//  Watch first, add, then look up: an observer that goes at any moment is either not found or told of by the watch.
static void register_observer (hearth_call_t *call, void *context)
{
    observable_t *self = context;
    const char *name = hearth_arg_str (call, 0);
    if (*find (self, name)) {
        hearth_reply (call, TOPIC);
        return;
    }
    hearth_code_t code = add_observer (self, hearth_connection (call), name);
    if (code)
        refuse (call, code, name);
    else
        confirm_observer (self, call, name);
}

static void unregister_observer (hearth_call_t *call, void *self)
{
    hearth_reply (call, hearth_bool (remove_observer (self, hearth_arg_str (call, 0))));
}

static void notify_observers (hearth_call_t *call, void *context)
{
    observable_t *self = context;
    hearth_t *hearth = hearth_connection (call);
    if (hearth_publish (hearth, NAME, EVENT, hearth_arg (call, 0))) {
        const hearth_error_t *error = hearth_last_error (hearth);
        hearth_fail (call, error->code, "example.NotPublished", "the message was not published: %s", error->message);
        return;
    }
    hearth_reply (call, self->count);
}

static void observers (hearth_call_t *call, void *context)
{
    observable_t *self = context;
    hearth_builder_t *list = hearth_builder_new ();
    hearth_builder_open_list (list);
    for (const observer_t *observer = self->first; observer; observer = observer->next)
        hearth_builder_add (list, observer->name);
    hearth_builder_close (list);
    hearth_reply (call, list);
    hearth_builder_destroy (&list);
}

static const hearth_method_t methods [] = {
    { "register_observer", "observer: str", "str", register_observer,
      "Registers a unique or registered name until it is unregistered or gone; answers the topic to observe.",
      HEARTH_IDEMPOTENT },
    { "unregister_observer", "observer: str", "bool", unregister_observer,
      "Whether the observer was registered; it is not any more.", HEARTH_IDEMPOTENT },
    { "notify_observers", "message: str", "int", notify_observers,
      "Publishes the message; answers how many observers are registered.", 0 },
    { "observers", "", "list<str>", observers, "Who is registered.", HEARTH_IDEMPOTENT },
    { 0 },
};

static const hearth_event_t events [] = {
    { EVENT, "str", "What notify_observers was given.", 0 },
    { 0 },
};

static const program_about_t about = {
    .name = "observable_server",
    .summary = "Serves " NAME ", which notifies its observers.",
    .serves = true,
};

int main (int argc, char **argv)
{
    static const hearth_service_options_t options = { .doc = "An object that notifies its observers.",
                                                      .events = events };
    program_start (&about, argc, argv);
    observable_t self = { 0 };
    hearth_t *hearth = program_connect (NULL);
    if (hearth_serve_with (hearth, NAME, methods, &self, &options))
        program_complain (NAME, hearth_last_error (hearth));
    int status = program_serve ();
    forget_observers (&self);
    return status;
}
