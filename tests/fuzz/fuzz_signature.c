/*  fuzz_signature.c - signatures as another service declares them

    What is accepted has canonical types, which are accepted again and stay as they are.
*/
#include "fuzz.h"
#include "signature.h"
#include "utf8.h"

static void read_again (const type_t *type)
{
    type_t *again = type_new (type_text (type), NULL, 0);
    REQUIRE (again && !strcmp (type_text (again), type_text (type)));
    type_destroy (&again);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    char *text = fuzz_text (data, size);
    char problem [100] = "";
    signature_t *signature = signature_new (text, problem, sizeof problem);
    REQUIRE (signature || *problem);
    REQUIRE (utf8_is_valid (problem, strlen (problem)));
    for (size_t i = 0; signature && i < signature_count (signature); i++) {
        REQUIRE (*signature_name (signature, i));
        read_again (signature_type (signature, i));
    }
    signature_destroy (&signature);
    free (text);
    return 0;
}
