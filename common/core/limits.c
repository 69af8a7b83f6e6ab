/*  limits.c - the table of limits, and setting them from text

    Owns what a limit's text may look like. What happens at a limit is the business of whoever keeps it.
*/
#include "limits.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const limit_row_t limit_rows [LIMIT_COUNT] = {
#define X(id, option, value, least, most, unit, kind, text)                                                          \
    [LIMIT_##id] = { option, value, least, most, LIMIT_UNIT_##unit, LIMIT_KIND_##kind, text },
    LIMITS_TABLE (X)
#undef X
};

typedef struct {
    const char *text;
    uint64_t factor;
} suffix_t;

#define MOST_SUFFIXES 5
#define SHOWN_SIZE    41  //  of a text in a sentence, with its zero byte

//  Largest first: the first one that divides a number is the one to show it with. Each list ends with none.
static const suffix_t suffixes [][MOST_SUFFIXES] = {
    [LIMIT_UNIT_COUNT] = { { "", 1 } },
    [LIMIT_UNIT_BYTES] = { { "G", 1 << 30 }, { "M", 1 << 20 }, { "k", 1 << 10 }, { "", 1 } },
    [LIMIT_UNIT_MS] = { { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 }, { "", 1 } },
};

static const char *const forms [] = {
    [LIMIT_UNIT_COUNT] = "a number",
    [LIMIT_UNIT_BYTES] = "a number of bytes, such as 65536, 64k, 1M or 2G",
    [LIMIT_UNIT_MS] = "a time, such as 5000, 500ms, 5s, 10m or 24h",
};

void limits_init (limits_t *self)
{
    for (int i = 0; i < LIMIT_COUNT; i++)
        self->value [i] = limit_rows [i].value;
}

int limits_find (const char *option)
{
    for (int i = 0; i < LIMIT_COUNT; i++)
        if (limit_rows [i].kind != LIMIT_KIND_LIBRARY && strcmp (limit_rows [i].option, option) == 0)
            return i;
    return -1;
}

void limits_format (char text [LIMITS_TEXT_SIZE], limit_unit_t unit, uint64_t value)
{
    const suffix_t *suffix = suffixes [unit];
    while (*suffix->text && (value == 0 || value % suffix->factor != 0))
        suffix++;
    snprintf (text, LIMITS_TEXT_SIZE, "%" PRIu64 "%s", value / suffix->factor, suffix->text);
}

static const suffix_t *find_suffix (limit_unit_t unit, const char *text)
{
    const suffix_t *suffix = suffixes [unit];
    while (*suffix->text && strcmp (suffix->text, text) != 0)
        suffix++;
    return strcmp (suffix->text, text) == 0 ? suffix : NULL;
}

//  Reads digits; UINT64_MAX stands for all that is larger. Returns what follows them, or NULL if there are none.
static const char *read_digits (const char *text, uint64_t *number)
{
    const char *at = text;
    *number = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t) (*at - '0');
        bool fits = *number <= (UINT64_MAX - digit) / 10;
        *number = fits ? *number * 10 + digit : UINT64_MAX;
    }
    return at == text ? NULL : at;
}

static bool read_value (const char *text, limit_unit_t unit, uint64_t *value)
{
    uint64_t number;
    const char *rest = read_digits (text, &number);
    const suffix_t *suffix = rest ? find_suffix (unit, rest) : NULL;
    if (!suffix)
        return false;
    *value = number > UINT64_MAX / suffix->factor ? UINT64_MAX : number * suffix->factor;
    return true;
}

//  The start of a text as it may stand in a sentence: on one line, in ASCII.
static void show_text (char shown [SHOWN_SIZE], const char *text)
{
    size_t at = 0;
    for (; text [at] && at < SHOWN_SIZE - 1; at++)
        shown [at] = text [at] >= ' ' && text [at] <= '~' ? text [at] : '?';
    shown [at] = '\0';
}

int limits_set (limits_t *self, limit_id_t id, const char *text, char *problem, size_t size)
{
    const limit_row_t *row = &limit_rows [id];
    char shown [SHOWN_SIZE];
    uint64_t value;
    show_text (shown, text);
    if (!read_value (text, row->unit, &value)) {
        snprintf (problem, size, "%s takes %s, not \"%s\"", row->option, forms [row->unit], shown);
        return -1;
    }
    if (value < row->least || value > row->most) {
        char least [LIMITS_TEXT_SIZE], most [LIMITS_TEXT_SIZE];
        limits_format (least, row->unit, row->least);
        limits_format (most, row->unit, row->most);
        snprintf (problem, size, "%s goes from %s to %s, and %s is outside", row->option, least, most, shown);
        return -1;
    }
    self->value [id] = value;
    return 0;
}
