/*  seam_rest.c - what the seam knows, for whoever asks at rest */
#include "log.h"
#include "program.h"
#include "seam.h"

bool seam_owns (const link_t *link, int name)
{
    return link->seam.owns [name];
}

bool seam_is_replaced (const link_t *link, int name)
{
    return link->seam.replaced [name];
}

int seam_doubtful_name (void)
{
    for (const link_t *link = network_links.next; link != &network_links; link = link->next)
        for (int name = 0; link->is_suspect && name < NAMES_MOST; name++)
            if (link->seam.owns [name])
                return name;
    return -1;
}

bool seam_is_answered (const link_t *link)
{
    unsigned slot = 0;
    while (slot < SEAM_SLOTS && !link->seam.asks [slot].is_open)
        slot++;
    return slot == SEAM_SLOTS;
}

bool seam_is_given (const link_t *link, wire_token_t token)
{
    for (unsigned at = 0; at < link->seam.given_count; at++)
        if (link->seam.given [at].slot == token.slot && link->seam.given [at].generation == token.generation)
            return true;
    return false;
}

static void s_check_given (const link_t *link)
{
    if (link->session && link->peer && link->peer->kind == &program_kind && link->seam.given_count)
        broken ("program %u has left %u calls unanswered", link->index, link->seam.given_count);
}

void seam_check_rest (void)
{
    for (const link_t *link = network_links.next; link != &network_links; link = link->next) {
        s_check_given (link);
        if (link->session && !link->is_lying && !seam_is_answered (link))
            broken ("peer %u has not been answered", link->index);
    }
}
