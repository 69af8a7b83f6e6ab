/*  status.h - the vocabulary of outcomes: codes, marks, and the system's own errors

    One table makes the constants, the names on the wire, their codes and their marks. The codes and marks
    themselves are public and stand in hearth.h; hearth_code_name and hearth_mark_name are implemented here.
*/
#ifndef STATUS_H_INCLUDED
#define STATUS_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#include "hearth.h"

//  X (identifier, name on the wire, code, mark unless told otherwise)
#define STATUS_TABLE(X)                                                                                              \
    X (NO_SUCH_SERVICE, "hearth.NoSuchService", HEARTH_NOT_FOUND, HEARTH_NOT_EXECUTED)                               \
    X (NO_SUCH_METHOD, "hearth.NoSuchMethod", HEARTH_UNIMPLEMENTED, HEARTH_NOT_EXECUTED)                             \
    X (BAD_ARGUMENTS, "hearth.BadArguments", HEARTH_INVALID_ARGUMENT, HEARTH_NOT_EXECUTED)                           \
    X (MALFORMED, "hearth.Malformed", HEARTH_INVALID_ARGUMENT, HEARTH_NOT_EXECUTED)                                  \
    X (NAME_TAKEN, "hearth.NameTaken", HEARTH_ALREADY_EXISTS, HEARTH_NOT_EXECUTED)                                   \
    X (NOT_OWNER, "hearth.NotOwner", HEARTH_PERMISSION_DENIED, HEARTH_NOT_EXECUTED)                                  \
    X (HELLO_FIRST, "hearth.HelloFirst", HEARTH_FAILED_PRECONDITION, HEARTH_NOT_EXECUTED)                            \
    X (BAD_VERSION, "hearth.BadVersion", HEARTH_FAILED_PRECONDITION, HEARTH_NOT_EXECUTED)                            \
    X (STALE_SESSION, "hearth.StaleSession", HEARTH_ABORTED, HEARTH_NOT_EXECUTED)                                    \
    X (WOULD_DEADLOCK, "hearth.WouldDeadlock", HEARTH_FAILED_PRECONDITION, HEARTH_NOT_EXECUTED)                      \
    X (DEADLINE, "hearth.Deadline", HEARTH_DEADLINE_EXCEEDED, HEARTH_MAY_HAVE_EXECUTED)                              \
    X (SERVICE_GONE, "hearth.ServiceGone", HEARTH_UNAVAILABLE, HEARTH_MAY_HAVE_EXECUTED)                             \
    X (BROKER_GONE, "hearth.BrokerGone", HEARTH_UNAVAILABLE, HEARTH_MAY_HAVE_EXECUTED)                               \
    X (STARTING, "hearth.Starting", HEARTH_UNAVAILABLE, HEARTH_NOT_EXECUTED)                                         \
    X (STOPPING, "hearth.Stopping", HEARTH_UNAVAILABLE, HEARTH_NOT_EXECUTED)                                         \
    X (LIMIT, "hearth.Limit", HEARTH_RESOURCE_EXHAUSTED, HEARTH_NOT_EXECUTED)                                        \
    X (CANCELLED, "hearth.Cancelled", HEARTH_CANCELLED, HEARTH_MAY_HAVE_EXECUTED)                                    \
    X (NO_REPLY, "hearth.NoReply", HEARTH_INTERNAL, HEARTH_EXECUTED)                                                 \
    X (BAD_RESULT, "hearth.BadResult", HEARTH_INTERNAL, HEARTH_EXECUTED)

// clang-format off
typedef enum {
#define X(id, name, code, mark) STATUS_##id,
    STATUS_TABLE (X)
#undef X
    STATUS_COUNT
} status_t;
// clang-format on

typedef struct {
    const char *name;
    hearth_code_t code;
    hearth_mark_t mark;
} status_row_t;

//  The row of a status. Static.
const status_row_t *status_row (status_t status);

//  The status of that name on the wire (not zero-terminated), or -1.
int status_find (const char *name, size_t size);

//  Whether a name belongs to the system (`hearth` or `hearth.…`).
bool status_is_reserved (const char *name, size_t size);

//  Whether a service, rather than the broker, may answer with a name: any of its own, and a few of the reserved ones
//  (docs/protocol.md, section 2).
bool status_service_may_say (const char *name, size_t size);

#endif
