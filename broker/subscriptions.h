/*  subscriptions.h - how many different prefixes an observer's connection has subscribed to

    A count alone would be wrong: a subscription may come twice, and a cancel of what never was one must not make room.
    Keeps 64 keyed bits of each prefix, not its text.
*/
#ifndef SUBSCRIPTIONS_H_INCLUDED
#define SUBSCRIPTIONS_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

//  Zeroed: empty.
typedef struct {
    uint64_t *slots;  //  open addressing; 0: free
    size_t mask;      //  slots - 1
    size_t count;
} subscriptions_t;

#define SUBSCRIPTIONS_KEY_SIZE 16

//  Returns -1 if memory is short.
int subscriptions_add (subscriptions_t *self, const uint8_t *key, const void *prefix, size_t size);
void subscriptions_remove (subscriptions_t *self, const uint8_t *key, const void *prefix, size_t size);
void subscriptions_clear (subscriptions_t *self);

#endif
