/*  observe.c - the public side of observations (hearth.h, section 6) */

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "observer.h"

#define FAMILY ".*"

//  The bytes of a family's name in "example.*"; 0 if it is none.
static size_t s_family_size (const char *service)
{
    size_t size = service ? strlen (service) : 0, end = strlen (FAMILY);
    bool is_family = size > end && strcmp (service + size - end, FAMILY) == 0 && name_is_valid (service, size - end);
    return is_family ? size - end : 0;
}

//  Writes what to subscribe to: a topic, all of a service's events, or a family. The service's name, which may lie in
//  `address`; NULL with the error set if there is no such thing.
static const char *s_write_prefix (hearth_t *self, char prefix [TOPIC_MAX_SIZE + 1], const char *service,
                                   const char *event, address_t *address)
{
    size_t family_size = s_family_size (service);
    if (event && (family_size || !name_is_valid (event, strlen (event)))) {
        client_fail (self, HEARTH_INVALID_ARGUMENT, "hearth.BadArguments",
                     family_size ? "of a family such as %s all events are observed (event NULL)"
                                 : "\"%.255s\" is not an event's name",
                     family_size ? service : event);
        return NULL;
    }
    const char *name = family_size ? service : client_resolve (self, service, address);
    if (family_size)
        snprintf (prefix, TOPIC_MAX_SIZE + 1, "%.*s.", (int) family_size, service);
    else if (name)
        snprintf (prefix, TOPIC_MAX_SIZE + 1, "%s/%s%s", name, event ? event : "", event ? "/" : "");
    return name;
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
    address_t address;
    if (!observer) {
        client_fail (self, HEARTH_INVALID_ARGUMENT, "hearth.BadArguments", "there is no callback");
        return NULL;
    }
    service = s_write_prefix (self, prefix, service, event, &address);
    if (!service)
        return NULL;
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
    int code = client_wait (self, &observation->is_ready, clock_after_ms (timeout_ms));
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
