//  The libzmq transport with a core of the test's own, and peers made by hand: what happens between two turns of the
//  loop is the test's choice.

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bundle.h"
#include "clock.h"
#include "transport_zmq.h"
#include "zmq_state.h"

#define MOST_SESSIONS 4
#define SLOW          's'  //  first byte of a frame that takes the core until the clock's next millisecond

//  ---- a core that only remembers ----

struct session {
    link_t *link;
    unsigned frames;
    uint8_t first;  //  byte of its first frame
    char all [64];  //  their texts
    bool suspect;
    bool gone;
};

struct core {
    session_t sessions [MOST_SESSIONS];
    size_t count;
    unsigned trusted;
    unsigned limits [LIMIT_COUNT];
};

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
    (void) self;
    (void) prefix;
    (void) size;
    (void) now_ms;
}

void core_count_limit (core_t *self, limit_id_t limit)
{
    self->limits [limit]++;
}

//  ---- the scene ----

typedef struct {
    core_t core;
    log_t *log;
    transport_zmq_t *transport;
    uint16_t port;
} scene_t;

static void open_scene (scene_t *self, uint64_t hello_ms)
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

static void close_scene (scene_t *self)
{
    transport_zmq_destroy (&self->transport, 0);
    log_destroy (&self->log);
}

//  Waits for what comes or is due, or for fd, and makes a turn. Returns whether fd is readable.
static bool make_turn (scene_t *self, int fd)
{
    int64_t now_ms = clock_now_ms ();
    int64_t deadline_ms = transport_zmq_deadline (self->transport);
    int timeout_ms = deadline_ms < 0 ? -1 : deadline_ms > now_ms ? (int) (deadline_ms - now_ms) : 0;
    bool readable = transport_zmq_wait (self->transport, fd, timeout_ms);
    transport_zmq_turn (self->transport, clock_now_ms ());
    return readable;
}

static void run_until_gone (scene_t *self, const session_t *session)
{
    while (!session->gone)
        make_turn (self, -1);
}

static void run_until_heard (scene_t *self, const session_t *session)
{
    while (!session->frames)
        make_turn (self, -1);
}

//  Until the core has been told so often that a suspect lives.
static void run_until_trusted (scene_t *self, unsigned times)
{
    while (self->core.trusted < times)
        make_turn (self, -1);
}

//  Until the transport has ended the connection whose other end is fd; skips what was sent there.
static void run_until_closed (scene_t *self, int fd)
{
    uint8_t bytes [256];
    ssize_t size = 1;
    while (size > 0)
        if (make_turn (self, fd))
            size = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
}

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

static void write_bytes (int fd, const void *bytes, size_t size)
{
    uint8_t head [2] = { 0, (uint8_t) size };
    write_all (fd, head, sizeof head);
    write_all (fd, bytes, size);
}

static void write_frame (int fd, const char *text)
{
    write_bytes (fd, text, strlen (text));
}

//  A DEALER that has finished its handshake and sent one frame, or none.
static int connect_peer (const scene_t *self, const char *frame)
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

//  Returns when libzmq's I/O thread has handed over all that was sent before: it has answered a ping, and another.
static void await_handover (int fd)
{
    static const char ping [] = "\x04\x07\x04PING\0";
    for (int i = 0; i < 2; i++) {
        write_all (fd, ping, sizeof ping);
        read_all (fd, 2 + 5);
    }
}

//  Returns when the transport's side of the connection is closed.
static void close_peer (int fd)
{
    uint8_t byte;
    shutdown (fd, SHUT_WR);
    while (recv (fd, &byte, 1, 0) > 0)
        continue;
    close (fd);
}

Test (transport_zmq, what_a_peer_sent_before_it_left_is_delivered_and_then_it_is_gone, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    close_peer (connect_peer (&scene, "a"));
    run_until_gone (&scene, &scene.core.sessions [0]);
    cr_assert_eq (scene.core.count, 1);
    cr_assert_eq (scene.core.sessions [0].first, 'a');
    close_scene (&scene);
}

//  The probes begin after a millisecond and say at once that it is gone.
Test (transport_zmq, all_that_a_peer_sent_before_it_left_is_delivered_however_long_that_takes, .timeout = 60)
{
    enum { FRAMES = 100 };
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    for (int at = 1; at < FRAMES; at++)
        write_frame (fd, "slow");
    close_peer (fd);
    run_until_gone (&scene, &scene.core.sessions [0]);
    cr_assert_eq (scene.core.count, 1);
    cr_assert_eq (scene.core.sessions [0].frames, FRAMES);
    close_scene (&scene);
}

Test (transport_zmq, a_peer_whose_descriptor_is_another_ones_by_now_is_found_gone_although_that_one_is_silent,
      .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 1000);
    close_peer (connect_peer (&scene, "a"));
    int fd = connect_peer (&scene, NULL);
    run_until_gone (&scene, &scene.core.sessions [0]);
    cr_assert_eq (scene.core.count, 1);
    run_until_closed (&scene, fd);
    cr_assert_eq (scene.core.limits [LIMIT_HELLO], 1, "that one never says hello");
    close (fd);
    close_scene (&scene);
}

Test (transport_zmq, a_descriptor_that_is_used_again_is_not_taken_for_the_first_peers, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    close_peer (connect_peer (&scene, "a"));
    int fd = connect_peer (&scene, "b");
    await_handover (fd);
    run_until_gone (&scene, &scene.core.sessions [0]);
    session_t *second = &scene.core.sessions [1];
    run_until_heard (&scene, second);
    cr_assert_eq (scene.core.count, 2);
    cr_assert_eq (scene.core.sessions [0].first, 'a');
    cr_assert_eq (second->first, 'b');
    cr_assert_not (second->gone);

    transport_zmq_ops.kick (scene.transport, second->link);
    run_until_closed (&scene, fd);
    cr_assert_not (second->gone, "nobody is told of the end of a peer that was kicked");
    close (fd);
    close_scene (&scene);
}

//  libzmq's I/O thread may be held up between the event of a connection's end and the end of the pipe, for longer than the
//  probes go on; and another peer's frame may have claimed the connection.
Test (transport_zmq, a_peer_without_a_known_connection_that_was_acquitted_is_found_gone_later, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    session_t *session = &scene.core.sessions [0];
    int fd = connect_peer (&scene, "a");
    run_until_heard (&scene, session);
    session->link->connection->link = NULL;
    session->link->connection = NULL;
    link_suspect (scene.transport, session->link);
    run_until_trusted (&scene, 1);
    cr_assert_not (session->suspect);
    run_until_trusted (&scene, 2);
    cr_assert_not (session->gone);
    close_peer (fd);
    run_until_gone (&scene, session);
    close_scene (&scene);
}

Test (transport_zmq, a_connection_without_a_frame_ends_with_the_time_for_a_hello, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 1000);
    int quiet = connect_peer (&scene, NULL), talking = connect_peer (&scene, "a");
    run_until_closed (&scene, quiet);
    cr_assert_eq (scene.core.limits [LIMIT_HELLO], 1);
    cr_assert_eq (recv (talking, &(uint8_t){ 0 }, 1, MSG_DONTWAIT), -1);
    cr_assert_not (scene.core.sessions [0].suspect);
    close (quiet);
    close (talking);
    close_scene (&scene);
}

Test (transport_zmq, a_frame_that_is_not_the_transports_own_is_copied, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    run_until_heard (&scene, &scene.core.sessions [0]);
    uint8_t bytes [] = "copied";
    frame_t frame = { .data = bytes, .size = sizeof bytes };
    cr_assert_eq (transport_zmq_ops.send (scene.transport, scene.core.sessions [0].link, &frame), SENT_OK);
    memset (bytes, 0, sizeof bytes);
    char got [2 + sizeof bytes];
    cr_assert_eq (recv (fd, got, sizeof got, MSG_WAITALL), sizeof got);
    cr_assert_str_eq (got + 2, "copied");
    close (fd);
    close_scene (&scene);
}

//  ---- bundles ----

static void write_bundle (int fd, const char *const *texts)
{
    uint8_t room [BUNDLE_ROOM];
    bundle_t bundle = { .data = room };
    size_t size;
    bundle_begin (&bundle);
    for (; *texts; texts++)
        bundle_add (&bundle, (const uint8_t *) *texts, strlen (*texts));
    const uint8_t *message = bundle_message (&bundle, &size);
    write_bytes (fd, message, size);
}

static void send_text (scene_t *self, session_t *session, const char *text)
{
    frame_t frame = { .data = (uint8_t *) text, .size = strlen (text) };
    cr_assert_eq (transport_zmq_ops.send (self->transport, session->link, &frame), SENT_OK);
}

static void expect_message (scene_t *self, int fd, const void *bytes, size_t size)
{
    uint8_t got [256];
    make_turn (self, fd);
    cr_assert_eq (recv (fd, got, size + 2, MSG_WAITALL), (ssize_t) size + 2);
    cr_assert_eq (got [1], size);
    cr_assert_eq (memcmp (got + 2, bytes, size), 0);
}

Test (transport_zmq, the_frames_of_a_bundle_are_delivered_one_by_one, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    write_bundle (fd, (const char *[]){ "b", "c", "d", NULL });
    write_frame (fd, "e");
    while (scene.core.sessions [0].frames < 5)
        make_turn (&scene, -1);
    cr_assert_str_eq (scene.core.sessions [0].all, "a,b,c,d,e,");
    close (fd);
    close_scene (&scene);
}

Test (transport_zmq, what_cannot_be_read_of_a_bundle_is_one_frame_of_garbage, .timeout = 60)
{
    static const char bundle [] = "\x92\x0b\xc4\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x92\xc4\x01"
                                  "bxyz";
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    write_bytes (fd, bundle, sizeof bundle - 1);
    while (scene.core.sessions [0].frames < 3)
        make_turn (&scene, -1);
    cr_assert_str_eq (scene.core.sessions [0].all, "a,b,,", "whatever its bytes are");
    close (fd);
    close_scene (&scene);
}

Test (transport_zmq, a_peer_that_has_sent_a_bundle_gets_what_a_turn_sends_in_one, .timeout = 60)
{
    static const char two [] = "\x92\x0b\xc4\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xdc\0\x02\xc5\0\x03"
                               "one\xc5\0\x03"
                               "two";
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    run_until_heard (&scene, &scene.core.sessions [0]);
    session_t *session = &scene.core.sessions [0];
    send_text (&scene, session, "one");
    send_text (&scene, session, "two");
    expect_message (&scene, fd, "one", 3);
    expect_message (&scene, fd, "two", 3);

    write_bundle (fd, (const char *[]){ "b", "c", NULL });
    while (session->frames < 3)
        make_turn (&scene, -1);
    send_text (&scene, session, "one");
    send_text (&scene, session, "two");
    expect_message (&scene, fd, two, sizeof two - 1);
    send_text (&scene, session, "alone");
    expect_message (&scene, fd, "alone", 5);
    close (fd);
    close_scene (&scene);
}

Test (transport_zmq, what_was_gathered_goes_before_a_large_frame_and_before_the_end, .timeout = 60)
{
    static char large [BUNDLE_MOST + 2];
    static char got [BUNDLE_MOST + 64];
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    write_bundle (fd, (const char *[]){ NULL });
    write_frame (fd, "b");
    session_t *session = &scene.core.sessions [0];
    while (session->frames < 2)
        make_turn (&scene, -1);
    memset (large, 'x', sizeof large - 1);
    send_text (&scene, session, "small");
    send_text (&scene, session, large);
    send_text (&scene, session, "last");
    transport_zmq_ops.kick (scene.transport, session->link);
    size_t size = 2 + 5 + 9 + BUNDLE_MOST + 1 + 2 + 4;
    make_turn (&scene, fd);
    cr_assert_eq (recv (fd, got, size, MSG_WAITALL), (ssize_t) size);
    cr_assert_eq (memcmp (got + 2, "small", 5), 0);
    cr_assert_eq (memcmp (got + size - 4, "last", 4), 0);
    close (fd);
    close_scene (&scene);
}

//  Of a transport in a process whose random numbers nobody has seeded, or somebody who is known.
static uint32_t first_number (void)
{
    scene_t scene = { 0 };
    srandom (1);
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    run_until_heard (&scene, &scene.core.sessions [0]);
    uint32_t number = routing_number (scene.core.sessions [0].link->id);
    close (fd);
    close_scene (&scene);
    return number;
}

//  A peer that claims the id of the next connection ends the broker (docs/protocol.md, section 10).
Test (transport_zmq, the_first_id_does_not_follow_from_what_random_numbers_were_seeded_with, .timeout = 60)
{
    cr_assert_neq (first_number (), first_number ());
}
