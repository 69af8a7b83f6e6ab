/*  raw_notes.c - PUB and SUB through a proxy. usage: raw_notes FRONTEND BACKEND OBSERVERS; jobs come as lines (bench.h)

    A message has the product's topic, and as many bytes beside it and the payload as the product's stamp. A topic alone is a
    greeting.
*/
#include "notes.h"
#include "raw.h"

#define TOPIC      "bench.notes/tick/"
#define TOPIC_SIZE (sizeof TOPIC - 1)
#define STAMP      43  //  a zero byte, the stamp, the payload's own header

typedef struct {
    notes_t notes;
    void *socket;
} publisher_t;

static void s_observe (notes_observer_t *self, void *context)
{
    void *socket = raw_socket (zmq_ctx_new (), ZMQ_SUB);
    zmq_setsockopt (socket, ZMQ_SUBSCRIBE, TOPIC, TOPIC_SIZE);
    bench_check (zmq_connect (socket, context) == 0, "cannot connect");
    zmq_msg_t message;
    zmq_msg_init (&message);
    for (int greeted = 0; zmq_msg_recv (&message, socket, 0) >= 0;) {
        if (zmq_msg_size (&message) > TOPIC_SIZE)
            notes_count (self);
        else if (!greeted++)
            notes_say (self);
    }
}

static void s_send (const publisher_t *self, size_t size)
{
    zmq_msg_t message;
    zmq_msg_init_size (&message, TOPIC_SIZE + size);
    memset (zmq_msg_data (&message), 'x', TOPIC_SIZE + size);
    memcpy (zmq_msg_data (&message), TOPIC, TOPIC_SIZE);
    zmq_msg_send (&message, self->socket, 0);
}

static void s_greet (void *context)
{
    s_send (context, 0);
}

static void s_publish (void *context, size_t size)
{
    s_send (context, STAMP + size);
}

static void s_run (void *context, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    publisher_t *self = context;
    (void) latencies;
    notes_run (&self->notes, s_publish, self, job, calls);
}

int main (int argc, char **argv)
{
    publisher_t self = { 0 };
    bench_check (argc == 4, "usage: FRONTEND BACKEND OBSERVERS");
    for (int at = 0; at < atoi (argv [3]); at++)
        notes_fork (&self.notes, s_observe, argv [2]);
    self.socket = raw_socket (zmq_ctx_new (), ZMQ_PUB);
    bench_check (zmq_connect (self.socket, argv [1]) == 0, "cannot connect");
    notes_greet (&self.notes, s_greet, &self);
    bench_jobs (s_run, &self);
    return 0;
}
