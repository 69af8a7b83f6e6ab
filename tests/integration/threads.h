/*  threads.h - how many threads a test's own process has
*/
#ifndef THREADS_H_INCLUDED
#define THREADS_H_INCLUDED

#include <criterion/criterion.h>
#include <dirent.h>

//  To be compared with each other only: each is two too many, for the folder itself and its parent.
static inline unsigned count_threads (void)
{
    unsigned count = 0;
    DIR *tasks = opendir ("/proc/self/task");
    cr_assert_not_null (tasks);
    while (readdir (tasks))
        count++;
    closedir (tasks);
    return count;
}

#endif
