/*  accept.h - keeps descriptors free, whatever connects

    libzmq's ipc listener aborts the process when accept finds no free descriptor, and its tcp listener spins; its
    monitor reports a connection too late to prevent either. So the broker has an accept4 of its own, which the dynamic
    linker gives to libzmq: a connection whose descriptor is beyond the bound is closed before libzmq sees it.
*/
#ifndef ACCEPT_H_INCLUDED
#define ACCEPT_H_INCLUDED

//  Descriptors are given out from the lowest, so the number of one tells how many are taken at most. Any thread.
void accept_set_bound (int fd);

//  How many connections were closed since the last call. Any thread.
unsigned accept_take_refused (void);

#endif
