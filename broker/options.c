/*  options.c - the table of options, and the command line

    A limit's row comes from the table of limits; what it takes is decided there.
*/
#include "options_state.h"
#include "address.h"
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_BIND      "tcp://127.0.0.1:9797"
#define DEFAULT_SETTLE_MS 3000
#define MOST_SETTLE_MS    3600000

static int s_fail (char *problem, const char *what)
{
    snprintf (problem, OPTIONS_PROBLEM, "%s", what);
    return -1;
}

//  ---- values ----

static void *s_field (options_t *options, const option_row_t *row)
{
    return (char *) options + row->offset;
}

static int s_append (addresses_t *self, const char *text, char *problem)
{
    if (self->count == OPTIONS_ADDRESSES)
        return s_fail (problem, "given more than 16 times");
    char *copy = strdup (text);
    if (!copy)
        return s_fail (problem, "out of memory");
    self->items [self->count++] = copy;
    return 0;
}

static int s_set_address (options_t *options, const option_row_t *row, const char *value, char *problem)
{
    address_t address;
    if (strncmp (value, "tcp://", 6) != 0 && strncmp (value, "ipc://", 6) != 0)
        return s_fail (problem, "no address; give tcp://HOST:PORT or ipc:///PATH");
    const char *wrong = address_parse (&address, value, false);
    return wrong ? s_fail (problem, wrong) : s_append (s_field (options, row), value, problem);
}

//  What peers are told has to lead somewhere: of a host * they know what it means.
static int s_set_told_address (options_t *options, const option_row_t *row, const char *value, char *problem)
{
    const char *end = value + strlen (value);
    if (end - value > 2 && strcmp (end - 2, ":*") == 0)
        return s_fail (problem, "peers cannot know which port * is; give its number");
    return s_set_address (options, row, value, problem);
}

static int s_set_text (options_t *options, const option_row_t *row, const char *value, char *problem)
{
    char **field = s_field (options, row);
    free (*field);
    *field = strdup (value);
    return *field ? 0 : s_fail (problem, "out of memory");
}

static int s_set_switch (options_t *options, const option_row_t *row, const char *value, char *problem)
{
    static const struct {
        const char *text;
        bool value;
    } words [] = { { "", true },       { "true", true }, { "yes", true }, { "1", true },
                   { "false", false }, { "no", false },  { "0", false } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp (value, words [i].text) == 0) {
            *(bool *) s_field (options, row) = words [i].value;
            return 0;
        }
    return s_fail (problem, "a switch; give true or false");
}

static int s_set_settle (options_t *options, const option_row_t *row, const char *value, char *problem)
{
    static const struct {
        const char *suffix;
        int64_t factor;
    } units [] = { { "", 1 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
    char *rest;
    errno = 0;
    int64_t number = *value >= '0' && *value <= '9' ? strtoll (value, &rest, 10) : -1;
    for (size_t i = 0; number >= 0 && !errno && i < sizeof units / sizeof *units; i++)
        if (strcmp (rest, units [i].suffix) == 0 && number <= MOST_SETTLE_MS / units [i].factor) {
            *(int64_t *) s_field (options, row) = number * units [i].factor;
            return 0;
        }
    return s_fail (problem, "no time; give one from 0 to 1h, such as 3s or 500ms");
}

static int s_set_level (options_t *options, const option_row_t *row, const char *value, char *problem)
{
    int level = log_level_find (value);
    if (level < 0)
        return s_fail (problem, "no level; give error, warning, info or debug");
    *(log_level_t *) s_field (options, row) = (log_level_t) level;
    return 0;
}

static int s_set_descriptor (options_t *options, const option_row_t *row, const char *value, char *problem)
{
    char *rest;
    errno = 0;
    long number = *value >= '0' && *value <= '9' ? strtol (value, &rest, 10) : -1;
    if (number < 0 || errno || *rest || number > 1 << 20)
        return s_fail (problem, "no descriptor; give the number of one that is open for writing");
    *(int *) s_field (options, row) = (int) number;
    return 0;
}

//  ---- the table ----

#define FIELD(name) offsetof (options_t, name)

const option_row_t option_rows [] = {
    { "bind", "ADDRESS", s_set_address, FIELD (bind), false,
      "where clients and services connect: tcp://HOST:PORT or ipc:///PATH; a port * is any free one; repeatable "
      "(" DEFAULT_BIND ")" },
    { "publish", "ADDRESS", s_set_address, FIELD (publish), false,
      "where observers subscribe; repeatable (for each --bind the port above its own, or its path and .events)" },
    { "advertise-publish", "ADDRESS", s_set_told_address, FIELD (advertise), false,
      "what peers are told to subscribe at, in place of all --publish: for address translation; a host * is the one "
      "that the peer dialled; repeatable" },
    { "config", "FILE", s_set_text, FIELD (config), true,
      "a file with more options, one a line: NAME = VALUE; the command line has priority" },
    { "allow-anonymous", NULL, s_set_switch, FIELD (allow_anonymous), false,
      "serve without authentication beyond this machine" },
    { "settle", "TIME", s_set_settle, FIELD (settle_ms), false,
      "how long after its start the broker takes unknown names for services on their way back (3s)" },
    { "log-level", "LEVEL", s_set_level, FIELD (log_level), false, "error, warning, info or debug (info)" },
    { "ready-fd", "N", s_set_descriptor, FIELD (ready_fd), false,
      "write a line with the real addresses to this descriptor, and close it, when the broker serves" },
    { "version", NULL, s_set_switch, FIELD (version), true, "show the version and end" },
    { "help", NULL, s_set_switch, FIELD (help), true, "show this and end" },
};

const size_t option_row_count = sizeof option_rows / sizeof *option_rows;

_Static_assert(sizeof option_rows / sizeof *option_rows + LIMIT_COUNT <= OPTION_COUNT, "each option has an index");

bool option_find (option_t *option, const char *name, size_t size)
{
    for (size_t i = 0; i < option_row_count; i++)
        if (strlen (option_rows [i].name) == size && memcmp (option_rows [i].name, name, size) == 0) {
            *option = (option_t){ .row = &option_rows [i], .index = i };
            return true;
        }
    char text [64];
    snprintf (text, sizeof text, "%.*s", (int) size, name);
    int limit = limits_find (text);
    if (limit < 0)
        return false;
    *option = (option_t){ .limit = (limit_id_t) limit, .index = option_row_count + (size_t) limit };
    return true;
}

bool option_takes_value (const option_t *self)
{
    return !self->row || self->row->argument;
}

int option_set (const option_t *self, options_t *options, const char *value, char problem [OPTIONS_PROBLEM])
{
    char what [OPTIONS_PROBLEM / 2];
    if (!self->row) {
        if (!limits_set (&options->limits, self->limit, value, what, sizeof what))
            return 0;
        snprintf (problem, OPTIONS_PROBLEM, "--%s", what);
        return -1;
    }
    if (!self->row->set (options, self->row, value, what))
        return 0;
    snprintf (problem, OPTIONS_PROBLEM, "--%s %.200s: %s", self->row->name, value, what);
    return -1;
}

//  ---- the command line ----

//  Reads the option at argv [0], and its value there or behind it. Returns how many words it took, or -1.
static int s_read_option (options_t *self, bool given [OPTION_COUNT], char **argv, char *problem)
{
    option_t option;
    const char *word = argv [0];
    const char *equals = strchr (word, '=');
    size_t size = equals ? (size_t) (equals - word) : strlen (word);
    if (size < 2 || strncmp (word, "--", 2) != 0 || !option_find (&option, word + 2, size - 2)) {
        snprintf (problem, OPTIONS_PROBLEM, "%.200s: unknown option; see hearth-broker --help", word);
        return -1;
    }
    given [option.index] = true;
    if (!option_takes_value (&option)) {
        if (equals) {
            snprintf (problem, OPTIONS_PROBLEM, "%.200s: takes no value; see hearth-broker --help", word);
            return -1;
        }
        return option_set (&option, self, "", problem) ? -1 : 1;
    }
    const char *value = equals ? equals + 1 : argv [1];
    if (!value) {
        snprintf (problem, OPTIONS_PROBLEM, "%s: its value is missing; see hearth-broker --help", word);
        return -1;
    }
    return option_set (&option, self, value, problem) ? -1 : equals ? 1 : 2;
}

//  Where observers subscribe if only the place for calls was named: beside it.
static int s_place_beside (addresses_t *publish, const char *bind, char *problem)
{
    char text [ADDRESS_MAX + 16];
    const char *port = strrchr (bind, ':') + 1;
    if (strncmp (bind, "ipc://", 6) == 0)
        snprintf (text, sizeof text, "%s.events", bind);
    else if (strcmp (port, "*") == 0)
        snprintf (text, sizeof text, "%s", bind);
    else if (strtol (port, NULL, 10) == 65535) {
        snprintf (problem, OPTIONS_PROBLEM, "--bind %.200s: no port is above it for observers; give --publish", bind);
        return -1;
    } else
        snprintf (text, sizeof text, "%.*s%ld", (int) (port - bind), bind, strtol (port, NULL, 10) + 1);
    return s_append (publish, text, problem);
}

static int s_complete (options_t *self, char *problem)
{
    if (self->bind.count == 0 && s_append (&self->bind, DEFAULT_BIND, problem))
        return -1;
    self->is_beside = self->publish.count == 0;
    for (size_t i = 0, count = self->is_beside ? self->bind.count : 0; i < count; i++)
        if (s_place_beside (&self->publish, self->bind.items [i], problem))
            return -1;
    return 0;
}

static int s_check_local (const addresses_t *addresses, const char *name, char *problem)
{
    for (size_t i = 0; i < addresses->count; i++)
        if (!address_is_local (addresses->items [i])) {
            snprintf (problem, OPTIONS_PROBLEM,
                      "--%s %.200s: reachable from other machines without authentication; bind 127.0.0.1, or accept "
                      "that with --allow-anonymous",
                      name, addresses->items [i]);
            return -1;
        }
    return 0;
}

int options_read (options_t *self, int argc, char **argv, char problem [OPTIONS_PROBLEM])
{
    bool given [OPTION_COUNT] = { false };
    *self = (options_t){ .settle_ms = DEFAULT_SETTLE_MS, .log_level = LOG_INFO, .ready_fd = -1 };
    limits_init (&self->limits);
    for (int at = 1, taken; at < argc; at += taken) {
        taken = s_read_option (self, given, argv + at, problem);
        if (taken < 0)
            return -1;
    }
    if (self->help || self->version)
        return 0;
    if (self->config && options_read_file (self, self->config, given, problem))
        return -1;
    if (s_complete (self, problem))
        return -1;
    if (self->allow_anonymous)
        return 0;
    return s_check_local (&self->bind, "bind", problem) || s_check_local (&self->publish, "publish", problem) ? -1
                                                                                                              : 0;
}

static void s_clear_addresses (addresses_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (self->items [i]);
    self->count = 0;
}

void options_clear (options_t *self)
{
    s_clear_addresses (&self->bind);
    s_clear_addresses (&self->publish);
    s_clear_addresses (&self->advertise);
    free (self->config);
    self->config = NULL;
}
