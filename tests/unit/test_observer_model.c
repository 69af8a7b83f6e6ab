/*  test_observer_model.c - random runs of observations in a made-up world: losses, failures, reconnects, restarts

    However it goes, each topic's numbers are told in order and without a hole, received or lost, from the first one that
    is an observation's own, to the last one that was published. A run is made of its seed alone, which a failure names.
*/
#include <inttypes.h>
#include <string.h>

#include "made_up.h"
#include "repetitions.h"

#define RUNS      20000
#define STEPS     250
#define OBSERVERS 3

static const struct {
    const char *service;
    const char *event;
    bool is_told [MADE_UP_TOPICS];
} kinds [OBSERVERS] = {
    { "a.feed", "news", { true, false, false } },
    { "a.feed", NULL, { true, true, false } },
    { "a.*", NULL, { true, true, true } },
};

typedef struct {
    hearth_observation_t *observation;
    bool is_beginning;
    uint64_t epoch;
    uint64_t next [MADE_UP_TOPICS];  //  number that is to be told next; 0: the topic's first
    uint64_t late [MADE_UP_TOPICS];  //  or any up to this one, which was next when hearth_observe returned
} observer_t;

static struct {
    hearth_t world;
    uint64_t seed;
    uint64_t random;
    uint64_t session_epoch;
    observer_t observers [OBSERVERS];
    unsigned depth;
} model;

#define HOLDS(condition)                                                                                             \
    do {                                                                                                             \
        if (!(condition))                                                                                            \
            cr_assert_fail ("seed %" PRIu64 ": %s", model.seed, #condition);                                         \
    } while (0)

static uint64_t draw (uint64_t below)
{
    model.random ^= model.random << 13;
    model.random ^= model.random >> 7;
    model.random ^= model.random << 17;
    return (model.random >> 11) % below;
}

static int topic_of (const hearth_notification_t *notification)
{
    char name [64];
    snprintf (name, sizeof name, "%s/%s/", notification->service, notification->event);
    for (int at = 0; at < MADE_UP_TOPICS; at++)
        if (strcmp (model.world.topics [at].name, name) == 0)
            return at;
    HOLDS (!"a topic");
    return 0;
}

static void do_something (void);

static void check_next (observer_t *self, int topic, uint64_t first)
{
    uint64_t least = self->next [topic], most = self->late [topic];
    uint64_t from = model.world.topics [topic].first;
    if (!least && self->epoch == model.world.epoch)
        HOLDS (first >= from && first <= (most ? most : from));
    if (least)
        HOLDS (first >= least && first <= most);
}

static void told (const hearth_notification_t *notification, void *context)
{
    observer_t *self = (observer_t *) context;
    HOLDS (model.depth++ == 0);
    if (notification->kind == HEARTH_EPOCH_ENDED) {
        self->epoch = model.session_epoch;
        memset (self->next, 0, sizeof self->next);
        memset (self->late, 0, sizeof self->late);
    } else {
        int topic = topic_of (notification);
        uint64_t count = notification->kind == HEARTH_LOST ? notification->lost : 1;
        check_next (self, topic, notification->number - count + 1);
        self->next [topic] = self->late [topic] = notification->number + 1;
    }
    do_something ();
    model.depth--;
}

static void connect_world (void)
{
    if (model.world.is_up)
        return;
    bool is_other = model.session_epoch != model.world.epoch;
    model.session_epoch = model.world.epoch;
    made_up_connect (&model.world, is_other || draw (2));
}

static void disconnect_world (void)
{
    if (model.world.is_up)
        made_up_disconnect (&model.world);
}

static void see_next (uint64_t next [MADE_UP_TOPICS])
{
    for (int topic = 0; topic < MADE_UP_TOPICS; topic++)
        next [topic] = model.world.topics [topic].last ? model.world.topics [topic].last + 1 : 0;
}

static void observe (int at)
{
    observer_t *self = &model.observers [at];
    if (self->observation) {
        hearth_observation_destroy (&self->observation);
        return;
    }
    if (self->is_beginning)
        return;
    self->is_beginning = true;
    bool is_losing = model.world.is_losing;
    model.world.is_losing = false;
    see_next (self->next);
    self->observation = hearth_observe (&model.world, kinds [at].service, kinds [at].event, 5000, told, self);
    see_next (self->late);
    self->epoch = model.world.epoch;
    self->is_beginning = false;
    model.world.is_losing = is_losing;
}

//  A program that does something in its callback: other notifications and answers come in meanwhile.
static void do_something (void)
{
    if (draw (8))
        return;
    if (draw (2))
        made_up_answer (&model.world);
    if (draw (2))
        made_up_publish (&model.world, (int) draw (MADE_UP_TOPICS));
    if (draw (4) == 0)
        observe ((int) draw (OBSERVERS));
}

static void step (void)
{
    hearth_t *world = &model.world;
    uint64_t dice = draw (100);
    if (dice < 35)
        made_up_publish (world, (int) draw (MADE_UP_TOPICS));
    else if (dice < 60)
        made_up_read (world, 1 + draw (4));
    else if (dice < 75)
        made_up_answer (world);
    else if (dice < 80)
        world->is_losing = !world->is_losing;
    else if (dice < 83)
        made_up_refuse (world, draw (2) ? HEARTH_DEADLINE_EXCEEDED : HEARTH_INTERNAL);
    else if (dice < 92) {
        world->now_ms += (int64_t) draw (3000);
        observers_tick (world->observers, world->now_ms);
    } else if (dice < 94)
        disconnect_world ();
    else if (dice < 97)
        connect_world ();
    else if (dice == 97 && model.seed % 2) {
        disconnect_world ();
        made_up_restart (world);
    } else
        observe ((int) draw (OBSERVERS));
}

//  Everything comes through: what was published and is not told yet is told.
static void check (void)
{
    model.world.is_losing = false;
    connect_world ();
    made_up_pass (&model.world, 100000);
    for (int at = 0; at < OBSERVERS; at++)
        for (int topic = 0; topic < MADE_UP_TOPICS; topic++) {
            const observer_t *self = &model.observers [at];
            uint64_t last = model.world.topics [topic].last;
            if (self->observation && kinds [at].is_told [topic] && last)
                HOLDS (self->next [topic] <= last + 1 && self->late [topic] == last + 1);
        }
}

static void run (uint64_t seed)
{
    memset (&model, 0, sizeof model);
    model.seed = seed;
    model.random = (seed + 1) * 0x9e3779b97f4a7c15u;
    made_up_begin (&model.world, draw (20));
    model.world.is_holding = seed % 4 == 3;
    connect_world ();
    for (int at = 0; at < STEPS; at++)
        step ();
    check ();
    made_up_end (&model.world);
}

Test (observer_model, whatever_happens_received_and_lost_are_what_was_published)
{
    int runs = repetitions (RUNS);
    for (int seed = 0; seed < runs; seed++)
        run ((uint64_t) seed);
}
