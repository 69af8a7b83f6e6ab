/*  directory.cpp - who is there, and what it offers
*/
#include "everything.h"

namespace
{
const hearth_method_t methods [] = {
    { "nothing", "", "nil", [] (hearth_call_t *call, void *) { hearth_reply_nil (call); }, "Does nothing.",
      HEARTH_IDEMPOTENT },
    {},
};

const hearth_value_t *of (const result &answer, const char *key)
{
    return hearth_value_get (hearth_result_value (answer.get ()), key);
}
}  //  namespace

int directory ()
{
    int last = -1;
    const connection hearth (hearth_connect (nullptr));
    const watch eye (hearth_watch (
        hearth.get (), "everything.directory",
        [] (const char *, hearth_change_t change, void *context) { *static_cast<int *> (context) = change; }, &last));
    EXPECT (eye);
    drive (hearth, [&last] { return last == HEARTH_WENT; });
    hearth_service_options_t options = {};
    options.mode = HEARTH_SHARED;
    connection service = serve ("everything.directory", methods, nullptr, &options);
    drive (hearth, [&last] { return last == HEARTH_APPEARED; });
    const connection second = serve ("everything.directory", methods, nullptr, &options);
    drive (hearth, [&last] { return last == HEARTH_CHANGED; });

    const result list (hearth_list (hearth.get (), "everything.", nullptr)),
        looked_up (hearth_lookup (hearth.get (), "everything.directory")),
        described (hearth_describe (hearth.get (), "everything.directory"));
    EXPECT (hearth_value_size (of (list, "names")) == 1);
    EXPECT (hearth_value_size (of (looked_up, "owners")) == 2);
    EXPECT (hearth_value_size (of (described, "methods")) == 1);
    service.reset ();
    EXPECT (service == nullptr);
    return expect_failures;
}
