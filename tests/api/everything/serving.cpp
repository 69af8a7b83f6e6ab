/*  serving.cpp - serving an object of a C++ class: what a handler knows of its call, and what it does with it
*/
#include "everything.h"

namespace
{
class account
{
  public:
    int64_t deposit (int64_t amount)
    {
        return balance += amount;
    }

  private:
    int64_t balance = 0;
};

account &self_of (void *self)
{
    return *static_cast<account *> (self);
}

const hearth_method_t methods [] = {
    { "deposit", "amount: int", "int",
      [] (hearth_call_t *call, void *self) {
          hearth_reply (call, self_of (self).deposit (hearth_arg_int (call, 0)));
      },
      "Adds to the balance.", 0 },
    { "who", "", "str", [] (hearth_call_t *call, void *) { hearth_reply (call, hearth_caller (call)); }, "",
      HEARTH_IDEMPOTENT },
    { "method", "", "str",
      [] (hearth_call_t *call, void *) { hearth_reply_arg (call, hearth_str (hearth_method (call))); }, "", 0 },
    { "remaining", "", "int", [] (hearth_call_t *call, void *) { hearth_reply (call, hearth_remaining_ms (call)); },
      "", 0 },
    { "nothing", "", "nil", [] (hearth_call_t *call, void *) { hearth_reply_nil (call); }, "", HEARTH_ONEWAY },
    { "forget", "", "nil", [] (hearth_call_t *, void *) {}, "", 0 },
    { "wanted", "", "bool", [] (hearth_call_t *call, void *) { hearth_reply (call, !hearth_cancelled (call)); }, "",
      0 },
    { "relay", "name: str", "str",
      [] (hearth_call_t *call, void *) {
          hearth_proxy_t *next = hearth_proxy_within (call, hearth_arg_str (call, 0));
          hearth_proxy_set_detached (next, true);
          const result name (hearth_call (next, "who"));
          hearth_reply (call, hearth_result_value (name.get ()));
      },
      "", 0 },
    { "close", "", "int",
      [] (hearth_call_t *call, void *) {
          hearth_reply (call, hearth_unserve (hearth_connection (call), "everything.serving"));
      },
      "", 0 },
    {},
};

const hearth_method_t other [] = {
    { "who", "", "str", [] (hearth_call_t *call, void *) { hearth_reply (call, hearth_caller (call)); }, "", 0 },
    {},
};

const hearth_event_t events [] = { { "changed", "int", "The balance.", HEARTH_RETAINED }, {} };
const char *const metadata [][2] = { { "colour", "red" }, { nullptr, nullptr } };
const hearth_service_options_t options = [] {
    hearth_service_options_t chosen = {};
    chosen.doc = "An account.";
    chosen.events = events;
    chosen.fail_if_taken = true;
    chosen.capacity = 8;
    chosen.metadata = metadata;
    return chosen;
}();

std::string said (hearth_proxy_t *object, const char *method)
{
    return hearth_result_str (result (hearth_call (object, method)).get ());
}
}  //  namespace

int serving ()
{
    account mine;
    const connection own = serve ("everything.serving", methods, &mine, &options);
    hearth_t *hearth = own.get ();
    hearth_proxy_t *object = hearth_proxy (hearth, "everything.serving");
    EXPECT (hearth_result_int (result (hearth_call (object, "deposit", 5)).get ()) == 5);
    EXPECT (mine.deposit (1) == 6);
    EXPECT (said (object, "who") == hearth_unique_name (hearth));
    EXPECT (said (object, "method") == "method");
    EXPECT (hearth_result_int (result (hearth_call (object, "remaining")).get ()) <= HEARTH_DEFAULT_TIMEOUT_MS);
    EXPECT (!hearth_failed (result (hearth_call (object, "nothing")).get ()));
    EXPECT (failed_as (result (hearth_call (object, "forget")), "hearth.NoReply", HEARTH_EXECUTED));
    EXPECT (hearth_result_bool (result (hearth_call (object, "wanted")).get ()));

    EXPECT (hearth_serve (hearth, "everything.other", other, nullptr) == HEARTH_OK);
    EXPECT (hearth_serve (hearth, "everything.other", other, nullptr) == HEARTH_ALREADY_EXISTS);
    EXPECT (hearth_ready (hearth, patience_ms) == HEARTH_OK);
    const result relayed (hearth_call (object, "relay", "everything.other"));
    EXPECT (std::string (hearth_result_str (relayed.get ())) == hearth_unique_name (hearth));
    EXPECT (hearth_result_int (result (hearth_call (object, "close")).get ()) == HEARTH_OK);
    EXPECT (hearth_unserve (hearth, "everything.serving") == HEARTH_NOT_FOUND);
    return expect_failures;
}
