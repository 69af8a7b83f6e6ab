/*  builder.c - lists and maps that are built value by value

    A container's count is known only when it is closed, and its head takes 1, 3 or 5 bytes. One byte is reserved when it
    is opened; a container of more than 15 elements moves up by the missing bytes when it is closed. So the bytes are
    always the shortest form, and small containers, the usual ones, are never moved.
*/
#include "scan.h"
#include "value.h"

typedef struct {
    size_t at;     //  where its head stands
    size_t count;  //  elements, or keys and values
    bool is_map;
} open_t;

struct hearth_builder_t {
    pack_t pack;
    int error;           //  a hearth_code_t, the first one
    bool has_value;      //  something stands at the top
    hearth_type_t type;  //  of what stands there
    unsigned nesting;
    open_t open [SCAN_NESTING];
};

hearth_builder_t *hearth_builder_new (void)
{
    hearth_builder_t *self = calloc (1, sizeof *self);
    if (self)
        pack_init (&self->pack);
    return self;
}

void hearth_builder_destroy (hearth_builder_t **self_p)
{
    hearth_builder_t *self = self_p ? *self_p : NULL;
    if (!self)
        return;
    pack_clear (&self->pack);
    free (self);
    *self_p = NULL;
}

static void fail (hearth_builder_t *self, int code)
{
    if (!self->error)
        self->error = code;
}

//  Whether the builder may go on. A builder that could not be made is NULL: all that is done to it is ignored.
static bool is_usable (const hearth_builder_t *self)
{
    return self && !self->error;
}

//  Accounts for a value or key that is about to be added; false if it has no place here.
static bool take_place (hearth_builder_t *self, hearth_type_t type, bool is_key)
{
    open_t *open = self->nesting ? &self->open [self->nesting - 1] : NULL;
    bool key_is_due = open && open->is_map && open->count % 2 == 0;
    if (key_is_due != is_key || (!open && self->has_value)) {
        fail (self, HEARTH_INVALID_ARGUMENT);
        return false;
    }
    if (open)
        open->count++;
    else {
        self->has_value = true;
        self->type = type;
    }
    return true;
}

static void open_container (hearth_builder_t *self, bool is_map)
{
    if (!is_usable (self))
        return;
    if (self->nesting == SCAN_NESTING) {
        fail (self, HEARTH_INVALID_ARGUMENT);
        return;
    }
    if (!take_place (self, is_map ? HEARTH_TYPE_MAP : HEARTH_TYPE_LIST, false))
        return;
    self->open [self->nesting++] = (open_t){ .at = self->pack.buffer.size, .is_map = is_map };
    pack_raw (&self->pack, "", 1);
    if (self->pack.failed)
        fail (self, HEARTH_RESOURCE_EXHAUSTED);
}

void hearth_builder_open_list (hearth_builder_t *self)
{
    open_container (self, false);
}

void hearth_builder_open_map (hearth_builder_t *self)
{
    open_container (self, true);
}

//  Writes a container's head in front of its content, which moves up if the head is longer than the reserved byte.
static void write_head (pack_t *pack, const open_t *open)
{
    size_t end = pack->buffer.size;
    size_t content = end - (open->at + 1);
    if (open->is_map)
        pack_map (pack, open->count / 2);
    else
        pack_list (pack, open->count);
    if (pack->failed)
        return;
    //  The head now stands behind the content, and there is room for both: content and head change places.
    char head [5];
    size_t size = pack->buffer.size - end;
    char *start = pack->buffer.data + open->at;
    memcpy (head, pack->buffer.data + end, size);
    memmove (start + size, start + 1, content);
    memcpy (start, head, size);
    pack->buffer.size = end + size - 1;
}

void hearth_builder_close (hearth_builder_t *self)
{
    if (!is_usable (self))
        return;
    const open_t *open = self->nesting ? &self->open [self->nesting - 1] : NULL;
    if (!open || (open->is_map && open->count % 2)) {
        fail (self, HEARTH_INVALID_ARGUMENT);
        return;
    }
    write_head (&self->pack, open);
    if (self->pack.failed)
        fail (self, HEARTH_RESOURCE_EXHAUSTED);
    self->nesting--;
}

void builder_add_key (hearth_builder_t *self, const char *text, size_t size)
{
    if (!is_usable (self) || !take_place (self, HEARTH_TYPE_STR, true))
        return;
    pack_text (&self->pack, text, size);
    if (self->pack.failed)
        fail (self, HEARTH_RESOURCE_EXHAUSTED);
}

void hearth_builder_key (hearth_builder_t *self, const char *key)
{
    if (key)
        builder_add_key (self, key, strlen (key));
    else if (self)
        fail (self, HEARTH_INVALID_ARGUMENT);
}

void hearth_builder_add_arg (hearth_builder_t *self, hearth_arg_t arg)
{
    if (!is_usable (self) || !take_place (self, arg.type, false))
        return;
    int code = pack_arg (&self->pack, &arg);
    if (code)
        fail (self, code);
}

int builder_error (const hearth_builder_t *self)
{
    return self ? self->error : HEARTH_RESOURCE_EXHAUSTED;
}

//  Of a builder that cannot be used, the argument holds no data but the code as its size.
hearth_arg_t hearth_from_builder (const hearth_builder_t *self)
{
    hearth_arg_t arg = { .type = HEARTH_TYPE_OTHER, .is_packed = true };
    if (!self)
        arg.size = HEARTH_RESOURCE_EXHAUSTED;
    else if (self->error)
        arg.size = (size_t) self->error;
    else if (self->nesting || !self->has_value)
        arg.size = HEARTH_INVALID_ARGUMENT;
    else {
        arg.type = self->type;
        arg.as.data = self->pack.buffer.data;
        arg.size = self->pack.buffer.size;
    }
    return arg;
}
