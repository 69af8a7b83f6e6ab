/*  list.h - doubly linked lists whose links live inside what they hold; no allocation */
#ifndef LIST_H_INCLUDED
#define LIST_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#define CONTAINER_OF(pointer, type, member) ((type *) (void *) ((char *) (pointer) -offsetof (type, member)))

typedef struct list {
    struct list *next;
    struct list *prev;
} list_t;

static inline void list_init (list_t *self)
{
    self->next = self->prev = self;
}

//  A link that was zeroed or removed is in no list.
static inline bool list_is_linked (const list_t *self)
{
    return self->next && self->next != self;
}

static inline bool list_is_empty (const list_t *self)
{
    return self->next == self;
}

static inline void list_append (list_t *self, list_t *link)
{
    link->prev = self->prev;
    link->next = self;
    self->prev->next = link;
    self->prev = link;
}

static inline void list_remove (list_t *link)
{
    if (!link->next)
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = link->prev = NULL;
}

//  The first link, NULL if there is none.
static inline list_t *list_first (const list_t *self)
{
    return self->next == self ? NULL : self->next;
}

//  Takes the first link out, NULL if there is none.
static inline list_t *list_pop (list_t *self)
{
    list_t *link = self->next;
    if (link == self)
        return NULL;
    self->next = link->next;
    link->next->prev = self;
    link->next = link->prev = NULL;
    return link;
}

//  Moves all of `from`, which is empty afterwards, to the end of self.
static inline void list_splice (list_t *self, list_t *from)
{
    if (list_is_empty (from))
        return;
    from->next->prev = self->prev;
    self->prev->next = from->next;
    from->prev->next = self;
    self->prev = from->prev;
    list_init (from);
}

#endif
