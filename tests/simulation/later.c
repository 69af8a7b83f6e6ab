/*  later.c - calls that outlive their handlers, and calls of whose ends a program is told rather than waiting for them */
#include <stdlib.h>

#include "coverage.h"
#include "log.h"
#include "program.h"

//  ---- answers that come later ----

static void s_answer (later_t *self, dice_t *dice)
{
    hearth_call_t *call = self->call;
    self->call = NULL;
    unsigned roll = dice_roll (dice, 10);
    if (roll == 0)
        hearth_fail (call, HEARTH_NOT_FOUND, "bank.NoSuchAccount", "no account");
    else if (roll > 1)
        hearth_reply (call, self->id);
    hearth_call_destroy (&call);
}

static void s_cancelled (hearth_call_t *call, void *context)
{
    program_t *self = context;
    COVER (COVER_LATER_CANCELLED);
    if (!hearth_cancelled (call) && !self->is_dying)
        broken ("program %u is told of a cancel that was none", self->peer->index);
    for (later_t *later = self->later; later < self->later + LATER_MOST; later++)
        if (later->call == call)
            s_answer (later, &self->peer->dice);
}

bool later_keep (program_t *self, hearth_call_t *call)
{
    later_t *later = self->later;
    while (later < self->later + LATER_MOST && later->call)
        later++;
    if (later == self->later + LATER_MOST)
        return false;
    later->id = hearth_value_uint (hearth_arg (call, 0));
    later->call = hearth_keep (call);
    if (!later->call)
        return false;
    if (dice_chance (&self->peer->dice, 50))
        hearth_when_cancelled (later->call, s_cancelled, self);
    return true;
}

void later_answer_one (program_t *self)
{
    later_t *later = &self->later [dice_roll (&self->peer->dice, LATER_MOST)];
    if (!later->call)
        return;
    COVER (COVER_LATER_ANSWERED);
    if (hearth_value_uint (hearth_arg (later->call, 0)) != later->id)
        broken ("program %u: the arguments of a call that was kept have changed", self->peer->index);
    s_answer (later, &self->peer->dice);
}

void later_answer_all (program_t *self)
{
    for (later_t *later = self->later; later < self->later + LATER_MOST; later++)
        if (later->call)
            s_answer (later, &self->peer->dice);
}

bool later_is_empty (const program_t *self)
{
    for (const later_t *later = self->later; later < self->later + LATER_MOST; later++)
        if (later->call)
            return false;
    return self->untold == 0;
}

//  ---- ends that are told ----

typedef struct {
    program_t *program;
    uint64_t id;
} told_t;

static void s_told (hearth_t *hearth, hearth_result_t *result, void *context)
{
    (void) hearth;
    told_t *told = context;
    program_t *self = told->program;
    COVER (COVER_TOLD);
    self->untold--;
    program_end_call (self, told->id, &result);
    free (told);
}

void later_be_told (program_t *self, hearth_pending_t *pending, uint64_t id)
{
    told_t *told = malloc (sizeof *told);
    if (!told)
        abort ();
    *told = (told_t){ self, id };
    self->untold++;
    if (hearth_when_done (pending, s_told, told) != 0)
        broken ("program %u cannot be told of a call's end", self->peer->index);
}
