/*  test_loop_uv.c - the scenarios of looping.c in a loop of libuv, with the adapter that docs/guide/loops.md shows
*/
#include <criterion/criterion.h>
#include <stdlib.h>

#include "hearth_uv.h"
#include "looping.h"

typedef struct {
    union {
        uv_handle_t any;
        uv_poll_t input;
        uv_timer_t timer;
    } handle;
    hearth_t *hearth;  //  NULL: `act` is called
    loop_fn *act;
    void *context;
} source_t;

struct loop {
    uv_loop_t uv;
    size_t count;
    source_t sources [LOOPING_SOURCES];
    size_t driven;
    hearth_uv_t adapters [LOOPING_SOURCES];
};

loop_t *loop_new (void)
{
    loop_t *self = calloc (1, sizeof *self);
    cr_assert (self);
    cr_assert_eq (uv_loop_init (&self->uv), 0);
    return self;
}

void loop_destroy (loop_t **self_p)
{
    loop_t *self = *self_p;
    *self_p = NULL;
    for (size_t index = 0; index < self->count; index++)
        uv_close (&self->sources [index].handle.any, NULL);
    for (size_t index = 0; index < self->driven; index++)
        hearth_uv_stop (&self->adapters [index]);
    cr_assert_eq (uv_run (&self->uv, UV_RUN_DEFAULT), 0);
    cr_assert_eq (uv_loop_close (&self->uv), 0);
    free (self);
}

void loop_drive (loop_t *self, hearth_t *hearth)
{
    cr_assert_lt (self->driven, LOOPING_SOURCES);
    cr_assert_eq (hearth_uv_start (&self->adapters [self->driven++], &self->uv, hearth), 0);
}

static void act (uv_handle_t *handle)
{
    source_t *source = handle->data;
    if (source->hearth)
        cr_assert_eq (hearth_process (source->hearth), 0);
    else
        source->act (source->context);
}

static void readable (uv_poll_t *input, int status, int events)
{
    cr_assert_eq (status, 0);
    cr_assert_eq (events, UV_READABLE);
    act ((uv_handle_t *) input);
}

static void due (uv_timer_t *timer)
{
    act ((uv_handle_t *) timer);
}

static source_t *add (loop_t *self, source_t source)
{
    cr_assert_lt (self->count, LOOPING_SOURCES);
    source_t *added = &self->sources [self->count++];
    *added = source;
    return added;
}

static void watch (loop_t *self, int fd, source_t source)
{
    source_t *added = add (self, source);
    cr_assert_eq (uv_poll_init (&self->uv, &added->handle.input, fd), 0);
    added->handle.any.data = added;
    cr_assert_eq (uv_poll_start (&added->handle.input, UV_READABLE, readable), 0);
}

void loop_drive_by_fd (loop_t *self, hearth_t *hearth)
{
    watch (self, hearth_fd (hearth), (source_t){ .hearth = hearth });
}

void loop_on_input (loop_t *self, int fd, loop_fn *input, void *context)
{
    watch (self, fd, (source_t){ .act = input, .context = context });
}

void loop_every (loop_t *self, int64_t interval_ms, loop_fn *tick, void *context)
{
    source_t *added = add (self, (source_t){ .act = tick, .context = context });
    cr_assert_eq (uv_timer_init (&self->uv, &added->handle.timer), 0);
    added->handle.any.data = added;
    cr_assert_eq (uv_timer_start (&added->handle.timer, due, (uint64_t) interval_ms, (uint64_t) interval_ms), 0);
}

void loop_until (loop_t *self, const atomic_uint *fact, unsigned least)
{
    while (atomic_load (fact) < least) {
        cr_assert_neq (uv_run (&self->uv, UV_RUN_ONCE), 0);
        for (size_t index = 0; index < self->driven; index++)
            cr_assert_eq (self->adapters [index].code, 0);
    }
}
