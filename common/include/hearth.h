/*  hearth.h - remote objects and notifications through a Hearth broker

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    The whole public interface of libhearth, in reading order:

      1  Errors          what went wrong, and whether the method ran
      2  Values          what travels: reading it, building it
      3  Connections     one is enough for a program
      4  Calling         proxies, results, calls in flight
      5  Serving         method tables, calls as their handler sees them
      6  Notifications   publishing and observing them
      7  The directory   who is there, and what it offers

    Conventions. Times are milliseconds. A function that takes a `T **`
    takes ownership and sets the pointer to NULL; one that takes a `T *`
    borrows for the length of the call, unless it says otherwise. Strings
    are UTF-8; the library copies those it keeps. Functions returning an
    int answer 0 or a hearth_code_t; of those that take a connection or a
    proxy hearth_last_error tells more. What is asked of NULL is refused
    (HEARTH_INVALID_ARGUMENT, HEARTH_FAILED_PRECONDITION) or does nothing.

    Threads. A connection and everything made from it belong to one thread
    at a time. Handing them over is fine; concurrent use is refused with
    HEARTH_FAILED_PRECONDITION (hearth.InUse), as is any in a forked child
    (hearth.Forked); what callbacks ask of a connection that is being
    destroyed is refused with HEARTH_CANCELLED. Calls that hearth_keep has
    kept may be answered from any thread. An object may have its handlers
    run on threads of its own (hearth_service_options_t, `workers`), which
    use the connection through their calls. Only hearth_stop may be called
    from anywhere, signal handlers included.

    The library prints nothing, ends nothing, installs no signal handlers
    and keeps no global state.
*/
#ifndef HEARTH_H_INCLUDED
#define HEARTH_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEARTH_VERSION_MAJOR 0
#define HEARTH_VERSION_MINOR 1
#define HEARTH_VERSION_PATCH 0
#define HEARTH_VERSION       "0.1.0"

//  The address that is used where none is given and HEARTH_BROKER is not set.
#define HEARTH_DEFAULT_BROKER "tcp://127.0.0.1:9797"

//  How long a call may take unless it is told otherwise, in ms.
#define HEARTH_DEFAULT_TIMEOUT_MS 10000

#if defined(__GNUC__)
#define HEARTH_EXPORT              __attribute__ ((visibility ("default")))
#define HEARTH_PRINTF(text, first) __attribute__ ((format (printf, text, first)))
#define HEARTH_MUST_USE            __attribute__ ((warn_unused_result))
#else
#define HEARTH_EXPORT
#define HEARTH_PRINTF(text, first)
#define HEARTH_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hearth_t hearth_t;                          //  a connection
typedef struct hearth_value_t hearth_value_t;              //  a value that was received
typedef struct hearth_builder_t hearth_builder_t;          //  a list or map that is being built
typedef struct hearth_proxy_t hearth_proxy_t;              //  a name to call, with its defaults
typedef struct hearth_pending_t hearth_pending_t;          //  a call in flight, on the caller's side
typedef struct hearth_result_t hearth_result_t;            //  how a call ended
typedef struct hearth_call_t hearth_call_t;                //  a call in progress, on the handler's side
typedef struct hearth_observation_t hearth_observation_t;  //  a live subscription
typedef struct hearth_watch_t hearth_watch_t;              //  an eye on a name or a session

/* ------------------------------------------------------------------------
    1  Errors
*/

//  The codes of gRPC (https://grpc.github.io/grpc/core/md_doc_statuscodes.html).
typedef enum {
    HEARTH_OK = 0,
    HEARTH_CANCELLED = 1,
    HEARTH_UNKNOWN = 2,
    HEARTH_INVALID_ARGUMENT = 3,
    HEARTH_DEADLINE_EXCEEDED = 4,
    HEARTH_NOT_FOUND = 5,
    HEARTH_ALREADY_EXISTS = 6,
    HEARTH_PERMISSION_DENIED = 7,
    HEARTH_RESOURCE_EXHAUSTED = 8,
    HEARTH_FAILED_PRECONDITION = 9,
    HEARTH_ABORTED = 10,
    HEARTH_OUT_OF_RANGE = 11,
    HEARTH_UNIMPLEMENTED = 12,
    HEARTH_INTERNAL = 13,
    HEARTH_UNAVAILABLE = 14,
    HEARTH_DATA_LOSS = 15,
    HEARTH_UNAUTHENTICATED = 16
} hearth_code_t;

//  Whether the method ran, although the call failed.
typedef enum {
    HEARTH_NO_MARK = 0,
    HEARTH_NOT_EXECUTED = 1,  //  safe to call again
    HEARTH_MAY_HAVE_EXECUTED = 2,
    HEARTH_EXECUTED = 3
} hearth_mark_t;

typedef struct {
    hearth_code_t code;
    hearth_mark_t mark;
    const char *name;               //  stable and dotted, such as "hearth.NoSuchService"
    const char *message;            //  for people; may come from a peer: never a printf format
    const hearth_value_t *details;  //  NULL where there are none
} hearth_error_t;

//  "NOT_FOUND" for HEARTH_NOT_FOUND; "UNKNOWN" for what is no code. Static. Any thread.
HEARTH_EXPORT const char *hearth_code_name (hearth_code_t code);

//  "not executed" for HEARTH_NOT_EXECUTED, and so on; "" for HEARTH_NO_MARK. Static. Any thread.
HEARTH_EXPORT const char *hearth_mark_name (hearth_mark_t mark);

/* ------------------------------------------------------------------------
    2  Values

    A hearth_value_t is read-only and lives as long as what it came from: a
    call until its handler returned, a result until it is destroyed, a
    notification until the callback returned.

    The accessors never fail: NULL, a missing element or another type reads
    as 0, false, "" or NULL. What a signature declares was checked before.
*/

typedef enum {
    HEARTH_TYPE_NIL,
    HEARTH_TYPE_BOOL,
    HEARTH_TYPE_INT,  //  all of int64_t and uint64_t
    HEARTH_TYPE_FLOAT,
    HEARTH_TYPE_STR,
    HEARTH_TYPE_BIN,
    HEARTH_TYPE_LIST,
    HEARTH_TYPE_MAP,
    HEARTH_TYPE_TIME,
    HEARTH_TYPE_OTHER  //  a msgpack extension that Hearth gives no meaning
} hearth_type_t;

HEARTH_EXPORT hearth_type_t hearth_value_type (const hearth_value_t *value);
HEARTH_EXPORT bool hearth_value_bool (const hearth_value_t *value);
//  Out of int64_t's range: INT64_MAX. hearth_value_uint reads negative numbers as 0.
HEARTH_EXPORT int64_t hearth_value_int (const hearth_value_t *value);
HEARTH_EXPORT uint64_t hearth_value_uint (const hearth_value_t *value);
//  Ints are converted.
HEARTH_EXPORT double hearth_value_float (const hearth_value_t *value);
//  Ends with a zero byte; may hold others, see hearth_value_size.
HEARTH_EXPORT const char *hearth_value_str (const hearth_value_t *value);
HEARTH_EXPORT const void *hearth_value_bin (const hearth_value_t *value);
//  Nanoseconds since 1970-01-01 UTC, clamped to int64_t.
HEARTH_EXPORT int64_t hearth_value_time (const hearth_value_t *value);
//  Bytes of a str or bin; elements of a list or map; otherwise 0.
HEARTH_EXPORT size_t hearth_value_size (const hearth_value_t *value);
//  Element of a list, value of a map's pair; NULL past the end.
HEARTH_EXPORT const hearth_value_t *hearth_value_at (const hearth_value_t *value, size_t index);
//  Key of a map's pair; NULL past the end.
HEARTH_EXPORT const hearth_value_t *hearth_value_key (const hearth_value_t *value, size_t index);
//  The value of a string key of a map; NULL if it is not there.
HEARTH_EXPORT const hearth_value_t *hearth_value_get (const hearth_value_t *value, const char *key);
//  As one line of JSON-like text, with control characters escaped, so that it may go to a terminal.
//  The caller frees it with free (). NULL if memory is short.
HEARTH_EXPORT char *hearth_value_text (const hearth_value_t *value) HEARTH_MUST_USE;

//  An argument, tagged with its type. Made by HEARTH_ARG from bool, the integer types, float, double,
//  strings, values and builders; borrows what it points to. (In C, `true` and `false` are ints before C23:
//  write hearth_bool (true).)
typedef struct {
    hearth_type_t type;
    bool is_unsigned;
    bool is_packed;  //  data and size are msgpack, whatever the type
    union {
        bool boolean;
        int64_t integer;
        uint64_t uinteger;
        double number;
        const hearth_value_t *value;
        const void *data;
    } as;
    size_t size;
} hearth_arg_t;

HEARTH_EXPORT hearth_arg_t hearth_nil (void);
HEARTH_EXPORT hearth_arg_t hearth_bool (bool value);
HEARTH_EXPORT hearth_arg_t hearth_int (int64_t value);
HEARTH_EXPORT hearth_arg_t hearth_uint (uint64_t value);
HEARTH_EXPORT hearth_arg_t hearth_float (double value);
HEARTH_EXPORT hearth_arg_t hearth_str (const char *value);  //  NULL is nil
HEARTH_EXPORT hearth_arg_t hearth_bin (const void *data, size_t size);
HEARTH_EXPORT hearth_arg_t hearth_time (int64_t nanoseconds);
HEARTH_EXPORT hearth_arg_t hearth_from_value (const hearth_value_t *value);  //  NULL is nil
HEARTH_EXPORT hearth_arg_t hearth_from_builder (const hearth_builder_t *builder);
HEARTH_EXPORT hearth_arg_t hearth_from_arg (hearth_arg_t arg);

//  Lists and maps are built value by value: open one, add to it, close it. The builder's value is what
//  stands at its top: one value. Errors stick (memory, an unbalanced close, a key that is no string) and
//  come out when it is used: as HEARTH_INVALID_ARGUMENT, or HEARTH_RESOURCE_EXHAUSTED for memory.
HEARTH_EXPORT hearth_builder_t *hearth_builder_new (void) HEARTH_MUST_USE;
HEARTH_EXPORT void hearth_builder_destroy (hearth_builder_t **self_p);
HEARTH_EXPORT void hearth_builder_open_list (hearth_builder_t *self);
HEARTH_EXPORT void hearth_builder_open_map (hearth_builder_t *self);
HEARTH_EXPORT void hearth_builder_close (hearth_builder_t *self);
//  Within a map, a key comes before each value.
HEARTH_EXPORT void hearth_builder_key (hearth_builder_t *self, const char *key);
HEARTH_EXPORT void hearth_builder_add_arg (hearth_builder_t *self, hearth_arg_t arg);
#define hearth_builder_add(self, value) hearth_builder_add_arg (self, HEARTH_ARG (value))
//  Adds the arguments of a command line, each read as `parameters` declares it ("a: int, b: int = 1"; NULL: by what
//  it looks like), as one value: a list, or a map where they are written NAME=VALUE and NAME is a parameter. It is
//  what hearth_call_with takes. Returns 0, or HEARTH_INVALID_ARGUMENT or HEARTH_RESOURCE_EXHAUSTED with a sentence
//  in `problem`, and then nothing was added.
HEARTH_EXPORT int hearth_builder_read (hearth_builder_t *self, const char *parameters, int argc, char **argv,
                                       char *problem, size_t size);
//  Adds one value in the same notation, read as `type` declares it ("list<int>"; NULL: by what it looks like). Returns as
//  hearth_builder_read does.
HEARTH_EXPORT int hearth_builder_read_value (hearth_builder_t *self, const char *type, const char *text,
                                             char *problem, size_t size);

/* ------------------------------------------------------------------------
    3  Connections
*/

//  Connects to a broker and returns at once; the session comes up when the connection is used. The address
//  is an endpoint (tcp://HOST:PORT, ipc:///PATH) or a URI (hearth://HOST:PORT, hearth+ipc:///PATH); NULL
//  means HEARTH_BROKER in the environment, else HEARTH_DEFAULT_BROKER. Returns NULL with errno EINVAL for a
//  bad address (hearth_address_problem says what is wrong with it) and ENOMEM or EMFILE for want of means.
HEARTH_EXPORT hearth_t *hearth_connect (const char *address) HEARTH_MUST_USE;

//  What is wrong with an address, as a static sentence; NULL if nothing is. Any thread.
HEARTH_EXPORT const char *hearth_address_problem (const char *address);

//  Says goodbye and frees the connection and all proxies, observations and watches made from it; calls in
//  flight end as HEARTH_CANCELLED, and what the program holds of them is still its own to wait for or to destroy. Waits
//  up to 250 ms for the goodbye to leave, and for handlers that run on workers, however long they take: these are cancelled,
//  their calls end as HEARTH_CANCELLED, what they answer is sent, and what was not begun is dropped. Waits for nobody else.
//  Does nothing within a callback, on a worker, or while another thread uses the connection; in a forked child it sets
//  *self_p to NULL and leaves the rest to the parent.
HEARTH_EXPORT void hearth_destroy (hearth_t **self_p);

//  The endpoint it connects to; lives as long as the connection.
HEARTH_EXPORT const char *hearth_broker (const hearth_t *self);

//  This session's unique name (":EPOCH.N"), or NULL while there is none. Valid until the next call on self.
HEARTH_EXPORT const char *hearth_unique_name (const hearth_t *self);

//  The URI of a name at this broker ("hearth://127.0.0.1:9797/echo.server"; of NULL: the broker's own). The caller frees it
//  with free (). NULL for what is no name, or if memory is short.
HEARTH_EXPORT char *hearth_uri (const hearth_t *self, const char *name) HEARTH_MUST_USE;

//  Why the last function on this connection failed. Lives until the next one does.
HEARTH_EXPORT const hearth_error_t *hearth_last_error (const hearth_t *self);

//  Waits until the session is there and everything that is served is registered, at most timeout_ms.
//  Returns 0, HEARTH_UNAVAILABLE if no broker answered, or why a registration was refused, or did not succeed so far.
HEARTH_EXPORT int hearth_ready (hearth_t *self, int64_t timeout_ms);

//  Serves, observes and keeps the session up until hearth_stop is called (returns 0) or a registration is
//  refused for good (returns its code). While there is no broker it waits for one. Within a callback:
//  HEARTH_FAILED_PRECONDITION.
HEARTH_EXPORT int hearth_run (hearth_t *self);

//  Ends hearth_run, now or when it is called next, and makes hearth_fd readable until hearth_process is called. A handler
//  that waits for a call of its own within hearth_run gets hearth.Cancelled. Any thread; safe in signal handlers. The
//  session goes on, so that a program may still take its leave; hearth_destroy says goodbye.
HEARTH_EXPORT void hearth_stop (hearth_t *self);

//  For event loops of your own: a descriptor that is readable whenever hearth_process has something to do
//  (level-triggered; do not read it), and the time until it must be called in any case (-1: no such time).
//  hearth_process does what is due, never waits, and returns 0 or the code of a registration refused for good.
HEARTH_EXPORT int hearth_fd (const hearth_t *self);
HEARTH_EXPORT int64_t hearth_next_timeout_ms (const hearth_t *self);
HEARTH_EXPORT int hearth_process (hearth_t *self);

//  A call that the program makes, as hooks are shown it; valid until the hook returns.
typedef struct {
    const char *service;
    const char *method;
    uint64_t number;     //  of the call, from 1: the same in all that is told of it
    unsigned attempt;    //  1; more if it was made once more (hearth_proxy_set_idempotent)
    int64_t started_ms;  //  by CLOCK_MONOTONIC
    //  call_ended: how it failed, NULL if it has a result; call_retried: how the attempt before failed. Without details.
    const hearth_error_t *error;
} hearth_call_info_t;

//  What a program may want to hear of its connection: for logs, metrics, and its own state. Each may be NULL.
//  Called from within functions on the connection, in its thread; they may use it, but not destroy it.
typedef struct {
    void (*connected) (hearth_t *self, const char *unique_name, void *context);
    //  The session ended; the library goes on trying to get another one.
    void (*disconnected) (hearth_t *self, const hearth_error_t *why, void *context);
    //  No broker answers at the address; told once until one does.
    void (*waiting) (hearth_t *self, const char *broker, void *context);
    void (*registered) (hearth_t *self, const char *name, void *context);
    //  The name was refused for good, or another session took it over.
    void (*unregistered) (hearth_t *self, const char *name, const hearth_error_t *why, void *context);
    //  Calls through proxies (not hearth_post): each that is started ends once, whatever becomes of it, and is told to have
    //  before the program has its result, at the latest in hearth_destroy. Of calls that these three make nothing is told.
    void (*call_started) (hearth_t *self, const hearth_call_info_t *call, void *context);
    void (*call_ended) (hearth_t *self, const hearth_call_info_t *call, void *context);
    void (*call_retried) (hearth_t *self, const hearth_call_info_t *call, void *context);
} hearth_hooks_t;

//  hooks and context are borrowed for the life of the connection. NULL takes them off.
HEARTH_EXPORT void hearth_set_hooks (hearth_t *self, const hearth_hooks_t *hooks, void *context);

/* ------------------------------------------------------------------------
    4  Calling

        hearth_proxy_t *calculator = hearth_proxy (hearth, "example.remote.object");
        hearth_result_t *sum = hearth_call (calculator, "add", 2, 3);
        if (hearth_failed (sum))
            complain (hearth_error (sum));
        else
            printf ("%" PRId64 "\n", hearth_result_int (sum));
        hearth_result_destroy (&sum);

    Every call ends exactly once, within its deadline.
*/

//  A name to call. Neither waits nor asks the broker. The name is a registered name, a unique name, or a URI
//  of this connection's broker. NULL for anything else, see hearth_last_error. The connection owns what is
//  not destroyed before it.
HEARTH_EXPORT hearth_proxy_t *hearth_proxy (hearth_t *self, const char *name) HEARTH_MUST_USE;
HEARTH_EXPORT void hearth_proxy_destroy (hearth_proxy_t **self_p);
HEARTH_EXPORT const char *hearth_proxy_name (const hearth_proxy_t *self);

//  How long calls through this proxy may take: 1 ms to 24 h (more is cut to that); default 10 s. Through one of
//  hearth_proxy_within they end with the call that they are made on behalf of all the same (hearth_proxy_set_detached).
HEARTH_EXPORT void hearth_proxy_set_timeout (hearth_proxy_t *self, int64_t timeout_ms);

//  How long the broker may wait for the name to appear, within the timeout; default 0: not at all.
HEARTH_EXPORT void hearth_proxy_set_wait (hearth_proxy_t *self, int64_t wait_ms);

//  Whether calls through this proxy may be made more than once, whatever the methods declare; default: no. A call of a
//  method that is declared HEARTH_IDEMPOTENT is made once more by itself if its service goes with it in its hands
//  (hearth.ServiceGone); with this word any is, and also if the broker goes (hearth.BrokerGone, hearth.Stopping). At once, then
//  after 50 ms, doubling to 1 s, within the deadline; while the name is not back (hearth.NoSuchService, hearth.Starting), too.
//  A connection has 1,000 tokens: each repetition takes one, each call that ends otherwise gives a tenth back, and none is
//  made unless more than half are there. A call that may have been executed never ends as "not executed", but as it failed before.
HEARTH_EXPORT void hearth_proxy_set_idempotent (hearth_proxy_t *self, bool is_idempotent);

//  hearth_call (proxy, "method", argument, …) calls and waits: at most the proxy's timeout and 250 ms. Never
//  NULL; the caller destroys the result. Meanwhile the connection goes on serving objects that are not busy.
//  hearth_start sends the call and returns (NULL if memory is short or the connection cannot be used, see
//  hearth_last_error); hearth_wait takes the answer. hearth_oneway asks for no result, and ends when the broker has passed
//  it on to a service; its result is nil. (So does any call of a method that is declared HEARTH_ONEWAY.) A call that is made
//  without a session waits for one, at most 1 s, longer only while an attempt to connect is under way (2 s) or a broker has
//  answered that and is to greet (5 s); then it ends as hearth.BrokerGone.
#define hearth_call(proxy, ...)   hearth_call_args (proxy, HEARTH_ARGS (__VA_ARGS__))
#define hearth_start(proxy, ...)  hearth_start_args (proxy, HEARTH_ARGS (__VA_ARGS__))
#define hearth_oneway(proxy, ...) hearth_oneway_args (proxy, HEARTH_ARGS (__VA_ARGS__))

//  hearth_post asks for nothing at all, neither a result nor whether anybody has the name: it returns 0 when the frame is on
//  its way, and knows no more. The broker counts what it refuses (`stats` of the service hearth). Nothing is held, so that
//  there must be a session (hearth_ready): HEARTH_UNAVAILABLE if there is none, else HEARTH_INVALID_ARGUMENT or
//  HEARTH_RESOURCE_EXHAUSTED for arguments that cannot be sent, and HEARTH_DEADLINE_EXCEEDED if the call that it is made on
//  behalf of has no time left. Never waits, and runs no callbacks but hooks. What the broker does not read in time waits in
//  this process, up to 64 MiB: beyond that HEARTH_RESOURCE_EXHAUSTED, until the broker has read of it. (A worker waits for the
//  connection's thread to send it, at most the proxy's timeout and 250 ms, then HEARTH_DEADLINE_EXCEEDED; HEARTH_CANCELLED
//  while the connection is being destroyed.)
#define hearth_post(proxy, ...) hearth_post_args (proxy, HEARTH_ARGS (__VA_ARGS__))

//  Calls with all arguments in one value: a list in the parameters' order, or a map by their names.
#define hearth_call_with(proxy, method, arguments) hearth_call_with_arg (proxy, method, HEARTH_ARG (arguments))
HEARTH_EXPORT hearth_result_t *hearth_call_with_arg (hearth_proxy_t *self, const char *method,
                                                     hearth_arg_t arguments) HEARTH_MUST_USE;

//  What the macros stand for. argv [0] is the method's name, argc counts it.
HEARTH_EXPORT hearth_result_t *hearth_call_args (hearth_proxy_t *self, const hearth_arg_t *argv,
                                                 size_t argc) HEARTH_MUST_USE;
HEARTH_EXPORT hearth_pending_t *hearth_start_args (hearth_proxy_t *self, const hearth_arg_t *argv,
                                                   size_t argc) HEARTH_MUST_USE;
HEARTH_EXPORT hearth_result_t *hearth_oneway_args (hearth_proxy_t *self, const hearth_arg_t *argv,
                                                   size_t argc) HEARTH_MUST_USE;
HEARTH_EXPORT int hearth_post_args (hearth_proxy_t *self, const hearth_arg_t *argv, size_t argc);

//  Waits for the answer, at most timeout_ms (-1: until the call's deadline, which always comes; 0: a look).
//  Returns the result, which ends the pending call and sets *self_p to NULL, or NULL if it has not come yet. (While another
//  thread uses the connection, or in a callback while this call is being waited for, a failed result, and *self_p stays.)
//  A pending call whose result is not wanted any more is cancelled by hearth_pending_destroy; whoever waits for it further
//  down the stack is told so.
HEARTH_EXPORT hearth_result_t *hearth_wait (hearth_pending_t **self_p, int64_t timeout_ms) HEARTH_MUST_USE;
HEARTH_EXPORT void hearth_pending_destroy (hearth_pending_t **self_p);

//  Waits until one of several calls of one connection has ended, or a stream among them has an item, at most timeout_ms (as
//  above); NULLs are passed over. Returns its index, and hearth_wait (&calls [index], 0) takes its result, hearth_next its
//  item; -1 if none has, or one is being waited for.
HEARTH_EXPORT int hearth_wait_any (hearth_pending_t *const *calls, size_t count, int64_t timeout_ms);

//  Many at once go out together: from hearth_hold to hearth_flush, or to the end of the handler or callback in which it was
//  called, what is sent (calls, items, publications) waits until there is enough for a message, or the connection waits or
//  processes events. (The answers that handlers give within one turn go out together by themselves.)
HEARTH_EXPORT void hearth_hold (hearth_t *self);
HEARTH_EXPORT void hearth_flush (hearth_t *self);

//  Instead of waiting: `done` is called once, when the call ends, within hearth_run, hearth_process, calls that wait and
//  hearth_destroy (which ends what is in flight as HEARTH_CANCELLED), never within this function. It destroys the result;
//  self is gone then. Until then self is still the program's, to be cancelled with hearth_pending_destroy, and then `done`
//  is not called. Returns 0, or HEARTH_FAILED_PRECONDITION if the call is being waited for, has a `done` already, or its
//  connection is gone.
typedef void hearth_done_fn (hearth_t *hearth, hearth_result_t *result, void *context);
HEARTH_EXPORT int hearth_when_done (hearth_pending_t *self, hearth_done_fn *done, void *context);

//  Streams: calls in which items go between the request and the result, down from the handler and up from the caller.
//
//      hearth_pending_t *range = hearth_open (numbers, "range", 10);
//      for (const hearth_value_t *item; (item = hearth_next (range, -1));)
//          printf ("%" PRId64 "\n", hearth_value_int (item));
//      hearth_result_t *end = hearth_wait (&range, -1);
//
//  Each side sends only what the other has asked for: a reader that is slow slows the writer down, and nothing piles up
//  between them. The proxy's timeout is the longest silence: a stream may last for as long as items or credit come and go.
//  hearth_pending_destroy ends it early, and its handler sees its call cancelled. hearth_wait drops the items that come
//  before the end. If the service, the broker or the deadline ends it, the error's message tells how many items came.
//  hearth_open returns NULL as hearth_start does.
#define hearth_open(proxy, ...) hearth_open_args (proxy, HEARTH_ARGS (__VA_ARGS__))
HEARTH_EXPORT hearth_pending_t *hearth_open_args (hearth_proxy_t *self, const hearth_arg_t *argv,
                                                  size_t argc) HEARTH_MUST_USE;
//  With all arguments in one value, as in hearth_call_with.
#define hearth_open_with(proxy, method, arguments) hearth_open_with_arg (proxy, method, HEARTH_ARG (arguments))
HEARTH_EXPORT hearth_pending_t *hearth_open_with_arg (hearth_proxy_t *self, const char *method,
                                                      hearth_arg_t arguments) HEARTH_MUST_USE;

//  Takes the next item; waits for it at most timeout_ms (-1: until the stream ends; 0: a look). NULL: there is none, and
//  hearth_is_over tells whether there will be one. The value is valid until the next item is taken or the stream is gone.
HEARTH_EXPORT const hearth_value_t *hearth_next (hearth_pending_t *self, int64_t timeout_ms) HEARTH_MUST_USE;
//  Whether the call has ended and all its items were taken. Of any call.
HEARTH_EXPORT bool hearth_is_over (const hearth_pending_t *self);
//  How many items came so far.
HEARTH_EXPORT uint64_t hearth_received (const hearth_pending_t *self);

//  Sends an item up; waits until the handler asks for it, at most timeout_ms (-1: until the stream ends; 0: not at all).
//  hearth_put_end says that no more will come, and never waits. Both return 0, HEARTH_DEADLINE_EXCEEDED if it may not be sent
//  yet, HEARTH_CANCELLED once the stream has ended (hearth_wait tells how) or hearth_stop ended the wait,
//  HEARTH_INVALID_ARGUMENT or HEARTH_RESOURCE_EXHAUSTED for a value that cannot be sent, HEARTH_UNAVAILABLE if the broker was
//  lost just then, HEARTH_FAILED_PRECONDITION for what is no stream, is being waited for, or has had its hearth_put_end.
#define hearth_put(stream, value) hearth_put_arg (stream, HEARTH_ARG (value), -1)
HEARTH_EXPORT int hearth_put_arg (hearth_pending_t *self, hearth_arg_t item, int64_t timeout_ms);
HEARTH_EXPORT int hearth_put_end (hearth_pending_t *self);

//  Instead of waiting: `told` is called whenever an item may be there, or may be sent, within hearth_run, hearth_process and
//  calls that wait; it takes and sends with a timeout of 0 until there is no more, and may destroy the stream. With
//  hearth_when_done, too, that is told after the last item was taken, and hearth_next and hearth_put do not wait. NULL takes it
//  off. A loop of the program's own needs it: hearth_fd is silent of an item that has come already, while another function
//  waited. Returns 0, or HEARTH_FAILED_PRECONDITION for what is no stream, or if its connection is gone.
typedef void hearth_ready_fn (hearth_pending_t *stream, void *context);
HEARTH_EXPORT int hearth_when_ready (hearth_pending_t *self, hearth_ready_fn *told, void *context);

//  How many items, and bytes of them, may be on their way to a stream of this proxy's; 0: the usual 1000 and 1 MiB, less
//  where the broker's limits leave less. An item may be larger than that. Of streams that are opened from now on.
HEARTH_EXPORT void hearth_proxy_set_window (hearth_proxy_t *self, uint32_t items, uint32_t bytes);

//  How a call ended. A result may outlive its proxy and its connection.
HEARTH_EXPORT bool hearth_failed (const hearth_result_t *self);
HEARTH_EXPORT const hearth_error_t *hearth_error (const hearth_result_t *self);  //  NULL if it did not fail
HEARTH_EXPORT const hearth_value_t *hearth_result_value (const hearth_result_t *self);
HEARTH_EXPORT bool hearth_result_bool (const hearth_result_t *self);
HEARTH_EXPORT int64_t hearth_result_int (const hearth_result_t *self);
HEARTH_EXPORT double hearth_result_float (const hearth_result_t *self);
HEARTH_EXPORT const char *hearth_result_str (const hearth_result_t *self);
HEARTH_EXPORT void hearth_result_destroy (hearth_result_t **self_p);

/* ------------------------------------------------------------------------
    5  Serving
*/

typedef void hearth_handler_fn (hearth_call_t *call, void *self);

enum {
    HEARTH_IDEMPOTENT = 1,  //  calling it again does no harm: callers' libraries do (hearth_proxy_set_idempotent)
    HEARTH_ONEWAY = 2,      //  its callers want no result: each call of it is a one-way call
    HEARTH_STREAMING = 4,   //  it sends items, or takes them: it can be called as a stream only
    HEARTH_RETAINED = 8     //  of an event: a new observer is given the last value
};

//  One row of an object's method table, which ends with a row of zeros. Signatures are checked when the
//  object is served: parameters such as "a: int, b: int = 1" and a result such as "list<str>" (docs/protocol.md,
//  section 7.2). parameters NULL: any arguments; "": none. result NULL: any.
typedef struct {
    const char *name;
    const char *parameters;
    const char *result;
    hearth_handler_fn *handler;
    const char *doc;
    unsigned flags;
} hearth_method_t;

typedef struct {
    const char *name;
    const char *type;  //  NULL: any
    const char *doc;
    unsigned flags;
} hearth_event_t;

typedef enum {
    HEARTH_EXCLUSIVE,    //  a taken name is an error
    HEARTH_REPLACEABLE,  //  exclusive, but a later one may take it over
    HEARTH_SHARED        //  joins a pool of instances
} hearth_mode_t;

typedef struct {
    const char *doc;
    const hearth_event_t *events;  //  ends with a row of zeros; NULL: none
    hearth_mode_t mode;
    bool replace;                       //  take over a replaceable name
    bool fail_if_taken;                 //  do not try on in case the owner is this service's own ghost
    unsigned capacity;                  //  calls in flight that it takes; 0: as many as the broker allows
    const char *const (*metadata) [2];  //  pairs; ends with { NULL, NULL }; NULL: none
    unsigned workers;                   //  threads of its own that run its handlers, at most 64; 0: the connection's
    bool parallel;                      //  its handlers may run at the same time; else it is serial: one at a time
} hearth_service_options_t;

//  Serves an object under a name: checks the table, which is borrowed until the object is gone, and returns;
//  the name is registered as soon as there is a session, and again in each new one. An empty name serves
//  the object under the connection's unique name (for callbacks). Returns 0, HEARTH_INVALID_ARGUMENT for a bad name, table
//  or option, HEARTH_ALREADY_EXISTS for a name that this connection serves already, or HEARTH_RESOURCE_EXHAUSTED for want of
//  memory or threads.
//
//  An object is serial: its handlers run one at a time, never within each other. A parallel one has them run at the same
//  time, on its workers, or without workers within each other: while one waits for a call of its own. A handler on a worker
//  may use, of what belongs to its connection, its call (all functions of this section that take one), calls on a
//  hearth_proxy_within of it (hearth_call, hearth_call_with, hearth_oneway, hearth_post), which block the worker only,
//  hearth_publish on its hearth_connection, and there hearth_last_error, which is the worker's own, hearth_unique_name,
//  hearth_broker, hearth_uri and hearth_stop. What is beyond that is refused: HEARTH_FAILED_PRECONDITION, hearth.InUse. What it
//  asks for is done by the connection's thread, within hearth_run, hearth_process and calls that wait. Workers have the signal
//  mask of the thread that calls this.
//
//  A name that is taken when it is registered first may still be held by this service's own ghost: it is tried on for
//  12 s, then refused for good (fail_if_taken: at once), as is whatever else is refused the first time; hearth_run,
//  hearth_process and hearth_ready answer with that until the object is taken away. A name that was registered before
//  and is taken when the session comes back is tried for as long as it is taken; the unregistered hook tells of it once.
//  A replaceable name that another session took over is not tried again; the hook tells of it, and hearth_run goes on.
HEARTH_EXPORT int hearth_serve (hearth_t *self, const char *name, const hearth_method_t *methods, void *context);
HEARTH_EXPORT int hearth_serve_with (hearth_t *self, const char *name, const hearth_method_t *methods, void *context,
                                     const hearth_service_options_t *options);

//  Takes the object away. Calls that this connection holds for it end as hearth.Cancelled, not executed; those that come
//  later, as hearth.NoSuchService. May be called from the object's own handler, if that is not on a worker. Waits for nobody:
//  handlers on workers may still run, and use the table and the context, until they return. Returns 0 or HEARTH_NOT_FOUND.
HEARTH_EXPORT int hearth_unserve (hearth_t *self, const char *name);

//  Arguments, checked against the signature, with its defaults filled in.
HEARTH_EXPORT size_t hearth_arg_count (const hearth_call_t *self);
HEARTH_EXPORT const hearth_value_t *hearth_arg (const hearth_call_t *self, size_t index);
HEARTH_EXPORT bool hearth_arg_bool (const hearth_call_t *self, size_t index);
HEARTH_EXPORT int64_t hearth_arg_int (const hearth_call_t *self, size_t index);
HEARTH_EXPORT double hearth_arg_float (const hearth_call_t *self, size_t index);
HEARTH_EXPORT const char *hearth_arg_str (const hearth_call_t *self, size_t index);

//  Answers the call. A handler answers once; what comes later is ignored. One that returns without an answer and keeps
//  nothing ends the call as hearth.NoReply. A result that does not fit the signature ends it as hearth.BadResult.
#define hearth_reply(call, value) hearth_reply_arg (call, HEARTH_ARG (value))
HEARTH_EXPORT void hearth_reply_arg (hearth_call_t *self, hearth_arg_t result);
HEARTH_EXPORT void hearth_reply_nil (hearth_call_t *self);

//  Ends the call with an error, marked executed. The name is the service's own, such as "bank.Overdrawn";
//  one that begins with "hearth.", or is no name, becomes HEARTH_INTERNAL (hearth.BadResult), and a code
//  that is none HEARTH_UNKNOWN. The message is cut at 511 bytes.
HEARTH_EXPORT void hearth_fail (hearth_call_t *self, hearth_code_t code, const char *name, const char *format, ...)
    HEARTH_PRINTF (4, 5);

HEARTH_EXPORT hearth_t *hearth_connection (const hearth_call_t *self);
HEARTH_EXPORT const char *hearth_method (const hearth_call_t *self);
//  The caller's unique name, on the broker's word.
HEARTH_EXPORT const char *hearth_caller (const hearth_call_t *self);
//  What the object keeps of this caller's session, or NULL. A call that has asked for it may use it until it ends. Kept calls:
//  any thread. On the workers of a parallel object calls of one caller may run at once: the program locks from this to the
//  first hearth_set_caller_state, lest both keep something, of which one is lost; the connection's thread, `gone` included,
//  must not wait for that lock.
HEARTH_EXPORT void *hearth_caller_state (hearth_call_t *self);
//  Keeps something of this caller's session, instead of what was kept before, which is the program's again. `gone` is told once,
//  in the connection's thread, and frees it: when the session has ended, the object was taken away or the connection is being
//  destroyed, and the calls that use it have ended (those that hearth_keep has kept: or the connection is being destroyed).
//  Also if the session had ended before. While this connection is down it hears of no end: `gone` is told when it is back, or
//  is destroyed. NULL takes the state back: nothing is told then. Returns 0; else it is not kept: HEARTH_RESOURCE_EXHAUSTED,
//  HEARTH_FAILED_PRECONDITION if the object was taken away or another thread is in the connection, and on a worker
//  HEARTH_CANCELLED while the connection is being destroyed and HEARTH_DEADLINE_EXCEEDED.
typedef void hearth_caller_gone_fn (hearth_t *hearth, const char *caller, void *state);
HEARTH_EXPORT int hearth_set_caller_state (hearth_call_t *self, void *state, hearth_caller_gone_fn *gone);
//  Milliseconds until the deadline; 0 once it has passed.
HEARTH_EXPORT int64_t hearth_remaining_ms (const hearth_call_t *self);
//  The caller cancelled, is gone, or its deadline passed: nobody waits for the answer. Reads what has come from the broker,
//  so that a handler that computes for long may ask now and then; runs no handlers and observers. (Not on a worker, and not
//  of kept calls: there the connection's thread reads.)
HEARTH_EXPORT bool hearth_cancelled (const hearth_call_t *self);

//  Keeps a call beyond its handler: that may return without an answer, which hearth_reply or hearth_fail gives later, from
//  any thread, and hearth_call_destroy frees the call then (without an answer it ends as hearth.NoReply). Meanwhile its
//  object serves other calls; its arguments stay. It takes up one unit of the capacity until it is answered. An answer that
//  another thread gives leaves with the connection's next turn, of which hearth_fd tells. A kept call may outlive its
//  object and its connection; the answer goes nowhere then. Of a kept call other threads may use hearth_arg…, hearth_method,
//  hearth_caller, hearth_remaining_ms, hearth_cancelled, hearth_reply…, hearth_fail and hearth_call_destroy, one thread at a
//  time. Returns self; NULL if memory is short, the call was answered, or this is not the handler's thread.
HEARTH_EXPORT hearth_call_t *hearth_keep (hearth_call_t *self) HEARTH_MUST_USE;
HEARTH_EXPORT void hearth_call_destroy (hearth_call_t **self_p);

//  Has `told` called once if a kept call is cancelled (see hearth_cancelled) before it is answered, in the connection's thread,
//  within hearth_run, hearth_process and calls that wait. It may answer the call and destroy it. On a worker, the call need
//  not be kept: it may be called while the handler runs, and when the connection is destroyed.
typedef void hearth_cancelled_fn (hearth_call_t *call, void *context);
HEARTH_EXPORT void hearth_when_cancelled (hearth_call_t *self, hearth_cancelled_fn *told, void *context);

//  Streams, as their handlers see them: hearth_yield sends an item down, hearth_take takes one that came up. Both wait at most
//  timeout_ms (-1: until the call is cancelled; 0: not at all), as a call within a handler waits. The deadline is the longest
//  silence: each item or credit, either way, moves it. The result, or an error, ends the stream at any time.
//
//  hearth_yield returns 0, HEARTH_CANCELLED if nobody takes it any more or hearth_stop ended the wait,
//  HEARTH_DEADLINE_EXCEEDED if it may not be sent yet, HEARTH_INVALID_ARGUMENT or HEARTH_RESOURCE_EXHAUSTED for a value that
//  cannot be sent, HEARTH_FAILED_PRECONDITION if the call is no stream or was answered. hearth_take returns NULL if there is no
//  item; hearth_input_ended tells whether all were taken and none will come. A value that was taken is valid until the next one
//  is, or the call is over. Of a kept call other threads may use these three, too; to them hearth_last_error tells nothing.
//
//  A call that was cancelled, or whose caller is gone, has no more input either: who stores what came asks hearth_cancelled
//  first, and keeps it only if that is false.
#define hearth_yield(call, value) hearth_yield_arg (call, HEARTH_ARG (value), -1)
HEARTH_EXPORT int hearth_yield_arg (hearth_call_t *self, hearth_arg_t item, int64_t timeout_ms);
HEARTH_EXPORT const hearth_value_t *hearth_take (hearth_call_t *self, int64_t timeout_ms) HEARTH_MUST_USE;
HEARTH_EXPORT bool hearth_input_ended (hearth_call_t *self);

//  Of a kept call that is a stream: `asked` is called whenever an item may be there, or may be sent, or the call was
//  cancelled, in the connection's thread, within hearth_run, hearth_process and calls that wait. It yields and takes with a
//  timeout of 0; it may answer the call and destroy it. NULL takes it off. Returns 0, or HEARTH_FAILED_PRECONDITION if the
//  call is no stream, is not kept, or its connection is another thread's or gone.
typedef void hearth_asked_fn (hearth_call_t *call, void *context);
HEARTH_EXPORT int hearth_when_asked (hearth_call_t *self, hearth_asked_fn *asked, void *context);

//  A proxy for calls made on behalf of this call: its deadline is theirs, and a serial object that would wait
//  for itself is told so (hearth.WouldDeadlock). Belongs to the call; do not destroy it. On a worker, too.
HEARTH_EXPORT hearth_proxy_t *hearth_proxy_within (hearth_call_t *self, const char *name) HEARTH_MUST_USE;

//  Whether calls through such a proxy may go on beyond the deadline of the call that they are made on behalf of: then they
//  have the proxy's timeout and no other; default: no. For what has to be finished although nobody waits for it any more.
HEARTH_EXPORT void hearth_proxy_set_detached (hearth_proxy_t *self, bool is_detached);

/* ------------------------------------------------------------------------
    6  Notifications

    Within an epoch (one run of the broker) nothing is lost in silence: what an observation delivered and
    what it reported lost add up to what was published since hearth_observe returned.
*/

//  Publishes under a name that this connection serves ("" for its unique name) and waits until the broker
//  has it. Returns 0, or why it was refused. On a worker, too, which then is the one that waits.
#define hearth_publish(self, name, event, value) hearth_publish_arg (self, name, event, HEARTH_ARG (value))
HEARTH_EXPORT int hearth_publish_arg (hearth_t *self, const char *name, const char *event, hearth_arg_t value);
//  The same without waiting, for many in a row: hearth_wait takes the broker's answer, whose result is the notification's
//  number in its topic. They are published in the order in which they were started. NULL as for hearth_start.
#define hearth_start_publish(self, name, event, value)                                                               \
    hearth_start_publish_arg (self, name, event, HEARTH_ARG (value))
HEARTH_EXPORT hearth_pending_t *hearth_start_publish_arg (hearth_t *self, const char *name, const char *event,
                                                          hearth_arg_t value) HEARTH_MUST_USE;

typedef enum {
    HEARTH_MESSAGE,     //  a notification
    HEARTH_LOST,        //  `lost` notifications of the topic, up to `number`, are gone for good
    HEARTH_EPOCH_ENDED  //  the broker was restarted: what it published after `number` of the old epoch is unknown
} hearth_notification_kind_t;

typedef struct {
    hearth_notification_kind_t kind;
    const char *service;
    const char *event;  //  "" for HEARTH_EPOCH_ENDED of an observation of more than one topic
    uint64_t number;    //  the topic's, without gaps within an epoch; broker-wide where event is ""
    uint64_t lost;
    int64_t time_ms;              //  when the broker took it, since 1970-01-01 UTC; 0 if it is no message
    bool retained;                //  the last value from before the observation began
    const hearth_value_t *value;  //  NULL if it is no message
} hearth_notification_t;

//  What notification points to is valid until the callback returns.
typedef void hearth_observer_fn (const hearth_notification_t *notification, void *context);

//  Observes an event of a service (a name or a URI), or all of its events (event NULL). A service of "example.*" means all
//  names below example (event NULL). Returns once the subscription is live: whatever is published from then on
//  is delivered or reported lost, also across reconnects, which the library sees to. Callbacks run within
//  hearth_run, hearth_process and calls that wait. NULL if that failed, see hearth_last_error; within
//  timeout_ms, else HEARTH_UNAVAILABLE or HEARTH_DEADLINE_EXCEEDED. The connection owns what is not destroyed.
HEARTH_EXPORT hearth_observation_t *hearth_observe (hearth_t *self, const char *service, const char *event,
                                                    int64_t timeout_ms, hearth_observer_fn *observer,
                                                    void *context) HEARTH_MUST_USE;
//  Nothing is delivered after this. May be called from the callback.
HEARTH_EXPORT void hearth_observation_destroy (hearth_observation_t **self_p);

/* ------------------------------------------------------------------------
    7  The directory
*/

//  Each is a call to the service `hearth` (docs/protocol.md, section 7) with the default timeout; the caller
//  destroys the result. A name may be a URI. after is the `next` of the answer before, NULL at first.
HEARTH_EXPORT hearth_result_t *hearth_list (hearth_t *self, const char *prefix, const char *after) HEARTH_MUST_USE;
HEARTH_EXPORT hearth_result_t *hearth_lookup (hearth_t *self, const char *name) HEARTH_MUST_USE;
HEARTH_EXPORT hearth_result_t *hearth_describe (hearth_t *self, const char *name) HEARTH_MUST_USE;

typedef enum {
    HEARTH_WENT,  //  nobody owns the name; the session ended
    HEARTH_APPEARED,
    HEARTH_CHANGED  //  another session owns it, or the owners of a pool changed
} hearth_change_t;

typedef void hearth_watch_fn (const char *name, hearth_change_t change, void *context);

//  Watches a name or a unique name; a URI will do. Returns at once; tells, within hearth_run, hearth_process and calls that
//  wait, once what is the case when it starts (APPEARED or WENT), then each change, without a gap, also across reconnects:
//  sessions of an old epoch have gone. NULL if it could not start, see hearth_last_error.
HEARTH_EXPORT hearth_watch_t *hearth_watch (hearth_t *self, const char *name, hearth_watch_fn *watcher,
                                            void *context) HEARTH_MUST_USE;
//  Tells nothing more after this. May be called from the callback.
HEARTH_EXPORT void hearth_watch_destroy (hearth_watch_t **self_p);

#ifdef __cplusplus
}
#endif

/* ------------------------------------------------------------------------
    The machinery behind HEARTH_ARG: _Generic in C, overloads in C++. Up to 16 arguments.
*/

// clang-format off
#ifdef __cplusplus
#include <type_traits>

inline hearth_arg_t HEARTH_ARG (int value) { return hearth_int (value); }
inline hearth_arg_t HEARTH_ARG (long value) { return hearth_int (value); }
inline hearth_arg_t HEARTH_ARG (long long value) { return hearth_int (value); }
inline hearth_arg_t HEARTH_ARG (unsigned value) { return hearth_uint (value); }
inline hearth_arg_t HEARTH_ARG (unsigned long value) { return hearth_uint (value); }
inline hearth_arg_t HEARTH_ARG (unsigned long long value) { return hearth_uint (value); }
inline hearth_arg_t HEARTH_ARG (double value) { return hearth_float (value); }
inline hearth_arg_t HEARTH_ARG (const char *value) { return hearth_str (value); }
inline hearth_arg_t HEARTH_ARG (const hearth_value_t *value) { return hearth_from_value (value); }
inline hearth_arg_t HEARTH_ARG (const hearth_builder_t *value) { return hearth_from_builder (value); }
inline hearth_arg_t HEARTH_ARG (hearth_arg_t value) { return value; }
//  Only a bool is one: pointers, functions, lambdas and pointers to members would turn into it by themselves.
template <typename T, typename std::enable_if<std::is_same<T, bool>::value, int>::type = 0>
inline hearth_arg_t HEARTH_ARG (T value) { return hearth_bool (value); }
//  A class that converts to something has to say to what.
template <typename T, typename std::enable_if<std::is_class<T>::value, int>::type = 0>
hearth_arg_t HEARTH_ARG (T value) = delete;
#define HEARTH_ARGS(...) HEARTH_ARGS_CPP (__VA_ARGS__)

template <size_t N> struct hearth_args_ {
    hearth_arg_t argv [N];
};
template <typename Method, typename... T> inline hearth_args_<1 + sizeof...(T)> hearth_args_of_ (Method method, T... values)
{
    return { { HEARTH_ARG (method), HEARTH_ARG (values)... } };
}
#define HEARTH_ARGS_CPP(...) hearth_args_of_ (__VA_ARGS__).argv, sizeof (hearth_args_of_ (__VA_ARGS__).argv) / sizeof (hearth_arg_t)

#else

#define HEARTH_ARG(value) _Generic ((value), \
    bool: hearth_bool, \
    char: hearth_int, signed char: hearth_int, short: hearth_int, int: hearth_int, long: hearth_int, \
    long long: hearth_int, \
    unsigned char: hearth_uint, unsigned short: hearth_uint, unsigned: hearth_uint, unsigned long: hearth_uint, \
    unsigned long long: hearth_uint, \
    float: hearth_float, double: hearth_float, \
    char *: hearth_str, const char *: hearth_str, \
    hearth_value_t *: hearth_from_value, const hearth_value_t *: hearth_from_value, \
    hearth_builder_t *: hearth_from_builder, const hearth_builder_t *: hearth_from_builder, \
    hearth_arg_t: hearth_from_arg) (value)

#define HEARTH_ARGS(...) \
    (const hearth_arg_t []) { HEARTH_EACH_ (HEARTH_COUNT_ (__VA_ARGS__), __VA_ARGS__) }, HEARTH_COUNT_ (__VA_ARGS__)
#define HEARTH_COUNT_(...) HEARTH_17TH_ (__VA_ARGS__, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define HEARTH_17TH_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, count, ...) count
#define HEARTH_EACH_(count, ...) HEARTH_PASTE_ (HEARTH_EACH_, count) (__VA_ARGS__)
#define HEARTH_PASTE_(a, b) HEARTH_PASTE2_ (a, b)
#define HEARTH_PASTE2_(a, b) a##b
#define HEARTH_EACH_1(a) HEARTH_ARG (a)
#define HEARTH_EACH_2(a, ...) HEARTH_ARG (a), HEARTH_EACH_1 (__VA_ARGS__)
#define HEARTH_EACH_3(a, ...) HEARTH_ARG (a), HEARTH_EACH_2 (__VA_ARGS__)
#define HEARTH_EACH_4(a, ...) HEARTH_ARG (a), HEARTH_EACH_3 (__VA_ARGS__)
#define HEARTH_EACH_5(a, ...) HEARTH_ARG (a), HEARTH_EACH_4 (__VA_ARGS__)
#define HEARTH_EACH_6(a, ...) HEARTH_ARG (a), HEARTH_EACH_5 (__VA_ARGS__)
#define HEARTH_EACH_7(a, ...) HEARTH_ARG (a), HEARTH_EACH_6 (__VA_ARGS__)
#define HEARTH_EACH_8(a, ...) HEARTH_ARG (a), HEARTH_EACH_7 (__VA_ARGS__)
#define HEARTH_EACH_9(a, ...) HEARTH_ARG (a), HEARTH_EACH_8 (__VA_ARGS__)
#define HEARTH_EACH_10(a, ...) HEARTH_ARG (a), HEARTH_EACH_9 (__VA_ARGS__)
#define HEARTH_EACH_11(a, ...) HEARTH_ARG (a), HEARTH_EACH_10 (__VA_ARGS__)
#define HEARTH_EACH_12(a, ...) HEARTH_ARG (a), HEARTH_EACH_11 (__VA_ARGS__)
#define HEARTH_EACH_13(a, ...) HEARTH_ARG (a), HEARTH_EACH_12 (__VA_ARGS__)
#define HEARTH_EACH_14(a, ...) HEARTH_ARG (a), HEARTH_EACH_13 (__VA_ARGS__)
#define HEARTH_EACH_15(a, ...) HEARTH_ARG (a), HEARTH_EACH_14 (__VA_ARGS__)
#define HEARTH_EACH_16(a, ...) HEARTH_ARG (a), HEARTH_EACH_15 (__VA_ARGS__)
#define HEARTH_EACH_17(a, ...) HEARTH_ARG (a), HEARTH_EACH_16 (__VA_ARGS__)
#endif
// clang-format on
#endif
