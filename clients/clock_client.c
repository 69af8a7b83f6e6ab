/*  clock_client.c - prints the ticks of the clock, as they come

    This Source Code Form is subject to the terms of the Mozilla Public
    License, v. 2.0. If a copy of the MPL was not distributed with this
    file, You can obtain one at https://mozilla.org/MPL/2.0/.

    A few ticks may be on their way, no more: one who is held up wants the time of now, not that of then.
*/
#include <poll.h>
#include <stdio.h>

#include "program.h"

#define ON_THEIR_WAY 4

static int64_t every_ms = 1000;
static int64_t count = INT64_MAX;

static const program_option_t options [] = {
    { "--every", "DURATION", PROGRAM_DURATION, &every_ms, "the time between two ticks (1s)" },
    { "--count", "N", PROGRAM_COUNT, &count, "end after N ticks" },
    { 0 },
};

static const program_about_t about = {
    .name = "clock_client",
    .summary = "Prints the ticks of clock, until it is interrupted.",
    .options = options,
    .details =
        "A clock that says nothing for longer than --every and --timeout together has gone silent, and that is\n"
        "the end, as it is when the clock or the broker goes. It ends well on SIGTERM and SIGINT.",
};

//  Prints what has come. False once it has printed enough, or its reader has gone.
static bool print_ticks (hearth_pending_t *ticks)
{
    static int64_t printed;
    for (const hearth_value_t *tick; (tick = hearth_next (ticks, 0));)
        if (!program_print_value (tick) || ++printed == count)
            return false;
    return true;
}

//  The clock was not asked to end the stream.
static void complain (hearth_result_t *end)
{
    if (program_succeeded ("clock", end))
        program_fail ("clock: it has stopped");
    hearth_result_destroy (&end);
}

int main (int argc, char **argv)
{
    program_start (&about, argc, argv);
    hearth_proxy_t *clock = program_proxy ("clock");
    hearth_proxy_set_timeout (clock, every_ms + program_timeout_ms () + program_wait_ms ());
    hearth_proxy_set_window (clock, ON_THEIR_WAY, 0);
    program_catch_signals ();
    hearth_pending_t *ticks = hearth_open (clock, "ticks", every_ms);
    if (!ticks)
        program_complain ("clock", hearth_last_error (program_connect (NULL)));
    while (ticks && print_ticks (ticks) && !hearth_is_over (ticks) && program_turn (NULL, -1))
        continue;
    if (ticks && hearth_is_over (ticks))
        complain (hearth_wait (&ticks, 0));
    hearth_pending_destroy (&ticks);
    return program_end ();
}
