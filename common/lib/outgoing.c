/*  outgoing.c - the caller's side of a call as the program sees it: its request is written, sent, and its result waited for
*/
#include "call.h"
#include "clock.h"
#include "errand.h"
#include "hooks.h"
#include "limits.h"
#include "proxy.h"
#include "result.h"
#include "worker.h"

//  The arguments of a call: one by one, or all in one value.
typedef struct {
    const char *method;
    const hearth_arg_t *argv;
    size_t argc;
    const hearth_arg_t *all;
    uint32_t flags;
    stream_t *stream;     //  NULL: it is none; the call's from then on
    const char *problem;  //  why it cannot be made, or NULL
    int64_t deadline_ms;  //  0: the proxy's timeout tells
} request_args_t;

//  Why the arguments cannot be packed, or NULL.
static const char *pack_arguments (hearth_t *hearth, const request_args_t *args)
{
    if (args->all)
        return frame_pack_arg (hearth, args->all, 0);
    pack_list (&hearth->scratch, args->argc);
    const char *problem = NULL;
    for (size_t index = 0; index < args->argc && !problem; index++)
        problem = frame_pack_arg (hearth, &args->argv [index], 1);
    return problem;
}

static void pack_credit (pack_t *options, const stream_t *stream)
{
    pack_str (options, "credit");
    pack_list (options, 2);
    pack_uint (options, stream->window_items);
    pack_uint (options, stream->window_bytes);
}

//  `wait`, `credit` and `via`, where they are asked for. False if the chain of callers is too long.
static bool pack_options (hearth_proxy_t *self, const request_args_t *args, wire_frame_t *header)
{
    pack_t *options = &self->hearth->options;
    if (self->wait_ms <= 0 && !self->call && !args->stream)
        return true;
    msgpack_sbuffer_clear (&options->buffer);
    pack_map (options, (size_t) (self->wait_ms > 0) + (self->call != NULL) + (args->stream != NULL));
    if (args->stream)
        pack_credit (options, args->stream);
    if (self->wait_ms > 0) {
        header->block.flags |= WIRE_WAIT;
        pack_str (options, "wait");
        pack_int (options, self->wait_ms);
    }
    if (self->call && !call_pack_via (self->call, options))
        return false;
    header->options = (span_t){ options->buffer.data, options->buffer.size };
    return true;
}

//  What is left at that time.
static int64_t timeout_of (const hearth_proxy_t *self, int64_t now_ms)
{
    if (!self->call || self->is_detached)
        return self->timeout_ms;
    int64_t left = self->call->deadline_ms - now_ms;
    return left < self->timeout_ms ? left : self->timeout_ms;
}

//  What can be said without asking anybody, or NULL.
static hearth_result_t *check_call (const request_args_t *args, span_t method, int64_t timeout_ms)
{
    if (args->problem)
        return result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "%s", args->problem);
    if (!name_is_valid (method.data, method.size))
        return result_failed (STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED, "\"%.255s\" is not a method's name",
                              method.data);
    if (timeout_ms <= 0)
        return result_failed (STATUS_DEADLINE, HEARTH_NOT_EXECUTED, "the deadline has passed");
    return NULL;
}

static void own_stream (hearth_pending_t *call, stream_t *stream)
{
    stream->owner = call;
    stream->silence_ms = (uint32_t) (call->deadline_ms - call->hearth->now_ms);
    call->stream = stream;
}

//  Fills in what a request has, and nothing else. Why it cannot be made, or NULL.
static hearth_result_t *begin_request (hearth_proxy_t *self, const request_args_t *args, int64_t timeout_ms,
                                       wire_frame_t *header)
{
    const char *method = args->method ? args->method : "";
    header->kind = WIRE_REQUEST;
    header->block = (wire_block_t){ .flags = args->flags };
    header->name = SPAN (self->name);
    header->method = SPAN (method);
    header->options = (span_t){ NULL, 0 };
    hearth_result_t *refused = check_call (args, header->method, timeout_ms);
    if (refused || pack_options (self, args, header))
        return refused;
    return result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "more than 32 handlers would wait for each other");
}

//  Starts a call, which may have ended when this returns. NULL if memory is short.
static hearth_pending_t *start (hearth_proxy_t *self, const request_args_t *args)
{
    hearth_t *hearth = self->hearth;
    frame_make_room (hearth);
    connection_note_time (hearth);
    wire_frame_t header;
    int64_t timeout_ms = args->deadline_ms ? args->deadline_ms - hearth->now_ms : timeout_of (self, hearth->now_ms);
    hearth_result_t *refused = begin_request (self, args, timeout_ms, &header);
    hearth_pending_t *call = frame_open_call (hearth, &header, timeout_ms);
    if (!call) {
        hearth_result_destroy (&refused);
        return NULL;
    }
    call->is_call = true;
    call->is_promised = self->is_idempotent;
    if (args->stream)
        own_stream (call, args->stream);
    const char *problem = refused || call->slot == CALLS_NO_SLOT ? NULL : pack_arguments (hearth, args);
    if (problem)
        refused = result_failed (STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED, "an argument %s", problem);
    if (refused)
        calls_end (&hearth->calls, call, refused);
    else
        frame_send_call (hearth, call);
    if (hooks_want_calls (hearth))
        hooks_call_began (hearth, call, &header);
    return call;
}

typedef struct {
    hearth_proxy_t *proxy;
    request_args_t args;
} workers_call_t;

static hearth_pending_t *start_for_worker (hearth_t *hearth, void *argument)
{
    (void) hearth;
    const workers_call_t *call = argument;
    return start (call->proxy, &call->args);
}

//  The time that the connection's thread takes to get round to it counts. The broker's own limit is for that thread to know.
static int64_t workers_deadline (const hearth_proxy_t *self)
{
    const int64_t most_ms = (int64_t) limit_rows [LIMIT_DEADLINE].most;
    int64_t now_ms = clock_now_ms ();
    box_lock (self->call->kept.box);  //  what comes for a stream moves its deadline
    int64_t timeout_ms = timeout_of (self, now_ms);
    box_unlock (self->call->kept.box);
    return now_ms + (timeout_ms < most_ms ? timeout_ms : most_ms);
}

static hearth_result_t *call_on_worker (hearth_proxy_t *self, const request_args_t *args)
{
    workers_call_t call = { .proxy = self, .args = *args };
    call.args.deadline_ms = workers_deadline (self);
    return errand_run (self->hearth, start_for_worker, &call, call.args.deadline_ms);
}

static hearth_result_t *call_and_wait (hearth_proxy_t *self, const request_args_t *args)
{
    if (!self)
        return result_failed (STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED, "there is no proxy");
    if (self->call && worker_handles (self->call))
        return call_on_worker (self, args);
    if (!client_enter (self->hearth))
        return connection_refusal (self->hearth, HEARTH_NOT_EXECUTED);
    hearth_t *hearth = self->hearth;
    hearth_pending_t *call = start (self, args);
    hearth_result_t *result =
        call ? call_finish (hearth, call) : result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "memory is short");
    client_leave (hearth);
    return result;
}

static request_args_t read_args (const hearth_arg_t *argv, size_t argc, uint32_t flags)
{
    bool is_named = argc > 0 && argv [0].type == HEARTH_TYPE_STR && !argv [0].is_packed;
    return (request_args_t){ .method = is_named ? argv [0].as.data : NULL,
                             .argv = argv + 1,
                             .argc = argc > 0 ? argc - 1 : 0,
                             .flags = flags };
}

hearth_result_t *hearth_call_args (hearth_proxy_t *self, const hearth_arg_t *argv, size_t argc)
{
    request_args_t args = read_args (argv, argc, 0);
    return call_and_wait (self, &args);
}

hearth_result_t *hearth_oneway_args (hearth_proxy_t *self, const hearth_arg_t *argv, size_t argc)
{
    request_args_t args = read_args (argv, argc, WIRE_ONEWAY);
    return call_and_wait (self, &args);
}

hearth_result_t *hearth_call_with_arg (hearth_proxy_t *self, const char *method, hearth_arg_t arguments)
{
    request_args_t args = { .method = method, .all = &arguments };
    return call_and_wait (self, &args);
}

hearth_pending_t *hearth_start_args (hearth_proxy_t *self, const hearth_arg_t *argv, size_t argc)
{
    if (!self || !client_enter (self->hearth))
        return NULL;
    hearth_t *hearth = self->hearth;
    request_args_t args = read_args (argv, argc, 0);
    hearth_pending_t *call = start (self, &args);
    client_leave (hearth);
    return call;
}

//  Entered. NULL if memory is short.
static hearth_pending_t *open_entered (hearth_proxy_t *self, request_args_t *args)
{
    stream_t *stream = stream_new (&self->hearth->streams);
    if (!stream)
        return NULL;
    args->stream = stream;
    if (!stream_open_window (stream, self->window_items, self->window_bytes))
        args->problem = "streams have been granted all that the broker lets a session grant (--max-granted, "
                        "--max-granted-bytes)";
    hearth_pending_t *call = start (self, args);
    if (!call)
        stream_destroy (&stream);
    return call;
}

static hearth_pending_t *open_stream (hearth_proxy_t *self, request_args_t args)
{
    if (!self || !client_enter (self->hearth))
        return NULL;
    hearth_t *hearth = self->hearth;
    hearth_pending_t *call = open_entered (self, &args);
    client_leave (hearth);
    return call;
}

hearth_pending_t *hearth_open_args (hearth_proxy_t *self, const hearth_arg_t *argv, size_t argc)
{
    return open_stream (self, read_args (argv, argc, WIRE_STREAM));
}

hearth_pending_t *hearth_open_with_arg (hearth_proxy_t *self, const char *method, hearth_arg_t arguments)
{
    return open_stream (self, (request_args_t){ .method = method, .all = &arguments, .flags = WIRE_STREAM });
}

//  Nothing is held, waited for or answered. What cannot be sent at once is not sent; getting on with the connection is all
//  that is done about it.
static hearth_result_t *send_post (hearth_proxy_t *self, const request_args_t *args)
{
    hearth_t *hearth = self->hearth;
    wire_frame_t header;
    char text [128];
    if (!posted_may (hearth))
        return result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "the broker does not keep up with what is posted");
    int64_t timeout_ms = timeout_of (self, hearth->now_ms);
    hearth_result_t *refused = begin_request (self, args, timeout_ms, &header);
    if (refused)
        return refused;
    header.block.remaining_ms = (uint32_t) frame_timeout (hearth, timeout_ms);
    frame_begin (hearth, &header);
    const char *problem = pack_arguments (hearth, args);
    if (problem)
        return result_failed (STATUS_BAD_ARGUMENTS, HEARTH_NOT_EXECUTED, "an argument %s", problem);
    problem = frame_problem (hearth, text, sizeof text);
    if (problem)
        return result_failed (STATUS_LIMIT, HEARTH_NOT_EXECUTED, "%s", problem);
    size_t size = hearth->scratch.buffer.size;
    if (frame_send (hearth)) {
        posted_note (hearth, size);
        return NULL;
    }
    turn_connect (hearth);
    return result_failed (STATUS_BROKER_GONE, HEARTH_NOT_EXECUTED, "%s",
                          *hearth->session.why ? hearth->session.why : "no broker has answered yet");
}

static int post (hearth_t *hearth, void *argument)
{
    const workers_call_t *call = argument;
    connection_note_time (hearth);
    if (!client_is_up (hearth))
        turn_connect (hearth);
    hearth_result_t *refused = send_post (call->proxy, &call->args);
    int code = refused ? client_fail_result (hearth, refused) : HEARTH_OK;
    hearth_result_destroy (&refused);
    return code;
}

int hearth_post_args (hearth_proxy_t *self, const hearth_arg_t *argv, size_t argc)
{
    workers_call_t call = { .proxy = self, .args = read_args (argv, argc, WIRE_ONEWAY | WIRE_NOACK) };
    if (self && self->call && worker_handles (self->call))
        return errand_do (self->hearth, post, &call, workers_deadline (self));
    if (!self || !client_enter (self->hearth))
        return (int) guard_code (self ? self->hearth : NULL);
    int code = post (self->hearth, &call);
    client_leave (self->hearth);
    return code;
}
