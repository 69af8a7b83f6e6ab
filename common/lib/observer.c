/*  observer.c - all observations of a connection: who is concerned by what comes in, and when something is due

    Callbacks never run within each other. What comes in while one of them runs and waits for something is only taken down
    in the accounts; what would have to be told is put off, and found again, when it has returned.
*/
#include "observer.h"

#include <stdlib.h>
#include <string.h>

observers_t *observers_new (hearth_t *hearth)
{
    observers_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    self->hearth = hearth;
    self->due_ms = OBSERVATION_NEVER;
    self->watches = watches_new (self);
    if (self->watches && msgpack_zone_init (&self->zone, MSGPACK_ZONE_CHUNK_SIZE))
        return self;
    watches_destroy (&self->watches);
    free (self);
    return NULL;
}

//  ---- prefixes ----

static prefix_t *s_prefix (observers_t *self, const char *text)
{
    prefix_t *prefix = (prefix_t *) textmap_find (&self->prefixes, SPAN (text));
    if (prefix)
        return prefix;
    size_t size = strlen (text);
    prefix = calloc (1, sizeof *prefix + size + 1);
    if (!prefix)
        return NULL;
    memcpy (prefix->text, text, size);
    if (textmap_insert (&self->prefixes, &prefix->node, (span_t){ prefix->text, size }) != 0) {
        free (prefix);
        return NULL;
    }
    if (client_subscribe (self->hearth, prefix->text))
        return prefix;
    textmap_remove (&self->prefixes, &prefix->node);
    free (prefix);
    return NULL;
}

static void s_drop_prefix (observers_t *self, prefix_t *prefix)
{
    if (prefix->first)
        return;
    client_unsubscribe (self->hearth, prefix->text);
    textmap_remove (&self->prefixes, &prefix->node);
    free (prefix);
}

//  ---- observations ----

static void s_free (hearth_observation_t *observation)
{
    account_destroy (&observation->account);
    hearth_result_destroy (&observation->answer);
    hearth_result_destroy (&observation->failure);
    conversation_drop_page (observation);
    free (observation);
}

static hearth_observation_t *s_new (observers_t *observers, const char *service, const char *event)
{
    size_t service_size = strlen (service) + 1, event_size = strlen (event) + 1;
    hearth_observation_t *self = calloc (1, sizeof *self + service_size + event_size);
    if (!self)
        return NULL;
    memcpy (self->service, service, service_size);
    memcpy (self->service + service_size, event, event_size);
    self->event = self->service + service_size;
    self->is_exact = *event;
    self->observers = observers;
    self->is_listing_due = true;
    self->due_ms = self->check_ms = self->latest_ms = OBSERVATION_NEVER;
    self->account = account_new ();
    if (self->account)
        return self;
    free (self);
    return NULL;
}

hearth_observation_t *observers_add (observers_t *self, const char *prefix, const char *service, const char *event)
{
    hearth_observation_t *observation = s_new (self, service, event);
    if (!observation)
        return NULL;
    observation->prefix = s_prefix (self, prefix);
    if (!observation->prefix) {
        s_free (observation);
        return NULL;
    }
    observation->sibling = observation->prefix->first;
    observation->prefix->first = observation;
    observation->next = self->first;
    self->first = observation;
    return observation;
}

static void s_unlink (hearth_observation_t *observation)
{
    hearth_observation_t **link = &observation->prefix->first;
    while (*link != observation)
        link = &(*link)->sibling;
    *link = observation->sibling;
}

static void s_sweep (observers_t *self)
{
    self->has_dead = false;
    for (hearth_observation_t **link = &self->first, *observation; (observation = *link);) {
        if (!observation->is_dead) {
            link = &observation->next;
            continue;
        }
        *link = observation->next;
        s_unlink (observation);
        s_drop_prefix (self, observation->prefix);
        s_free (observation);
    }
}

void observers_settle (observers_t *self)
{
    while (!self->is_telling && self->is_put_off) {
        self->is_put_off = false;
        for (hearth_observation_t *observation = self->first; observation; observation = observation->next)
            observation_take_up (observation);
        watches_tick (self->watches);
    }
    if (!self->is_telling && self->has_dead)
        s_sweep (self);
}

void observers_remove (observers_t *self, hearth_observation_t *observation)
{
    client_forget (self->hearth, observation);
    observation->is_dead = true;
    self->has_dead = true;
    if (!self->is_telling)
        s_sweep (self);
}

void observers_destroy (observers_t **self_p)
{
    observers_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    watches_destroy (&self->watches);
    for (hearth_observation_t *observation = self->first, *next; observation; observation = next) {
        next = observation->next;
        client_forget (self->hearth, observation);
        s_free (observation);
    }
    for (textmap_node_t *node = textmap_first (&self->prefixes), *next; node; node = next) {
        next = textmap_next (&self->prefixes, node);
        free (node);
    }
    textmap_clear (&self->prefixes);
    msgpack_zone_destroy (&self->zone);
    free (self);
}

//  ---- telling ----

bool observers_begin_telling (observers_t *self)
{
    if (self->is_telling)
        return false;
    self->is_telling = true;
    return true;
}

void observers_end_telling (observers_t *self)
{
    self->is_telling = false;
}

bool observers_busy (const observers_t *self)
{
    return self->is_telling && !self->starting;
}

//  ---- the session ----

static void s_proceed (observers_t *self)
{
    for (hearth_observation_t *observation = self->first; observation; observation = observation->next)
        observation_proceed (observation);
    watches_tick (self->watches);
    observers_settle (self);
}

void observers_session_up (observers_t *self, uint64_t epoch, bool reopened, int64_t now_ms)
{
    bool is_other = epoch != self->epoch;
    self->now_ms = now_ms;
    self->epoch = epoch;
    self->is_up = true;
    self->session++;
    for (textmap_node_t *node = textmap_first (&self->prefixes); node; node = textmap_next (&self->prefixes, node)) {
        prefix_t *prefix = (prefix_t *) node;
        prefix->is_live = prefix->is_live && !reopened;
        prefix->marked = is_other ? 0 : prefix->marked;
    }
    watches_session_up (self->watches);
    s_proceed (self);
}

void observers_session_down (observers_t *self, int64_t now_ms)
{
    self->now_ms = now_ms;
    self->is_up = false;
    s_proceed (self);
}

//  ---- what comes in ----

//  A notification and its value, which is decoded when it is first told.
typedef struct {
    const wire_note_t *note;
    const hearth_value_t *value;
    bool is_decoded;
} incoming_t;

static void s_deliver (hearth_observation_t *observation, incoming_t *in)
{
    const wire_note_t *note = in->note;
    if (!in->is_decoded)
        in->value = value_decode (&observation->observers->zone, (uint8_t *) note->body, note->body_size);
    in->is_decoded = true;
    tell_message (observation, note->topic, note->topic_number, note->number, note->time_ms, false, in->value);
}

static void s_offer (observers_t *self, size_t size, incoming_t *in)
{
    prefix_t *prefix = (prefix_t *) textmap_find (&self->prefixes, (span_t){ in->note->topic.data, size });
    for (hearth_observation_t *one = prefix ? prefix->first : NULL; one; one = one->sibling)
        if (observation_note (one, in->note))
            s_deliver (one, in);
}

//  A topic is offered to whoever observes it, its service, or a family that the service is of.
static void s_dispatch (observers_t *self, const wire_note_t *note, size_t service_size)
{
    incoming_t in = { .note = note };
    s_offer (self, 0, &in);
    for (size_t at = 0; at < service_size; at++)
        if (note->topic.data [at] == '.')
            s_offer (self, at + 1, &in);
    s_offer (self, service_size + 1, &in);
    s_offer (self, note->topic.size, &in);
    if (in.is_decoded)
        msgpack_zone_clear (&self->zone);
}

static void s_mark (observers_t *self, const wire_note_t *note)
{
    prefix_t *prefix = (prefix_t *) textmap_find (&self->prefixes, note->topic);
    if (!prefix)
        return;
    prefix->is_live = true;
    prefix->marked = note->number;
    for (hearth_observation_t *one = prefix->first; one; one = one->sibling)
        observation_marker (one, note->number);
}

void observers_note (observers_t *self, const wire_note_t *note, int64_t now_ms)
{
    size_t service_size, event_size;
    self->now_ms = now_ms;
    if (note->epoch != self->epoch)
        return;
    if (note->topic_number == 0)
        s_mark (self, note);
    else if (name_split_topic (note->topic.data, note->topic.size, &service_size, &event_size))
        s_dispatch (self, note, service_size);
    observers_settle (self);
}

//  ---- time ----

void observers_due (observers_t *self, int64_t at_ms)
{
    if (at_ms < self->due_ms)
        self->due_ms = at_ms;
}

void observers_tick (observers_t *self, int64_t now_ms)
{
    self->now_ms = now_ms;
    if (now_ms < self->due_ms)
        return;
    self->due_ms = OBSERVATION_NEVER;
    for (hearth_observation_t *observation = self->first; observation; observation = observation->next)
        observation_tick (observation);
    watches_tick (self->watches);
    observers_settle (self);
}

int64_t observers_deadline (const observers_t *self)
{
    return self->due_ms == OBSERVATION_NEVER ? -1 : self->due_ms;
}
