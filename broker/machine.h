/*  machine.h - what the broker asks of the machine that it runs on: memory, descriptors, random bytes

    Decides nothing.
*/
#ifndef MACHINE_H_INCLUDED
#define MACHINE_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

//  Bytes of memory that this process may use: the machine's, or its cgroup's (versions 1 and 2) if that is less.
uint64_t machine_memory (void);

//  Raises the soft limit of open descriptors to the hard one; returns the limit in force.
uint64_t machine_raise_descriptors (void);

//  Fills in random bytes from the kernel. Returns 0, or -1 if there are none.
int machine_random (void *bytes, size_t size);

//  Opens /dev/null in place of standard descriptors that are closed, lest a socket becomes one of them.
//  Returns 0, or -1 if that cannot be done.
int machine_hold_standard_descriptors (void);

#endif
