/*  fuzz_body.c - an error's body, and options, out of any bytes */
#include "fuzz.h"
#include "scan.h"
#include "wire.h"

static void read_error (const uint8_t *data, size_t size)
{
    span_t name, message, details;
    if (!wire_read_error (data, size, &name, &message, &details))
        return;
    REQUIRE (details.size == 0 || scan_is_one ((const uint8_t *) details.data, details.size));
    uint8_t *out = malloc (size);
    REQUIRE (out);
    size_t written = wire_write_error (name, message, out, size);
    REQUIRE (written > 0);
    span_t name_again, message_again;
    REQUIRE (wire_read_error (out, written, &name_again, &message_again, &details));
    REQUIRE (name_again.size == name.size && memcmp (name_again.data, name.data, name.size) == 0);
    REQUIRE (message_again.size <= message.size && details.size == 0);
    free (out);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    read_error (data, size);
    span_t options = { (const char *) data, size };
    span_t option = wire_option (options, "k");
    REQUIRE (option.size == 0 || scan_is_one ((const uint8_t *) option.data, option.size));
    uint64_t number;
    wire_option_uint (options, "k", &number);
    return 0;
}
