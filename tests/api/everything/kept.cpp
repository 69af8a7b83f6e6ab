/*  kept.cpp - calls that are answered later: by another thread, or given up by their caller
*/
#include "everything.h"

#include <thread>

namespace
{
std::thread worker;
hearth_call_t *waiting;

const hearth_method_t methods [] = {
    { "slowly", "text: str", "str",
      [] (hearth_call_t *call, void *) {
          worker = std::thread ([kept = hearth_keep (call)] () mutable {
              hearth_reply (kept, hearth_arg_str (kept, 0));
              hearth_call_destroy (&kept);
          });
      },
      "", 0 },
    { "never", "", "nil",
      [] (hearth_call_t *call, void *told) {
          waiting = hearth_keep (call);
          hearth_when_cancelled (
              waiting, [] (hearth_call_t *, void *context) { *static_cast<bool *> (context) = true; }, told);
      },
      "", 0 },
    {},
};
}  //  namespace

int kept ()
{
    bool is_told = false;
    const connection own = serve ("everything.kept", methods, &is_told);
    hearth_proxy_t *object = hearth_proxy (own.get (), "everything.kept");
    const result later (hearth_call (object, "slowly", "later"));
    worker.join ();
    EXPECT (std::string (hearth_result_str (later.get ())) == "later");

    hearth_pending_t *unwanted = hearth_start (object, "never");
    drive (own, [] { return waiting != nullptr; });
    hearth_pending_destroy (&unwanted);
    drive (own, [&is_told] { return is_told; });
    EXPECT (hearth_cancelled (waiting));
    hearth_call_destroy (&waiting);
    return expect_failures;
}
