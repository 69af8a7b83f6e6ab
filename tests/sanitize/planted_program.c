/*  planted_program.c - the planted faults in a plain program: planted_program leak|overflow */

#include "planted.h"

#include <string.h>

int main (int argc, char **argv)
{
    if (argc > 1 && strcmp (argv [1], "leak") == 0)
        planted_leak ();
    if (argc > 1 && strcmp (argv [1], "overflow") == 0)
        planted_overflow ();
    return 0;
}
