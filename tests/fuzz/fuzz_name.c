/*  fuzz_name.c - names: the grammars agree with each other */
#include "fuzz.h"
#include "name.h"

static void check_unique (const char *text, size_t size)
{
    uint64_t epoch, session;
    char written [UNIQUE_NAME_SIZE];
    if (!name_is_unique (text, size, &epoch, &session))
        return;
    name_write_unique (written, epoch, session);
    REQUIRE (strlen (written) == size && memcmp (written, text, size) == 0);
    REQUIRE (!name_is_valid (text, size));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    const char *text = (const char *) data;
    size_t service, event;
    check_unique (text, size);
    if (name_is_valid (text, size)) {
        REQUIRE (size > 0 && size <= NAME_MAX_SIZE);
        REQUIRE (!name_is_prefix (text, size));
    }
    if (name_is_reserved (text, size))
        REQUIRE (memcmp (text, "hearth", 6) == 0);
    if (name_split_topic (text, size, &service, &event)) {
        REQUIRE (service + event + 2 == size && size <= TOPIC_MAX_SIZE);
        REQUIRE (name_is_prefix (text, size) && name_is_prefix (text, service + 1));
        REQUIRE (name_is_valid (text + service + 1, event));
    }
    return 0;
}
