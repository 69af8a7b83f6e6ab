/*  dbus_bus.c - a dbus-broker of its own, without systemd: what dbus-broker-launch does, with one policy that allows everything

    Prints the address once it serves; ends with its child, and its child with it. usage: dbus_bus PATH
*/
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "bench.h"

//  The types of a policy in org.bus1.DBus.Broker.AddListener: rules for connecting, owning, sending and receiving.
#define RULES  "bta(btbs)a(btssssuutt)a(btssssuutt)"
#define POLICY "a(u(" RULES "))a(buu(" RULES "))a(ss)b"
#define ANYONE UINT32_MAX

static void s_check (int code, const char *what)
{
    bench_check (code >= 0, what);
}

static int s_listen (const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf (address.sun_path, sizeof address.sun_path, "%s", path);
    s_check (bind (fd, (struct sockaddr *) &address, sizeof address), "cannot bind");
    s_check (listen (fd, 128), "cannot listen");
    return fd;
}

//  Starts dbus-broker, whose controller is at the other end of what this returns.
static int s_start (void)
{
    int ends [2];
    char number [16];
    s_check (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), "no socket pair");
    if (fork () == 0) {
        prctl (PR_SET_PDEATHSIG, SIGTERM);
        fcntl (ends [1], F_SETFD, 0);
        snprintf (number, sizeof number, "%d", ends [1]);
        execlp ("dbus-broker", "dbus-broker", "--controller", number, "--machine-id",
                "00000000000000000000000000000001", "--max-bytes", "4000000000", "--max-fds", "1000000",
                "--max-matches", "1000000", "--max-objects", "1000000", NULL);
        _exit (127);
    }
    close (ends [1]);
    return ends [0];
}

//  Everybody may connect, own, send and receive anything.
static void s_append_rules (sd_bus_message *message)
{
    s_check (sd_bus_message_append (message, "a(u(" RULES "))a(buu(" RULES "))a(ss)b", 1, ANYONE, 1, (uint64_t) 1, 1,
                                    1, (uint64_t) 1, 1, "", 1, 1, (uint64_t) 1, "", "", "", "", 0, 0, (uint64_t) 0,
                                    UINT64_MAX, 1, 1, (uint64_t) 1, "", "", "", "", 0, 0, (uint64_t) 0, UINT64_MAX, 0,
                                    0, 0),
             "cannot write a policy");
}

//  What says that it is a session's bus: a boolean in older releases, a string in later ones.
static void s_append_policy (sd_bus_message *message, int is_text)
{
    const char *types = is_text ? "(" POLICY "s)" : "(" POLICY "b)";
    const char *inner = is_text ? POLICY "s" : POLICY "b";
    s_check (sd_bus_message_open_container (message, 'v', types), "cannot write a policy");
    s_check (sd_bus_message_open_container (message, 'r', inner), "cannot write a policy");
    s_append_rules (message);
    s_check (is_text ? sd_bus_message_append (message, "s", "session") : sd_bus_message_append (message, "b", 1),
             "cannot write a policy");
    s_check (sd_bus_message_close_container (message), "cannot write a policy");
    s_check (sd_bus_message_close_container (message), "cannot write a policy");
}

static sd_bus *s_add_listener (int listener, int is_text)
{
    sd_bus *bus;
    sd_bus_message *message;
    int fd = s_start ();
    s_check (sd_bus_new (&bus), "no bus");
    s_check (sd_bus_set_fd (bus, fd, fd), "no bus");
    s_check (sd_bus_start (bus), "no bus");
    s_check (sd_bus_message_new_method_call (bus, &message, NULL, "/org/bus1/DBus/Broker", "org.bus1.DBus.Broker",
                                             "AddListener"),
             "no message");
    s_check (sd_bus_message_append (message, "oh", "/org/bus1/DBus/Listener/0", listener), "no message");
    s_append_policy (message, is_text);
    if (sd_bus_call (bus, message, 5000000, NULL, NULL) < 0)
        bus = sd_bus_unref (bus);
    sd_bus_message_unref (message);
    return bus;
}

int main (int argc, char **argv)
{
    bench_check (argc == 2, "usage: PATH");
    int listener = s_listen (argv [1]);
    sd_bus *bus = s_add_listener (listener, 0);
    if (!bus)
        bus = s_add_listener (listener, 1);
    bench_check (bus != NULL, "dbus-broker refuses the policy");
    printf ("unix:path=%s\n", argv [1]);
    fflush (stdout);
    while (sd_bus_process (bus, NULL) >= 0 && sd_bus_wait (bus, UINT64_MAX) >= 0)
        ;
    return 0;
}
