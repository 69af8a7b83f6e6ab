/*  call.c - a call as its handler sees it: arguments, who calls and for how long, on whose behalf
*/
#include "call.h"

#include <string.h>

#include "clock.h"
#include "connection.h"
#include "scan.h"

#define VIA_MOST   32
#define VIA_SIZE   16              //  session and token
#define VIA_PACKED (VIA_SIZE + 2)  //  as a `bin 8`

/* ------------------------------------------------------------------------
    Arguments
*/

size_t hearth_arg_count (const hearth_call_t *self)
{
    return self->argc;
}

const hearth_value_t *hearth_arg (const hearth_call_t *self, size_t index)
{
    return index < self->argc ? self->argv [index] : NULL;
}

bool hearth_arg_bool (const hearth_call_t *self, size_t index)
{
    return hearth_value_bool (hearth_arg (self, index));
}

int64_t hearth_arg_int (const hearth_call_t *self, size_t index)
{
    return hearth_value_int (hearth_arg (self, index));
}

double hearth_arg_float (const hearth_call_t *self, size_t index)
{
    return hearth_value_float (hearth_arg (self, index));
}

const char *hearth_arg_str (const hearth_call_t *self, size_t index)
{
    return hearth_value_str (hearth_arg (self, index));
}

/* ------------------------------------------------------------------------
    About the call
*/

hearth_t *hearth_connection (const hearth_call_t *self)
{
    return self->hearth;
}

const char *hearth_method (const hearth_call_t *self)
{
    return self->method->name;
}

const char *hearth_caller (const hearth_call_t *self)
{
    if (!self->caller [0])
        name_write_unique (((hearth_call_t *) self)->caller, self->epoch, self->block.session);
    return self->caller;
}

int64_t hearth_remaining_ms (const hearth_call_t *self)
{
    int64_t left = self->deadline_ms - clock_now_ms ();
    return left > 0 ? left : 0;
}

//  A handler that computes for long does not let the connection read: it is read here, at most once a millisecond, and
//  nothing is run.
bool hearth_cancelled (const hearth_call_t *self)
{
    hearth_call_t *call = (hearth_call_t *) self;
    int64_t now_ms = clock_now_ms ();
    if (now_ms >= call->deadline_ms)
        call->is_cancelled = true;
    if (call->is_cancelled || call->kept.box || now_ms == call->looked_ms || !client_enter (call->hearth))
        return call->is_cancelled;
    call->looked_ms = now_ms;
    call->hearth->now_ms = now_ms;
    turn_look (call->hearth);
    client_leave (call->hearth);
    return call->is_cancelled;
}

/* ------------------------------------------------------------------------
    On whose behalf a call is made
*/

//  Whether the option is a list of 16-byte bins in their shortest form; its elements.
static bool read_via (span_t options, span_t *elements, size_t *count)
{
    span_t via = options.size ? wire_option (options, "via") : (span_t){ NULL, 0 };
    size_t at = 0;
    if (!via.size || !scan_array ((const uint8_t *) via.data, via.size, &at, count) || *count > VIA_MOST
        || via.size - at != *count * VIA_PACKED)
        return false;
    *elements = (span_t){ via.data + at, via.size - at };
    return true;
}

void call_read_via (hearth_call_t *self, span_t options)
{
    self->via = (span_t){ NULL, 0 };
    self->via_count = 0;
    if (!options.size)
        return;
    if (!read_via (options, &self->via, &self->via_count))
        self->via_count = 0;
}

static void put (uint8_t *out, uint64_t number, unsigned bytes)
{
    while (bytes-- > 0) {
        out [bytes] = (uint8_t) number;
        number >>= 8;
    }
}

//  What stands for a call in `via`: our session's number, and the request's token.
static void write_element (const hearth_call_t *self, uint8_t out [VIA_PACKED])
{
    out [0] = 0xc4;
    out [1] = VIA_SIZE;
    put (out + 2, self->session, 8);
    put (out + 10, self->block.token.slot, 4);
    put (out + 14, self->block.token.generation, 4);
}

static bool is_among (const hearth_call_t *self, span_t elements, size_t count)
{
    uint8_t element [VIA_PACKED];
    write_element (self, element);
    for (size_t index = 0; index < count; index++)
        if (memcmp (elements.data + index * VIA_PACKED, element, VIA_PACKED) == 0)
            return true;
    return false;
}

bool call_is_in_via (const hearth_call_t *self, span_t options)
{
    span_t elements;
    size_t count;
    return read_via (options, &elements, &count) && is_among (self, elements, count);
}

bool call_waits_for (const hearth_call_t *self, const hearth_call_t *other)
{
    return is_among (self, other->via, other->via_count);
}

bool call_pack_via (const hearth_call_t *self, pack_t *pack)
{
    uint8_t element [VIA_PACKED];
    if (self->via_count == VIA_MOST)
        return false;
    write_element (self, element);
    pack_str (pack, "via");
    pack_list (pack, self->via_count + 1);
    pack_raw (pack, self->via.data, self->via_count * VIA_PACKED);
    pack_raw (pack, element, sizeof element);
    return true;
}
