/*  gate.h - how the threads of a test wait for each other: a count that only rises
*/
#ifndef GATE_H_INCLUDED
#define GATE_H_INCLUDED

#include <pthread.h>

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned count;
} gate_t;

#define GATE_INITIALIZER                                                                                             \
    {                                                                                                                \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0                                                       \
    }

//  One more.
static inline void gate_pass (gate_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->count++;
    pthread_cond_broadcast (&self->changed);
    pthread_mutex_unlock (&self->lock);
}

//  Waits until there were as many.
static inline void gate_await (gate_t *self, unsigned count)
{
    pthread_mutex_lock (&self->lock);
    while (self->count < count)
        pthread_cond_wait (&self->changed, &self->lock);
    pthread_mutex_unlock (&self->lock);
}

static inline unsigned gate_count (gate_t *self)
{
    pthread_mutex_lock (&self->lock);
    unsigned count = self->count;
    pthread_mutex_unlock (&self->lock);
    return count;
}

#endif
