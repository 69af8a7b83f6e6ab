/*  interface.c - declared methods and events; one allocation, two sorted arrays */

#include "interface.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "scan.h"
#include "utf8.h"

struct interface {
    size_t method_count;
    size_t event_count;
    const uint8_t *data;
    size_t size;
    member_t members [];  //  methods, then events, each sorted; the bytes follow
};

//  Where the parser stands, and what it has to say.
typedef struct {
    const uint8_t *data;
    size_t size;
    size_t at;
    char *problem;
    size_t room;
} parser_t;

static bool s_problem (parser_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static bool s_problem (parser_t *self, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (self->problem, self->room, format, arguments);
    va_end (arguments);
    return false;
}

static bool s_skip (parser_t *self)
{
    size_t size = scan_value (self->data + self->at, self->size - self->at, SCAN_NESTING);
    self->at += size;
    return size > 0;
}

static bool s_text (parser_t *self, span_t *text)
{
    return scan_str (self->data, self->size, &self->at, &text->data, &text->size);
}

static bool s_flags (parser_t *self, member_t *member)
{
    size_t count;
    if (!scan_array (self->data, self->size, &self->at, &count))
        return s_problem (self, "flags are not a list");
    for (; count; count--) {
        span_t flag;
        if (!s_text (self, &flag))
            return s_problem (self, "a flag is not a str");
        member->idempotent |= span_equals (flag, "idempotent");
        member->flags |= span_equals (flag, "oneway") ? WIRE_ONEWAY : 0;
        member->retained |= span_equals (flag, "retained");
    }
    return true;
}

//  One map of a list of methods or events.
static bool s_member (parser_t *self, member_t *member)
{
    size_t count;
    *member = (member_t){ 0 };
    if (!scan_map (self->data, self->size, &self->at, &count))
        return s_problem (self, "a method or event is not a map");
    for (; count; count--) {
        span_t key, text;
        if (!s_text (self, &key))
            return s_problem (self, "a key is not a str");
        if (span_equals (key, "name")) {
            if (!s_text (self, &member->name) || !name_is_valid (member->name.data, member->name.size))
                return s_problem (self, "a method or event has a bad name");
        } else if (span_equals (key, "flags")) {
            if (!s_flags (self, member))
                return false;
        } else if (span_equals (key, "parameters") || span_equals (key, "result") || span_equals (key, "type")
                   || span_equals (key, "doc")) {
            if (!s_text (self, &text) || !utf8_is_valid (text.data, text.size))
                return s_problem (self, "%.*s is not a str of UTF-8", (int) key.size, key.data);
        } else if (!s_skip (self))
            return s_problem (self, "malformed");
    }
    return member->name.data || s_problem (self, "a method or event has no name");
}

static inline int s_order (span_t a, span_t b)
{
    if (a.size != b.size)
        return a.size < b.size ? -1 : 1;
    return memcmp (a.data, b.data, a.size);
}

static int s_compare (const void *left, const void *right)
{
    return s_order (((const member_t *) left)->name, ((const member_t *) right)->name);
}

static bool s_members (parser_t *self, member_t *members, size_t count)
{
    for (size_t index = 0; index < count; index++)
        if (!s_member (self, &members [index]))
            return false;
    if (count)
        qsort (members, count, sizeof *members, s_compare);
    for (size_t index = 1; index < count; index++)
        if (s_compare (&members [index - 1], &members [index]) == 0)
            return s_problem (self, "\"%.*s\" is declared twice", (int) members [index].name.size,
                              members [index].name.data);
    return true;
}

//  Finds where the lists of methods and of events stand, and their lengths.
static bool s_outline (parser_t *self, size_t at [2], size_t counts [2])
{
    size_t count;
    if (!scan_map (self->data, self->size, &self->at, &count))
        return s_problem (self, "it is not a map");
    for (; count; count--) {
        span_t key, doc;
        if (!s_text (self, &key))
            return s_problem (self, "a key is not a str");
        bool methods = span_equals (key, "methods");
        if (methods || span_equals (key, "events")) {
            size_t start = self->at;
            if (at [!methods])
                return s_problem (self, "%.*s are there twice", (int) key.size, key.data);
            if (!scan_array (self->data, self->size, &start, &counts [!methods]))
                return s_problem (self, "%.*s is not a list", (int) key.size, key.data);
            at [!methods] = start;
        } else if (span_equals (key, "doc")) {
            size_t start = self->at;
            if (!scan_str (self->data, self->size, &start, &doc.data, &doc.size)
                || !utf8_is_valid (doc.data, doc.size))
                return s_problem (self, "doc is not a str of UTF-8");
        }
        if (!s_skip (self))
            return s_problem (self, "malformed");
    }
    return true;
}

interface_t *interface_new (const uint8_t *data, size_t size, char *problem, size_t room)
{
    parser_t parser = { data, size, 0, problem, room };
    size_t at [2] = { 0 }, counts [2] = { 0 };
    problem [0] = 0;
    if (!scan_is_one (data, size)) {
        s_problem (&parser, "malformed");
        return NULL;
    }
    if (!s_outline (&parser, at, counts))
        return NULL;

    size_t members = counts [0] + counts [1];
    interface_t *self = malloc (sizeof *self + members * sizeof (member_t) + size);
    if (!self)
        return NULL;
    uint8_t *copy = (uint8_t *) (self->members + members);
    memcpy (copy, data, size);
    *self = (interface_t){ .method_count = counts [0], .event_count = counts [1], .data = copy, .size = size };

    parser.data = copy;
    for (int list = 0; list < 2; list++) {
        parser.at = at [list];
        if (!s_members (&parser, self->members + (list ? counts [0] : 0), counts [list])) {
            interface_destroy (&self);
            return NULL;
        }
    }
    return self;
}

void interface_destroy (interface_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

static inline const member_t *s_find (const member_t *members, size_t count, span_t name)
{
    while (count > 0) {
        size_t half = count / 2;
        int order = s_order (name, members [half].name);
        if (order == 0)
            return &members [half];
        members += order > 0 ? half + 1 : 0;
        count = order > 0 ? count - half - 1 : half;
    }
    return NULL;
}

const member_t *interface_method (const interface_t *self, span_t name)
{
    return s_find (self->members, self->method_count, name);
}

const member_t *interface_event (const interface_t *self, span_t name)
{
    return s_find (self->members + self->method_count, self->event_count, name);
}

size_t interface_weight (const interface_t *self)
{
    return self ? sizeof *self + (self->method_count + self->event_count) * sizeof (member_t) + self->size : 0;
}

span_t interface_bytes (const interface_t *self)
{
    return (span_t){ (const char *) self->data, self->size };
}
