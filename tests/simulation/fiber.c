/*  fiber.c - stacks and switches: ucontext begins a fiber, setjmp switches, since that asks the kernel nothing */
#undef _FORTIFY_SOURCE

#include "fiber.h"

#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#define STACK_SIZE 1048576  //  touched only where it is used

struct fiber {
    fiber_t *next;  //  among those that may be used again
    void (*entry) (void *context);
    void *context;
    char *stack;
    ucontext_t start;
    ucontext_t home;
    jmp_buf inside;
    jmp_buf outside;
    bool is_begun;
    bool is_ended;
};

static fiber_t *running;
static fiber_t *spare;

static void s_main (void)
{
    fiber_t *self = running;
    self->entry (self->context);
    self->is_ended = true;
    _longjmp (self->outside, 1);
}

static fiber_t *s_make (void)
{
    fiber_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->stack = mmap (NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (self->stack == MAP_FAILED || mprotect (self->stack, 4096, PROT_NONE) != 0)
        abort ();
    return self;
}

fiber_t *fiber_new (void (*entry) (void *context), void *context)
{
    fiber_t *self = spare ? spare : s_make ();
    spare = spare ? spare->next : NULL;
    self->entry = entry;
    self->context = context;
    self->is_begun = self->is_ended = false;
    getcontext (&self->start);
    self->start.uc_stack.ss_sp = self->stack;
    self->start.uc_stack.ss_size = STACK_SIZE;
    self->start.uc_link = NULL;
    makecontext (&self->start, s_main, 0);
    return self;
}

void fiber_destroy (fiber_t **self_p)
{
    if (!*self_p)
        return;
    (*self_p)->next = spare;
    spare = *self_p;
    *self_p = NULL;
}

bool fiber_resume (fiber_t *self)
{
    fiber_t *before = running;
    running = self;
    if (_setjmp (self->outside) == 0) {
        if (self->is_begun)
            _longjmp (self->inside, 1);
        self->is_begun = true;
        swapcontext (&self->home, &self->start);
    }
    running = before;
    return !self->is_ended;
}

void fiber_yield (void)
{
    fiber_t *self = running;
    if (_setjmp (self->inside) == 0)
        _longjmp (self->outside, 1);
}

fiber_t *fiber_current (void)
{
    return running;
}
