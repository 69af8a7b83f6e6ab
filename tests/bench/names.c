/*  names.c - registers many documented names over many sessions, then says `ready` and stays. usage: names ADDRESS SESSIONS NAMES

    For the broker's memory a name: five documented methods each, as a real service would have.
*/
#include "bench.h"
#include "hearth.h"

static void answer (hearth_call_t *call, void *self)
{
    (void) self;
    hearth_reply_nil (call);
}

static const hearth_method_t methods [] = {
    { "deposit", "account: str, amount: int", "int", answer,
      .doc = "Puts money on an account and returns its balance." },
    { "withdraw", "account: str, amount: int", "int", answer, .doc = "Takes money off an account, if it is there." },
    { "balance", "account: str", "int", answer, .doc = "Tells the balance of an account.",
      .flags = HEARTH_IDEMPOTENT },
    { "history", "account: str, since: time?", "list<map>", answer, .doc = "Lists what happened to an account." },
    { "close", "account: str, heirs: list<str> = []", "bool", answer, .doc = "Closes an account for good." },
    { 0 }
};

static void s_serve (const char *address, int session, int names)
{
    hearth_t *hearth = hearth_connect (address);
    bench_check (hearth != NULL, "cannot connect");
    for (int at = 0; at < names; at++) {
        char name [64];
        snprintf (name, sizeof name, "bank.branch-%03d.teller-%03d", session, at);
        bench_check (hearth_serve (hearth, name, methods, NULL) == 0, "cannot serve");
    }
    bench_check (hearth_ready (hearth, 30000) == 0, "cannot register");
}

int main (int argc, char **argv)
{
    bench_check (argc == 4, "usage: ADDRESS SESSIONS NAMES");
    for (int session = 0; session < atoi (argv [2]); session++)
        s_serve (argv [1], session, atoi (argv [3]));
    bench_say ("ready");
    getchar ();
    return 0;
}
