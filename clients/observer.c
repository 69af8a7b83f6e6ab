/*  observer.c - the second exercise: registers with the observable and prints what it is notified of

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    Observes first and registers then, so that nothing is missed from "ready" on. The watch on the server's name says
    when to register: it is started anew in each session, where the observer's unique name is another, and tells once
    that the server is there, then when another one took its place, whose list is empty.
*/
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "program.h"

#define SERVER     "example.observable"
#define EVENT      "message"
#define JOIN_MS    500  //  for subscribing, and until the next attempt
#define GOODBYE_MS 400  //  for unregistering: the end comes within a second

typedef struct {
    hearth_t *hearth;
    hearth_proxy_t *server;
    hearth_observation_t *observation;
    hearth_watch_t *watch;
    hearth_pending_t *registration;  //  in flight
    bool must_join;                  //  a session that has no watch yet
    bool must_register;
    bool is_registered;
    bool is_finished;
    int64_t received;
} observer_t;

static int64_t count = INT64_MAX;

static const program_option_t options [] = {
    { "--count", "N", PROGRAM_COUNT, &count, "end after N messages" },
    { 0 },
};

static const program_about_t about = {
    .name = "observer",
    .summary = "Registers with " SERVER " and prints each message that its observers are notified of.",
    .options = options,
    .details =
        "It says \"ready\" when it is registered, and again when it had to register anew: from then on no message\n"
        "is missed. It waits for the broker and the server, and ends on SIGTERM and SIGINT.",
};

static void print_message (observer_t *self, const hearth_notification_t *notification)
{
    bool written = program_print_value (notification->value);
    if (++self->received < count && written)
        return;
    self->is_finished = true;
    hearth_observation_destroy (&self->observation);
}

static void notified (const hearth_notification_t *notification, void *context)
{
    switch (notification->kind) {
    case HEARTH_MESSAGE: print_message (context, notification); return;
    case HEARTH_LOST:
        program_note ("%" PRIu64 " messages are lost, the last of them number %" PRIu64, notification->lost,
                      notification->number);
        return;
    case HEARTH_EPOCH_ENDED:
        program_note ("the broker was restarted; whether it had published more after its notification %" PRIu64
                      " is unknown",
                      notification->number);
        return;
    }
}

static void connected (hearth_t *hearth, const char *unique_name, void *context)
{
    (void) hearth, (void) unique_name;
    observer_t *self = context;
    self->must_join = true;
}

static void disconnected (hearth_t *hearth, const hearth_error_t *why, void *context)
{
    observer_t *self = context;
    self->must_join = self->must_register = self->is_registered = false;
    program_disconnected (hearth, why, NULL);
}

static void server_changed (const char *name, hearth_change_t change, void *context)
{
    observer_t *self = context;
    self->must_register = change != HEARTH_WENT;
    self->is_registered = false;
    if (change == HEARTH_WENT)
        program_note ("%s is not there; waiting for it", name);
}

//  In a new session. The library keeps the observation from the one before.
static void join (observer_t *self)
{
    hearth_watch_destroy (&self->watch);
    if (!self->observation)
        self->observation = hearth_observe (self->hearth, SERVER, EVENT, JOIN_MS, notified, self);
    if (self->observation)
        self->watch = hearth_watch (self->hearth, SERVER, server_changed, self);
    self->must_join = !self->watch;
    if (self->watch)
        return;
    const hearth_error_t *error = hearth_last_error (self->hearth);
    if (error->code == HEARTH_UNAVAILABLE || error->code == HEARTH_DEADLINE_EXCEEDED)
        return;
    self->is_finished = true;
    program_complain (SERVER, error);
}

//  A registration that is on its way to the server's predecessor is forgotten.
static void start_registration (observer_t *self)
{
    hearth_pending_destroy (&self->registration);
    self->registration = hearth_start (self->server, "register_observer", hearth_unique_name (self->hearth));
    self->must_register = !self->registration;
}

//  What a failure that passes needs comes by itself: another session, or another owner of the server's name.
static void end_registration (observer_t *self, hearth_result_t *answer)
{
    const hearth_error_t *error = hearth_error (answer);
    if (!error) {
        self->is_registered = true;
        puts ("ready");
        self->is_finished |= ferror (stdout) != 0;
    } else if (error->code == HEARTH_DEADLINE_EXCEEDED) {
        self->must_register = true;
        program_note ("%s does not answer; asking again", SERVER);
    } else if (error->code != HEARTH_UNAVAILABLE && strcmp (error->name, "hearth.NoSuchService") != 0) {
        self->is_finished = true;
        program_complain (SERVER, error);
    }
    hearth_result_destroy (&answer);
}

static void act (observer_t *self)
{
    if (self->must_join)
        join (self);
    if (self->must_register && !self->is_finished)
        start_registration (self);
    hearth_result_t *answer = self->registration ? hearth_wait (&self->registration, 0) : NULL;
    if (answer)
        end_registration (self, answer);
}

//  Waits nowhere but in poll, and for the subscription: a signal ends it at once.
static void run (observer_t *self)
{
    struct pollfd events = { .fd = hearth_fd (self->hearth), .events = POLLIN };
    while (true) {
        hearth_process (self->hearth);
        act (self);
        if (program_stopped () || self->is_finished)
            return;
        bool again = self->must_join || self->must_register;
        poll (&events, 1, again ? JOIN_MS : (int) hearth_next_timeout_ms (self->hearth));
    }
}

static void leave (observer_t *self)
{
    hearth_watch_destroy (&self->watch);
    hearth_observation_destroy (&self->observation);
    hearth_pending_destroy (&self->registration);
    if (!self->is_registered)
        return;
    hearth_proxy_set_timeout (self->server, GOODBYE_MS);
    hearth_result_t *answer = hearth_call (self->server, "unregister_observer", hearth_unique_name (self->hearth));
    hearth_result_destroy (&answer);
}

int main (int argc, char **argv)
{
    static const hearth_hooks_t hooks = { .connected = connected,
                                          .disconnected = disconnected,
                                          .waiting = program_waiting };
    program_start (&about, argc, argv);
    observer_t self = { .server = program_proxy (SERVER) };
    self.hearth = program_connect (NULL);
    hearth_set_hooks (self.hearth, &hooks, &self);
    program_catch_signals ();
    run (&self);
    leave (&self);
    return program_end ();
}
