/*  handlers.c - objects of programs: handlers that answer, fail, forget to, take long, call on and call back */
#include <stdio.h>
#include <string.h>

#include "coverage.h"
#include "log.h"
#include "program.h"

//  Whether the handler is to do something: not in a process that is dead.
static bool s_begin (hearth_call_t *call, program_t *self)
{
    if (self->is_dying)
        return false;
    COVER (COVER_HANDLED);
    if (self->nesting)
        COVER (COVER_CALLED_BACK);
    self->nesting++;
    self->pauses++;
    judge_executed (hearth_value_uint (hearth_arg (call, 0)), self->peer->index);
    return true;
}

static void s_answer (hearth_call_t *call, program_t *self)
{
    self->nesting--;
    if (dice_chance (&self->peer->dice, 3))
        hearth_fail (call, HEARTH_NOT_FOUND, "bank.NoSuchAccount", "no account %u", 7u);
    else
        hearth_reply (call, hearth_arg (call, 0));
}

static void s_work (hearth_call_t *call, void *context)
{
    if (s_begin (call, context))
        s_answer (call, context);
}

static void s_silent (hearth_call_t *call, void *context)
{
    program_t *self = context;
    if (!s_begin (call, self))
        return;
    self->nesting--;
    COVER (COVER_NO_REPLY);
}

static void s_wrong (hearth_call_t *call, void *context)
{
    program_t *self = context;
    if (!s_begin (call, self))
        return;
    self->nesting--;
    COVER (COVER_BAD_RESULT);
    if (dice_chance (&self->peer->dice, 50))
        hearth_reply (call, "no int");
    else
        hearth_fail (call, HEARTH_INTERNAL, "hearth.NoSuchService", "not its own name");
}

//  Busy for a while, and asks now and then whether that is still of use.
static void s_slow (hearth_call_t *call, void *context)
{
    program_t *self = context;
    if (!s_begin (call, self))
        return;
    for (unsigned parts = 1 + dice_roll (&self->peer->dice, 4); parts && !self->is_dying; parts--) {
        program_sleep (self, dice_skewed (&self->peer->dice, 400));
        if (!self->is_dying && hearth_cancelled (call)) {
            COVER (COVER_HANDLER_CANCELLED);
            break;
        }
    }
    s_answer (call, self);
}

//  On behalf of its own caller: another name, its caller itself, or the very object that is busy.
static void s_onward (hearth_call_t *call, void *context)
{
    program_t *self = context;
    if (!s_begin (call, self))
        return;
    unsigned roll = dice_roll (&self->peer->dice, 10);
    const char *name = roll < 3 ? hearth_caller (call) : name_texts [dice_roll (&self->peer->dice, plan.names)];
    hearth_proxy_t *proxy = hearth_proxy_within (call, name);
    if (proxy && !self->is_dying) {
        COVER (COVER_WITHIN);
        uint64_t id = program_begin_call (self, false);
        hearth_result_t *result = hearth_call (proxy, program_method (self), id);
        program_end_call (self, id, &result);
    }
    s_answer (call, self);
}

static void s_say (hearth_call_t *call, void *context)
{
    program_t *self = context;
    if (!s_begin (call, self))
        return;
    if (self->object_count)
        hearth_publish (self->hearth, self->objects [0], "said", hearth_arg (call, 0));
    s_answer (call, self);
}

//  Takes itself away while it runs.
static void s_vanish (hearth_call_t *call, void *context)
{
    program_t *self = context;
    if (!s_begin (call, self))
        return;
    if (self->object_count && dice_chance (&self->peer->dice, 20)) {
        COVER (COVER_UNSERVED);
        hearth_unserve (self->hearth, self->objects [--self->object_count]);
    }
    s_answer (call, self);
}

const hearth_method_t program_methods [] = {
    { "work", "id: int, ...", "int", s_work, "Returns its argument.", 0 },
    { "idem", "id: int, ...", "int", s_work, "Returns its argument.", HEARTH_IDEMPOTENT },
    { "note", "id: int, ...", "int", s_work, "Returns its argument.", HEARTH_ONEWAY },
    { "silent", "id: int", "int", s_silent, "Answers nothing.", 0 },
    { "wrong", "id: int", "int", s_wrong, "Answers what it did not declare.", 0 },
    { "slow", "id: int, ...", "int", s_slow, "Takes its time.", 0 },
    { "onward", "id: int, ...", "int", s_onward, "Calls somebody else.", 0 },
    { "say", "id: int, ...", "int", s_say, "Publishes.", 0 },
    { "vanish", "id: int, ...", "int", s_vanish, "Takes its object away.", 0 },
    { 0 },
};

const hearth_event_t program_events [] = {
    { "said", NULL, NULL, 0 },
    { "state", NULL, NULL, HEARTH_RETAINED },
    { 0 },
};

const char *program_method (program_t *self)
{
    unsigned roll = dice_roll (&self->peer->dice, 16);
    return roll < 9 ? program_methods [roll].name : roll < 12 ? "onward" : roll < 15 ? "work" : "none";
}
