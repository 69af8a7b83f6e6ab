/*  by_hand.c - one service of the test's own and its broker, which is the test (by_hand.h)
*/
#include "by_hand.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#define PATIENCE_MS 30000
#define ID_SIZE     5

hearth_t *service;

static char folder [] = "/tmp/hearth-XXXXXX";
static char address [64];
static void *context;
static void *router;
static uint8_t peer [ID_SIZE];
static uint8_t bytes [8192];  //  of the message that came last

void by_hand_begin (void)
{
    cr_assert_not_null (mkdtemp (folder));
    snprintf (address, sizeof address, "ipc://%s/calls", folder);
    context = zmq_ctx_new ();
    router = zmq_socket (context, ZMQ_ROUTER);
    cr_assert_eq (zmq_bind (router, address), 0);
    service = hearth_connect (address);
    cr_assert_not_null (service);
}

void by_hand_end (void)
{
    hearth_destroy (&service);
    zmq_close (router);
    zmq_ctx_term (context);
    unlink (address + strlen ("ipc://"));
    rmdir (folder);
}

span_t next_message (void)
{
    int events = 0;
    size_t size = sizeof events;
    while (zmq_getsockopt (router, ZMQ_EVENTS, &events, &size) == 0 && !(events & ZMQ_POLLIN)) {
        zmq_pollitem_t items [] = { { .socket = router, .events = ZMQ_POLLIN },
                                    { .fd = hearth_fd (service), .events = ZMQ_POLLIN } };
        int64_t next_ms = hearth_next_timeout_ms (service);
        cr_assert_geq (zmq_poll (items, 2, next_ms < 0 ? PATIENCE_MS : (long) next_ms), next_ms < 0);
        hearth_process (service);
    }
    cr_assert_eq (zmq_recv (router, peer, sizeof peer, 0), ID_SIZE);
    int count = zmq_recv (router, bytes, sizeof bytes, 0);
    cr_assert_leq (count, (int) sizeof bytes);
    return (span_t){ (const char *) bytes, (size_t) count };
}

wire_frame_t read_frame (span_t message)
{
    wire_frame_t frame;
    cr_assert_eq (wire_read (&frame, (const uint8_t *) message.data, message.size), WIRE_OK);
    return frame;
}

wire_frame_t next_frame (void)
{
    return read_frame (next_message ());
}

void say_message (span_t message)
{
    zmq_send (router, peer, sizeof peer, ZMQ_SNDMORE);
    zmq_send (router, message.data, message.size, 0);
}

void say_body (const wire_frame_t *frame, span_t body)
{
    uint8_t message [256];
    size_t size = wire_write_header (frame, message, sizeof message - body.size);
    memcpy (message + size, body.data, body.size);
    say_message ((span_t){ (const char *) message, size + body.size });
}

void say (const wire_frame_t *frame, uint8_t body)
{
    say_body (frame, (span_t){ (const char *) &body, 1 });
}

void welcome_with (span_t body)
{
    wire_frame_t frame = { .kind = WIRE_WELCOME,
                           .block.session = 1,
                           .version = WIRE_VERSION,
                           .epoch = 5,
                           .name = SPAN (":000000000005.1") };
    cr_assert_eq (next_frame ().kind, WIRE_HELLO);
    say_body (&frame, body);
}

void welcome (void)
{
    welcome_with (SPAN ("\x80"));  //  a map without anything
}
