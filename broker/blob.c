/*  blob.c - shared bytes with an atomic count of references; knows nothing of what they say */

#include "transport.h"

#include <stdatomic.h>
#include <stdlib.h>

struct blob {
    atomic_size_t references;
    size_t size;
    uint8_t data [];
};

blob_t *blob_new (size_t size)
{
    if (size > SIZE_MAX - sizeof (blob_t))
        return NULL;
    blob_t *self = malloc (sizeof *self + size);
    if (!self)
        return NULL;
    atomic_init (&self->references, 1);
    self->size = size;
    return self;
}

blob_t *blob_ref (blob_t *self)
{
    atomic_fetch_add_explicit (&self->references, 1, memory_order_relaxed);
    return self;
}

//  Whoever frees must see what the others did before they let go.
void blob_unref (blob_t *self)
{
    if (self && atomic_fetch_sub_explicit (&self->references, 1, memory_order_acq_rel) == 1)
        free (self);
}

uint8_t *blob_data (blob_t *self)
{
    return self->data;
}

size_t blob_size (const blob_t *self)
{
    return self->size;
}
