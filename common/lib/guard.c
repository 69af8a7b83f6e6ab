/*  guard.c - one thread at a time, and not in a forked child

    Concurrent use is refused, never serialized: the owner is one atomic word, and refusing touches nothing else. A child
    that was forked and did not exec shares the parent's sockets, of which any use would harm the parent; it is told by a
    page that the kernel clears on fork, since asking for the process's id costs as much as the rest of a call.
*/
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "connection.h"
#include "worker.h"

static const hearth_error_t in_use = {
    HEARTH_FAILED_PRECONDITION, HEARTH_NOT_EXECUTED, "hearth.InUse", "another thread uses the connection", NULL,
};

static const hearth_error_t on_worker = {
    HEARTH_FAILED_PRECONDITION,
    HEARTH_NOT_EXECUTED,
    "hearth.InUse",
    "a worker uses its connection through its call only",
    NULL,
};

static const hearth_error_t forked = {
    HEARTH_FAILED_PRECONDITION,
    HEARTH_NOT_EXECUTED,
    "hearth.Forked",
    "the connection belongs to the process that made it, and this is a child of it",
    NULL,
};

static const hearth_error_t closing = {
    HEARTH_CANCELLED, HEARTH_NOT_EXECUTED, "hearth.Cancelled", "the connection is being destroyed", NULL,
};

static const hearth_error_t missing = {
    HEARTH_INVALID_ARGUMENT, HEARTH_NOT_EXECUTED, "hearth.BadArguments", "there is no connection", NULL,
};

bool guard_init (hearth_t *self)
{
    size_t size = (size_t) sysconf (_SC_PAGESIZE);
    char *page = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return false;
    *page = 1;
    self->here = page;
    return madvise (page, size, MADV_WIPEONFORK) == 0;
}

void guard_clear (const volatile char **here_p)
{
    if (*here_p)
        munmap ((void *) *here_p, (size_t) sysconf (_SC_PAGESIZE));
    *here_p = NULL;
}

bool guard_is_forked (const hearth_t *self)
{
    return !*self->here;
}

static bool is_on_worker (const hearth_t *self)
{
    return atomic_load_explicit (&self->has_workers, memory_order_relaxed) && worker_is_here (self);
}

bool guard_is_inside (const hearth_t *self)
{
    return !guard_is_forked (self)
           && atomic_load_explicit (&self->user, memory_order_relaxed) == (uintptr_t) pthread_self ();
}

const hearth_error_t *guard_refusal (const hearth_t *self)
{
    if (!self)
        return &missing;
    if (guard_is_forked (self))
        return &forked;
    if (is_on_worker (self))
        return &on_worker;
    uintptr_t user = atomic_load_explicit (&self->user, memory_order_relaxed);
    if (user == (uintptr_t) pthread_self () && self->is_closing)
        return &closing;
    return user && user != (uintptr_t) pthread_self () ? &in_use : NULL;
}

const hearth_error_t *guard_why (const hearth_t *self)
{
    const hearth_error_t *why = guard_refusal (self);
    return why ? why : &in_use;
}

hearth_code_t guard_code (const hearth_t *self)
{
    return guard_why (self)->code;
}

bool client_enter (hearth_t *self)
{
    if (!self || guard_is_forked (self))
        return false;
    if (is_on_worker (self)) {
        worker_note (&on_worker);
        return false;
    }
    uintptr_t me = (uintptr_t) pthread_self ();
    uintptr_t user = 0;
    if (!atomic_compare_exchange_strong_explicit (&self->user, &user, me, memory_order_acquire, memory_order_relaxed)
        && (user != me || self->is_closing))
        return false;
    self->depth++;
    atomic_store_explicit (&self->latest, me, memory_order_relaxed);
    return true;
}

bool client_enter_again (hearth_t *self)
{
    return atomic_load_explicit (&self->latest, memory_order_relaxed) == (uintptr_t) pthread_self ()
           && client_enter (self);
}

//  A loop of the program's own sleeps on hearth_fd, which a socket that was used here may have swallowed.
void client_leave (hearth_t *self)
{
    if (--self->depth > 0)
        return;
    uplink_mind_notes (self->uplink, true);
    if (atomic_load_explicit (&self->has_loop, memory_order_relaxed)
        && (uplink_is_ready (self->uplink) || services_is_ready (&self->services) || notes_are_waiting (self)
            || self->streams.due || atomic_load (&self->is_called)))
        uplink_wake (self->uplink);
    atomic_store_explicit (&self->user, 0, memory_order_release);
}
