/*  stuck.c - a service that answers nothing until it is told to, so that its calls queue at the broker

    usage: chaos_stuck NAME…. Says `ready` when it is registered. Each name takes one call at a time; `go_on` of chaos.stuck answers those that it has, and
    from then on all that come; `ran` says how many there were.
*/
#include "chaos.h"
#include "hearth.h"

#define NAMES_MAX 8

static bool going;
static int64_t ran;
static hearth_call_t *kept [NAMES_MAX];

static void s_take (hearth_call_t *call, void *context)
{
    hearth_call_t **mine = context;
    ran++;
    if (going)
        hearth_reply_nil (call);
    else
        chaos_check ((*mine = hearth_keep (call)) != NULL, "a call cannot be kept");
}

static void s_go_on (hearth_call_t *call, void *context)
{
    (void) context;
    going = true;
    for (size_t at = 0; at < NAMES_MAX; at++) {
        if (kept [at])
            hearth_reply_nil (kept [at]);
        hearth_call_destroy (&kept [at]);
    }
    hearth_reply_nil (call);
}

static void s_ran (hearth_call_t *call, void *context)
{
    (void) context;
    hearth_reply (call, ran);
}

int main (int argc, char **argv)
{
    static const hearth_method_t work [] = { { "take", "bytes: bin", "nil", s_take, .doc = "Takes its time." },
                                             { 0 } };
    static const hearth_method_t control [] = { { "go_on", "", "nil", s_go_on, .doc = "Answers from now on." },
                                                { "ran", "", "int", s_ran, .doc = "How many calls were taken." },
                                                { 0 } };
    static const hearth_service_options_t options = { .capacity = 1 };
    chaos_check (argc > 1 && argc <= NAMES_MAX + 1, "usage: chaos_stuck NAME...");
    hearth_t *hearth = hearth_connect (NULL);
    chaos_check (hearth && hearth_serve (hearth, "chaos.stuck", control, NULL) == 0, "cannot serve");
    for (int at = 1; at < argc; at++)
        chaos_check (hearth_serve_with (hearth, argv [at], work, &kept [at - 1], &options) == 0, "cannot serve");
    chaos_check (hearth_ready (hearth, 30000) == 0, "no broker");
    puts ("ready");
    fflush (stdout);
    return hearth_run (hearth);
}
