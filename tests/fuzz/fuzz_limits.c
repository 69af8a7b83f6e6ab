/*  fuzz_limits.c - limits set from text: the first byte chooses the limit, the others are the text */
#include "fuzz.h"
#include "limits.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    limit_id_t id = (limit_id_t) (data [0] % LIMIT_COUNT);
    const limit_row_t *row = &limit_rows [id];
    char *text = fuzz_text (data + 1, size - 1);
    limits_t limits;
    char problem [160] = "", shown [LIMITS_TEXT_SIZE];
    limits_init (&limits);

    if (limits_set (&limits, id, text, problem, sizeof problem) != 0) {
        REQUIRE (*problem && limits.value [id] == row->value);
    } else {
        uint64_t value = limits.value [id];
        REQUIRE (value >= row->least && value <= row->most && !*problem);
        limits_format (shown, row->unit, value);
        REQUIRE (limits_set (&limits, id, shown, problem, sizeof problem) == 0 && limits.value [id] == value);
    }
    free (text);
    return 0;
}
