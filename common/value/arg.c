/*  arg.c - arguments: what HEARTH_ARG makes of C values

    They borrow and do not allocate. Of those that are not packed, STR and BIN hold data and size, TIME an integer, and
    LIST, MAP and OTHER the value itself.
*/
#include "value.h"

hearth_arg_t hearth_nil (void)
{
    return (hearth_arg_t){ .type = HEARTH_TYPE_NIL };
}

hearth_arg_t hearth_bool (bool value)
{
    return (hearth_arg_t){ .type = HEARTH_TYPE_BOOL, .as.boolean = value };
}

hearth_arg_t hearth_int (int64_t value)
{
    return (hearth_arg_t){ .type = HEARTH_TYPE_INT, .as.integer = value };
}

hearth_arg_t hearth_uint (uint64_t value)
{
    return (hearth_arg_t){ .type = HEARTH_TYPE_INT, .is_unsigned = true, .as.uinteger = value };
}

hearth_arg_t hearth_float (double value)
{
    return (hearth_arg_t){ .type = HEARTH_TYPE_FLOAT, .as.number = value };
}

hearth_arg_t hearth_str (const char *value)
{
    if (!value)
        return hearth_nil ();
    return (hearth_arg_t){ .type = HEARTH_TYPE_STR, .as.data = value, .size = strlen (value) };
}

hearth_arg_t hearth_bin (const void *data, size_t size)
{
    if (!data && size)
        return hearth_nil ();
    return (hearth_arg_t){ .type = HEARTH_TYPE_BIN, .as.data = data, .size = size };
}

hearth_arg_t hearth_time (int64_t nanoseconds)
{
    return (hearth_arg_t){ .type = HEARTH_TYPE_TIME, .as.integer = nanoseconds };
}

hearth_arg_t hearth_from_value (const hearth_value_t *value)
{
    hearth_type_t type = hearth_value_type (value);
    switch (type) {
    case HEARTH_TYPE_NIL: return hearth_nil ();
    case HEARTH_TYPE_BOOL: return hearth_bool (hearth_value_bool (value));
    case HEARTH_TYPE_INT:
        if (value_object (value)->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
            return hearth_int (hearth_value_int (value));
        return hearth_uint (hearth_value_uint (value));
    case HEARTH_TYPE_FLOAT: return hearth_float (hearth_value_float (value));
    case HEARTH_TYPE_STR:
        return (hearth_arg_t){ .type = type, .as.data = hearth_value_str (value), .size = hearth_value_size (value) };
    case HEARTH_TYPE_BIN: return hearth_bin (hearth_value_bin (value), hearth_value_size (value));
    case HEARTH_TYPE_LIST:
    case HEARTH_TYPE_MAP: return (hearth_arg_t){ .type = type, .as.value = value };
    case HEARTH_TYPE_TIME:  //  as it came: it need not fit 64 bits of nanoseconds
    case HEARTH_TYPE_OTHER: break;
    }
    return (hearth_arg_t){ .type = HEARTH_TYPE_OTHER, .as.value = value };
}

hearth_arg_t hearth_from_arg (hearth_arg_t arg)
{
    return arg;
}
