/*  scene.c - the libzmq transport between a core that only remembers and peers made by hand (scene.h)
*/
#include "scene.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

//  ---- a core that only remembers ----

session_t *core_opened (core_t *self, link_t *link, int64_t now_ms)
{
    (void) now_ms;
    cr_assert_lt (self->count, MOST_SESSIONS);
    session_t *session = &self->sessions [self->count++];
    session->link = link;
    return session;
}

void core_frame (core_t *self, session_t *session, frame_t *frame, int64_t now_ms)
{
    (void) self;
    (void) now_ms;
    cr_assert_not (session->gone);
    if (session->frames++ == 0)
        session->first = frame->data [0];
    size_t at = strlen (session->all);
    snprintf (session->all + at, sizeof session->all - at, "%.*s,", (int) frame->size, (const char *) frame->data);
    for (int64_t began_ms = clock_now_ms (); frame->data [0] == SLOW && clock_now_ms () == began_ms;)
        continue;
    frame_release (frame);
}

void core_full (core_t *self, session_t *session, int64_t now_ms)
{
    (void) self;
    (void) now_ms;
    session->gone = true;
}

void core_gone (core_t *self, session_t *session, int64_t now_ms)
{
    (void) self;
    (void) now_ms;
    cr_assert_not (session->gone);
    session->gone = true;
}

void core_suspect (core_t *self, session_t *session, int64_t now_ms)
{
    (void) self;
    (void) now_ms;
    session->suspect = true;
}

void core_trust (core_t *self, session_t *session, int64_t now_ms)
{
    (void) now_ms;
    session->suspect = false;
    self->trusted++;
}

bool core_is_greeted (const session_t *session)
{
    return session->frames > 0;
}

void core_subscribed (core_t *self, const uint8_t *prefix, size_t size, int64_t now_ms)
{
    (void) prefix;
    (void) size;
    (void) now_ms;
    self->subscriptions++;
}

void core_count_limit (core_t *self, limit_id_t limit)
{
    self->limits [limit]++;
}

//  ---- the transport ----

void open_scene (scene_t *self, uint64_t hello_ms)
{
    limits_t limits;
    char bound [256];
    limits_init (&limits);
    limits.value [LIMIT_HELLO] = hello_ms;
    self->log = log_new (STDERR_FILENO, LOG_ERROR);
    self->transport = transport_zmq_new (&limits, self->log, clock_now_ms ());
    cr_assert_not_null (self->transport);
    cr_assert_eq (transport_zmq_bind (self->transport, GATE_CALLS, "tcp://127.0.0.1:*", bound, sizeof bound), 0);
    self->port = (uint16_t) atoi (strrchr (bound, ':') + 1);
    transport_zmq_start (self->transport, &self->core);
}

void close_scene (scene_t *self)
{
    transport_zmq_destroy (&self->transport, 0);
    log_destroy (&self->log);
}

bool make_turn (scene_t *self, int fd)
{
    int64_t now_ms = clock_now_ms ();
    int64_t deadline_ms = transport_zmq_deadline (self->transport);
    int timeout_ms = deadline_ms < 0 ? -1 : deadline_ms > now_ms ? (int) (deadline_ms - now_ms) : 0;
    bool readable = transport_zmq_wait (self->transport, fd, timeout_ms);
    transport_zmq_turn (self->transport, clock_now_ms ());
    return readable;
}

void run_until_gone (scene_t *self, const session_t *session)
{
    while (!session->gone)
        make_turn (self, -1);
}

void run_until_heard (scene_t *self, const session_t *session)
{
    while (!session->frames)
        make_turn (self, -1);
}

void run_until_trusted (scene_t *self, unsigned times)
{
    while (self->core.trusted < times)
        make_turn (self, -1);
}

void run_until_closed (scene_t *self, int fd)
{
    uint8_t bytes [256];
    ssize_t size = 1;
    while (size > 0)
        if (make_turn (self, fd))
            size = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
}

//  ---- peers ----

static void write_all (int fd, const void *data, size_t size)
{
    cr_assert_eq (send (fd, data, size, MSG_NOSIGNAL), (ssize_t) size);
}

static void read_all (int fd, size_t size)
{
    uint8_t bytes [256];
    cr_assert_leq (size, sizeof bytes);
    cr_assert_eq (recv (fd, bytes, size, MSG_WAITALL), (ssize_t) size);
}

void write_bytes (int fd, const void *bytes, size_t size)
{
    uint8_t head [2] = { 0, (uint8_t) size };
    write_all (fd, head, sizeof head);
    write_all (fd, bytes, size);
}

void write_frame (int fd, const char *text)
{
    write_bytes (fd, text, strlen (text));
}

int connect_peer (const scene_t *self, const char *frame)
{
    static const uint8_t greeting [64] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, 'N', 'U', 'L', 'L' };
    static const char ready [] = "\x04\x29\x05READY\x0bSocket-Type\0\0\0\x06"
                                 "DEALER\x08Identity\0\0\0\0";
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (self->port) };
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    uint8_t head [2];
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    cr_assert_eq (connect (fd, (struct sockaddr *) &address, sizeof address), 0);
    write_all (fd, greeting, sizeof greeting);
    write_all (fd, ready, sizeof ready - 1);
    read_all (fd, sizeof greeting);
    cr_assert_eq (recv (fd, head, sizeof head, MSG_WAITALL), 2);
    read_all (fd, head [1]);
    if (frame)
        write_frame (fd, frame);
    return fd;
}

void await_handover (int fd)
{
    static const char ping [] = "\x04\x07\x04PING\0";
    for (int i = 0; i < 2; i++) {
        write_all (fd, ping, sizeof ping);
        read_all (fd, 2 + 5);
    }
}

void close_peer (int fd)
{
    uint8_t byte;
    shutdown (fd, SHUT_WR);
    while (recv (fd, &byte, 1, 0) > 0)
        continue;
    close (fd);
}
