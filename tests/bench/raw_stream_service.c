/*  raw_stream_service.c - sends as many items as it is asked for, one message each, until it is ended

    usage: raw_stream_service forwarder|proxy|direct ENDPOINT. It keeps nothing of its streams: whoever asks for so many items gets
    them, with the beginning of his frame as theirs.
*/
#include "raw.h"

#define PARTS 3

typedef struct {
    void *socket;
    int parts;
    zmq_msg_t part [PARTS];  //  of the message that asked: ids, then its frame
} source_t;

static void s_receive (source_t *self)
{
    for (int at = 0; at < self->parts; at++) {
        zmq_msg_close (&self->part [at]);
        zmq_msg_init (&self->part [at]);
        bench_check (zmq_msg_recv (&self->part [at], self->socket, 0) >= 0, "cannot receive");
    }
}

static void s_send_item (source_t *self, const uint8_t *asked, size_t size)
{
    zmq_msg_t item;
    for (int at = 0; at < self->parts - 1; at++)
        zmq_send (self->socket, zmq_msg_data (&self->part [at]), zmq_msg_size (&self->part [at]), ZMQ_SNDMORE);
    zmq_msg_init_size (&item, RAW_ITEM + size);
    uint8_t *data = zmq_msg_data (&item);
    memset (data, 'x', RAW_ITEM + size);
    memcpy (data, asked, RAW_GRANT);
    data [RAW_KIND] = RAW_REPLY;
    zmq_msg_send (&item, self->socket, 0);
}

int main (int argc, char **argv)
{
    bench_check (argc == 3, "usage: forwarder|proxy|direct ENDPOINT");
    const raw_way_t *way = raw_way (argv [1]);
    source_t self = { raw_serve (way, argv [2]), way->parts, { { { 0 } } } };
    for (int at = 0; at < PARTS; at++)
        zmq_msg_init (&self.part [at]);
    for (;;) {
        uint32_t asked [2];  //  items, bytes of each
        s_receive (&self);
        const uint8_t *frame = zmq_msg_data (&self.part [way->parts - 1]);
        memcpy (asked, frame + RAW_GRANT, sizeof asked);
        for (uint32_t count = 0; count < asked [0]; count++)
            s_send_item (&self, frame, asked [1]);
    }
}
