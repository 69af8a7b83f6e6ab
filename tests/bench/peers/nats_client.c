/*  nats_client.c - a caller with NATS's C library. usage: nats_client URL [asap]

    One at a time: natsConnection_Request, sent at once with `asap`. Many: requests with an inbox of the caller's own, whose
    subscription counts the answers, as the library's own examples do it.
*/
#include <nats/nats.h>

#include "bench.h"

static uint8_t payload [BENCH_PAYLOAD];

typedef struct {
    natsConnection *connection;
    natsInbox *inbox;
    natsSubscription *answers;
} caller_t;

static void s_call (const caller_t *self, size_t size)
{
    natsMsg *reply;
    bench_check (natsConnection_Request (&reply, self->connection, "bench.echo", payload, (int) size, 10000)
                         == NATS_OK
                     && natsMsg_GetDataLength (reply) == (int) size,
                 "a request failed");
    natsMsg_Destroy (reply);
}

static void s_run_many (const caller_t *self, const bench_job_t *job, size_t calls)
{
    size_t sent = 0, received = 0;
    while (received < calls) {
        natsMsg *reply;
        while (sent < calls && sent - received < job->in_flight) {
            bench_check (
                natsConnection_PublishRequest (self->connection, "bench.echo", self->inbox, payload, (int) job->size)
                    == NATS_OK,
                "a request failed");
            sent++;
        }
        bench_check (natsSubscription_NextMsg (&reply, self->answers, 10000) == NATS_OK, "no answer");
        natsMsg_Destroy (reply);
        received++;
    }
}

static void s_run (void *context, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    if (job->in_flight > 1) {
        s_run_many (context, job, calls);
        return;
    }
    for (size_t at = 0; at < calls; at++) {
        int64_t start = bench_now_ns ();
        s_call (context, job->size);
        if (latencies)
            latencies [at] = bench_now_ns () - start;
    }
}

int main (int argc, char **argv)
{
    natsOptions *options;
    caller_t self;
    bench_check (argc >= 2, "usage: URL [asap]");
    bench_check (natsOptions_Create (&options) == NATS_OK && natsOptions_SetURL (options, argv [1]) == NATS_OK
                     && natsOptions_SetSendAsap (options, argc > 2) == NATS_OK
                     && natsConnection_Connect (&self.connection, options) == NATS_OK
                     && natsInbox_Create (&self.inbox) == NATS_OK
                     && natsConnection_SubscribeSync (&self.answers, self.connection, self.inbox) == NATS_OK
                     && natsSubscription_SetPendingLimits (self.answers, -1, -1) == NATS_OK,
                 "cannot connect to NATS");
    bench_jobs (s_run, &self);
    return 0;
}
