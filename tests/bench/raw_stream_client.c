/*  raw_stream_client.c - the reference's reader: asks for items ahead, and again in halves of what it asked for first

    usage: raw_stream_client ENDPOINT STREAMS. What is in flight is each stream's window, in items, as the product's streams have
    one: nobody runs away from anybody, and the flow of messages is the same. Jobs come as lines (bench.h).
*/
#include "raw.h"

#define STREAMS 64

typedef struct {
    size_t left;  //  items to ask for
    size_t owed;  //  came, and were not asked for again
} raw_stream_t;

typedef struct {
    void *socket;
    size_t count;
    raw_stream_t streams [STREAMS];
} raw_reader_t;

static void s_ask (raw_reader_t *self, size_t at, size_t items, size_t size)
{
    uint8_t frame [RAW_HEADER] = { [RAW_SERVICE] = 0, [RAW_KIND] = RAW_REQUEST, [RAW_STREAM] = (uint8_t) at };
    raw_stream_t *stream = &self->streams [at];
    items = items < stream->left ? items : stream->left;
    uint32_t asked [2] = { (uint32_t) items, (uint32_t) size };
    stream->left -= items;
    stream->owed = 0;
    if (!items)
        return;
    memcpy (frame + RAW_GRANT, asked, sizeof asked);
    zmq_send (self->socket, frame, sizeof frame, 0);
}

static int s_receive (raw_reader_t *self, const bench_job_t *job, int flags)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    if (zmq_msg_recv (&message, self->socket, flags) < 0)
        return 0;
    size_t at = ((uint8_t *) zmq_msg_data (&message)) [RAW_STREAM] % STREAMS;
    bench_check (zmq_msg_size (&message) == RAW_ITEM + job->size, "an item of another size came");
    zmq_msg_close (&message);
    if (++self->streams [at].owed >= (job->in_flight + 1) / 2)
        s_ask (self, at, self->streams [at].owed, job->size);
    return 1;
}

static void s_run (void *context, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    raw_reader_t *self = context;
    (void) latencies;
    size_t each = (calls + self->count - 1) / self->count, received = 0;
    for (size_t at = 0; at < self->count; at++) {
        self->streams [at].left = each;
        s_ask (self, at, job->in_flight, job->size);
    }
    while (received < each * self->count)
        for (int flags = 0; received < each * self->count && s_receive (self, job, flags); flags = ZMQ_DONTWAIT)
            received++;
}

int main (int argc, char **argv)
{
    bench_check (argc == 3 && atoi (argv [2]) > 0 && atoi (argv [2]) <= STREAMS, "usage: ENDPOINT STREAMS");
    raw_reader_t self = { raw_socket (zmq_ctx_new (), ZMQ_DEALER), (size_t) atoi (argv [2]), { { 0, 0 } } };
    bench_check (zmq_connect (self.socket, argv [1]) == 0, "cannot connect");
    bench_jobs (s_run, &self);
    return 0;
}
