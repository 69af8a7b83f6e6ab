/*  fuzz_read_text.c - command-line arguments of every type

    The first byte chooses the type. What is accepted is a value that fits the type, and its text is accepted again, and
    printed as it was.
*/
#include "fuzz.h"
#include "notation.h"
#include "signature.h"
#include "utf8.h"

//  The text of what was packed, or NULL; the caller frees it. It has to fit the type.
static char *text_of (const type_t *type, pack_t *pack)
{
    msgpack_zone *zone = msgpack_zone_new (1024);
    const hearth_value_t *value = value_decode (zone, (uint8_t *) pack->buffer.data, pack->buffer.size);
    REQUIRE (value && type_check (type, value, NULL, 0));
    char *text = hearth_value_text (value);
    msgpack_zone_free (zone);
    pack_clear (pack);
    return text;
}

static char *read_notation (const char *text)
{
    static type_t *any;
    if (!any)
        any = type_new ("any", NULL, 0);
    hearth_builder_t *builder = hearth_builder_new ();
    REQUIRE (notation_read (&text, builder, NULL, 0) == HEARTH_OK && !*text);
    pack_t pack;
    pack_init (&pack);
    hearth_arg_t arg = hearth_from_builder (builder);
    REQUIRE (pack_arg (&pack, &arg) == HEARTH_OK);
    hearth_builder_destroy (&builder);
    return text_of (any, &pack);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const char *const types [] = {
        "any", "int", "float", "str", "bin", "list<any>", "map<list<str>>", "time?"
    };
    if (size == 0)
        return 0;
    type_t *type = type_new (types [data [0] % 8], NULL, 0);
    char *text = fuzz_text (data + 1, size - 1);
    char problem [100] = "";
    pack_t pack;
    pack_init (&pack);
    if (type_read_text (type, text, &pack, problem, sizeof problem) == HEARTH_OK) {
        char *printed = text_of (type, &pack);
        char *again = read_notation (printed);
        REQUIRE (!strcmp (printed, again));
        free (printed);
        free (again);
    } else
        REQUIRE (*problem && utf8_is_valid (problem, strlen (problem)));
    pack_clear (&pack);
    free (text);
    type_destroy (&type);
    return 0;
}
