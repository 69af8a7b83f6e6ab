/*  test_zmq_publisher.c - the publishing half of the libzmq transport: what goes together, and in which order
*/
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "scene.h"

typedef struct {
    scene_t scene;
    void *context;
    void *sub;
} hall_t;

static hall_t hall;

//  An observer of everything, whose subscription is live.
static void begin (void)
{
    char bound [256];
    const int never_ms = 30000;
    memset (&hall, 0, sizeof hall);
    open_scene (&hall.scene, 5000);
    cr_assert_eq (transport_zmq_bind (hall.scene.transport, GATE_EVENTS, "tcp://127.0.0.1:*", bound, sizeof bound),
                  0);
    hall.context = zmq_ctx_new ();
    hall.sub = zmq_socket (hall.context, ZMQ_SUB);
    zmq_setsockopt (hall.sub, ZMQ_RCVTIMEO, &never_ms, sizeof never_ms);
    zmq_setsockopt (hall.sub, ZMQ_SUBSCRIBE, "", 0);
    cr_assert_eq (zmq_connect (hall.sub, bound), 0);
    while (!hall.scene.core.subscriptions)
        make_turn (&hall.scene, -1);
}

static void end (void)
{
    zmq_close (hall.sub);
    zmq_ctx_term (hall.context);
    close_scene (&hall.scene);
}

TestSuite (zmq_publisher, .init = begin, .fini = end, .timeout = 60);

//  Several frames have come in this turn.
static void be_busy (void)
{
    hall.scene.transport->is_busy = true;
}

static void publish (const char *topic, uint64_t number, size_t body)
{
    static uint8_t nils [2048];
    memset (nils, 0xc0, sizeof nils);
    wire_note_t note = { .topic = SPAN (topic),
                         .number = number,
                         .topic_number = number,
                         .topic_first = 1,
                         .body = nils,
                         .body_size = body };
    blob_t *blob = blob_new (wire_note_size (&note));
    wire_write_note (&note, blob_data (blob));
    transport_zmq_ops.publish (hall.scene.transport, blob);
    blob_unref (blob);
}

//  A message as topic and numbers: "s/e/ 1 2".
static void expect (const char *text)
{
    char got [256];
    zmq_msg_t message;
    note_reader_t reader;
    wire_note_t note;
    zmq_msg_init (&message);
    cr_assert (zmq_msg_recv (&message, hall.sub, 0) >= 0, "nothing came instead of %s", text);
    note_reader_open (&reader, zmq_msg_data (&message), zmq_msg_size (&message));
    int size = snprintf (got, sizeof got, "%.*s", (int) reader.topic.size, reader.topic.data);
    while (note_reader_next (&reader, &note))
        size += snprintf (got + size, sizeof got - (size_t) size, " %u", (unsigned) note.topic_number);
    cr_assert_str_eq (got, text);
    zmq_msg_close (&message);
}

static void end_turn (void)
{
    transport_zmq_wait (hall.scene.transport, -1, 0);
}

Test (zmq_publisher, what_follows_each_other_in_one_topic_goes_together)
{
    be_busy ();
    for (uint64_t number = 1; number <= 5; number++)
        publish ("s/e/", number, 1);
    end_turn ();
    expect ("s/e/ 1 2 3 4 5");
}

Test (zmq_publisher, nothing_is_gathered_where_frames_come_one_at_a_time)
{
    publish ("s/e/", 1, 1);
    publish ("s/e/", 2, 1);
    expect ("s/e/ 1");
    expect ("s/e/ 2");
}

Test (zmq_publisher, topics_keep_their_order)
{
    be_busy ();
    publish ("s/e/", 1, 1);
    publish ("s/e/", 2, 1);
    publish ("s/f/", 3, 1);
    publish ("s/e/", 4, 1);
    publish ("s/", 5, 1);
    publish ("s/e/", 6, 1);
    publish ("s/e/", 7, 1);
    end_turn ();
    expect ("s/e/ 1 2");
    expect ("s/f/ 3");
    expect ("s/e/ 4");
    expect ("s/ 5");
    expect ("s/e/ 6 7");
}

Test (zmq_publisher, what_is_large_goes_alone_and_in_its_turn)
{
    be_busy ();
    publish ("s/e/", 1, 1);
    publish ("s/e/", 2, 1);
    publish ("s/e/", 3, BUNDLE_MOST);
    publish ("s/e/", 4, 1);
    publish ("s/e/", 5, 2000);
    publish ("s/e/", 6, BUNDLE_MOST - WIRE_STAMP_SIZE);
    publish ("s/e/", 7, BUNDLE_MOST - WIRE_STAMP_SIZE);
    end_turn ();
    expect ("s/e/ 1 2");
    expect ("s/e/ 3");
    expect ("s/e/ 4");
    expect ("s/e/ 5");
    expect ("s/e/ 6 7");
}

Test (zmq_publisher, a_message_that_is_full_goes_and_another_begins)
{
    be_busy ();
    for (uint64_t number = 1; number <= 20; number++)
        publish ("s/e/", number, BUNDLE_MOST - WIRE_STAMP_SIZE);
    end_turn ();
    expect ("s/e/ 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15");
    expect ("s/e/ 16 17 18 19 20");
}

Test (zmq_publisher, one_alone_is_a_message_as_it_always_was)
{
    be_busy ();
    publish ("s/e/", 1, 1);
    end_turn ();
    expect ("s/e/ 1");
    publish ("s/e/", 2, 1);
    publish ("s/f/", 3, 1);
    end_turn ();
    expect ("s/e/ 2");
    expect ("s/f/ 3");
}

//  Whoever published it waits for the answer by then.
Test (zmq_publisher, nothing_waits_beyond_its_turn)
{
    int fd = connect_peer (&hall.scene, "a");
    run_until_heard (&hall.scene, &hall.scene.core.sessions [0]);
    write_frame (fd, "b");
    transport_zmq_wait (hall.scene.transport, -1, 30000);
    be_busy ();
    publish ("s/e/", 1, 1);
    publish ("s/e/", 2, 1);
    transport_zmq_turn (hall.scene.transport, clock_now_ms ());
    expect ("s/e/ 1 2");
    close_peer (fd);
}

Test (zmq_publisher, what_was_gathered_goes_before_the_end)
{
    be_busy ();
    publish ("s/e/", 1, 1);
    publish ("s/e/", 2, 1);
    transport_zmq_destroy (&hall.scene.transport, 1000);
    expect ("s/e/ 1 2");
}
