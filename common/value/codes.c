/*  codes.c - the public names of codes and marks
*/
#include "hearth.h"

#define COUNT(table) (sizeof (table) / sizeof (table) [0])

const char *hearth_code_name (hearth_code_t code)
{
    static const char *const names [] = {
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
    return (size_t) code < COUNT (names) ? names [code] : names [HEARTH_UNKNOWN];
}

const char *hearth_mark_name (hearth_mark_t mark)
{
    static const char *const names [] = {
        [HEARTH_NO_MARK] = "",
        [HEARTH_NOT_EXECUTED] = "not executed",
        [HEARTH_MAY_HAVE_EXECUTED] = "may have executed",
        [HEARTH_EXECUTED] = "executed",
    };
    return (size_t) mark < COUNT (names) ? names [mark] : names [HEARTH_NO_MARK];
}
