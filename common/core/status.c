/*  status.c - the vocabulary of outcomes, as tables */
#include "status.h"
#include "name.h"

#include <string.h>

static const status_row_t rows [STATUS_COUNT] = {
#define X(id, name, code, mark) [STATUS_##id] = { name, code, mark },
    STATUS_TABLE (X)
#undef X
};

//  What a service may answer with, out of what is the system's.
static const bool service_may_say [STATUS_COUNT] = {
    [STATUS_BAD_ARGUMENTS] = true, [STATUS_WOULD_DEADLOCK] = true, [STATUS_CANCELLED] = true,
    [STATUS_DEADLINE] = true,      [STATUS_NO_REPLY] = true,       [STATUS_BAD_RESULT] = true,
};

static const char *const code_names [] = {
    [HEARTH_OK] = "OK",
    [HEARTH_CANCELLED] = "CANCELLED",
    [HEARTH_UNKNOWN] = "UNKNOWN",
    [HEARTH_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
    [HEARTH_DEADLINE_EXCEEDED] = "DEADLINE_EXCEEDED",
    [HEARTH_NOT_FOUND] = "NOT_FOUND",
    [HEARTH_ALREADY_EXISTS] = "ALREADY_EXISTS",
    [HEARTH_PERMISSION_DENIED] = "PERMISSION_DENIED",
    [HEARTH_RESOURCE_EXHAUSTED] = "RESOURCE_EXHAUSTED",
    [HEARTH_FAILED_PRECONDITION] = "FAILED_PRECONDITION",
    [HEARTH_ABORTED] = "ABORTED",
    [HEARTH_OUT_OF_RANGE] = "OUT_OF_RANGE",
    [HEARTH_UNIMPLEMENTED] = "UNIMPLEMENTED",
    [HEARTH_INTERNAL] = "INTERNAL",
    [HEARTH_UNAVAILABLE] = "UNAVAILABLE",
    [HEARTH_DATA_LOSS] = "DATA_LOSS",
    [HEARTH_UNAUTHENTICATED] = "UNAUTHENTICATED",
};

static const char *const mark_names [] = {
    [HEARTH_NO_MARK] = "",
    [HEARTH_NOT_EXECUTED] = "not executed",
    [HEARTH_MAY_HAVE_EXECUTED] = "may have executed",
    [HEARTH_EXECUTED] = "executed",
};

const status_row_t *status_row (status_t status)
{
    return &rows [status];
}

int status_find (const char *name, size_t size)
{
    for (int i = 0; i < STATUS_COUNT; i++)
        if (size > 0 && strlen (rows [i].name) == size && memcmp (rows [i].name, name, size) == 0)
            return i;
    return -1;
}

bool status_is_reserved (const char *name, size_t size)
{
    return name_is_reserved (name, size);
}

bool status_service_may_say (const char *name, size_t size)
{
    if (!status_is_reserved (name, size))
        return true;
    int status = status_find (name, size);
    return status >= 0 && service_may_say [status];
}

const char *hearth_code_name (hearth_code_t code)
{
    size_t count = sizeof code_names / sizeof code_names [0];
    return (size_t) code < count ? code_names [code] : code_names [HEARTH_UNKNOWN];
}

const char *hearth_mark_name (hearth_mark_t mark)
{
    size_t count = sizeof mark_names / sizeof mark_names [0];
    return (size_t) mark < count ? mark_names [mark] : "";
}
