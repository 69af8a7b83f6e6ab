/*  values.cpp - values of all types, there and back: HEARTH_ARG, builders, accessors
*/
#include "everything.h"

#include <cstdint>
#include <cstring>

namespace
{
const hearth_method_t methods [] = {
    { "echo", "value: any", "any", [] (hearth_call_t *call, void *) { hearth_reply (call, hearth_arg (call, 0)); },
      "Returns what it is given.", HEARTH_IDEMPOTENT },
    { "count", nullptr, "int", [] (hearth_call_t *call, void *) { hearth_reply (call, hearth_arg_count (call)); }, "",
      0 },
    {},
};

hearth_proxy_t *object;

//  What comes back of a value.
template <typename T> result echo (T value)
{
    result back (hearth_call (object, "echo", value));
    EXPECT (!hearth_failed (back.get ()));
    return back;
}

const hearth_value_t *of (const result &back)
{
    return hearth_result_value (back.get ());
}

void scalars ()
{
    EXPECT (hearth_value_type (of (echo (hearth_nil ()))) == HEARTH_TYPE_NIL);
    EXPECT (hearth_value_bool (of (echo (true))));
    EXPECT (hearth_value_bool (of (echo (hearth_bool (true)))));
    EXPECT (hearth_value_int (of (echo (INT64_MIN))) == INT64_MIN);
    EXPECT (hearth_value_int (of (echo (hearth_int (-1)))) == -1);
    EXPECT (hearth_value_uint (of (echo (UINT64_MAX))) == UINT64_MAX);
    EXPECT (hearth_value_uint (of (echo (hearth_uint (7)))) == 7);
    EXPECT (hearth_value_float (of (echo (0.25F))) > 0.2);
    EXPECT (hearth_value_float (of (echo (hearth_float (-0.25)))) < -0.2);
    EXPECT (hearth_value_time (of (echo (hearth_time (1234567890)))) == 1234567890);
}

void strings_and_bytes ()
{
    const std::string zeros ("a\0b", 3);
    EXPECT (std::string (hearth_value_str (of (echo ("HOLA")))) == "HOLA");
    EXPECT (std::string (hearth_value_str (of (echo (hearth_str (zeros.c_str ()))))) == "a");
    const result back = echo (hearth_bin (zeros.data (), zeros.size ()));
    EXPECT (hearth_value_size (of (back)) == zeros.size ());
    EXPECT (std::memcmp (hearth_value_bin (of (back)), zeros.data (), zeros.size ()) == 0);
}

//  { "list": [1, "two"], "yes": true }
builder built ()
{
    builder value (hearth_builder_new ());
    hearth_builder_open_map (value.get ());
    hearth_builder_key (value.get (), "list");
    hearth_builder_open_list (value.get ());
    hearth_builder_add (value.get (), 1);
    hearth_builder_add_arg (value.get (), hearth_str ("two"));
    hearth_builder_close (value.get ());
    hearth_builder_key (value.get (), "yes");
    hearth_builder_add (value.get (), true);
    hearth_builder_close (value.get ());
    return value;
}

void lists_and_maps ()
{
    const builder value = built ();
    const result back = echo (value.get ());
    EXPECT (hearth_value_type (of (back)) == HEARTH_TYPE_MAP);
    const hearth_value_t *list = hearth_value_get (of (back), "list");
    EXPECT (hearth_value_size (list) == 2);
    EXPECT (hearth_value_int (hearth_value_at (list, 0)) == 1);
    EXPECT (std::string (hearth_value_str (hearth_value_key (of (back), 1))) == "yes");
    const text shown (hearth_value_text (of (back)));
    EXPECT (std::string (shown.get ()) == "{\"list\": [1, \"two\"], \"yes\": true}");
    const result again = echo (hearth_from_builder (value.get ())), once_more = echo (hearth_from_value (of (back)));
    EXPECT (hearth_value_size (of (again)) == 2 && hearth_value_size (of (once_more)) == 2);
    EXPECT (hearth_from_arg (hearth_int (3)).as.integer == 3);
}

void command_lines ()
{
    char problem [128], one [] = "a=1", wrong [] = "b";
    char *good [] = { one }, *bad [] = { wrong };
    const builder value (hearth_builder_new ());
    EXPECT (hearth_builder_read (value.get (), "a: int", 1, bad, problem, sizeof problem) == HEARTH_INVALID_ARGUMENT);
    EXPECT (std::strlen (problem) > 0);
    EXPECT (hearth_builder_read (value.get (), "a: int", 1, good, problem, sizeof problem) == HEARTH_OK);
    EXPECT (hearth_from_builder (value.get ()).type == HEARTH_TYPE_MAP);
}

void sixteen_arguments ()
{
    const result counted (hearth_call (object, "count", 1, 2L, 3LL, 4U, 5UL, 6ULL, 7.0, 8.0F, "nine", true, 'b',
                                       hearth_nil (), static_cast<short> (13), hearth_bin ("", 0), INT64_C (15), 16));
    EXPECT (hearth_result_int (counted.get ()) == 16);
}
}  //  namespace

int values ()
{
    const connection hearth = serve ("everything.values", methods);
    object = hearth_proxy (hearth.get (), "everything.values");
    scalars ();
    strings_and_bytes ();
    lists_and_maps ();
    command_lines ();
    sixteen_arguments ();
    return expect_failures;
}
