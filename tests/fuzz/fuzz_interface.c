/*  fuzz_interface.c - a registration's interface: what is accepted is found again, member by member */
#include "fuzz.h"
#include "interface.h"
#include "name.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    char problem [128];
    interface_t *interface = interface_new (data, size, problem, sizeof problem);
    if (!interface) {
        REQUIRE (*problem);
        return 0;
    }
    span_t bytes = interface_bytes (interface);
    REQUIRE (bytes.size == size && memcmp (bytes.data, data, size) == 0);
    REQUIRE (interface_weight (interface) > size);
    //  Every text within may be asked for.
    for (size_t at = 0; at < size; at++)
        for (size_t length = 0; length <= 8 && at + length <= size; length++) {
            span_t name = { (const char *) data + at, length };
            const member_t *method = interface_method (interface, name), *event = interface_event (interface, name);
            REQUIRE (!method || (method->name.size == length && memcmp (method->name.data, name.data, length) == 0));
            REQUIRE (!(method || event) || name_is_valid (name.data, length));
        }
    interface_destroy (&interface);
    return 0;
}
