/*  tell.c - what the callback of an observation is told; never while another one runs, nor before its owner has it */

#include <string.h>

#include "observer.h"

static void s_tell (hearth_observation_t *self, const hearth_notification_t *notification, uint64_t number)
{
    if (self->is_dead || !self->is_returned)
        return;
    self->observers->is_telling = true;
    if (self->internal)
        self->internal (notification, number, self->context);
    else
        self->observer (notification, self->context);
    self->observers->is_telling = false;
}

//  Cuts a topic into the names that a notification shows. The topic is well-formed: it has been checked when it came in.
typedef struct {
    char text [TOPIC_MAX_SIZE + 1];
    const char *event;
} topic_names_t;

static void s_cut (topic_names_t *self, span_t topic)
{
    memcpy (self->text, topic.data, topic.size);
    self->text [topic.size - 1] = '\0';
    char *slash = memchr (self->text, '/', topic.size);
    *slash = '\0';
    self->event = slash + 1;
}

void tell_message (hearth_observation_t *self, span_t topic, uint64_t topic_number, uint64_t number, int64_t time_ms,
                   bool retained, const hearth_value_t *value)
{
    if (!value) {
        tell_lost (self, topic, topic_number, retained ? 0 : 1);
        return;
    }
    topic_names_t names;
    s_cut (&names, topic);
    hearth_notification_t notification = { .kind = HEARTH_MESSAGE,
                                           .service = names.text,
                                           .event = names.event,
                                           .number = topic_number,
                                           .time_ms = time_ms,
                                           .retained = retained,
                                           .value = value };
    s_tell (self, &notification, number);
}

void tell_lost (hearth_observation_t *self, span_t topic, uint64_t number, uint64_t lost)
{
    if (!lost)
        return;
    topic_names_t names;
    s_cut (&names, topic);
    hearth_notification_t notification = {
        .kind = HEARTH_LOST, .service = names.text, .event = names.event, .number = number, .lost = lost
    };
    s_tell (self, &notification, 0);
}

void tell_epoch_ended (hearth_observation_t *self, uint64_t number)
{
    hearth_notification_t notification = {
        .kind = HEARTH_EPOCH_ENDED, .service = self->service, .event = self->event, .number = number
    };
    s_tell (self, &notification, 0);
}
