//  The table of peers by their routing ids.

#include <criterion/criterion.h>

#include "zmq_links.h"

#define MANY 3000

static void write_id (uint8_t id [ROUTING_ID_SIZE], uint32_t number)
{
    id [0] = 0;
    for (int i = 1; i < ROUTING_ID_SIZE; i++)
        id [i] = (uint8_t) (number >> 8 * (ROUTING_ID_SIZE - 1 - i));
}

static link_t *add (links_t *self, uint32_t number)
{
    uint8_t id [ROUTING_ID_SIZE];
    write_id (id, number);
    cr_assert_eq (routing_number (id), number);
    link_t *link = links_add (self, id);
    cr_assert_not_null (link);
    return link;
}

//  As libzmq gives them out, and past the end of the numbers.
static uint32_t in_sequence (uint32_t i)
{
    return UINT32_MAX - 100 + i;
}

//  As somebody would choose them who knows how such tables work.
static uint32_t far_apart (uint32_t i)
{
    return i << 20 | i >> 12;
}

static void come_and_go (uint32_t (*number) (uint32_t), uint64_t random)
{
    links_t self;
    static link_t *links [MANY];
    cr_assert_eq (links_init (&self, random), 0);
    for (uint32_t i = 0; i < MANY; i++)
        links [i] = add (&self, number (i));
    for (uint32_t i = 0; i < MANY; i += 3) {
        links_remove (&self, &links [i]);
        cr_assert_null (links [i]);
    }
    for (uint32_t i = 0; i < MANY; i++)
        cr_assert_eq (links_find (&self, number (i)), links [i]);
    cr_assert_eq (self.count, MANY - MANY / 3);
    links_clear (&self);
}

Test (zmq_links, ids_in_sequence_are_found_while_others_go)
{
    come_and_go (in_sequence, 0x9e3779b97f4a7c15);
}

Test (zmq_links, chosen_ids_are_found_while_others_go)
{
    come_and_go (far_apart, 0x2545f4914f6cdd1d);
    come_and_go (far_apart, 0);
}

Test (zmq_links, a_new_one_is_open_and_knows_nobody)
{
    links_t self;
    cr_assert_eq (links_init (&self, 12345), 0);
    cr_assert_null (links_find (&self, 7));
    const link_t *link = add (&self, 7);
    cr_assert_eq (link->state, LINK_OPEN);
    cr_assert_null (link->session);
    cr_assert_null (link->connection);
    cr_assert_eq (link->doubtful_fd, -1);
    links_clear (&self);
}
