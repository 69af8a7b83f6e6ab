/*  callers.cpp - what an object keeps of each of its callers, until that one is gone
*/
#include "everything.h"

#include <future>
#include <thread>

namespace
{
using farewell = std::promise<std::string>;

struct guest {
    farewell &gone;
    int64_t visits;
};

void say_farewell (hearth_t *, const char *caller, void *state)
{
    const std::unique_ptr<guest> left (static_cast<guest *> (state));
    left->gone.set_value (caller);
}

const hearth_method_t methods [] = {
    { "visit", "", "int",
      [] (hearth_call_t *call, void *gone) {
          guest *known = static_cast<guest *> (hearth_caller_state (call));
          if (!known) {
              known = new guest{ *static_cast<farewell *> (gone), 0 };
              EXPECT (hearth_set_caller_state (call, known, say_farewell) == HEARTH_OK);
          }
          EXPECT (hearth_caller_state (call) == known);
          hearth_reply (call, ++known->visits);
      },
      "", 0 },
    { "forget", "", "nil",
      [] (hearth_call_t *call, void *) {
          delete static_cast<guest *> (hearth_caller_state (call));
          EXPECT (hearth_set_caller_state (call, nullptr, nullptr) == HEARTH_OK);
          EXPECT (hearth_caller_state (call) == nullptr);
          hearth_reply_nil (call);
      },
      "", 0 },
    {},
};

int64_t visit (hearth_proxy_t *object)
{
    return hearth_result_int (result (hearth_call (object, "visit")).get ());
}
}  //  namespace

int callers ()
{
    farewell gone;
    const connection service = serve ("everything.callers", methods, &gone);
    std::thread runner ([&service] { EXPECT (hearth_run (service.get ()) == HEARTH_OK); });
    connection own (hearth_connect (nullptr));
    hearth_proxy_t *object = hearth_proxy (own.get (), "everything.callers");
    EXPECT (visit (object) == 1 && visit (object) == 2);
    EXPECT (!hearth_failed (result (hearth_call (object, "forget")).get ()));
    EXPECT (visit (object) == 1);
    const std::string name = hearth_unique_name (own.get ());
    own.reset ();
    EXPECT (gone.get_future ().get () == name);
    hearth_stop (service.get ());
    runner.join ();
    return expect_failures;
}
