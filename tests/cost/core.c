/*  core.c - the broker's core with a made-up transport and no sockets, for counting its instructions. usage: core SCENARIO COUNT

    All that the core is given was written before, and what it sends is taken without a look but for the token: what runs
    within core_frame is the core's own work.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "value.h"
#include "wire.h"

#define NOW_MS     1000000
#define CAPACITY   2
#define SERVICE    "bench.echo"
#define FRAME_SIZE 512

struct link {
    session_t *session;
    uint8_t token [8];  //  of the last frame that it was sent
};

typedef struct {
    uint8_t bytes [FRAME_SIZE];
    size_t size;
} bytes_t;

static core_t *core;
static link_t caller, service;

//  ---- the transport ----

static sent_t s_send (void *self, link_t *link, frame_t *frame)
{
    (void) self;
    memcpy (link->token, frame->data + 4, sizeof link->token);
    frame->release = NULL;
    return SENT_OK;
}

static void s_publish (void *self, blob_t *blob)
{
    (void) self;
    (void) blob;
}

static void s_kick (void *self, link_t *link)
{
    (void) self;
    (void) link;
    fprintf (stderr, "core: a session was ended\n");
    exit (1);
}

static const transport_ops_t ops = { .send = s_send, .publish = s_publish, .kick = s_kick };

//  ---- frames ----

static bytes_t s_write (const wire_frame_t *wire, const void *body, size_t size)
{
    bytes_t bytes;
    bytes.size = wire_write_header (wire, bytes.bytes, sizeof bytes.bytes);
    memcpy (bytes.bytes + bytes.size, body, size);
    bytes.size += size;
    return bytes;
}

static void s_deliver (link_t *from, const bytes_t *bytes)
{
    frame_t frame = { .data = (uint8_t *) bytes->bytes, .size = bytes->size };
    core_frame (core, from->session, &frame, NOW_MS);
}

static void s_greet (link_t *link, char instance)
{
    char id [WIRE_INSTANCE_SIZE] = { instance };
    wire_frame_t hello = {
        .kind = WIRE_HELLO, .version = 1, .library = SPAN ("cost"), .instance = { id, sizeof id }, .sessions = 1
    };
    link->session = core_opened (core, link, NOW_MS);
    bytes_t bytes = s_write (&hello, "\xc0", 1);
    s_deliver (link, &bytes);
}

static bytes_t s_request (const char *name, const char *method, uint32_t flags, const void *body, size_t size)
{
    return s_write (&(wire_frame_t){ .kind = WIRE_REQUEST,
                                     .block = { .token = { 0, 1 }, .remaining_ms = 10000, .flags = flags },
                                     .name = SPAN (name),
                                     .method = SPAN (method) },
                    body, size);
}

//  One method, and so many calls at a time.
static void s_register (void)
{
    pack_t pack;
    pack_init (&pack);
    pack_list (&pack, 2);
    pack_str (&pack, SERVICE);
    pack_map (&pack, 2);
    pack_str (&pack, "capacity");
    pack_int (&pack, CAPACITY);
    pack_str (&pack, "interface");
    pack_map (&pack, 1);
    pack_str (&pack, "methods");
    pack_list (&pack, 1);
    pack_map (&pack, 1);
    pack_str (&pack, "name");
    pack_str (&pack, "echo");
    bytes_t bytes = s_request ("hearth", "register", 0, pack.buffer.data, pack.buffer.size);
    s_deliver (&service, &bytes);
    pack_clear (&pack);
}

//  ---- scenarios ----

static uint8_t stream [8];  //  the service's token

static const uint8_t payload [] = { 0x91, 0xc4, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

static void s_ask (uint32_t slot, const bytes_t *request)
{
    bytes_t bytes = *request;
    bytes.bytes [7] = (uint8_t) slot;
    s_deliver (&caller, &bytes);
}

//  The service answers what it was sent last.
static void s_answer (const uint8_t token [8])
{
    bytes_t bytes = s_write (&(wire_frame_t){ .kind = WIRE_REPLY }, payload + 1, sizeof payload - 1);
    memcpy (bytes.bytes + 4, token, 8);
    s_deliver (&service, &bytes);
}

static void s_call (size_t count, uint32_t flags)
{
    bytes_t request = s_request (SERVICE, "echo", flags, payload, sizeof payload);
    for (size_t at = 0; at < count; at++) {
        s_ask (0, &request);
        s_answer (service.token);
    }
}

static void s_plain (size_t count)
{
    s_call (count, 0);
}

static void s_oneway (size_t count)
{
    s_call (count, WIRE_ONEWAY);
}

//  The service is full: each call waits until one before it is answered.
static void s_queued (size_t count)
{
    bytes_t request = s_request (SERVICE, "echo", 0, payload, sizeof payload);
    uint8_t tokens [CAPACITY][8];
    for (uint32_t slot = 0; slot < CAPACITY; slot++) {
        s_ask (slot, &request);
        memcpy (tokens [slot], service.token, sizeof tokens [slot]);
    }
    for (size_t at = 0; at < count; at++) {
        s_ask (CAPACITY + at % (CAPACITY + 1), &request);
        s_answer (tokens [at % CAPACITY]);
        memcpy (tokens [at % CAPACITY], service.token, sizeof tokens [0]);
    }
}

static void s_refused (size_t count)
{
    bytes_t request = s_request ("bench.nobody", "echo", 0, payload, sizeof payload);
    for (size_t at = 0; at < count; at++)
        s_ask (0, &request);
}

static void s_published (size_t count)
{
    bytes_t bytes = s_write (
        &(wire_frame_t){
            .kind = WIRE_PUBLISH, .block = { .token = { 0, 1 } }, .name = SPAN (SERVICE), .method = SPAN ("tick") },
        payload + 1, sizeof payload - 1);
    for (size_t at = 0; at < count; at++) {
        bytes_t copy = bytes;
        s_deliver (&service, &copy);
    }
}

//  A stream with credit for so many items both ways, and a byte for the whole of each.
static void s_open_stream (size_t count)
{
    uint64_t bytes = count * FRAME_SIZE;
    pack_t options;
    pack_init (&options);
    pack_map (&options, 1);
    pack_str (&options, "credit");
    pack_list (&options, 2);
    pack_uint (&options, count);
    pack_uint (&options, bytes);
    wire_frame_t wire = { .kind = WIRE_REQUEST,
                          .block = { .token = { 0, 1 }, .remaining_ms = 10000, .flags = WIRE_STREAM },
                          .name = SPAN (SERVICE),
                          .method = SPAN ("echo"),
                          .options = { options.buffer.data, options.buffer.size } };
    bytes_t request = s_write (&wire, payload, sizeof payload);
    s_deliver (&caller, &request);
    pack_clear (&options);
    wire = (wire_frame_t){ .kind = WIRE_CREDIT, .items = count, .bytes = bytes };
    memcpy (stream, service.token, sizeof stream);
    bytes_t credit = s_write (&wire, "\xc0", 1);
    memcpy (credit.bytes + 4, stream, sizeof stream);
    s_deliver (&service, &credit);
}

static bytes_t s_item (const uint8_t token [8], uint32_t flags)
{
    bytes_t bytes =
        s_write (&(wire_frame_t){ .kind = WIRE_ITEM, .block.flags = flags }, payload + 1, sizeof payload - 1);
    memcpy (bytes.bytes + 4, token, 8);
    return bytes;
}

static void s_items (link_t *from, const bytes_t *item, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        bytes_t copy = *item;
        s_deliver (from, &copy);
    }
}

static void s_down (size_t count)
{
    s_open_stream (count);
    bytes_t item = s_item (stream, 0);
    s_items (&service, &item, count);
}

static void s_up (size_t count)
{
    static const uint8_t token [8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
    s_open_stream (count);
    bytes_t item = s_item (token, WIRE_UP);
    s_items (&caller, &item, count);
}

//  One at a time, each for the item before it.
static void s_credits (size_t count)
{
    static const uint8_t token [8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
    bytes_t credit =
        s_write (&(wire_frame_t){ .kind = WIRE_CREDIT, .block.flags = WIRE_UP, .items = 1, .bytes = 64 }, "\xc0", 1);
    memcpy (credit.bytes + 4, token, sizeof token);
    s_open_stream (1);
    s_items (&caller, &credit, count);
}

static const struct {
    const char *name;
    void (*run) (size_t count);
} scenarios [] = { { "call", s_plain },      { "oneway", s_oneway },     { "queued", s_queued },
                   { "refused", s_refused }, { "publish", s_published }, { "item-down", s_down },
                   { "item-up", s_up },      { "credit", s_credits } };

int main (int argc, char **argv)
{
    static const char *const nowhere [] = { NULL };
    core_config_t config = { .epoch = 1, .publish = nowhere, .version = "cost" };
    limits_init (&config.limits);
    core = core_new (&config, &ops, NULL, NOW_MS);
    s_greet (&caller, 'c');
    s_greet (&service, 's');
    s_register ();
    for (size_t at = 0; argc == 3 && at < sizeof scenarios / sizeof *scenarios; at++)
        if (strcmp (scenarios [at].name, argv [1]) == 0)
            scenarios [at].run (strtoul (argv [2], NULL, 10));
    core_destroy (&core);
    return argc != 3;
}
