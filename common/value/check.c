/*  check.c - whether a value fits a type
*/
#include <stdio.h>

#include "scan.h"
#include "text.h"
#include "type.h"
#include "utf8.h"

#define PATH_SIZE 200

//  What did not fit, and the way to it from the innermost step outwards. A step is an element's index, or a key.
typedef struct {
    const char *expected;
    const char *got;
    struct {
        const hearth_value_t *key;  //  NULL: of a list
        size_t index;
    } steps [SIGNATURE_NESTING];
    unsigned count;
} misfit_t;

//  ---- checking ----

static bool note (misfit_t *misfit, const char *expected, const char *got)
{
    *misfit = (misfit_t){ .expected = expected, .got = got };
    return false;
}

static bool is_utf8 (const hearth_value_t *value)
{
    return utf8_is_valid (hearth_value_str (value), hearth_value_size (value));
}

static bool fits (const type_t *type, const hearth_value_t *value, misfit_t *misfit);

//  The element type is there, so types nest, and the steps with them, no deeper than SIGNATURE_NESTING.
static bool elements_fit (const type_t *type, const hearth_value_t *value, misfit_t *misfit)
{
    size_t count = hearth_value_size (value);
    for (size_t i = 0; i < count; i++) {
        const hearth_value_t *key = hearth_value_key (value, i);
        if (key && hearth_value_type (key) != HEARTH_TYPE_STR)
            return note (misfit, "keys of type str", value_type_name (hearth_value_type (key)));
        if (key && !is_utf8 (key))
            return note (misfit, "keys of type str", "a key that is not UTF-8");
        if (fits (type->element, hearth_value_at (value, i), misfit))
            continue;
        misfit->steps [misfit->count].key = key;
        misfit->steps [misfit->count++].index = i;
        return false;
    }
    return true;
}

static bool fits (const type_t *type, const hearth_value_t *value, misfit_t *misfit)
{
    hearth_type_t came = hearth_value_type (value);
    if (!(type->accepts & TYPES_OF (came)))
        return note (misfit, type->text, value_type_name (came));
    if (type->kind == HEARTH_TYPE_STR && came == HEARTH_TYPE_STR && !is_utf8 (value))
        return note (misfit, type->text, "bytes that are not UTF-8");
    if (type->element && came != HEARTH_TYPE_NIL)
        return elements_fit (type, value, misfit);
    return true;
}

bool type_fits (const type_t *self, const hearth_value_t *value)
{
    misfit_t misfit;
    return fits (self, value, &misfit);
}

//  ---- sentences ----

//  [2]["name"]
static void write_path (const misfit_t *misfit, char path [PATH_SIZE])
{
    char quoted [TEXT_QUOTED_SIZE];
    size_t used = 0;
    path [0] = '\0';
    for (unsigned i = misfit->count; i-- && used < PATH_SIZE - 1;) {
        const hearth_value_t *key = misfit->steps [i].key;
        if (key)
            text_problem (path + used, PATH_SIZE - used, "[%s]",
                          text_quote (quoted, hearth_value_str (key), hearth_value_size (key)));
        else
            text_problem (path + used, PATH_SIZE - used, "[%zu]", misfit->steps [i].index);
        used += strlen (path + used);
    }
}

bool type_check_part (const type_t *self, const hearth_value_t *value, const char *subject, char *problem,
                      size_t size)
{
    misfit_t misfit;
    if (fits (self, value, &misfit))
        return true;
    char path [PATH_SIZE];
    write_path (&misfit, path);
    const char *colon = *subject || *path ? ": " : "";
    text_problem (problem, size, "%s%s%sexpected %s, got %s", subject, path, colon, misfit.expected, misfit.got);
    return false;
}

bool type_check (const type_t *self, const hearth_value_t *value, char *problem, size_t size)
{
    return type_check_part (self, value, "", problem, size);
}

//  ---- arguments ----

static int refuse (int code, char *problem, size_t size, const char *sentence)
{
    text_problem (problem, size, "%s", sentence);
    return code;
}

//  What a builder made, decoded from a copy.
static int try_packed (const type_t *self, const hearth_arg_t *arg, msgpack_zone *zone, uint8_t *copy, char *problem,
                       size_t size)
{
    if (!zone || !copy)
        return refuse (HEARTH_RESOURCE_EXHAUSTED, problem, size, "out of memory");
    memcpy (copy, arg->as.data, arg->size);
    if (!scan_is_one (copy, arg->size))
        return refuse (HEARTH_INVALID_ARGUMENT, problem, size, "a value that is nested too deeply");
    const hearth_value_t *value = value_decode (zone, copy, arg->size);
    if (!value)
        return refuse (HEARTH_RESOURCE_EXHAUSTED, problem, size, "out of memory");
    return type_check (self, value, problem, size) ? HEARTH_OK : HEARTH_INVALID_ARGUMENT;
}

static int check_packed (const type_t *self, const hearth_arg_t *arg, char *problem, size_t size)
{
    msgpack_zone *zone = msgpack_zone_new (MSGPACK_ZONE_CHUNK_SIZE);
    uint8_t *copy = malloc (arg->size);
    int code = try_packed (self, arg, zone, copy, problem, size);
    free (copy);
    if (zone)
        msgpack_zone_free (zone);
    return code;
}

static int check_plain (const type_t *self, const hearth_arg_t *arg, char *problem, size_t size)
{
    const char *came = value_type_name (arg->type);
    bool fits = self->accepts & TYPES_OF (arg->type);
    if (fits && arg->type == HEARTH_TYPE_STR && !utf8_is_valid (arg->as.data, arg->size)) {
        came = "bytes that are not UTF-8";
        fits = false;
    }
    if (fits)
        return HEARTH_OK;
    text_problem (problem, size, "expected %s, got %s", self->text, came);
    return HEARTH_INVALID_ARGUMENT;
}

int type_try_arg (const type_t *self, const hearth_arg_t *arg, char *problem, size_t size)
{
    if (arg->is_packed && !arg->as.data) {
        bool is_memory = arg->size == HEARTH_RESOURCE_EXHAUSTED;
        return refuse ((int) arg->size, problem, size,
                       is_memory ? "out of memory" : "a builder that is not complete");
    }
    if (self->kind == HEARTH_TYPE_OTHER)
        return HEARTH_OK;
    if (arg->is_packed)
        return check_packed (self, arg, problem, size);
    if (arg->type == HEARTH_TYPE_OTHER || arg->type == HEARTH_TYPE_LIST || arg->type == HEARTH_TYPE_MAP)
        return type_check (self, arg->as.value, problem, size) ? HEARTH_OK : HEARTH_INVALID_ARGUMENT;
    return check_plain (self, arg, problem, size);
}

bool type_check_arg (const type_t *self, const hearth_arg_t *arg, char *problem, size_t size)
{
    return type_try_arg (self, arg, problem, size) == HEARTH_OK;
}
