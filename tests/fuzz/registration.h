/*  registration.h - the arguments of `register`, as bits say: any mode and capacity, and an interface of a few members */
#ifndef REGISTRATION_H_INCLUDED
#define REGISTRATION_H_INCLUDED

#include "value.h"
#include "wire.h"

static inline void registration_pack_interface (pack_t *pack, unsigned bits)
{
    static const char *const names [] = { "x", "y", "long", "x/y" };
    pack_str (pack, "interface");
    pack_map (pack, 2);
    for (int list = 0; list < 2; list++, bits >>= 3) {
        pack_str (pack, list ? "events" : "methods");
        pack_list (pack, (size_t) __builtin_popcount (bits & 7));
        for (int at = 0; at < 3; at++)
            if (bits & 1u << at) {
                pack_map (pack, 2);
                pack_str (pack, "name");
                pack_str (pack, names [at]);
                pack_str (pack, "flags");
                pack_list (pack, 1);
                pack_str (pack, list ? "retained" : "idempotent");
            }
    }
}

static inline void registration_pack (pack_t *pack, span_t name, unsigned bits, unsigned declared)
{
    static const char *const modes [] = { "exclusive", "replaceable", "shared", "other" };
    pack_list (pack, 2);
    pack_text (pack, name.data, name.size);
    pack_map (pack, 3 + (bits >> 6 & 1));
    pack_str (pack, "mode");
    pack_str (pack, modes [bits & 3]);
    pack_str (pack, "replace");
    pack_bool (pack, bits >> 2 & 1);
    pack_str (pack, "capacity");
    pack_int (pack, (int) (bits >> 3 & 7) - 1);
    if (bits >> 6 & 1)
        registration_pack_interface (pack, declared);
}

#endif
