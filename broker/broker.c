/*  broker.c - the process around the core: what it listens on, its loop, its end */

#include "broker.h"
#include "accept.h"
#include "address.h"
#include "clock.h"
#include "listener.h"
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define LISTENERS          (2 * OPTIONS_ADDRESSES)
#define DRAIN_MS           500  //  for peers to take their goodbye and leave: what is unread when a connection is cut is lost
#define LINGER_MS          300  //  for what is written by then
#define EPOCH_MASK         (((uint64_t) 1 << 48) - 1)
#define FEWEST_CONNECTIONS 32  //  beside what the broker itself has open
#define READY_SIZE         (LISTENERS * 128)
#define GIVEN_SIZE         384

struct broker {
    const options_t *options;
    log_t *log;
    transport_zmq_t *transport;
    core_t *core;
    listener_t listeners [LISTENERS];
    size_t listener_count;
    const char *published [OPTIONS_ADDRESSES + 1];  //  what the welcome lists
    uint64_t descriptors;                           //  that may be open
    int signals;                                    //  a descriptor that tells of them
};

//  ---- the start ----

//  Orphans that a container hands to its first process are nobody's; what is written to a reader that has gone is lost.
static int s_open_signals (void)
{
    sigset_t set;
    signal (SIGPIPE, SIG_IGN);
    signal (SIGCHLD, SIG_IGN);
    sigemptyset (&set);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGINT);
    if (sigprocmask (SIG_BLOCK, &set, NULL))
        return -1;
    return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static const addresses_t *s_addresses (const broker_t *self, gate_kind_t kind)
{
    return kind == GATE_CALLS ? &self->options->bind : &self->options->publish;
}

//  What was given for an address: where nobody gave it, what it was placed beside.
static void s_tell_given (const broker_t *self, gate_kind_t kind, size_t index, char given [GIVEN_SIZE])
{
    const char *address = s_addresses (self, kind)->items [index];
    if (kind == GATE_EVENTS && self->options->is_beside)
        snprintf (given, GIVEN_SIZE, "--bind %.130s: its place for observers, %.130s (--publish chooses another)",
                  self->options->bind.items [index], address);
    else
        snprintf (given, GIVEN_SIZE, "--%s %.200s", kind == GATE_CALLS ? "bind" : "publish", address);
}

//  Where it is the broker itself that has the address, that is what is wrong.
static void s_tell_ours (const broker_t *self, const char *address, char *what, size_t size)
{
    size_t binds = self->options->bind.count;
    char given [GIVEN_SIZE];
    for (size_t i = 0; i < self->listener_count; i++) {
        gate_kind_t kind = self->listeners [i].kind;
        size_t index = kind == GATE_CALLS ? i : i - binds;
        if (!address_may_overlap (address, s_addresses (self, kind)->items [index]))
            continue;
        s_tell_given (self, kind, index, given);
        snprintf (what, size, "this broker has the address already, by %s; choose another", given);
        return;
    }
}

static int s_listen (broker_t *self, gate_kind_t kind, char *problem)
{
    const addresses_t *addresses = s_addresses (self, kind);
    for (size_t i = 0; i < addresses->count; i++) {
        char given [GIVEN_SIZE], what [OPTIONS_PROBLEM / 2];
        listener_t *listener = &self->listeners [self->listener_count];
        int result = listener_open (listener, self->transport, kind, addresses->items [i], what, sizeof what);
        if (result) {
            if (result == LISTENER_TAKEN)
                s_tell_ours (self, addresses->items [i], what, sizeof what);
            s_tell_given (self, kind, i, given);
            snprintf (problem, OPTIONS_PROBLEM, "%s: %s", given, what);
            return -1;
        }
        self->listener_count++;
    }
    return 0;
}

static void s_choose_published (broker_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < self->options->advertise.count; i++)
        self->published [count++] = self->options->advertise.items [i];
    for (size_t i = 0; i < self->listener_count && self->options->advertise.count == 0; i++) {
        const listener_t *listener = &self->listeners [i];
        if (listener->kind == GATE_EVENTS)
            self->published [count++] = listener->advertised;
    }
}

static int s_listen_all (broker_t *self, char *problem)
{
    if (s_listen (self, GATE_CALLS, problem) || s_listen (self, GATE_EVENTS, problem))
        return -1;
    s_choose_published (self);
    return 0;
}

static int s_open_transport (broker_t *self, int64_t now_ms)
{
    self->descriptors = machine_raise_descriptors ();
    self->transport = transport_zmq_new (&self->options->limits, self->log, now_ms);
    return self->transport ? 0 : -1;
}

static int s_open_core (broker_t *self, int64_t now_ms)
{
    core_config_t config = {
        .bundles = true,
        .limits = self->options->limits,
        .settle_ms = self->options->settle_ms,
        .wall_offset_ms = clock_wall_ms () - now_ms,
        .publish = self->published,
        .version = BROKER_VERSION,
        .log = log_write,
        .log_context = self->log,
    };
    if (machine_random (&config.epoch, sizeof config.epoch)
        || machine_random (config.hash_key, sizeof config.hash_key))
        return -1;
    config.epoch &= EPOCH_MASK;
    config.epoch += config.epoch == 0;
    if (config.limits.value [LIMIT_MEMORY] == 0)
        config.limits.value [LIMIT_MEMORY] = machine_memory () / 2;
    self->core = core_new (&config, &transport_zmq_ops, self->transport, now_ms);
    if (!self->core)
        return -1;
    transport_zmq_start (self->transport, self->core);
    return 0;
}

static int s_spare_descriptors (const broker_t *self, char *problem)
{
    uint64_t spare = self->options->limits.value [LIMIT_SPARE_FDS];
    if (spare + FEWEST_CONNECTIONS < self->descriptors) {
        accept_set_bound ((int) (self->descriptors - spare));
        return 0;
    }
    snprintf (problem, OPTIONS_PROBLEM,
              "--%s %" PRIu64 ": of %" PRIu64
              " descriptors none would be left for peers; give less, or raise ulimit -n",
              limit_rows [LIMIT_SPARE_FDS].option, spare, self->descriptors);
    return -1;
}

static int s_check_ready_fd (const options_t *options, char *problem)
{
    int flags = options->ready_fd < 0 ? O_WRONLY : fcntl (options->ready_fd, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
        return 0;
    snprintf (problem, OPTIONS_PROBLEM, "--ready-fd %d: not open for writing; give the descriptor of a pipe",
              options->ready_fd);
    return -1;
}

//  What may fail for reasons that the user has no part in.
static int s_open (broker_t *self, int64_t now_ms)
{
    self->log = log_new (STDERR_FILENO, self->options->log_level);
    self->signals = s_open_signals ();
    return self->log && self->signals >= 0 ? s_open_transport (self, now_ms) : -1;
}

broker_t *broker_new (const options_t *options, broker_exit_t *code, char problem [OPTIONS_PROBLEM])
{
    int64_t now_ms = clock_now_ms ();
    *code = BROKER_MISUSED;
    if (s_check_ready_fd (options, problem))
        return NULL;
    broker_t *self = calloc (1, sizeof *self);
    if (self) {
        self->options = options;
        self->signals = -1;
    }
    if (self && !s_open (self, now_ms)) {
        if (s_spare_descriptors (self, problem) || s_listen_all (self, problem)) {
            broker_destroy (&self);
            return NULL;
        }
        if (!s_open_core (self, now_ms))
            return self;
    }
    *code = BROKER_FAILED;
    snprintf (problem, OPTIONS_PROBLEM, "cannot start: %s", strerror (errno));
    broker_destroy (&self);
    return NULL;
}

//  ---- the loop ----

//  "ready", the addresses for calls, and if there are any "publish" and the addresses for observers.
static size_t s_write_ready (const broker_t *self, char *line, size_t room)
{
    size_t size = (size_t) snprintf (line, room, "ready");
    for (gate_kind_t kind = GATE_CALLS; kind <= GATE_EVENTS; kind++) {
        if (kind == GATE_EVENTS)
            size += (size_t) snprintf (line + size, room - size, " publish");
        for (size_t i = 0; i < self->listener_count; i++)
            if (self->listeners [i].kind == kind)
                size += (size_t) snprintf (line + size, room - size, " %s", self->listeners [i].bound);
    }
    return size;
}

//  Standard descriptors stay open, lest a socket becomes one of them.
static void s_say_ready (broker_t *self)
{
    char line [READY_SIZE];
    int fd = self->options->ready_fd;
    size_t size = s_write_ready (self, line, sizeof line - 1);
    log_printf (self->log, LOG_INFO, "broker", "-", "at most %" PRIu64 " descriptors", self->descriptors);
    log_write (self->log, LOG_INFO, "broker", "-", line);
    if (fd < 0)
        return;
    line [size++] = '\n';
    if (write (fd, line, size) != (ssize_t) size)
        log_printf (self->log, LOG_WARNING, "broker", "-", "nobody reads the ready line: %s", strerror (errno));
    if (fd > STDERR_FILENO)
        close (fd);
}

static int64_t s_earlier (int64_t a, int64_t b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

static int s_timeout (const broker_t *self, int64_t now_ms)
{
    int64_t at_ms = s_earlier (core_deadline (self->core), transport_zmq_deadline (self->transport));
    at_ms = s_earlier (at_ms, log_deadline (self->log));
    if (at_ms < 0)
        return -1;
    return at_ms <= now_ms ? 0 : at_ms - now_ms > INT32_MAX ? INT32_MAX : (int) (at_ms - now_ms);
}

static void s_turn (broker_t *self, int64_t now_ms)
{
    int64_t deadline = core_deadline (self->core);
    transport_zmq_turn (self->transport, now_ms);
    if (deadline >= 0 && deadline <= now_ms)
        core_tick (self->core, now_ms);
    core_turn_end (self->core, now_ms);
    log_tick (self->log, now_ms);
}

static void s_stop (broker_t *self, int64_t now_ms)
{
    struct signalfd_siginfo info;
    if (read (self->signals, &info, sizeof info) == sizeof info)
        log_printf (self->log, LOG_INFO, "broker", "-", "stopping: %s", strsignal ((int) info.ssi_signo));
    core_stop (self->core, now_ms);
    core_turn_end (self->core, now_ms);
}

//  Serves on without a word until the peers have left, or for so long.
static void s_drain (broker_t *self)
{
    int64_t now_ms = clock_now_ms (), until_ms = now_ms + DRAIN_MS;
    while (core_sessions (self->core) && now_ms < until_ms) {
        transport_zmq_wait (self->transport, -1, (int) (until_ms - now_ms));
        now_ms = clock_now_ms ();
        s_turn (self, now_ms);
    }
}

broker_exit_t broker_run (broker_t *self)
{
    int64_t now_ms = clock_now_ms ();
    s_say_ready (self);
    while (!transport_zmq_wait (self->transport, self->signals, s_timeout (self, now_ms))) {
        now_ms = clock_now_ms ();
        s_turn (self, now_ms);
    }
    s_stop (self, now_ms);
    s_drain (self);
    return BROKER_DONE;
}

void broker_destroy (broker_t **self_p)
{
    broker_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    core_destroy (&self->core);
    transport_zmq_destroy (&self->transport, LINGER_MS);
    for (size_t i = 0; i < self->listener_count; i++)
        listener_close (&self->listeners [i]);
    log_destroy (&self->log);
    if (self->signals >= 0)
        close (self->signals);
    free (self);
}
