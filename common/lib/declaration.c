/*  declaration.c - what a program declares when it serves an object: its methods, checked, and its registration, packed
*/
#include "declaration.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"

typedef struct {
    unsigned flag;
    const char *name;
} flag_row_t;

static const flag_row_t method_flags [] = {
    { HEARTH_IDEMPOTENT, "idempotent" },
    { HEARTH_ONEWAY, "oneway" },
    { HEARTH_STREAMING, "streaming" },
    { 0, NULL },
};

static const flag_row_t event_flags [] = {
    { HEARTH_RETAINED, "retained" },
    { 0, NULL },
};

static const char *const mode_names [] = {
    [HEARTH_EXCLUSIVE] = "exclusive",
    [HEARTH_REPLACEABLE] = "replaceable",
    [HEARTH_SHARED] = "shared",
};

//  What a table is checked for, and where the first problem is told.
typedef struct {
    char *problem;
    size_t room;
    int code;
} check_t;

static bool HEARTH_PRINTF (3, 4) refuse (check_t *check, int code, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    vsnprintf (check->problem, check->room, format, args);
    va_end (args);
    check->code = code;
    return false;
}

//  Why a text was not understood: errno tells what is wrong with it from what is wrong here.
static int why_not (void)
{
    return errno == ENOMEM ? HEARTH_RESOURCE_EXHAUSTED : HEARTH_INVALID_ARGUMENT;
}

/* ------------------------------------------------------------------------
    Checking
*/

static bool flags_are_known (const flag_row_t *rows, unsigned flags)
{
    for (; rows->flag; rows++)
        flags &= ~rows->flag;
    return flags == 0;
}

static bool is_member_name (const char *name)
{
    return name_is_valid (name, strlen (name));
}

static bool check_name (const char *name, check_t *check)
{
    if (!name)
        return refuse (check, HEARTH_INVALID_ARGUMENT, "the name is NULL");
    size_t size = strlen (name);
    if (size && !name_is_valid (name, size))
        return refuse (check, HEARTH_INVALID_ARGUMENT, "\"%.255s\" is not a name", name);
    if (name_is_reserved (name, size))
        return refuse (check, HEARTH_INVALID_ARGUMENT, "\"%s\" is reserved for the broker", name);
    return true;
}

static bool check_options (const hearth_service_options_t *options, check_t *check)
{
    if (options->workers > DECLARATION_WORKERS)
        return refuse (check, HEARTH_INVALID_ARGUMENT, "%u workers are more than the %d that an object may have",
                       options->workers, DECLARATION_WORKERS);
    if ((unsigned) options->mode > HEARTH_SHARED)
        return refuse (check, HEARTH_INVALID_ARGUMENT, "the mode %d is unknown", (int) options->mode);
    for (const hearth_event_t *event = options->events; event && event->name; event++) {
        char why [160];
        if (!is_member_name (event->name))
            return refuse (check, HEARTH_INVALID_ARGUMENT, "\"%.255s\" is not an event's name", event->name);
        if (!flags_are_known (event_flags, event->flags))
            return refuse (check, HEARTH_INVALID_ARGUMENT, "event %s has unknown flags", event->name);
        if (!event->type)
            continue;
        type_t *type = type_new (event->type, why, sizeof why);
        if (!type)
            return refuse (check, why_not (), "the type of event %s: %s", event->name, why);
        type_destroy (&type);
    }
    for (const char *const(*pair) [2] = options->metadata; pair && (*pair) [0]; pair++)
        if (!is_member_name ((*pair) [0]) || !(*pair) [1])
            return refuse (check, HEARTH_INVALID_ARGUMENT, "\"%.255s\" is not a key of metadata", (*pair) [0]);
    return true;
}

static bool method_init (method_t *self, const hearth_method_t *row, check_t *check)
{
    char why [160];
    self->name = row->name;
    if (!is_member_name (row->name))
        return refuse (check, HEARTH_INVALID_ARGUMENT, "\"%.255s\" is not a method's name", row->name);
    if (!row->handler)
        return refuse (check, HEARTH_INVALID_ARGUMENT, "method %s has no handler", row->name);
    if (!flags_are_known (method_flags, row->flags))
        return refuse (check, HEARTH_INVALID_ARGUMENT, "method %s has unknown flags", row->name);
    self->handler = row->handler;
    self->flags = row->flags;
    self->parameters = signature_new (row->parameters ? row->parameters : "...", why, sizeof why);
    if (!self->parameters)
        return refuse (check, why_not (), "the parameters of method %s: %s", row->name, why);
    if (!row->result)
        return true;
    self->result = type_new (row->result, why, sizeof why);
    if (!self->result)
        return refuse (check, why_not (), "the result of method %s: %s", row->name, why);
    return true;
}

static bool check_methods (declaration_t *self, const hearth_method_t *methods, check_t *check)
{
    size_t count = 0;
    while (methods && methods [count].name)
        count++;
    self->methods = calloc (count + 1, sizeof *self->methods);
    if (!self->methods)
        return refuse (check, HEARTH_RESOURCE_EXHAUSTED, "memory is short");
    for (self->count = 0; self->count < count; self->count++) {
        const hearth_method_t *row = &methods [self->count];
        if (declaration_method (self, SPAN (row->name)))
            return refuse (check, HEARTH_INVALID_ARGUMENT, "method %s is there twice", row->name);
        if (!method_init (&self->methods [self->count], row, check)) {
            self->count++;
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------------
    Packing
*/

static void pack_pair (pack_t *pack, const char *key, const char *value)
{
    if (!value)
        return;
    pack_str (pack, key);
    pack_str (pack, value);
}

static void pack_flags (pack_t *pack, const flag_row_t *rows, unsigned flags)
{
    if (!flags)
        return;
    pack_str (pack, "flags");
    pack_list (pack, (size_t) __builtin_popcount (flags));
    for (; rows->flag; rows++)
        if (flags & rows->flag)
            pack_str (pack, rows->name);
}

static void pack_methods (pack_t *pack, const hearth_method_t *methods, size_t count)
{
    pack_str (pack, "methods");
    pack_list (pack, count);
    for (const hearth_method_t *row = methods; row < methods + count; row++) {
        pack_map (pack, (size_t) 1 + !!row->parameters + !!row->result + !!row->doc + !!row->flags);
        pack_pair (pack, "name", row->name);
        pack_pair (pack, "parameters", row->parameters);
        pack_pair (pack, "result", row->result);
        pack_pair (pack, "doc", row->doc);
        pack_flags (pack, method_flags, row->flags);
    }
}

static void pack_events (pack_t *pack, const hearth_event_t *events)
{
    size_t count = 0;
    while (events && events [count].name)
        count++;
    pack_str (pack, "events");
    pack_list (pack, count);
    for (size_t at = 0; at < count; at++) {
        const hearth_event_t *row = &events [at];
        pack_map (pack, (size_t) 1 + !!row->type + !!row->doc + !!row->flags);
        pack_pair (pack, "name", row->name);
        pack_pair (pack, "type", row->type);
        pack_pair (pack, "doc", row->doc);
        pack_flags (pack, event_flags, row->flags);
    }
}

static void pack_metadata (pack_t *pack, const char *const (*metadata) [2])
{
    size_t count = 0;
    while (metadata && metadata [count][0])
        count++;
    pack_str (pack, "metadata");
    pack_map (pack, count);
    for (size_t index = 0; index < count; index++)
        pack_pair (pack, metadata [index][0], metadata [index][1]);
}

static void pack_registration (declaration_t *self, const char *name, const hearth_method_t *methods,
                               const hearth_service_options_t *options)
{
    pack_t *pack = &self->registration;
    pack_list (pack, 2);
    pack_str (pack, name);
    pack_map (pack, (size_t) 3 + options->replace + (options->capacity > 0));
    pack_pair (pack, "mode", mode_names [options->mode]);
    if (options->replace) {
        pack_str (pack, "replace");
        pack_bool (pack, true);
    }
    if (options->capacity > 0) {
        pack_str (pack, "capacity");
        pack_uint (pack, options->capacity);
    }
    pack_metadata (pack, options->metadata);
    pack_str (pack, "interface");
    pack_map (pack, (size_t) 2 + !!options->doc);
    pack_pair (pack, "doc", options->doc);
    pack_methods (pack, methods, self->count);
    pack_events (pack, options->events);
}

/* ------------------------------------------------------------------------
    The whole
*/

int declaration_init (declaration_t *self, const char *name, const hearth_method_t *methods,
                      const hearth_service_options_t *options, char *problem, size_t room)
{
    check_t check = { .room = room };
    check.problem = problem;
    *self = (declaration_t){ 0 };
    pack_init (&self->registration);
    if (!check_name (name, &check) || !check_options (options, &check) || !check_methods (self, methods, &check))
        return check.code;
    pack_registration (self, name, methods, options);
    if (self->registration.failed)
        refuse (&check, HEARTH_RESOURCE_EXHAUSTED, "memory is short");
    return check.code;
}

void declaration_clear (declaration_t *self)
{
    for (size_t index = 0; index < self->count; index++) {
        signature_destroy (&self->methods [index].parameters);
        type_destroy (&self->methods [index].result);
    }
    free (self->methods);
    pack_clear (&self->registration);
}

method_t *declaration_method (const declaration_t *self, span_t name)
{
    for (method_t *method = self->methods; method < self->methods + self->count; method++)
        if (span_equals (name, method->name))
            return method;
    return NULL;
}
