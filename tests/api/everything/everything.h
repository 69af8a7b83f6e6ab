/*  everything.h - a C++17 program that uses all of hearth.h: its parts, and what they share

    Handles that clean up after themselves, as a C++ program would have them, and an object that a part serves and calls on
    one connection. The broker is the one that HEARTH_BROKER names. A part returns how much was not as it should be.
*/
#ifndef EVERYTHING_H_INCLUDED
#define EVERYTHING_H_INCLUDED

#include <hearth.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "../expect.h"

constexpr int64_t patience_ms = 20000;

//  The name that a wrapper in C++ would choose is free.
namespace hearth
{
template <auto destroy> struct destroyer {
    template <typename T> void operator() (T *thing) const
    {
        destroy (&thing);
    }
};

struct freer {
    void operator() (char *text) const
    {
        std::free (text);
    }
};

using connection = std::unique_ptr<hearth_t, destroyer<hearth_destroy>>;
using proxy = std::unique_ptr<hearth_proxy_t, destroyer<hearth_proxy_destroy>>;
using result = std::unique_ptr<hearth_result_t, destroyer<hearth_result_destroy>>;
using builder = std::unique_ptr<hearth_builder_t, destroyer<hearth_builder_destroy>>;
using observation = std::unique_ptr<hearth_observation_t, destroyer<hearth_observation_destroy>>;
using watch = std::unique_ptr<hearth_watch_t, destroyer<hearth_watch_destroy>>;
using text = std::unique_ptr<char, freer>;
}  //  namespace hearth

using namespace hearth;

//  A connection that serves an object under a name, which is registered.
inline connection serve (const char *name, const hearth_method_t *methods, void *context = nullptr,
                         const hearth_service_options_t *options = nullptr)
{
    connection hearth (hearth_connect (nullptr));
    EXPECT (hearth);
    EXPECT (hearth_serve_with (hearth.get (), name, methods, context, options) == HEARTH_OK);
    EXPECT (hearth_ready (hearth.get (), patience_ms) == HEARTH_OK);
    return hearth;
}

//  Takes turns until the fact is there.
template <typename Fact> void drive (const connection &hearth, Fact fact)
{
    while (!fact ())
        EXPECT (hearth_process (hearth.get ()) == HEARTH_OK);
}

//  Whether a call failed with that error.
inline bool failed_as (const result &ended, const char *name, hearth_mark_t mark)
{
    const hearth_error_t *error = hearth_error (ended.get ());
    return hearth_failed (ended.get ()) && error && std::string (error->name) == name && error->mark == mark;
}

int values ();
int connections ();
int calls ();
int serving ();
int kept ();
int callers ();
int streams ();
int events ();
int directory ();

#endif
