/*  service.c - an instance of the chaos pool, which journals each execution before it answers

    usage: chaos_service FOLDER ROLE SEED
*/
#include <signal.h>

#include "chaos.h"
#include "hearth.h"

static hearth_t *hearth;

static void s_stop (int number)
{
    (void) number;
    hearth_stop (hearth);
}

//  Every handler begins with it.
static void s_execute (hearth_call_t *call, chaos_t *self)
{
    chaos_write (self, "RUN %s %s %" PRId64, hearth_arg_str (call, 0), hearth_method (call), chaos_now_ns ());
    chaos_pause (hearth_arg_int (call, 1));
}

static void s_work (hearth_call_t *call, void *self)
{
    s_execute (call, self);
    hearth_reply (call, hearth_arg (call, 0));
}

static void s_fail (hearth_call_t *call, void *self)
{
    s_execute (call, self);
    hearth_fail (call, HEARTH_ABORTED, "chaos.Failed", "as it was asked to");
}

static void s_silent (hearth_call_t *call, void *self)
{
    s_execute (call, self);
}

static const hearth_method_t methods [] = {
    { "work", "id: str, ms: int", "str", s_work, .doc = "Returns the id." },
    { "fail", "id: str, ms: int", "str", s_fail, .doc = "Fails." },
    { "silent", "id: str, ms: int", "str", s_silent, .doc = "Answers nothing." },
    { "note", "id: str, ms: int", "nil", s_silent, .doc = "Is told something.", .flags = HEARTH_ONEWAY },
    { 0 }
};

int main (int argc, char **argv)
{
    static chaos_t self;
    static const hearth_service_options_t options = { .capacity = 4, .mode = HEARTH_SHARED };
    chaos_check (argc == 4, "usage: chaos_service FOLDER ROLE SEED");
    chaos_open (&self, argv [1], argv [2], argv [3]);
    hearth = hearth_connect (NULL);
    chaos_check (hearth != NULL, "bad address");
    signal (SIGTERM, s_stop);
    int code = hearth_serve_with (hearth, "chaos.pool", methods, &self, &options);
    chaos_check (code == 0, "cannot serve");
    code = hearth_run (hearth);
    hearth_destroy (&hearth);
    chaos_close (&self);
    return code != 0;
}
