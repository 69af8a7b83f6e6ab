/*  observing.c - driving connections by hand */

#include "observing.h"

#include <inttypes.h>
#include <poll.h>
#include <time.h>

static int64_t now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void check_next (record_t *self, uint64_t number, uint64_t count)
{
    if (self->last)
        cr_assert_eq (number, self->last + count, "%" PRIu64 " of %" PRIu64 " behind %" PRIu64, count, number,
                      self->last);
    self->last = number;
}

void record (const hearth_notification_t *notification, void *context)
{
    record_t *self = (record_t *) context;
    switch (notification->kind) {
    case HEARTH_MESSAGE:
        check_next (self, notification->number, notification->retained ? 0 : 1);
        self->retained += notification->retained;
        self->received += !notification->retained;
        self->value = hearth_value_int (notification->value);
        break;
    case HEARTH_LOST:
        check_next (self, notification->number, notification->lost);
        self->lost += notification->lost;
        self->losses++;
        break;
    case HEARTH_EPOCH_ENDED:
        self->ended++;
        self->ended_at = notification->number;
        self->last = 0;
        break;
    }
    self->told = self->received + self->lost;
}

void until (hearth_t *hearth, const uint64_t *fact, uint64_t least)
{
    int64_t end_ms = now_ms () + PATIENCE_MS;
    while (*fact < least) {
        int64_t left_ms = end_ms - now_ms (), next_ms = hearth_next_timeout_ms (hearth);
        cr_assert_gt (left_ms, 0, "%" PRIu64 " instead of %" PRIu64, *fact, least);
        struct pollfd event = { .fd = hearth_fd (hearth), .events = POLLIN };
        poll (&event, 1, (int) (next_ms < 0 || next_ms > left_ms ? left_ms : next_ms));
        cr_assert_eq (hearth_process (hearth), 0, "%s", hearth_last_error (hearth)->message);
    }
}

static void count_session (hearth_t *hearth, const char *unique_name, void *context)
{
    (void) hearth;
    (void) unique_name;
    ++*(uint64_t *) context;
}

void reconnect (hearth_t *hearth)
{
    static const hearth_hooks_t hooks = { .connected = count_session };
    uint64_t sessions = 0;
    hearth_set_hooks (hearth, &hooks, &sessions);
    until (hearth, &sessions, 1);
    hearth_set_hooks (hearth, NULL, NULL);
    cr_assert_eq (hearth_ready (hearth, PATIENCE_MS), 0, "%s", hearth_last_error (hearth)->message);
}

static const hearth_method_t no_methods [] = { { 0 } };
static const hearth_event_t events [] = {
    { "news", "int", "Is kept in the history only.", 0 },
    { "state", "int", "Has a last value.", HEARTH_RETAINED },
    { 0 },
};

hearth_t *publisher_new (const char *address, const char *name)
{
    static const hearth_service_options_t options = { .events = events };
    hearth_t *self = hearth_connect (address);
    cr_assert_not_null (self);
    cr_assert_eq (hearth_serve_with (self, name, no_methods, NULL, &options), 0);
    cr_assert_eq (hearth_ready (self, PATIENCE_MS), 0, "%s", hearth_last_error (self)->message);
    return self;
}

void publish (hearth_t *publisher, const char *name, const char *event, int64_t from, int64_t to)
{
    for (int64_t value = from; value <= to; value++)
        cr_assert_eq (hearth_publish (publisher, name, event, value), 0, "%s",
                      hearth_last_error (publisher)->message);
}

hearth_observation_t *observe (hearth_t *hearth, const char *service, const char *event, record_t *facts)
{
    hearth_observation_t *self = hearth_observe (hearth, service, event, PATIENCE_MS, record, facts);
    cr_assert_not_null (self, "%s", hearth_last_error (hearth)->message);
    return self;
}
