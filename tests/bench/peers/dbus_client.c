/*  dbus_client.c - a caller with sd-bus: sd_bus_call for one at a time, sd_bus_call_async for many. usage: dbus_client ADDRESS */

#include <systemd/sd-bus.h>

#include "bench.h"

static uint8_t payload [BENCH_PAYLOAD];
static size_t received;

static void s_check (sd_bus_message *reply, size_t expected)
{
    const void *bytes;
    size_t size;
    bench_check (!sd_bus_message_is_method_error (reply, NULL)
                     && sd_bus_message_read_array (reply, 'y', &bytes, &size) >= 0 && size == expected,
                 "a call failed");
}

static sd_bus_message *s_request (sd_bus *bus, size_t size)
{
    sd_bus_message *message;
    bench_check (sd_bus_message_new_method_call (bus, &message, "bench.echo", "/bench", "bench.Echo", "Echo") >= 0
                     && sd_bus_message_append_array (message, 'y', payload, size) >= 0,
                 "no message");
    return message;
}

static int s_on_reply (sd_bus_message *reply, void *job, sd_bus_error *error)
{
    (void) error;
    s_check (reply, ((const bench_job_t *) job)->size);
    received++;
    return 1;
}

static void s_call (sd_bus *bus, const bench_job_t *job)
{
    sd_bus_message *message = s_request (bus, job->size), *reply;
    bench_check (sd_bus_call (bus, message, 10000000, NULL, &reply) >= 0, "a call failed");
    s_check (reply, job->size);
    sd_bus_message_unref (message);
    sd_bus_message_unref (reply);
}

static void s_start (sd_bus *bus, const bench_job_t *job)
{
    sd_bus_message *message = s_request (bus, job->size);
    bench_check (sd_bus_call_async (bus, NULL, message, s_on_reply, (void *) job, 10000000) >= 0, "a call failed");
    sd_bus_message_unref (message);
}

static void s_run_many (sd_bus *bus, const bench_job_t *job, size_t calls)
{
    received = 0;
    for (size_t sent = 0; received < calls;) {
        while (sent < calls && sent - received < job->in_flight) {
            s_start (bus, job);
            sent++;
        }
        int code = sd_bus_process (bus, NULL);
        bench_check (code >= 0, "the bus has gone");
        if (code == 0)
            sd_bus_wait (bus, UINT64_MAX);
    }
}

static void s_run (void *bus, const bench_job_t *job, size_t calls, int64_t *latencies)
{
    if (job->in_flight > 1) {
        s_run_many (bus, job, calls);
        return;
    }
    for (size_t at = 0; at < calls; at++) {
        int64_t start = bench_now_ns ();
        s_call (bus, job);
        if (latencies)
            latencies [at] = bench_now_ns () - start;
    }
}

int main (int argc, char **argv)
{
    sd_bus *bus;
    bench_check (argc == 2, "usage: ADDRESS");
    bench_check (sd_bus_new (&bus) >= 0 && sd_bus_set_address (bus, argv [1]) >= 0
                     && sd_bus_set_bus_client (bus, 1) >= 0 && sd_bus_start (bus) >= 0,
                 "cannot connect to D-Bus");
    bench_jobs (s_run, bus);
    return 0;
}
