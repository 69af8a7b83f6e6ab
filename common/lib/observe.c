/*  observe.c - the public side of observations (hearth.h, section 6) */

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "observer.h"

#define FAMILY ".*"

//  Writes what to subscribe to: a topic, all of a service's events, or a family. False if there is no such thing.
static bool s_write_prefix (char prefix [TOPIC_MAX_SIZE + 1], const char *service, const char *event)
{
    size_t size = service ? strlen (service) : 0, family_size = strlen (FAMILY);
    if (event && !name_is_valid (event, strlen (event)))
        return false;
    if (!event && size > family_size && strcmp (service + size - family_size, FAMILY) == 0) {
        size -= family_size;
        snprintf (prefix, TOPIC_MAX_SIZE + 1, "%.*s.", (int) size, service);
        return name_is_valid (service, size);
    }
    snprintf (prefix, TOPIC_MAX_SIZE + 1, "%s/%s%s", size ? service : "", event ? event : "", event ? "/" : "");
    return size && (name_is_valid (service, size) || name_is_unique (service, size, NULL, NULL));
}

//  Why it has not begun.
static void s_explain (const hearth_observation_t *self, int code)
{
    hearth_t *hearth = self->observers->hearth;
    if (self->failure)
        client_fail_result (hearth, self->failure);
    else if (code == HEARTH_RESOURCE_EXHAUSTED)
        client_fail (hearth, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "too many waits within each other");
    else if (!self->observers->is_up)
        client_fail (hearth, HEARTH_UNAVAILABLE, "hearth.BrokerGone", "no broker answers at %s",
                     hearth_broker (hearth));
    else
        client_fail (hearth, HEARTH_DEADLINE_EXCEEDED, "hearth.Deadline", "the subscription is not live yet");
}

static hearth_observation_t *s_observe (hearth_t *self, const char *service, const char *event, int64_t timeout_ms,
                                        hearth_observer_fn *observer, void *context)
{
    char prefix [TOPIC_MAX_SIZE + 1];
    observers_t *observers = client_observers (self);
    if (!observer || !s_write_prefix (prefix, service, event)) {
        client_fail (self, HEARTH_INVALID_ARGUMENT, "hearth.BadArguments",
                     "expected a service or a family such as \"example.*\", an event or none, and a callback");
        return NULL;
    }
    hearth_observation_t *observation = observers_add (observers, prefix, service, event ? event : "");
    if (!observation) {
        client_fail (self, HEARTH_RESOURCE_EXHAUSTED, "hearth.Limit", "out of memory");
        return NULL;
    }
    observation->observer = observer;
    observation->context = context;

    int64_t now_ms = observers->now_ms = clock_now_ms ();
    bool is_nested = observers->is_telling;
    observers->starting += is_nested;
    observation_proceed (observation);
    int code = client_wait (self, &observation->is_ready, now_ms + (timeout_ms > 0 ? timeout_ms : 0));
    observers->starting -= is_nested;
    if (code || observation->failure) {
        s_explain (observation, code);
        observers_remove (observers, observation);
        return NULL;
    }
    observation->is_returned = true;
    observers->is_put_off = true;
    observers_due (observers, now_ms);
    return observation;
}

hearth_observation_t *hearth_observe (hearth_t *self, const char *service, const char *event, int64_t timeout_ms,
                                      hearth_observer_fn *observer, void *context)
{
    if (!client_enter (self))
        return NULL;
    hearth_observation_t *observation = s_observe (self, service, event, timeout_ms, observer, context);
    client_leave (self);
    return observation;
}

void hearth_observation_destroy (hearth_observation_t **self_p)
{
    hearth_observation_t *self = self_p ? *self_p : NULL;
    if (!self || !client_enter (self->observers->hearth))
        return;
    *self_p = NULL;
    hearth_t *hearth = self->observers->hearth;
    observers_remove (self->observers, self);
    client_leave (hearth);
}
