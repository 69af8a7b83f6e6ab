/*  progress.c - a bar on the terminal that shows how far a file is; nothing where the standard error is no terminal
*/
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

#define WIDTH    40
#define EVERY_MS 100

static bool is_drawn;
static int64_t next_ms;

static int64_t now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool progress_is_shown (void)
{
    return isatty (STDERR_FILENO);
}

void progress_show (int64_t done, int64_t size)
{
    int64_t now = now_ms ();
    if (!progress_is_shown () || now < next_ms || size <= 0)
        return;
    next_ms = now + EVERY_MS;
    is_drawn = true;
    double share = done < size ? (double) done / (double) size : 1;
    int full = (int) (share * WIDTH);
    char bar [WIDTH + 1];
    for (int column = 0; column < WIDTH; column++)
        bar [column] = column < full ? '#' : '.';
    bar [WIDTH] = '\0';
    fprintf (stderr, "\r[%s] %3d %%  %" PRId64 " of %" PRId64 " bytes", bar, (int) (share * 100), done, size);
    fflush (stderr);
}

void progress_end (void)
{
    if (is_drawn)
        fputs ("\r\033[K", stderr);
    is_drawn = false;
}
