/*  streams.cpp - streams: items down, items up, with waiting and by being told
*/
#include "everything.h"

#include <thread>

namespace
{
const hearth_method_t methods [] = {
    { "range", "end: int", "int",
      [] (hearth_call_t *call, void *) {
          int64_t number = 0;
          while (number < hearth_arg_int (call, 0) && hearth_yield (call, number) == HEARTH_OK)
              number++;
          hearth_reply (call, number);
      },
      "", HEARTH_STREAMING },
    { "sum", "", "int",
      [] (hearth_call_t *call, void *) {
          int64_t sum = 0;
          while (const hearth_value_t *item = hearth_take (call, -1))
              sum += hearth_value_int (item);
          hearth_reply (call, hearth_input_ended (call) ? sum : -1);
      },
      "", HEARTH_STREAMING },
    { "later", "", "nil",
      [] (hearth_call_t *call, void *) {
          hearth_call_t *kept = hearth_keep (call);
          const int code = hearth_when_asked (
              kept,
              [] (hearth_call_t *asked, void *) {
                  if (hearth_yield_arg (asked, hearth_int (7), 0) != HEARTH_OK)
                      return;
                  hearth_reply_nil (asked);
                  hearth_call_destroy (&asked);
              },
              nullptr);
          EXPECT (code == HEARTH_OK);
      },
      "", HEARTH_STREAMING },
    {},
};

void down (hearth_proxy_t *object)
{
    int64_t expected = 0;
    hearth_pending_t *range = hearth_open (object, "range", 10);
    while (const hearth_value_t *item = hearth_next (range, -1))
        EXPECT (hearth_value_int (item) == expected++);
    EXPECT (hearth_is_over (range) && hearth_received (range) == 10);
    EXPECT (hearth_result_int (result (hearth_wait (&range, -1)).get ()) == 10);
}

//  All arguments in one value.
void named (hearth_proxy_t *object)
{
    char problem [100];
    const builder arguments (hearth_builder_new ());
    EXPECT (hearth_builder_read_value (arguments.get (), "map<int>", "{\"end\": 2}", problem, sizeof problem)
            == HEARTH_OK);
    hearth_pending_t *range = hearth_open_with (object, "range", arguments.get ());
    EXPECT (hearth_result_int (result (hearth_wait (&range, -1)).get ()) == 2);
}

void up (hearth_proxy_t *object)
{
    hearth_pending_t *sum = hearth_open (object, "sum");
    EXPECT (hearth_put (sum, 1) == HEARTH_OK && hearth_put_arg (sum, hearth_int (2), -1) == HEARTH_OK);
    EXPECT (hearth_put_end (sum) == HEARTH_OK);
    EXPECT (hearth_result_int (result (hearth_wait (&sum, -1)).get ()) == 3);
}

void told (const connection &hearth, hearth_proxy_t *object)
{
    int64_t item = 0;
    hearth_pending_t *later = hearth_open (object, "later");
    EXPECT (hearth_when_ready (
                later,
                [] (hearth_pending_t *stream, void *context) {
                    if (const hearth_value_t *value = hearth_next (stream, 0))
                        *static_cast<int64_t *> (context) = hearth_value_int (value);
                },
                &item)
            == HEARTH_OK);
    drive (hearth, [&item] { return item == 7; });
    EXPECT (!hearth_failed (result (hearth_wait (&later, -1)).get ()));
}
}  //  namespace

//  Who waits for each other does so in two threads.
int streams ()
{
    const connection service = serve ("everything.streams", methods), own (hearth_connect (nullptr));
    std::thread runner ([&service] { EXPECT (hearth_run (service.get ()) == HEARTH_OK); });
    hearth_proxy_t *object = hearth_proxy (own.get (), "everything.streams");
    hearth_proxy_set_window (object, 4, 4096);
    down (object);
    named (object);
    up (object);
    told (own, object);
    hearth_stop (service.get ());
    runner.join ();
    return expect_failures;
}
