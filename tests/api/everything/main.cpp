/*  main.cpp - runs the parts, one after the other; ends with 0 if all is as it should be. A new part is a row.
*/
#include "everything.h"

namespace
{
struct part {
    const char *name;
    int (*run) ();
};

const part parts [] = {
    { "values", values },       { "connections", connections }, { "calls", calls },     { "serving", serving },
    { "kept", kept },           { "callers", callers },         { "streams", streams }, { "events", events },
    { "directory", directory },
};
}  //  namespace

int main ()
{
    int failures = 0;
    for (const part &each : parts) {
        const int found = each.run ();
        std::printf ("%s: %s\n", each.name, found ? "FAILED" : "good");
        failures += found;
    }
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
