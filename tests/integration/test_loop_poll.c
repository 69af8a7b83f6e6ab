/*  test_loop_poll.c - the scenarios of looping.c in a loop on poll(2)
*/
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "looping.h"

typedef struct {
    hearth_t *hearth;  //  NULL: `act` is called
    bool by_fd;
    bool is_timer;
    loop_fn *act;
    void *context;
} source_t;

struct loop {
    size_t count;
    struct pollfd items [LOOPING_SOURCES];
    source_t sources [LOOPING_SOURCES];
};

loop_t *loop_new (void)
{
    loop_t *self = calloc (1, sizeof *self);
    cr_assert (self);
    return self;
}

void loop_destroy (loop_t **self_p)
{
    loop_t *self = *self_p;
    *self_p = NULL;
    for (size_t index = 0; index < self->count; index++)
        if (self->sources [index].is_timer)
            close (self->items [index].fd);
    free (self);
}

static void add (loop_t *self, int fd, source_t source)
{
    cr_assert_lt (self->count, LOOPING_SOURCES);
    cr_assert_geq (fd, 0);
    self->items [self->count] = (struct pollfd){ .fd = fd, .events = POLLIN };
    self->sources [self->count++] = source;
}

void loop_drive (loop_t *self, hearth_t *hearth)
{
    add (self, hearth_fd (hearth), (source_t){ .hearth = hearth });
}

void loop_drive_by_fd (loop_t *self, hearth_t *hearth)
{
    add (self, hearth_fd (hearth), (source_t){ .hearth = hearth, .by_fd = true });
}

void loop_on_input (loop_t *self, int fd, loop_fn *readable, void *context)
{
    add (self, fd, (source_t){ .act = readable, .context = context });
}

void loop_every (loop_t *self, int64_t interval_ms, loop_fn *due, void *context)
{
    const struct timespec interval = { interval_ms / 1000, interval_ms % 1000 * 1000000 };
    const struct itimerspec every = { interval, interval };
    int fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC);
    cr_assert_eq (timerfd_settime (fd, 0, &every, NULL), 0);
    add (self, fd, (source_t){ .act = due, .context = context, .is_timer = true });
}

//  How long the loop may sleep: -1 for as long as nothing comes. Asked for right before it does, since whatever ran before
//  may have changed it.
static int64_t timeout_ms (const loop_t *self)
{
    int64_t soonest = -1;
    for (size_t index = 0; index < self->count; index++) {
        const source_t *source = &self->sources [index];
        int64_t left = source->hearth && !source->by_fd ? hearth_next_timeout_ms (source->hearth) : -1;
        if (left >= 0 && (soonest < 0 || left < soonest))
            soonest = left;
    }
    return soonest;
}

static void act (const source_t *source, const struct pollfd *item)
{
    uint64_t ticks;
    if (source->hearth && (!source->by_fd || item->revents))
        cr_assert_eq (hearth_process (source->hearth), 0);
    if (source->hearth || !item->revents)
        return;
    if (source->is_timer)
        cr_assert_eq (read (item->fd, &ticks, sizeof ticks), sizeof ticks);
    source->act (source->context);
}

void loop_until (loop_t *self, const atomic_uint *fact, unsigned least)
{
    while (atomic_load (fact) < least) {
        int ready = poll (self->items, self->count, (int) timeout_ms (self));
        cr_assert (ready >= 0 || errno == EINTR);
        for (size_t index = 0; index < self->count && ready >= 0; index++)
            act (&self->sources [index], &self->items [index]);
    }
}
