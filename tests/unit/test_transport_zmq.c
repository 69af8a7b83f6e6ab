/*  test_transport_zmq.c - the libzmq transport: whose a frame is, who is gone and when, and bundles
*/
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bundle.h"
#include "scene.h"

//  ---- who is there ----

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

static void run_until_count (scene_t *self, const session_t *session, unsigned count)
{
    while (session->frames < count)
        make_turn (self, -1);
}

Test (transport_zmq, the_frames_of_a_bundle_are_delivered_one_by_one, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    write_bundle (fd, (const char *[]){ "b", "c", "d", NULL });
    write_frame (fd, "e");
    run_until_count (&scene, &scene.core.sessions [0], 5);
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
    run_until_count (&scene, &scene.core.sessions [0], 3);
    cr_assert_str_eq (scene.core.sessions [0].all, "a,b,,", "whatever its bytes are");
    close (fd);
    close_scene (&scene);
}

static const char one_and_two [] =
    "\x92\x0b\xc4\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xdc\0\x02\xc5\0\x03"
    "one\xc5\0\x03"
    "two";

static void send_one_and_two (scene_t *self, session_t *session)
{
    send_text (self, session, "one");
    send_text (self, session, "two");
}

static void expect_each_alone (scene_t *self, int fd)
{
    expect_message (self, fd, "one", 3);
    expect_message (self, fd, "two", 3);
}

Test (transport_zmq, a_peer_that_has_sent_a_bundle_gets_what_a_turn_sends_in_one, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    session_t *session = &scene.core.sessions [0];
    run_until_heard (&scene, session);
    send_one_and_two (&scene, session);
    expect_each_alone (&scene, fd);

    write_bundle (fd, (const char *[]){ "b", "c", NULL });
    run_until_count (&scene, session, 3);
    send_one_and_two (&scene, session);
    expect_message (&scene, fd, one_and_two, sizeof one_and_two - 1);
    send_text (&scene, session, "alone");
    expect_message (&scene, fd, "alone", 5);
    close (fd);
    close_scene (&scene);
}

Test (transport_zmq, nothing_is_gathered_where_frames_come_one_at_a_time, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    session_t *session = &scene.core.sessions [0];
    write_bundle (fd, (const char *[]){ "b", "c", NULL });
    run_until_count (&scene, session, 3);
    write_frame (fd, "d");
    run_until_count (&scene, session, 4);
    send_one_and_two (&scene, session);
    expect_each_alone (&scene, fd);
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
    write_bundle (fd, (const char *[]){ "b", "c", NULL });
    session_t *session = &scene.core.sessions [0];
    run_until_count (&scene, session, 3);
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

//  What becomes of a probe tells whether the peer is there, so that it carries nothing else.
Test (transport_zmq, a_probe_goes_before_what_was_gathered, .timeout = 60)
{
    scene_t scene = { 0 };
    open_scene (&scene, 5000);
    int fd = connect_peer (&scene, "a");
    write_bundle (fd, (const char *[]){ "b", "c", NULL });
    session_t *session = &scene.core.sessions [0];
    run_until_count (&scene, session, 3);
    link_watch (scene.transport, session->link);
    send_text (&scene, session, "gathered");
    transport_zmq_turn (scene.transport, clock_now_ms () + 2);
    uint8_t head [2];
    cr_assert_eq (recv (fd, head, sizeof head, MSG_WAITALL), 2);
    uint8_t probe [256];
    cr_assert_eq (recv (fd, probe, head [1], MSG_WAITALL), head [1]);
    cr_assert_eq (probe [1], WIRE_PROBE);
    expect_message (&scene, fd, "gathered", 8);
    close (fd);
    close_scene (&scene);
}
