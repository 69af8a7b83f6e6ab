/*  events.cpp - publishing and observing
*/
#include "everything.h"

#include <vector>

namespace
{
const hearth_method_t methods [] = { {} };
const hearth_event_t declared [] = { { "news", "str", "", 0 }, { "state", "int", "", HEARTH_RETAINED }, {} };
const hearth_service_options_t options = [] {
    hearth_service_options_t chosen = {};
    chosen.events = declared;
    return chosen;
}();

struct record {
    std::vector<std::string> texts;
    int64_t state = 0;
    bool retained = false;
    uint64_t number = 0;
};

void write_down (const hearth_notification_t *notification, void *context)
{
    record &seen = *static_cast<record *> (context);
    EXPECT (notification->kind == HEARTH_MESSAGE && notification->lost == 0 && notification->time_ms > 0);
    EXPECT (notification->kind != HEARTH_LOST && notification->kind != HEARTH_EPOCH_ENDED);
    EXPECT (std::string (notification->service) == "everything.events");
    seen.number = notification->number;
    seen.retained = notification->retained;
    if (std::string (notification->event) == "news")
        seen.texts.emplace_back (hearth_value_str (notification->value));
    else
        seen.state = hearth_value_int (notification->value);
}
}  //  namespace

int events ()
{
    record news, state;
    const connection own = serve ("everything.events", methods, nullptr, &options);
    hearth_t *hearth = own.get ();
    EXPECT (hearth_publish (hearth, "everything.events", "state", 5) == HEARTH_OK);
    observation one (hearth_observe (hearth, "everything.events", "news", patience_ms, write_down, &news));
    observation other (hearth_observe (hearth, "everything.events", "state", patience_ms, write_down, &state));
    EXPECT (one && other);
    drive (own, [&state] { return state.state == 5; });
    EXPECT (state.retained);
    EXPECT (hearth_publish_arg (hearth, "everything.events", "news", hearth_str ("first")) == HEARTH_OK);
    hearth_pending_t *second = hearth_start_publish (hearth, "everything.events", "news", "second");
    const result published (hearth_wait (&second, -1));
    drive (own, [&news] { return news.texts.size () == 2; });
    EXPECT (news.texts [0] == "first" && news.texts [1] == "second" && !news.retained);
    EXPECT (static_cast<int64_t> (news.number) == hearth_result_int (published.get ()));
    EXPECT (hearth_publish (hearth, "not.mine", "news", 1) == HEARTH_PERMISSION_DENIED);
    return expect_failures;
}
