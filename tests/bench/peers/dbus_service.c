/*  dbus_service.c - an echo service with sd-bus. usage: dbus_service ADDRESS */

#include <systemd/sd-bus.h>

#include "bench.h"

static int s_echo (sd_bus_message *message, void *self, sd_bus_error *error)
{
    const void *bytes;
    size_t size;
    sd_bus_message *reply;
    (void) self;
    (void) error;
    if (sd_bus_message_read_array (message, 'y', &bytes, &size) < 0
        || sd_bus_message_new_method_return (message, &reply) < 0)
        return -1;
    sd_bus_message_append_array (reply, 'y', bytes, size);
    int code = sd_bus_send (NULL, reply, NULL);
    sd_bus_message_unref (reply);
    return code < 0 ? code : 1;
}

static const sd_bus_vtable methods [] = { SD_BUS_VTABLE_START (0),
                                          SD_BUS_METHOD ("Echo", "ay", "ay", s_echo, SD_BUS_VTABLE_UNPRIVILEGED),
                                          SD_BUS_VTABLE_END };

int main (int argc, char **argv)
{
    sd_bus *bus;
    bench_check (argc == 2, "usage: ADDRESS");
    bench_check (sd_bus_new (&bus) >= 0 && sd_bus_set_address (bus, argv [1]) >= 0
                     && sd_bus_set_bus_client (bus, 1) >= 0 && sd_bus_start (bus) >= 0
                     && sd_bus_add_object_vtable (bus, NULL, "/bench", "bench.Echo", methods, NULL) >= 0
                     && sd_bus_request_name (bus, "bench.echo", 0) >= 0,
                 "cannot serve on D-Bus");
    bench_say ("ready");
    for (;;) {
        int code = sd_bus_process (bus, NULL);
        bench_check (code >= 0, "the bus has gone");
        if (code == 0)
            sd_bus_wait (bus, UINT64_MAX);
    }
}
