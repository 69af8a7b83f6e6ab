/*  box.c - what the threads of a connection share: a lock, mail for the connection's thread, and a way to wait
*/
#include "box.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "connection.h"

struct box {
    pthread_mutex_t lock;
    const volatile char *here;  //  of the connection (guard.c), and the box's own once that is gone
    unsigned users;
    hearth_t *hearth;
    letter_t *first;
    letter_t **last;
    _Atomic (bool) has_work;  //  something was posted or noted since box_deliver
    pthread_cond_t posted;    //  for box_await_work
};

box_t *box_of (hearth_t *hearth)
{
    services_t *services = &hearth->services;
    if (services->box)
        return services->box;
    box_t *self = calloc (1, sizeof *self);
    if (!self)
        return NULL;
    pthread_mutex_init (&self->lock, NULL);
    box_condition_init (&self->posted);
    self->here = hearth->here;
    self->users = 1;
    self->hearth = hearth;
    self->last = &self->first;
    return services->box = self;
}

bool box_is_forked (const box_t *self)
{
    return !*self->here;
}

void box_lock (box_t *self)
{
    pthread_mutex_lock (&self->lock);
}

void box_unlock (box_t *self)
{
    pthread_mutex_unlock (&self->lock);
}

void box_join (box_t *self)
{
    self->users++;
}

void box_leave (box_t *self)
{
    bool is_last = --self->users == 0;
    box_unlock (self);
    if (!is_last)
        return;
    pthread_cond_destroy (&self->posted);
    pthread_mutex_destroy (&self->lock);
    guard_clear (&self->here);
    free (self);
}

void box_drop (box_t *self)
{
    self->users--;
}

hearth_t *box_hearth (const box_t *self)
{
    return self->hearth;
}

bool box_is_ours (const box_t *self)
{
    return !self->hearth || guard_is_inside (self->hearth);
}

/* ------------------------------------------------------------------------
    Mail
*/

//  Whoever sees work not done yet need not wake the connection's thread: it looks once more before it sleeps.
void box_post (box_t *self, letter_t *letter)
{
    if (letter->is_posted)
        return;
    letter->is_posted = true;
    letter->next = NULL;
    *self->last = letter;
    self->last = &letter->next;
    if (atomic_exchange (&self->has_work, true))
        return;
    uplink_wake (self->hearth->uplink);
    pthread_cond_signal (&self->posted);
}

void box_withdraw (box_t *self, letter_t *letter)
{
    if (!letter->is_posted)
        return;
    letter_t **at = &self->first;
    while (*at != letter)
        at = &(*at)->next;
    *at = letter->next;
    if (!*at)
        self->last = at;
    letter->is_posted = false;
}

static letter_t *take_letter (box_t *self)
{
    letter_t *letter = self->first;
    if (letter)
        box_withdraw (self, letter);
    return letter;
}

static void deliver_all (box_t *self)
{
    for (letter_t *letter; (letter = take_letter (self));)
        letter->deliver (letter, self->hearth);
}

void box_note_work (box_t *self)
{
    atomic_store (&self->has_work, true);
}

bool box_has_work (const box_t *self)
{
    return self && atomic_load_explicit (&self->has_work, memory_order_relaxed);
}

void box_await_work (box_t *self)
{
    box_lock (self);
    while (!box_has_work (self))
        box_wait (self, &self->posted, INT64_MAX);
    box_unlock (self);
}

bool box_deliver (box_t *self)
{
    if (!box_has_work (self))
        return false;
    box_lock (self);
    atomic_store (&self->has_work, false);
    deliver_all (self);
    box_unlock (self);
    return true;
}

bool box_close (box_t *self)
{
    if (!self)
        return false;
    box_lock (self);
    deliver_all (self);
    self->hearth->here = NULL;
    self->hearth->services.box = NULL;
    self->hearth = NULL;
    return true;
}

/* ------------------------------------------------------------------------
    Waiting
*/

void box_condition_init (pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init (&attributes);
    pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
    pthread_cond_init (condition, &attributes);
    pthread_condattr_destroy (&attributes);
}

bool box_wait (box_t *self, pthread_cond_t *condition, int64_t deadline_ms)
{
    if (deadline_ms == INT64_MAX)
        return pthread_cond_wait (condition, &self->lock) == 0;
    const struct timespec at = { .tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000 };
    return pthread_cond_timedwait (condition, &self->lock, &at) == 0;
}
