/*  test_unserve.c - what a broker hears of an object that is taken away; the broker is the test

    A broker may hold a registration back, until it knows whether the name's owner still lives. Nobody may own a name that
    is served no more.
*/
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hearth.h"
#include "wire.h"
#include <zmq.h>

#define PATIENCE_MS 30000
#define ID_SIZE     5

static const hearth_method_t no_methods [] = { { 0 } };

static char folder [] = "/tmp/hearth-XXXXXX";
static char address [64];
static void *context;
static void *router;
static hearth_t *service;
static uint8_t peer [ID_SIZE];
static uint8_t bytes [4096];  //  of the frame that came last

static void begin (void)
{
    cr_assert_not_null (mkdtemp (folder));
    snprintf (address, sizeof address, "ipc://%s/calls", folder);
    context = zmq_ctx_new ();
    router = zmq_socket (context, ZMQ_ROUTER);
    cr_assert_eq (zmq_bind (router, address), 0);
    service = hearth_connect (address);
    cr_assert_not_null (service);
}

static void end (void)
{
    hearth_destroy (&service);
    zmq_close (router);
    zmq_ctx_term (context);
    unlink (address + strlen ("ipc://"));
    rmdir (folder);
}

//  Drives the service until it has sent something.
static wire_frame_t next_frame (void)
{
    wire_frame_t frame;
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
    cr_assert_eq (wire_read (&frame, bytes, (size_t) count), WIRE_OK);
    return frame;
}

static void welcome (void)
{
    uint8_t answer [256];
    wire_frame_t frame = { .kind = WIRE_WELCOME,
                           .block.session = 1,
                           .version = WIRE_VERSION,
                           .epoch = 5,
                           .name = SPAN (":000000000005.1") };
    cr_assert_eq (next_frame ().kind, WIRE_HELLO);
    size_t size = wire_write_header (&frame, answer, sizeof answer - 1);
    answer [size++] = 0x80;  //  a map without anything
    zmq_send (router, peer, sizeof peer, ZMQ_SNDMORE);
    zmq_send (router, answer, size, 0);
}

TestSuite (unserve, .init = begin, .fini = end);

Test (unserve, a_registration_without_an_answer_is_cancelled_first)
{
    cr_assert_eq (hearth_serve (service, "a.name", no_methods, NULL), 0);
    welcome ();
    wire_frame_t frame = next_frame ();
    cr_assert (frame.kind == WIRE_REQUEST && span_equals (frame.method, "register"));
    wire_token_t token = frame.block.token;
    cr_assert_eq (hearth_unserve (service, "a.name"), 0);
    frame = next_frame ();
    cr_assert_eq (frame.kind, WIRE_CANCEL);
    cr_assert (frame.block.token.slot == token.slot && frame.block.token.generation == token.generation);
    frame = next_frame ();
    cr_assert (frame.kind == WIRE_REQUEST && span_equals (frame.method, "unregister"));
}
