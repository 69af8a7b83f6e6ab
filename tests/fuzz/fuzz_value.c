/*  fuzz_value.c - bytes from a peer: decoded, read, printed, checked and packed again
*/
#include "fuzz.h"
#include "scan.h"
#include "signature.h"

//  Every accessor on every value; strs end with a zero byte.
static void read_all (const hearth_value_t *value)
{
    hearth_value_bool (value);
    hearth_value_int (value);
    hearth_value_uint (value);
    hearth_value_float (value);
    hearth_value_time (value);
    hearth_value_get (value, "a");
    if (hearth_value_type (value) == HEARTH_TYPE_STR)
        REQUIRE (hearth_value_str (value) [hearth_value_size (value)] == '\0');
    for (size_t i = 0; hearth_value_at (value, i); i++) {
        read_all (hearth_value_at (value, i));
        if (hearth_value_key (value, i))
            read_all (hearth_value_key (value, i));
    }
}

static void check_all (const hearth_value_t *value)
{
    static const char *const types [] = { "str", "list<str>", "map<list<int>?>", "list<map<time>>", "float?", "any" };
    static type_t *parsed [sizeof types / sizeof types [0]];
    char problem [80];
    for (size_t i = 0; i < sizeof types / sizeof types [0]; i++) {
        if (!parsed [i])
            parsed [i] = type_new (types [i], NULL, 0);
        hearth_arg_t arg = hearth_from_value (value);
        bool good = type_check (parsed [i], value, problem, sizeof problem);
        REQUIRE (type_check_arg (parsed [i], &arg, problem, sizeof problem) == good);
    }
}

static void bind_all (const hearth_value_t *value)
{
    static signature_t *signature;
    if (!signature)
        signature = signature_new ("a: int, b: str = \"x\", c: list<str>? = nil, ...", NULL, 0);
    const hearth_value_t *argv [16];
    char problem [80];
    int count = signature_bind (signature, value, argv, 16, problem, sizeof problem);
    for (int i = 0; i < count; i++)
        read_all (argv [i]);
}

//  What is packed again is decoded to what prints the same.
static void print_and_pack (const hearth_value_t *value)
{
    pack_t pack;
    pack_init (&pack);
    pack_value (&pack, value);
    REQUIRE (!pack.failed && scan_is_one ((const uint8_t *) pack.buffer.data, pack.buffer.size));
    msgpack_zone *zone = msgpack_zone_new (1024);
    const hearth_value_t *again = value_decode (zone, (uint8_t *) pack.buffer.data, pack.buffer.size);
    char *text = hearth_value_text (value);
    char *text_again = hearth_value_text (again);
    REQUIRE (!strcmp (text, text_again));
    for (const char *at = text; *at; at++)
        REQUIRE ((unsigned char) *at >= 0x20 && *at != 0x7f);
    free (text);
    free (text_again);
    msgpack_zone_free (zone);
    pack_clear (&pack);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc (size ? size : 1);
    REQUIRE (bytes);
    if (size > 0)
        memcpy (bytes, data, size);
    msgpack_zone *zone = msgpack_zone_new (1024);
    bool is_one = scan_is_one (bytes, size);
    const hearth_value_t *value = value_decode (zone, bytes, size);
    REQUIRE (is_one == (value != NULL));
    if (value) {
        read_all (value);
        check_all (value);
        bind_all (value);
        print_and_pack (value);
    }
    msgpack_zone_free (zone);
    free (bytes);
    return 0;
}
