/*  dice.h - seeded randomness: one stream for each peer, link and fault, so that leaving one out changes no other
*/
#ifndef DICE_H_INCLUDED
#define DICE_H_INCLUDED

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} dice_t;

//  Splitmix64 (S. Vigna), as a function of two numbers.
static inline uint64_t dice_mix (uint64_t seed, uint64_t stream)
{
    uint64_t z = seed * 0x9e3779b97f4a7c15u + stream * 0xd1342543de82ef95u + 0x632be59bd9b4e019u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline void dice_init (dice_t *self, uint64_t seed, uint64_t stream)
{
    self->state = dice_mix (seed, stream);
}

static inline uint64_t dice_next (dice_t *self)
{
    self->state += 0x9e3779b97f4a7c15u;
    return dice_mix (self->state, 1);
}

//  Below n; 0 for 0.
static inline uint32_t dice_roll (dice_t *self, uint32_t n)
{
    return (uint32_t) (((dice_next (self) >> 32) * n) >> 32);
}

static inline bool dice_chance (dice_t *self, unsigned percent)
{
    return dice_roll (self, 100) < percent;
}

//  Mostly small, at times as large as `most`: the shape of delays and pauses.
static inline uint32_t dice_skewed (dice_t *self, uint32_t most)
{
    return dice_roll (self, 1 + dice_roll (self, 1 + dice_roll (self, most)));
}

#endif
