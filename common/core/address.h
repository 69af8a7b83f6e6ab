/*  address.h - endpoints and URIs: parsing and printing, no sockets

    tcp://HOST:PORT · ipc:///PATH · hearth://HOST:PORT[/NAME] · hearth+ipc:///PATH[#NAME]
*/
#ifndef ADDRESS_H_INCLUDED
#define ADDRESS_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>

#define ADDRESS_MAX 512

typedef struct {
    char endpoint [ADDRESS_MAX];  //  what libzmq takes: "tcp://127.0.0.1:9797"; "" if only a name was given
    char name [256];              //  "" if there is none
} address_t;

//  Parses an endpoint, a URI, or (bare_name) a name. Returns NULL, or what is wrong as a static sentence.
const char *address_parse (address_t *self, const char *text, bool bare_name);

//  Writes the URI of a name at an endpoint. Returns 0, or -1 if it does not fit or is no endpoint.
int address_write_uri (char *out, size_t size, const char *endpoint, const char *name);

//  Picks out of `published`, which a welcome lists, whether this one fits the transport of `dialled`, and writes
//  the endpoint to connect to: a host `*` is the host that was dialled. False if it is of another transport.
bool address_resolve (char out [ADDRESS_MAX], const char *published, const char *dialled);

//  Whether two endpoints may be one, so that who has bound the one may be why the other cannot be bound.
bool address_may_overlap (const char *one, const char *other);

//  Whether binding there can only be reached from this machine (loopback, ipc).
bool address_is_local (const char *endpoint);

#endif
