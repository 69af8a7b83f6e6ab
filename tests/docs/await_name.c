/*  await_name.c - ends when a name is served: what a reader sees before the next command is typed
*/
#include <hearth.h>
#include <stdlib.h>

static void changed (const char *name, hearth_change_t change, void *hearth)
{
    (void) name;
    if (change == HEARTH_APPEARED)
        hearth_stop (hearth);
}

int main (int argc, char **argv)
{
    hearth_t *hearth = hearth_connect (NULL);
    if (argc != 2 || !hearth || !hearth_watch (hearth, argv [1], changed, hearth))
        return EXIT_FAILURE;
    int status = hearth_run (hearth);
    hearth_destroy (&hearth);
    return status;
}
