/*  listing.h - what the directory answers to topics, history, register and lookup, all in one, made of the fuzzer's bytes */
#ifndef LISTING_H_INCLUDED
#define LISTING_H_INCLUDED

#include "feed.h"
#include "value.h"

static inline void listing_pack (feed_t *feed, pack_t *body)
{
    unsigned at = feed_byte (feed), last = feed_byte (feed);
    pack_map (body, 7);
    pack_str (body, "number");
    pack_uint (body, feed_byte (feed));
    pack_str (body, "next");
    at & 1 ? pack_nil (body) : pack_str (body, "s/e/");
    pack_str (body, "topics");
    pack_list (body, at >> 1 & 1);
    if (at >> 1 & 1) {
        pack_list (body, 4);
        pack_str (body, "s/e/");
        pack_uint (body, feed_byte (feed));
        pack_uint (body, last);
        pack_uint (body, feed_byte (feed));
    }
    pack_str (body, "first");
    pack_uint (body, at >> 4);
    pack_str (body, "last");
    pack_uint (body, last);
    pack_str (body, "items");
    pack_list (body, at >> 2 & 1);
    if (at >> 2 & 1) {
        pack_list (body, 4);
        for (int field = 0; field < 3; field++)
            pack_uint (body, feed_byte (feed));
        pack_bin (body, "\x01", 1);
    }
    pack_str (body, "more");
    pack_bool (body, at >> 3 & 1);
}

#endif
