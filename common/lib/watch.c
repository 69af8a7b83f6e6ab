/*  watch.c - watching names and sessions: the directory's events, joined to its answers

    All watches of a connection share one observation of `hearth/name/` and one of `hearth/session/`. A watch begins when
    that observation has: then the state is looked up, which tells the number of the last event that it includes; later
    events change it. An event that comes while a lookup is under way may or may not be included: if the answer is older,
    or does not say (there is no such name), it is looked up again. So it is in each new session, and when events are lost.
*/
#include <stdlib.h>
#include <string.h>

#include "observer.h"

#define LOOKUPS_MOST 64  //  in flight
#define LOOKUP_MS    5000
#define RETRY_MS     100  //  after the first lookup that failed, doubling
#define RETRY_MOST   1000

typedef enum { WATCH_UNKNOWN, WATCH_GONE, WATCH_THERE } watch_state_t;
typedef enum { OF_NAMES, OF_SESSIONS, KINDS } watch_kind_t;

static const struct {
    const char *topic;
    const char *event;  //  and the key of the name in it
} kinds [KINDS] = {
    [OF_NAMES] = { "hearth/name/", "name" },
    [OF_SESSIONS] = { "hearth/session/", "session" },
};

struct hearth_watch_t {
    watches_t *watches;
    hearth_watch_t *next;
    hearth_watch_fn *watcher;
    void *context;
    watch_kind_t kind;
    watch_state_t state;
    uint64_t owners;  //  a sum over their names
    uint64_t number;  //  of the last event that the state includes
    uint64_t newer;   //  of the last event that came while it was looked up
    bool is_due;      //  to be looked up
    bool is_asking;
    bool is_dead;
    size_t size;
    char name [];
};

struct watches {
    observers_t *observers;
    hearth_watch_t *first;
    hearth_observation_t *events [KINDS];
    size_t asking;
    int64_t retry_ms;
    int64_t pause_ms;
    bool has_due;
    bool has_dead;
};

watches_t *watches_new (observers_t *observers)
{
    watches_t *self = calloc (1, sizeof *self);
    if (self)
        self->observers = observers;
    return self;
}

void watches_destroy (watches_t **self_p)
{
    watches_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (hearth_watch_t *watch = self->first, *next; watch; watch = next) {
        next = watch->next;
        client_forget (self->observers->hearth, watch);
        free (watch);
    }
    free (self);
}

static void s_drop_events (watches_t *self, watch_kind_t kind)
{
    if (self->events [kind])
        observers_remove (self->observers, self->events [kind]);
    self->events [kind] = NULL;
}

static void s_sweep (watches_t *self)
{
    size_t left [KINDS] = { 0 };
    self->has_dead = false;
    for (hearth_watch_t **link = &self->first, *watch; (watch = *link);) {
        if (watch->is_dead) {
            *link = watch->next;
            free (watch);
            continue;
        }
        left [watch->kind]++;
        link = &watch->next;
    }
    for (watch_kind_t kind = 0; kind < KINDS; kind++)
        if (!left [kind])
            s_drop_events (self, kind);
}

//  ---- the state ----

static void s_tell (hearth_watch_t *self, hearth_change_t change)
{
    if (!self->is_dead)
        self->watcher (self->name, change, self->context);
}

static void s_set (hearth_watch_t *self, watch_state_t state, uint64_t owners)
{
    bool has_changed = state != self->state, has_others = owners != self->owners;
    self->state = state;
    self->owners = owners;
    if (has_changed)
        s_tell (self, state == WATCH_THERE ? HEARTH_APPEARED : HEARTH_WENT);
    else if (state == WATCH_THERE && has_others)
        s_tell (self, HEARTH_CHANGED);
}

//  Owners are compared as a set: by the sum of a hash over each (FNV-1a).
static uint64_t s_owner (const hearth_value_t *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = hearth_value_str (name); *at; at++)
        hash = (hash ^ (uint8_t) *at) * 0x100000001b3u;
    return hash;
}

static void s_look_up_again (hearth_watch_t *self)
{
    self->is_due = true;
    self->watches->has_due = true;
    self->watches->observers->is_put_off = true;
}

//  ---- events ----

typedef struct {
    watch_state_t state;
    uint64_t owners;
} watch_view_t;

//  What an event makes of a state. One that changes no owner (metadata, an interface) makes nothing of it.
static watch_view_t s_after (const hearth_watch_t *self, const hearth_value_t *event)
{
    const char *change = hearth_value_str (hearth_value_get (event, "change"));
    const hearth_value_t *previous = hearth_value_get (event, "previous");
    uint64_t owner = s_owner (hearth_value_get (event, "session"));
    if (strcmp (change, "went") == 0)
        return (watch_view_t){ WATCH_GONE, 0 };
    if (strcmp (change, "appeared") == 0)
        return (watch_view_t){ WATCH_THERE, owner };
    if (strcmp (change, "joined") == 0)
        return (watch_view_t){ WATCH_THERE, self->owners + owner };
    if (strcmp (change, "left") == 0)
        return (watch_view_t){ WATCH_THERE, self->owners - owner };
    if (previous)
        return (watch_view_t){ WATCH_THERE, self->owners - s_owner (previous) + owner };
    return (watch_view_t){ self->state, self->owners };
}

static void s_see (hearth_watch_t *self, const hearth_value_t *event, uint64_t number)
{
    if (self->is_due || self->is_asking)
        self->newer = number;
    else if (number > self->number) {
        watch_view_t view = s_after (self, event);
        self->number = number;
        s_set (self, view.state, view.owners);
    }
}

//  Told by the observation of a kind of events; a callback runs, so no watch is freed meanwhile.
static void s_on_event (const hearth_notification_t *notification, uint64_t number, void *context)
{
    watches_t *self = context;
    watch_kind_t kind = strcmp (notification->event, kinds [OF_NAMES].event) == 0 ? OF_NAMES : OF_SESSIONS;
    const hearth_value_t *name = hearth_value_get (notification->value, kinds [kind].event);
    for (hearth_watch_t *watch = self->first; watch; watch = watch->next) {
        if (watch->kind != kind)
            continue;
        if (notification->kind != HEARTH_MESSAGE)
            s_look_up_again (watch);
        else if (watch->size == hearth_value_size (name) && strcmp (watch->name, hearth_value_str (name)) == 0)
            s_see (watch, notification->value, number);
    }
}

//  ---- lookups ----

static void s_retry (watches_t *self)
{
    self->pause_ms = self->pause_ms ? self->pause_ms * 2 : RETRY_MS;
    if (self->pause_ms > RETRY_MOST)
        self->pause_ms = RETRY_MOST;
    self->retry_ms = self->observers->now_ms + self->pause_ms;
}

static void s_answer (hearth_watch_t *self, const hearth_result_t *result)
{
    const hearth_value_t *answer = hearth_result_value (result);
    const hearth_value_t *names = hearth_value_get (answer, "owners");
    uint64_t number = hearth_value_uint (hearth_value_get (answer, "number")), owners = 0;
    bool is_gone = hearth_failed (result) && hearth_error (result)->code == HEARTH_NOT_FOUND;
    if (hearth_failed (result) && !is_gone)
        s_retry (self->watches);
    else
        self->watches->pause_ms = 0;
    if ((hearth_failed (result) && !is_gone) || (is_gone && self->newer) || (!is_gone && number < self->newer)) {
        s_look_up_again (self);
        return;
    }
    for (size_t at = 0; at < hearth_value_size (names); at++)
        owners += s_owner (hearth_value_at (names, at));
    if (!is_gone)
        self->number = number;
    s_set (self, is_gone ? WATCH_GONE : WATCH_THERE, owners);
}

static void s_on_answer (hearth_t *hearth, hearth_result_t *result, void *context)
{
    hearth_watch_t *self = context;
    observers_t *observers = self->watches->observers;
    observers->now_ms = client_now_ms (hearth);
    self->is_asking = false;
    self->watches->asking--;
    if (observers_begin_telling (observers)) {
        s_answer (self, result);
        observers_end_telling (observers);
    } else
        s_look_up_again (self);
    hearth_result_destroy (&result);
    observers->is_put_off |= self->watches->has_due;
    observers_settle (observers);
}

//  A session of another epoch has gone; there is nobody to ask.
static bool s_is_of_old (const hearth_watch_t *self)
{
    uint64_t epoch = 0;
    return name_is_unique (self->name, self->size, &epoch, NULL) && epoch != self->watches->observers->epoch;
}

static void s_look_up (hearth_watch_t *self)
{
    watches_t *watches = self->watches;
    self->is_due = false;
    self->newer = 0;
    pack_t arguments;
    pack_init (&arguments);
    pack_list (&arguments, 1);
    pack_text (&arguments, self->name, self->size);
    int code = arguments.failed ? HEARTH_RESOURCE_EXHAUSTED
                                : client_call (watches->observers->hearth, "hearth", "lookup", &arguments, LOOKUP_MS,
                                               s_on_answer, self);
    pack_clear (&arguments);
    self->is_asking = code == 0;
    watches->asking += code == 0;
    if (!code)
        return;
    self->is_due = watches->has_due = true;
    s_retry (watches);
}

static void s_begin (hearth_watch_t *self)
{
    observers_t *observers = self->watches->observers;
    if (!s_is_of_old (self)) {
        s_look_up (self);
        return;
    }
    self->is_due = false;
    observers_begin_telling (observers);
    s_set (self, WATCH_GONE, 0);
    observers_end_telling (observers);
}

void watches_tick (watches_t *self)
{
    observers_t *observers = self->observers;
    if (observers->is_telling) {
        observers->is_put_off = true;
        return;
    }
    if (self->has_dead)
        s_sweep (self);
    if (!self->has_due || !observers->is_up)
        return;
    if (self->retry_ms > observers->now_ms) {
        observers_due (observers, self->retry_ms);
        return;
    }
    self->has_due = false;
    for (hearth_watch_t *watch = self->first; watch; watch = watch->next) {
        const hearth_observation_t *events = self->events [watch->kind];
        if (!watch->is_due || watch->is_dead)
            continue;
        if (!watch->is_asking && events && account_is_open (events->account) && self->asking < LOOKUPS_MOST)
            s_begin (watch);
        self->has_due |= watch->is_due;
    }
}

void watches_session_up (watches_t *self)
{
    self->retry_ms = self->pause_ms = 0;
    for (hearth_watch_t *watch = self->first; watch; watch = watch->next) {
        watch->number = 0;
        watch->is_due = self->has_due = true;
    }
}

//  ---- the public side ----

static bool s_observe (watches_t *self, watch_kind_t kind)
{
    if (self->events [kind])
        return true;
    hearth_observation_t *events = observers_add (self->observers, kinds [kind].topic, "hearth", kinds [kind].event);
    if (!events)
        return false;
    events->internal = s_on_event;
    events->context = self;
    events->is_returned = true;
    self->events [kind] = events;
    observation_proceed (events);
    return true;
}

static hearth_watch_t *s_watch (hearth_t *hearth, const char *name, hearth_watch_fn *watcher, void *context)
{
    watches_t *watches = client_observers (hearth)->watches;
    address_t address;
    if (!watcher) {
        client_fail (hearth, HEARTH_INVALID_ARGUMENT, "hearth.BadArguments", "there is no callback");
        return NULL;
    }
    name = client_resolve (hearth, name, &address);
    if (!name)
        return NULL;
    size_t size = strlen (name);
    watch_kind_t kind = name_is_unique (name, size, NULL, NULL) ? OF_SESSIONS : OF_NAMES;
    hearth_watch_t *self = calloc (1, sizeof *self + size + 1);
    if (!self || !s_observe (watches, kind)) {
        free (self);
        client_fail (hearth, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "out of memory");
        return NULL;
    }
    *self = (hearth_watch_t){ .watches = watches,
                              .next = watches->first,
                              .watcher = watcher,
                              .context = context,
                              .kind = kind,
                              .is_due = true,
                              .size = size };
    memcpy (self->name, name, size);
    watches->first = self;
    watches->has_due = true;
    observers_due (watches->observers, client_now_ms (hearth));
    return self;
}

hearth_watch_t *hearth_watch (hearth_t *self, const char *name, hearth_watch_fn *watcher, void *context)
{
    if (!client_enter (self))
        return NULL;
    hearth_watch_t *watch = s_watch (self, name, watcher, context);
    client_leave (self);
    return watch;
}

static void s_unwatch (hearth_watch_t *self)
{
    watches_t *watches = self->watches;
    client_forget (watches->observers->hearth, self);
    watches->asking -= self->is_asking;
    self->is_asking = false;
    self->is_dead = true;
    watches->has_dead = true;
    if (watches->observers->is_telling)
        watches->observers->is_put_off = true;
    else
        s_sweep (watches);
}

void hearth_watch_destroy (hearth_watch_t **self_p)
{
    hearth_watch_t *self = self_p ? *self_p : NULL;
    hearth_t *hearth = self ? self->watches->observers->hearth : NULL;
    if (!self || !client_enter (hearth))
        return;
    *self_p = NULL;
    s_unwatch (self);
    client_leave (hearth);
}
