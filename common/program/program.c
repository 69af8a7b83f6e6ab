/*  program.c - a program's connection, the signals that end it, and how it ends

    Owns the process's one connection and its exit code. Refuses to know what the program does.
*/
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "state.h"

//  What an error's name says about the exit code, and what one can do about it.
static const struct {
    const char *name;
    int status;
    const char *advice;
} known_errors [] = {
    { "hearth.BrokerGone", PROGRAM_NO_BROKER, "start hearth-broker, or name another address with --broker" },
    { "hearth.Stopping", PROGRAM_FAILED, "try again when it is back" },
    { "hearth.Starting", PROGRAM_FAILED, "try again in a moment" },
    { "hearth.NoSuchService", PROGRAM_FAILED, "`hearth list` tells the names that are there" },
    { "hearth.NoSuchMethod", PROGRAM_FAILED, "`hearth describe` tells a service's methods" },
    { "hearth.BadArguments", PROGRAM_USAGE, "`hearth describe` tells what the method takes" },
    { "hearth.Deadline", PROGRAM_LATE, "--timeout gives it more time" },
    { "hearth.NameTaken", PROGRAM_FAILED, "end the other owner first; `hearth list` shows it" },
};

static hearth_t *connection;
static int status;
static int refused;                    //  what hearth_process said
static bool is_registered;             //  what is served, once
static bool is_taken;                  //  that it is not yet, since another has its name, was said
static volatile sig_atomic_t stopped;  //  by this signal; 0: not yet

static bool is_uri (const char *text)
{
    return text && strstr (text, "://");
}

hearth_t *program_connect (const char *uri)
{
    if (connection)
        return connection;
    const char *address = is_uri (uri) ? uri : options_broker ();
    if (!address)
        address = getenv ("HEARTH_BROKER");
    if (!address || !*address)
        address = HEARTH_DEFAULT_BROKER;
    const char *problem = hearth_address_problem (address);
    if (problem)
        program_misused ("the broker's address '%s': %s", address, problem);
    connection = hearth_connect (address);
    if (!connection) {
        program_note ("cannot connect to %s: %s", address, strerror (errno));
        program_quit (PROGRAM_FAILED);
    }
    return connection;
}

hearth_proxy_t *program_proxy (const char *name_or_uri)
{
    hearth_t *hearth = program_connect (name_or_uri);
    hearth_proxy_t *proxy = hearth_proxy (hearth, name_or_uri);
    if (proxy) {
        hearth_proxy_set_timeout (proxy, program_timeout_ms () + program_wait_ms ());
        hearth_proxy_set_wait (proxy, program_wait_ms ());
        return proxy;
    }
    const hearth_error_t *error = hearth_last_error (hearth);
    if (error->code == HEARTH_INVALID_ARGUMENT)
        program_misused ("'%s': %s", name_or_uri, error->message);
    program_quit (program_complain (name_or_uri, error));
}

static void stop (int number)
{
    stopped = number;
    hearth_stop (connection);
}

static void end_at_once (int number)
{
    _exit (128 + number);
}

static void on_end_signals (void (*handler) (int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    sigemptyset (&action.sa_mask);
    sigaction (SIGTERM, &action, NULL);
    sigaction (SIGINT, &action, NULL);
}

void program_prepare (void)
{
    output_open ();
    signal (SIGPIPE, SIG_IGN);
    if (getpid () == 1)  //  the kernel gives a container's first process no default handlers
        on_end_signals (end_at_once);
}

void program_catch_signals (void)
{
    program_connect (NULL);
    on_end_signals (stop);
}

bool program_stopped (void)
{
    return stopped;
}

void program_interrupted (void)
{
    if (stopped && !status)
        status = 128 + stopped;
}

static int sooner (int64_t one, int64_t other)
{
    int64_t least = one < 0 || (other >= 0 && other < one) ? other : one;
    return least < INT_MAX ? (int) least : INT_MAX;
}

bool program_turn (struct pollfd *also, int64_t timeout_ms)
{
    struct pollfd events [2] = { { .fd = hearth_fd (connection), .events = POLLIN }, { .fd = -1 } };
    if (also)
        events [1] = *also;
    if (!stopped)
        poll (events, 2, sooner (hearth_next_timeout_ms (connection), timeout_ms));
    if (also)
        also->revents = events [1].revents;
    refused = hearth_process (connection);
    return !stopped && !refused;
}

void program_waiting (hearth_t *hearth, const char *broker, void *context)
{
    (void) hearth, (void) context;
    program_note ("no broker answers at %s; waiting for one", broker);
}

void program_disconnected (hearth_t *hearth, const hearth_error_t *why, void *context)
{
    (void) context;
    if (!stopped)
        program_note ("lost the broker at %s (%s); connecting again", hearth_broker (hearth), why->message);
}

static void registered (hearth_t *hearth, const char *name, void *context)
{
    (void) context;
    is_registered = true;
    char *uri = hearth_uri (hearth, name);
    program_print_safe (uri ? uri : name);
    putchar ('\n');
    free (uri);
}

static void unregistered (hearth_t *hearth, const char *name, const hearth_error_t *why, void *context)
{
    (void) hearth, (void) context;
    program_complain (name, why);
}

//  What is served from now on is told of.
static hearth_t *begin_serving (void)
{
    static const hearth_hooks_t hooks = { .waiting = program_waiting,
                                          .disconnected = program_disconnected,
                                          .registered = registered,
                                          .unregistered = unregistered };
    hearth_t *hearth = program_connect (NULL);
    hearth_set_hooks (hearth, &hooks, NULL);
    program_catch_signals ();
    return hearth;
}

static int end_serving (hearth_t *hearth, int code)
{
    if (code && !status)
        program_complain ("cannot serve", hearth_last_error (hearth));
    return program_end ();
}

//  The library tries on for so long before it says that it was in vain.
static void tell_taken (hearth_t *hearth)
{
    if (is_registered || is_taken || hearth_ready (hearth, 0) != HEARTH_ALREADY_EXISTS)
        return;
    is_taken = true;
    program_note ("%s; trying on for 12 s, since its owner may be dead", hearth_last_error (hearth)->message);
}

int program_serve (void)
{
    hearth_t *hearth = begin_serving ();
    while (!status && !is_registered && program_turn (NULL, -1))
        tell_taken (hearth);
    return end_serving (hearth, status || refused ? refused : hearth_run (hearth));
}

int program_serve_timed (int64_t (*act) (void *context), void *context)
{
    hearth_t *hearth = begin_serving ();
    while (!status && program_turn (NULL, act (context)))
        tell_taken (hearth);
    return end_serving (hearth, refused);
}

int program_complain (const char *what, const hearth_error_t *error)
{
    int code = error->code == HEARTH_DEADLINE_EXCEEDED ? PROGRAM_LATE : PROGRAM_FAILED;
    const char *advice = NULL;
    for (size_t index = 0; index < sizeof known_errors / sizeof *known_errors; index++)
        if (strcmp (error->name, known_errors [index].name) == 0) {
            code = known_errors [index].status;
            advice = known_errors [index].advice;
        }
    const char *mark = hearth_mark_name (error->mark);
    const char *broker = code == PROGRAM_NO_BROKER && connection ? hearth_broker (connection) : NULL;
    program_note ("%s%s%s: %s (%s, %s%s%s)%s%s", what, broker ? " at " : "", broker ? broker : "", error->message,
                  error->name, hearth_code_name (error->code), *mark ? ", " : "", mark, advice ? ": " : "",
                  advice ? advice : "");
    if (!status)
        status = code;
    return code;
}

void program_fail (const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    output_note (format, arguments);
    va_end (arguments);
    if (!status)
        status = PROGRAM_FAILED;
}

bool program_succeeded (const char *what, const hearth_result_t *result)
{
    if (!hearth_failed (result))
        return true;
    program_complain (what, hearth_error (result));
    return false;
}

int program_end (void)
{
    if (connection) {
        on_end_signals (SIG_IGN);
        hearth_destroy (&connection);
    }
    if (!output_close () && !status)
        status = PROGRAM_FAILED;
    return status;
}

void program_quit (int code)
{
    if (!status)
        status = code;
    exit (program_end ());
}
