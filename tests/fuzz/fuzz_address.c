/*  fuzz_address.c - addresses: what is parsed can be printed, parsed again and resolved */
#include "address.h"
#include "fuzz.h"

static void check_endpoint (const address_t *address)
{
    char uri [2 * ADDRESS_MAX], resolved [ADDRESS_MAX];
    address_t again;
    REQUIRE (!address_parse (&again, address->endpoint, false));
    REQUIRE (strcmp (again.endpoint, address->endpoint) == 0 && !*again.name);
    if (address_write_uri (uri, sizeof uri, address->endpoint, address->name) == 0) {
        REQUIRE (!address_parse (&again, uri, false));
        REQUIRE (strcmp (again.endpoint, address->endpoint) == 0);
        REQUIRE (strcmp (again.name, address->name) == 0);
    } else
        REQUIRE (!*address->name);
    if (address_resolve (resolved, address->endpoint, "tcp://broker:9797"))
        REQUIRE (!address_parse (&again, resolved, false));
    if (address_is_local (address->endpoint))
        REQUIRE (strncmp (address->endpoint, "tcp://*", 7) != 0);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    char *text = fuzz_text (data, size);
    address_t address;
    for (int bare_name = 0; bare_name <= 1; bare_name++) {
        const char *problem = address_parse (&address, text, bare_name);
        if (problem)
            REQUIRE (*problem && !*address.endpoint && !*address.name);
        else if (*address.endpoint)
            check_endpoint (&address);
        else
            REQUIRE (bare_name && strcmp (address.name, text) == 0);
    }
    address_is_local (text);
    free (text);
    return 0;
}
