/*  handlers.c - objects of programs: handlers that answer, fail, forget to, take long, call on and call back */
#include <stdio.h>
#include <string.h>

#include "coverage.h"
#include "hub.h"
#include "log.h"
#include "program.h"

//  Whose handler runs; NULL in a process that is dead.
static program_t *s_begin (hearth_call_t *call, void *context)
{
    object_state_t *object = context;
    program_t *self = object->program;
    if (self->is_dying)
        return NULL;
    if (object->is_busy)
        broken ("program %u: two handlers of \"%s\" run within each other", self->peer->index, object->name);
    object->is_busy = true;
    COVER (COVER_HANDLED);
    if (self->nesting)
        COVER (COVER_CALLED_BACK);
    self->nesting++;
    self->pauses++;
    judge_executed (hearth_value_uint (hearth_arg (call, 0)), self->peer->index);
    return self;
}

static program_t *s_end (void *context)
{
    object_state_t *object = context;
    object->is_busy = false;
    object->program->nesting--;
    return object->program;
}

static void s_answer (hearth_call_t *call, void *context)
{
    program_t *self = s_end (context);
    if (dice_chance (&self->peer->dice, 5))
        hearth_reply (call, hearth_arg (call, 0));
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
    program_t *self = s_begin (call, context);
    if (!self)
        return;
    s_end (context);
    COVER (COVER_NO_REPLY);
}

static void s_wrong (hearth_call_t *call, void *context)
{
    program_t *self = s_begin (call, context);
    if (!self)
        return;
    s_end (context);
    COVER (COVER_BAD_RESULT);
    if (dice_chance (&self->peer->dice, 50))
        hearth_reply (call, "no int");
    else
        hearth_fail (call, HEARTH_INTERNAL, "hearth.NoSuchService", "not its own name");
}

//  Busy for a while, and asks now and then whether that is still of use; then its session may be another one.
static void s_slow (hearth_call_t *call, void *context)
{
    program_t *self = s_begin (call, context);
    if (!self)
        return;
    for (unsigned parts = 1 + dice_roll (&self->peer->dice, 4); parts && !self->is_dying; parts--) {
        program_sleep (self, dice_skewed (&self->peer->dice, 400));
        if (!self->is_dying && hearth_cancelled (call)) {
            if (hearth_remaining_ms (call) > 0)
                COVER (COVER_HANDLER_CANCELLED);
            break;
        }
    }
    if (!self->is_dying && dice_chance (&self->peer->dice, 30))
        hearth_ready (self->hearth, 2000);
    s_answer (call, context);
}

//  On behalf of its own caller: another name, its caller itself, or the very object that is busy.
static void s_onward (hearth_call_t *call, void *context)
{
    program_t *self = s_begin (call, context);
    if (!self)
        return;
    unsigned roll = dice_roll (&self->peer->dice, 10);
    const char *name = roll < 3 ? hearth_caller (call) : name_texts [dice_roll (&self->peer->dice, plan.names)];
    hearth_proxy_t *proxy = hearth_proxy_within (call, name);
    if (proxy && !self->is_dying) {
        COVER (COVER_WITHIN);
        uint64_t id = program_begin_call (self, false, hearth_remaining_ms (call));
        hearth_result_t *result = hearth_call (proxy, program_method (self), id);
        program_end_call (self, id, &result);
    }
    s_answer (call, context);
}

static void s_say (hearth_call_t *call, void *context)
{
    program_t *self = s_begin (call, context);
    if (!self)
        return;
    object_state_t *object = object_any (self);
    if (object)
        hearth_publish (self->hearth, object->name, "said", hearth_arg (call, 0));
    s_answer (call, context);
}

//  Takes itself away while it runs.
static void s_vanish (hearth_call_t *call, void *context)
{
    program_t *self = s_begin (call, context);
    if (!self)
        return;
    object_state_t *object = context;
    if (object->is_served && dice_chance (&self->peer->dice, 60))
        object_unserve (object);
    s_answer (call, context);
}

//  Returns without an answer, and gives it later.
static void s_later (hearth_call_t *call, void *context)
{
    program_t *self = s_begin (call, context);
    if (!self)
        return;
    if (later_keep (self, call))
        s_end (context);
    else
        s_answer (call, context);
}

//  A stream, of which it may leave the rest for later.
static void s_flow (hearth_call_t *call, void *context)
{
    program_t *self = s_begin (call, context);
    if (!self)
        return;
    if (yielding_run (self, call))
        s_end (context);
    else
        s_answer (call, context);
}

static const hearth_method_t program_methods [] = {
    { "work", "id: int, ...", "int", s_work, "Returns its argument.", 0 },
    { "idem", "id: int, ...", "int", s_work, "Returns its argument.", HEARTH_IDEMPOTENT },
    { "note", "id: int, ...", "int", s_work, "Returns its argument.", HEARTH_ONEWAY },
    { "silent", "id: int", "int", s_silent, "Answers nothing.", 0 },
    { "wrong", "id: int", "int", s_wrong, "Answers what it did not declare.", 0 },
    { "slow", "id: int, ...", "int", s_slow, "Takes its time.", 0 },
    { "onward", "id: int, ...", "int", s_onward, "Calls somebody else.", 0 },
    { "say", "id: int, ...", "int", s_say, "Publishes.", 0 },
    { "vanish", "id: int, ...", "int", s_vanish, "Takes its object away.", 0 },
    { "later", "id: int, ...", "int", s_later, "Answers later.", 0 },
    { "flow", "id: int, ...", "int", s_flow, "Sends and takes items.", HEARTH_STREAMING },
    { 0 },
};

static const hearth_event_t program_events [] = {
    { "said", NULL, NULL, 0 },
    { "state", NULL, NULL, HEARTH_RETAINED },
    { 0 },
};

const char *program_method (program_t *self)
{
    unsigned roll = dice_roll (&self->peer->dice, 18);
    return roll < 10 ? program_methods [roll].name : roll < 13 ? "onward" : roll < 17 ? "work" : "none";
}

//  ---- what is served ----

object_state_t *object_serve (program_t *self, const char *name)
{
    dice_t *dice = &self->peer->dice;
    object_state_t *object = self->objects;
    while (object < self->objects + OBJECTS_MOST && (object->is_served || object->is_busy))
        object++;
    if (object == self->objects + OBJECTS_MOST)
        return NULL;
    size_t size = strlen (name);
    hearth_service_options_t options = { .events = dice_chance (dice, 70) ? program_events : NULL,
                                         .replace = dice_chance (dice, 50),
                                         .fail_if_taken = dice_chance (dice, 50),
                                         .capacity = dice_roll (dice, 4) };
    if (size)
        options.mode = (hearth_mode_t) ((size + (unsigned) name [size - 1] + 1) % 3);
    *object = (object_state_t){ .program = self };
    snprintf (object->name, sizeof object->name, "%s", name);
    object->is_served = hearth_serve_with (self->hearth, name, program_methods, object, &options) == 0;
    return object->is_served ? object : NULL;
}

object_state_t *object_any (program_t *self)
{
    unsigned from = dice_roll (&self->peer->dice, OBJECTS_MOST);
    for (unsigned at = 0; at < OBJECTS_MOST; at++)
        if (self->objects [(from + at) % OBJECTS_MOST].is_served)
            return &self->objects [(from + at) % OBJECTS_MOST];
    return NULL;
}

void object_unserve (object_state_t *self)
{
    COVER (COVER_UNSERVED);
    self->is_served = false;
    hearth_unserve (self->program->hearth, self->name);
}

void object_told (program_t *self, const char *name, bool is_lost)
{
    for (object_state_t *object = self->objects; object < self->objects + OBJECTS_MOST; object++)
        if (object->is_served && strcmp (object->name, name) == 0)
            object->is_lost = is_lost;
}

//  Somebody else may have a name that is tried for.
void objects_check (const program_t *self)
{
    bool served [NAMES_MOST + 1] = { false };
    for (const object_state_t *object = self->objects; object < self->objects + OBJECTS_MOST; object++) {
        int name = *object->name ? name_index (object->name, strlen (object->name)) : SEAM_OWN;
        if (!object->is_served)
            continue;
        served [name] = true;
        if (object->is_lost || hub_is_full ())
            continue;
        if (seam_is_replaced (self->peer->link, name))
            broken ("program %u serves \"%s\", and does not know that it was taken over", self->peer->index,
                    object->name);
        if (name == SEAM_OWN ? !seam_owns (self->peer->link, name) : !hub_has_name (object->name))
            broken ("program %u serves \"%s\", and nobody has registered it", self->peer->index, object->name);
    }
    for (int name = 0; name <= NAMES_MOST; name++)
        if (seam_owns (self->peer->link, name) && !served [name])
            broken ("program %u has registered a name that it does not serve: %d", self->peer->index, name);
}
