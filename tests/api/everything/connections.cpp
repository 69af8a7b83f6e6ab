/*  connections.cpp - connections: addresses, hooks, hearth_run and its end, a loop of the program's own
*/
#include "everything.h"

#include <cerrno>
#include <poll.h>
#include <thread>

namespace
{
const hearth_method_t methods [] = { {} };

//  What the hooks told.
struct told {
    int connected = 0;
    int registered = 0;
    int waiting = 0;
    int disconnected = 0;
    int unregistered = 0;
    int calls = 0;  //  begun, and not ended
    int ended = 0;
};

told *of (void *context)
{
    return static_cast<told *> (context);
}

const hearth_hooks_t hooks = {
    [] (hearth_t *hearth, const char *unique_name, void *context) {
        of (context)->connected += std::string (hearth_unique_name (hearth)) == unique_name;
    },
    [] (hearth_t *, const hearth_error_t *, void *context) { of (context)->disconnected++; },
    [] (hearth_t *, const char *, void *context) { of (context)->waiting++; },
    [] (hearth_t *, const char *name, void *context) {
        of (context)->registered += std::string (name) == "everything.connections";
    },
    [] (hearth_t *, const char *, const hearth_error_t *, void *context) { of (context)->unregistered++; },
    [] (hearth_t *, const hearth_call_info_t *call, void *context) { of (context)->calls += call->attempt == 1; },
    [] (hearth_t *, const hearth_call_info_t *call, void *context) {
        of (context)->calls--;
        of (context)->ended += call->error == nullptr && std::string (call->method) == "ping";
    },
    [] (hearth_t *, const hearth_call_info_t *call, void *) { EXPECT (call->error != nullptr); },
};

void addresses ()
{
    EXPECT (hearth_address_problem (HEARTH_DEFAULT_BROKER) == nullptr);
    EXPECT (hearth_address_problem ("nowhere://") != nullptr);
    EXPECT (connection (hearth_connect ("nowhere://")) == nullptr && errno == EINVAL);
    EXPECT (HEARTH_VERSION_MAJOR + HEARTH_VERSION_MINOR + HEARTH_VERSION_PATCH > 0);
}

void hooks_and_names ()
{
    told facts;
    const connection hearth (hearth_connect (nullptr));
    hearth_set_hooks (hearth.get (), &hooks, &facts);
    EXPECT (hearth_serve (hearth.get (), "everything.connections", methods, nullptr) == HEARTH_OK);
    EXPECT (hearth_serve (hearth.get (), "not a name", methods, nullptr) == HEARTH_INVALID_ARGUMENT);
    EXPECT (hearth_last_error (hearth.get ())->code == HEARTH_INVALID_ARGUMENT);
    EXPECT (hearth_ready (hearth.get (), patience_ms) == HEARTH_OK);
    EXPECT (facts.connected == 1 && facts.registered == 1);
    EXPECT (facts.disconnected + facts.waiting + facts.unregistered == 0);
    const text uri (hearth_uri (hearth.get (), "everything.connections"));
    const proxy same (hearth_proxy (hearth.get (), uri.get ()));
    EXPECT (std::string (hearth_proxy_name (same.get ())) == "everything.connections");
    EXPECT (std::string (hearth_broker (hearth.get ())).find ("://") != std::string::npos);
    const proxy directory (hearth_proxy (hearth.get (), "hearth"));
    EXPECT (hearth_result_int (result (hearth_call (directory.get (), "ping", 5)).get ()) == 5);
    EXPECT (facts.calls == 0 && facts.ended == 1);
    hearth_set_hooks (hearth.get (), nullptr, nullptr);
}

void running ()
{
    const connection hearth = serve ("everything.running", methods);
    int status = -1;
    std::thread runner ([&hearth, &status] { status = hearth_run (hearth.get ()); });
    hearth_stop (hearth.get ());
    runner.join ();
    EXPECT (status == HEARTH_OK);
}

void loops ()
{
    const connection hearth = serve ("everything.loops", methods);
    bool done = false;
    hearth_proxy_t *directory = hearth_proxy (hearth.get (), "hearth");
    hearth_pending_t *ping = hearth_start (directory, "ping", 5);
    EXPECT (hearth_when_done (
                ping,
                [] (hearth_t *, hearth_result_t *pong, void *context) {
                    *static_cast<bool *> (context) = hearth_result_int (result (pong).get ()) == 5;
                },
                &done)
            == HEARTH_OK);
    while (!done) {
        struct pollfd item = { hearth_fd (hearth.get ()), POLLIN, 0 };
        EXPECT (poll (&item, 1, static_cast<int> (hearth_next_timeout_ms (hearth.get ()))) >= 0);
        EXPECT (hearth_process (hearth.get ()) == HEARTH_OK);
    }
}
}  //  namespace

int connections ()
{
    addresses ();
    hooks_and_names ();
    running ();
    loops ();
    return expect_failures;
}
