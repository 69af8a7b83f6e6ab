/*  bind.c - the arguments of a call in the order of its parameters
*/
#include <stdio.h>

#include "text.h"
#include "type.h"

#define SUBJECT_SIZE 96

void signature_count_problem (const signature_t *self, size_t given, char *problem, size_t size)
{
    size_t count = self->count;
    const char *at_most = count && self->parameters [count - 1].default_value ? "at most " : "";
    if (count == 0)
        text_problem (problem, size, "no arguments expected, %zu given", given);
    else
        text_problem (problem, size, "%s%zu argument%s expected, %zu given", at_most, count, count == 1 ? "" : "s",
                      given);
}

//  A list goes to the parameters in order, the rest behind them.
static int place_list (const signature_t *self, const hearth_value_t *arguments, const hearth_value_t **argv,
                       char *problem, size_t size)
{
    size_t given = hearth_value_size (arguments);
    if (given > self->count && !self->takes_rest) {
        signature_count_problem (self, given, problem, size);
        return -1;
    }
    for (size_t i = 0; i < given; i++)
        argv [i] = hearth_value_at (arguments, i);
    return (int) (given > self->count ? given : self->count);
}

//  A map goes to the parameters by name. The first name that is unknown or comes twice ends it, so that a large map costs
//  no more than the parameters do.
static int place_map (const signature_t *self, const hearth_value_t *arguments, const hearth_value_t **argv,
                      char *problem, size_t size)
{
    char quoted [TEXT_QUOTED_SIZE];
    for (size_t i = 0; i < hearth_value_size (arguments); i++) {
        const hearth_value_t *key = hearth_value_key (arguments, i);
        hearth_type_t type = hearth_value_type (key);
        if (type != HEARTH_TYPE_STR) {
            text_problem (problem, size, "an argument's name must be str, got %s", value_type_name (type));
            return -1;
        }
        int index = signature_find (self, hearth_value_str (key), hearth_value_size (key));
        if (index < 0 || argv [index]) {
            const char *what = index < 0 ? "unexpected argument" : "two arguments";
            const char *name = text_quote (quoted, hearth_value_str (key), hearth_value_size (key));
            text_problem (problem, size, "%s %s", what, name);
            return -1;
        }
        argv [index] = hearth_value_at (arguments, i);
    }
    return (int) self->count;
}

//  Fills in the default, or checks what was given.
static bool settle (const parameter_t *parameter, const hearth_value_t **arg, char *problem, size_t size)
{
    if (!*arg && !parameter->default_value) {
        text_problem (problem, size, "missing argument \"%.64s\" (%s)", parameter->name, parameter->type->text);
        return false;
    }
    if (!*arg) {
        *arg = parameter->default_value;
        return true;
    }
    if (type_fits (parameter->type, *arg))
        return true;
    char subject [SUBJECT_SIZE];
    snprintf (subject, sizeof subject, "argument \"%.64s\"", parameter->name);
    return type_check_part (parameter->type, *arg, subject, problem, size);
}

int signature_bind (const signature_t *self, const hearth_value_t *arguments, const hearth_value_t **argv,
                    size_t room, char *problem, size_t size)
{
    hearth_type_t type = hearth_value_type (arguments);
    if (type != HEARTH_TYPE_LIST && type != HEARTH_TYPE_MAP) {
        text_problem (problem, size, "arguments must be a list or a map, got %s", value_type_name (type));
        return -1;
    }
    size_t wanted = type == HEARTH_TYPE_LIST && self->takes_rest ? hearth_value_size (arguments) : 0;
    if (wanted > room || self->count > room) {
        text_problem (problem, size, "more than %zu arguments", room);
        return -1;
    }
    for (size_t i = 0; i < self->count; i++)
        argv [i] = NULL;
    int count = type == HEARTH_TYPE_LIST ? place_list (self, arguments, argv, problem, size)
                                         : place_map (self, arguments, argv, problem, size);
    if (count < 0)
        return -1;
    for (size_t i = 0; i < self->count; i++)
        if (!settle (&self->parameters [i], &argv [i], problem, size))
            return -1;
    return count;
}
