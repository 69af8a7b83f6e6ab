/*  test_watch.c - names and sessions that come and go, as a watch tells them through a real broker */

#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "broker.h"
#include "observing.h"

extern char **environ;

typedef struct {
    uint64_t told;
    uint64_t count [3];  //  by hearth_change_t
    hearth_change_t last;
    hearth_watch_t *self;  //  destroyed when it is told of this:
    int until;             //  a hearth_change_t, or -1
} view_t;

static const hearth_method_t no_methods [] = { { 0 } };
static fixture_broker_t *broker;
static hearth_t *watcher;

static void start (void)
{
    broker = fixture_broker_new (NULL);
    watcher = hearth_connect (fixture_broker_address (broker));
    cr_assert_not_null (watcher);
}

static void end (void)
{
    hearth_destroy (&watcher);
    fixture_broker_destroy (&broker);
}

static void see (const char *name, hearth_change_t change, void *context)
{
    view_t *self = (view_t *) context;
    cr_assert_not_null (name);
    self->told++;
    self->count [change]++;
    self->last = change;
    if (self->until == (int) change)
        hearth_watch_destroy (&self->self);
}

static void watch (view_t *view, const char *name)
{
    *view = (view_t){ .until = -1 };
    view->self = hearth_watch (watcher, name, see, view);
    cr_assert_not_null (view->self, "%s", hearth_last_error (watcher)->message);
}

static void sees (view_t *view, hearth_change_t change, uint64_t count)
{
    until (watcher, &view->count [change], count);
    cr_assert_eq (view->last, change);
}

static hearth_t *serve (const char *name, hearth_mode_t mode)
{
    hearth_service_options_t options = { .mode = mode };
    hearth_t *self = hearth_connect (fixture_broker_address (broker));
    cr_assert_not_null (self);
    cr_assert_eq (hearth_serve_with (self, name, no_methods, NULL, &options), 0);
    cr_assert_eq (hearth_ready (self, PATIENCE_MS), 0, "%s", hearth_last_error (self)->message);
    return self;
}

Test (watch, a_name_that_comes_and_goes_is_told_each_time)
{
    view_t view;
    start ();
    watch (&view, "a.name");
    sees (&view, HEARTH_WENT, 1);
    hearth_t *owner = serve ("a.name", HEARTH_EXCLUSIVE);
    sees (&view, HEARTH_APPEARED, 1);
    hearth_unserve (owner, "a.name");
    cr_assert_eq (hearth_ready (owner, PATIENCE_MS), 0);
    sees (&view, HEARTH_WENT, 2);
    cr_assert_eq (view.told, 3);
    hearth_destroy (&owner);
    end ();
}

Test (watch, each_watch_of_a_name_is_told_the_state_once_when_it_starts)
{
    view_t first, second, other;
    start ();
    hearth_t *owner = serve ("a.name", HEARTH_EXCLUSIVE);
    watch (&first, "a.name");
    sees (&first, HEARTH_APPEARED, 1);
    watch (&second, "a.name");
    watch (&other, "another");
    sees (&second, HEARTH_APPEARED, 1);
    sees (&other, HEARTH_WENT, 1);
    hearth_destroy (&owner);
    sees (&first, HEARTH_WENT, 1);
    sees (&second, HEARTH_WENT, 1);
    cr_assert_eq (first.told + second.told, 4);
    cr_assert_eq (other.told, 1);
    end ();
}

Test (watch, the_owners_of_a_pool_change)
{
    view_t view;
    start ();
    hearth_t *one = serve ("a.pool", HEARTH_SHARED);
    watch (&view, "a.pool");
    sees (&view, HEARTH_APPEARED, 1);
    hearth_t *two = serve ("a.pool", HEARTH_SHARED);
    sees (&view, HEARTH_CHANGED, 1);
    hearth_destroy (&one);
    sees (&view, HEARTH_CHANGED, 2);
    hearth_destroy (&two);
    sees (&view, HEARTH_WENT, 1);
    cr_assert_eq (view.told, 4);
    end ();
}

Test (watch, a_session_is_there_until_it_ends)
{
    view_t view, own;
    start ();
    hearth_t *peer = serve ("a.name", HEARTH_EXCLUSIVE);
    watch (&view, hearth_unique_name (peer));
    sees (&view, HEARTH_APPEARED, 1);
    watch (&own, hearth_unique_name (watcher));
    sees (&own, HEARTH_APPEARED, 1);
    hearth_destroy (&peer);
    sees (&view, HEARTH_WENT, 1);
    cr_assert_eq (own.told, 1);
    end ();
}

static pid_t start_echo_server (void)
{
    char path [PATH_MAX], address [PATH_MAX];
    const char *build = getenv ("HEARTH_BUILD_DIR");
    snprintf (path, sizeof path, "%s/bin/echo_server", build ? build : "build");
    strcpy (address, fixture_broker_address (broker));
    char *argv [] = { (char []){ "echo_server" }, (char []){ "--broker" }, address, NULL };
    pid_t pid;
    cr_assert_eq (posix_spawn (&pid, path, NULL, NULL, argv, environ), 0);
    return pid;
}

static void kill_hard (pid_t pid)
{
    int status;
    kill (pid, SIGKILL);
    waitpid (pid, &status, 0);
}

Test (watch, a_service_that_is_killed_goes_and_its_successor_appears)
{
    view_t view;
    start ();
    watch (&view, "echo.server");
    sees (&view, HEARTH_WENT, 1);
    for (uint64_t round = 1; round <= 3; round++) {
        pid_t pid = start_echo_server ();
        sees (&view, HEARTH_APPEARED, round);
        kill_hard (pid);
        sees (&view, HEARTH_WENT, round + 1);
    }
    end ();
}

Test (watch, after_a_brokers_restart_names_are_looked_up_again_and_old_sessions_have_gone)
{
    view_t name, session;
    start ();
    hearth_t *owner = serve ("a.name", HEARTH_EXCLUSIVE);
    watch (&name, "a.name");
    watch (&session, hearth_unique_name (owner));
    sees (&name, HEARTH_APPEARED, 1);
    sees (&session, HEARTH_APPEARED, 1);

    fixture_broker_kill (broker);
    fixture_broker_start (broker);
    sees (&session, HEARTH_WENT, 1);
    sees (&name, HEARTH_WENT, 1);
    reconnect (owner);
    sees (&name, HEARTH_APPEARED, 2);

    fixture_broker_kill (broker);
    fixture_broker_start (broker);
    reconnect (owner);
    until (watcher, &name.told, 4);
    while (name.last == HEARTH_WENT)
        until (watcher, &name.told, name.told + 1);
    cr_assert_eq (session.told, 2);
    hearth_destroy (&owner);
    end ();
}

Test (watch, a_watch_that_starts_without_a_broker_is_told_when_there_is_one)
{
    view_t view;
    start ();
    fixture_broker_kill (broker);
    watch (&view, "a.name");
    fixture_broker_start (broker);
    sees (&view, HEARTH_WENT, 1);
    end ();
}

Test (watch, a_watch_may_be_destroyed_by_its_own_callback)
{
    view_t view, other;
    start ();
    watch (&view, "a.name");
    watch (&other, "a.name");
    view.until = HEARTH_APPEARED;
    sees (&view, HEARTH_WENT, 1);
    sees (&other, HEARTH_WENT, 1);
    hearth_t *owner = serve ("a.name", HEARTH_EXCLUSIVE);
    sees (&other, HEARTH_APPEARED, 1);
    hearth_destroy (&owner);
    sees (&other, HEARTH_WENT, 2);
    cr_assert_null (view.self);
    cr_assert_eq (view.told, 2);
    end ();
}

Test (watch, what_is_no_name_is_refused)
{
    static const char *const names [] = { "", "a..b", ".", ":", ":12.", "a/b" };
    view_t view = { 0 };
    start ();
    for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
        cr_assert_null (hearth_watch (watcher, names [at], see, &view), "%s", names [at]);
        cr_assert_eq (hearth_last_error (watcher)->code, HEARTH_INVALID_ARGUMENT);
    }
    cr_assert_null (hearth_watch (watcher, NULL, see, &view));
    end ();
}
