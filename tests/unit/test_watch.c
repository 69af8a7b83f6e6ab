/*  test_watch.c - how a watch joins lookups and events, whichever comes first; in a made-up world */

#include "made_up.h"

typedef struct {
    char told [64];  //  a letter each: A appeared, W went, C changed
    size_t count;
} view_t;

static hearth_t world;
static view_t view;

static void see (const char *name, hearth_change_t change, void *context)
{
    view_t *self = (view_t *) context;
    cr_assert_str_eq (name, "a.name");
    self->told [self->count++] = "WAC" [change];
}

//  A watch whose events are observed, and whose first lookup is not answered yet.
static hearth_watch_t *start (const char *owner)
{
    made_up_begin (&world, 100);
    made_up_connect (&world, true);
    world.owner = owner;
    hearth_watch_t *self = hearth_watch (&world, "a.name", see, &view);
    cr_assert_not_null (self);
    made_up_read (&world, 10);
    made_up_answer (&world);
    cr_assert_str_eq (made_up_asked (&world), "lookup");
    return self;
}

static void ends (const char *told)
{
    made_up_settle (&world);
    cr_assert_str_eq (view.told, told);
    made_up_end (&world);
}

Test (watch, tells_first_what_is_the_case)
{
    start (":1");
    ends ("A");
}

Test (watch, tells_first_that_there_is_nothing)
{
    start (NULL);
    ends ("W");
}

Test (watch, tells_each_event_behind_the_lookup)
{
    start (NULL);
    made_up_settle (&world);
    made_up_event (&world, "appeared", ":1", NULL);
    made_up_event (&world, "changed", ":2", ":1");
    made_up_event (&world, "changed", ":2", NULL);
    made_up_event (&world, "went", ":2", NULL);
    ends ("WACW");
}

Test (watch, tells_no_event_that_the_lookup_includes)
{
    start (NULL);
    made_up_event (&world, "appeared", ":1", NULL);
    made_up_answer (&world);
    cr_assert_str_eq (view.told, "A");
    ends ("A");
}

Test (watch, looks_up_again_where_an_event_overtook_the_answer_that_there_is_nothing)
{
    start (NULL);
    made_up_event (&world, "appeared", ":1", NULL);
    made_up_read (&world, 10);
    world.owner = NULL;
    made_up_answer (&world);
    cr_assert_str_eq (view.told, "", "it may be older than the event");
    world.owner = ":1";
    ends ("A");
}

Test (watch, tries_again_where_the_directory_does_not_know_yet)
{
    start (NULL);
    made_up_refuse (&world, HEARTH_UNAVAILABLE);
    cr_assert_str_eq (made_up_asked (&world), "");
    world.owner = ":1";
    made_up_pass (&world, 1000);
    ends ("A");
}

Test (watch, looks_up_again_in_a_new_session)
{
    start (":1");
    made_up_settle (&world);
    made_up_disconnect (&world);
    world.owner = ":2";
    made_up_connect (&world, false);
    ends ("AC");
}

Test (watch, goes_on_where_it_has_to_look_up_again_while_it_looks_up)
{
    start (":1");
    world.is_holding = true;
    made_up_disconnect (&world);
    made_up_connect (&world, false);
    made_up_settle (&world);
    cr_assert_str_eq (view.told, "A");
    made_up_event (&world, "went", ":1", NULL);
    ends ("AW");
}

Test (watch, looks_up_again_in_a_new_epoch)
{
    start (":1");
    made_up_settle (&world);
    for (int count = 0; count < 20; count++)
        made_up_publish (&world, 0);
    made_up_disconnect (&world);
    made_up_restart (&world);
    world.owner = NULL;
    made_up_connect (&world, true);
    made_up_settle (&world);
    made_up_event (&world, "appeared", ":2", NULL);
    ends ("AWA");
}

Test (watch, is_told_nothing_once_it_is_destroyed)
{
    hearth_watch_t *self = start (":1");
    hearth_watch_destroy (&self);
    cr_assert_null (self);
    cr_assert_eq (world.prefix_count, 0, "nobody observes the events any more");
    made_up_event (&world, "went", ":1", NULL);
    ends ("");
}

Test (watch, looks_up_again_where_events_are_lost)
{
    start (":1");
    made_up_settle (&world);
    world.history = 0;
    world.is_losing = true;
    made_up_event (&world, "went", ":1", NULL);
    made_up_pass (&world, 5000);
    ends ("AW");
}
