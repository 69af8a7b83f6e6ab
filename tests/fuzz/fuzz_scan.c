/*  fuzz_scan.c - the scan against msgpack-c: whatever it lets through is decoded, to the last byte */
#include "fuzz.h"
#include "scan.h"

#include <msgpack.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    size_t length = scan_value (data, size, SCAN_NESTING);
    REQUIRE (length <= size);
    REQUIRE (scan_is_one (data, size) == (size > 0 && length == size));
    if (length == 0)
        return 0;
    //  A value is the same whatever follows, and none if anything is missing.
    REQUIRE (scan_value (data, length, SCAN_NESTING) == length);
    REQUIRE (scan_value (data, length - 1, SCAN_NESTING) == 0);

    msgpack_unpacked unpacked;
    size_t at = 0;
    msgpack_unpacked_init (&unpacked);
    msgpack_unpack_return result = msgpack_unpack_next (&unpacked, (const char *) data, length, &at);
    REQUIRE (result == MSGPACK_UNPACK_SUCCESS && at == length);
    msgpack_unpacked_destroy (&unpacked);
    return 0;
}
