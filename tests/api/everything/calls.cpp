/*  calls.cpp - calling: proxies, calls in flight, how they end
*/
#include "everything.h"

#include <vector>

namespace
{
int64_t turns;

const hearth_method_t methods [] = {
    { "add", "a: int, b: int = 1", "int",
      [] (hearth_call_t *call, void *) { hearth_reply (call, hearth_arg_int (call, 0) + hearth_arg_int (call, 1)); },
      "", 0 },
    { "half", "value: float", "float",
      [] (hearth_call_t *call, void *) { hearth_reply (call, hearth_arg_float (call, 0) / 2); }, "", 0 },
    { "no", "value: bool", "bool",
      [] (hearth_call_t *call, void *) { hearth_reply (call, !hearth_arg_bool (call, 0)); }, "", 0 },
    { "fail", "", "nil",
      [] (hearth_call_t *call, void *) {
          hearth_fail (call, HEARTH_OUT_OF_RANGE, "everything.TooFar", "%d steps", 3);
      },
      "", 0 },
    { "turn", "", "int", [] (hearth_call_t *call, void *) { hearth_reply (call, ++turns); }, "", 0 },
    {},
};

hearth_t *session;
hearth_proxy_t *object;

void answers ()
{
    const result sum (hearth_call (object, "add", 2)), half (hearth_call (object, "half", 3)),
        no (hearth_call (object, "no", false));
    EXPECT (hearth_result_int (sum.get ()) == 3);
    EXPECT (hearth_result_float (half.get ()) > 1.4);
    EXPECT (hearth_result_bool (no.get ()));
    const builder named (hearth_builder_new ());
    hearth_builder_open_map (named.get ());
    hearth_builder_key (named.get (), "a");
    hearth_builder_add (named.get (), 41);
    hearth_builder_close (named.get ());
    EXPECT (hearth_result_int (result (hearth_call_with (object, "add", named.get ())).get ()) == 42);
    const result sent (hearth_oneway (object, "add", 1));
    EXPECT (hearth_value_type (hearth_result_value (sent.get ())) == HEARTH_TYPE_NIL);
    EXPECT (hearth_post (object, "add", 1) == HEARTH_OK);
    hearth_proxy_set_idempotent (object, true);
}

void errors ()
{
    const result failed (hearth_call (object, "fail"));
    const hearth_error_t *error = hearth_error (failed.get ());
    EXPECT (failed_as (failed, "everything.TooFar", HEARTH_EXECUTED));
    EXPECT (error->code == HEARTH_OUT_OF_RANGE && !error->details && std::string (error->message) == "3 steps");
    EXPECT (std::string (hearth_code_name (error->code)) == "OUT_OF_RANGE");
    EXPECT (std::string (hearth_mark_name (error->mark)) == "executed");
    EXPECT (std::string (hearth_result_str (failed.get ())).empty ());
    EXPECT (failed_as (result (hearth_call (object, "add", "one")), "hearth.BadArguments", HEARTH_NOT_EXECUTED));
    const proxy nobody (hearth_proxy (session, "everything.nobody"));
    EXPECT (failed_as (result (hearth_call (nobody.get (), "add")), "hearth.NoSuchService", HEARTH_NOT_EXECUTED));
    hearth_proxy_set_timeout (nobody.get (), 20);
    hearth_proxy_set_wait (nobody.get (), patience_ms);
    EXPECT (failed_as (result (hearth_call (nobody.get (), "add")), "hearth.Deadline", HEARTH_NOT_EXECUTED));
}

void many_in_flight ()
{
    std::vector<hearth_pending_t *> pending;
    for (int index = 0; index < 100; index++)
        pending.push_back (hearth_start (object, "add", index, 0));
    for (int index = 99; index >= 50; index--)
        EXPECT (hearth_result_int (result (hearth_wait (&pending [static_cast<size_t> (index)], -1)).get ())
                == index);
    for (int left = 50; left > 0; left--) {
        const int index = hearth_wait_any (pending.data (), pending.size (), -1);
        EXPECT (hearth_result_int (result (hearth_wait (&pending.at (static_cast<size_t> (index)), 0)).get ())
                == index);
    }
    EXPECT (hearth_wait_any (pending.data (), pending.size (), 0) == -1);
}

//  A call that is held comes after one that another connection makes later.
void held (const connection &own)
{
    const connection other (hearth_connect (nullptr));
    EXPECT (hearth_ready (other.get (), patience_ms) == HEARTH_OK);
    hearth_hold (other.get ());
    hearth_pending_t *second = hearth_start (hearth_proxy (other.get (), "everything.calls"), "turn");
    EXPECT (hearth_result_int (result (hearth_call (object, "turn")).get ()) == 1);
    hearth_flush (other.get ());
    drive (own, [] { return turns == 2; });
    EXPECT (hearth_result_int (result (hearth_wait (&second, -1)).get ()) == 2);
}

void given_up ()
{
    hearth_pending_t *unwanted = hearth_start (object, "add", 1);
    hearth_pending_destroy (&unwanted);
    EXPECT (unwanted == nullptr);
}

void told_later ()
{
    int64_t sum = 0;
    connection own (hearth_connect (nullptr));
    hearth_proxy_t *directory = hearth_proxy (own.get (), "hearth");
    EXPECT (hearth_when_done (
                hearth_start (directory, "ping", 5),
                [] (hearth_t *, hearth_result_t *ended, void *context) {
                    *static_cast<int64_t *> (context) += hearth_result_int (result (ended).get ());
                },
                &sum)
            == HEARTH_OK);
    drive (own, [&sum] { return sum == 5; });
}
}  //  namespace

int calls ()
{
    const connection own = serve ("everything.calls", methods);
    session = own.get ();
    object = hearth_proxy (session, "everything.calls");
    answers ();
    errors ();
    many_in_flight ();
    held (own);
    given_up ();
    told_later ();
    return expect_failures;
}
