/*  limits.h - everything that a peer can make grow, and the times that rule it

    One table makes the constants, the broker's options, its configuration keys, the errors that name a limit,
    and docs/limits.md. A protocol limit answers with hearth.Limit; a transport limit ends the session and is
    counted; a library row is fixed and stands here so that there is one place to look.
*/
//  gcc's <limits.h> asks for the next file of that name, and finds this one: the system's must come all the same.
#ifndef __clang__
#include_next <limits.h>
#endif

#ifndef LIMITS_H_INCLUDED
#define LIMITS_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

//  X (identifier, option, default, least, most, unit, kind, what it bounds)
// clang-format off
#define LIMITS_TABLE(X) \
    X (MESSAGE,          "max-message",          1048576,    4096,  1073741824, BYTES, PROTOCOL,  "size of a message") \
    X (NESTING,          "max-nesting",          32,         1,     32,         COUNT, PROTOCOL,  "nesting of values") \
    X (NAMES,            "max-names",            1000,       1,     100000,     COUNT, PROTOCOL,  "names that a session registers") \
    X (METADATA,         "max-metadata",         4096,       0,     1048576,    BYTES, PROTOCOL,  "metadata of a registration") \
    X (INTERFACE,        "max-interface",        65536,      0,     1048576,    BYTES, PROTOCOL,  "interface of a registration") \
    X (CALLS,            "max-calls",            10000,      1,     1000000,    COUNT, PROTOCOL,  "calls in flight of a caller") \
    X (CAPACITY,         "max-capacity",         1000,       1,     1000000,    COUNT, PROTOCOL,  "calls in flight that an instance takes") \
    X (DISPATCHED,       "max-dispatched",       10000,      1,     1000000,    COUNT, PROTOCOL,  "calls dispatched to a session, all names together") \
    X (DISPATCHED_BYTES, "max-dispatched-bytes", 67108864,   4096,  17179869184, BYTES, PROTOCOL, "bytes of the calls dispatched to a session") \
    X (QUEUE,            "max-queue",            10000,      0,     1000000,    COUNT, PROTOCOL,  "calls that wait in a name's queue") \
    X (QUEUE_BYTES,      "max-queue-bytes",      67108864,   0,     17179869184, BYTES, PROTOCOL, "bytes that wait in a name's queue") \
    X (PARKED,           "max-parked",           1000,       0,     1000000,    COUNT, PROTOCOL,  "calls of a session that wait for a name to appear") \
    X (GRANTED,          "max-granted",          10000,      1,     1000000,    COUNT, PROTOCOL,  "items that a session has granted its streams and not received") \
    X (GRANTED_BYTES,    "max-granted-bytes",    67108864,   4096,  17179869184, BYTES, PROTOCOL, "bytes that a session has granted its streams and not received") \
    X (DEADLINE,         "max-deadline",         86400000,   1000,  86400000,   MS,    PROTOCOL,  "deadline of a call") \
    X (TOPICS,           "max-topics",           100000,     16,    10000000,   COUNT, PROTOCOL,  "topics that the broker remembers") \
    X (SESSION_TOPICS,   "max-session-topics",   10000,      1,     10000000,   COUNT, PROTOCOL,  "topics that a session begins") \
    X (HISTORY,          "max-history",          1000,       0,     1000000,    COUNT, PROTOCOL,  "notifications that a topic keeps") \
    X (HISTORY_BYTES,    "max-history-bytes",    1048576,    0,     1073741824, BYTES, PROTOCOL,  "bytes that a topic keeps") \
    X (MEMORY,           "max-memory",           0,          0,     1099511627776, BYTES, PROTOCOL, "bytes that the broker holds in all") \
    X (CONNECTIONS,      "max-connections",      10000,      1,     1000000,    COUNT, TRANSPORT, "connections to each of the broker's sockets") \
    X (SPARE_FDS,        "spare-fds",            64,         16,    65536,      COUNT, TRANSPORT, "file descriptors that stay free") \
    X (HELLO,            "hello-timeout",        5000,       10,    60000,      MS,    TRANSPORT, "time from a connection to its hello") \
    X (SUBSCRIPTIONS,    "max-subscriptions",    10000,      1,     1000000,    COUNT, TRANSPORT, "subscriptions of an observer's connection") \
    X (BACKLOG,          "max-backlog",          268435456,  65536, 17179869184, BYTES, TRANSPORT, "bytes that wait for a peer to read them (tcp)") \
    X (HEARTBEAT,        "heartbeat",            3000,       3000,  3000,       MS,    LIBRARY,   "interval of a peer's heartbeats") \
    X (HEARTBEAT_END,    "heartbeat-timeout",    10000,      10000, 10000,      MS,    LIBRARY,   "silence after which the other side is given up") \
    X (RECONNECT,        "reconnect",            20,         20,    20,         MS,    LIBRARY,   "first pause before a reconnect, doubling, with jitter") \
    X (RECONNECT_MOST,   "reconnect-most",       2000,       2000,  2000,       MS,    LIBRARY,   "longest pause before a reconnect") \
    X (GRACE,            "grace",                250,        250,   250,        MS,    LIBRARY,   "time that a caller waits for the broker's word after a deadline")

typedef enum {
#define X(id, option, value, least, most, unit, kind, text) LIMIT_##id,
    LIMITS_TABLE (X)
#undef X
    LIMIT_COUNT
} limit_id_t;
// clang-format on

typedef enum { LIMIT_UNIT_COUNT, LIMIT_UNIT_BYTES, LIMIT_UNIT_MS } limit_unit_t;
typedef enum { LIMIT_KIND_PROTOCOL, LIMIT_KIND_TRANSPORT, LIMIT_KIND_LIBRARY } limit_kind_t;

typedef struct {
    const char *option;
    uint64_t value;
    uint64_t least;
    uint64_t most;
    limit_unit_t unit;
    limit_kind_t kind;
    const char *text;
} limit_row_t;

//  The limits in force, indexed by limit_id_t.
typedef struct {
    uint64_t value [LIMIT_COUNT];
} limits_t;

extern const limit_row_t limit_rows [LIMIT_COUNT];

//  Sets all to their defaults (MEMORY to 0: whoever knows the machine fills it in).
void limits_init (limits_t *self);

//  The limit of that option or key, or -1. Library rows are not options.
int limits_find (const char *option);

//  Sets a limit from text: a number, with an optional suffix k, M, G (powers of 1024) for bytes, or ms, s, m, h for
//  times. Returns 0, or -1 with a sentence without a full stop in `problem`.
int limits_set (limits_t *self, limit_id_t id, const char *text, char *problem, size_t size);

#define LIMITS_TEXT_SIZE 24

//  Writes a value as people, and limits_set, read it: "1M", "24h", "10000".
void limits_format (char text [LIMITS_TEXT_SIZE], limit_unit_t unit, uint64_t value);

#endif
