/*  address.c - endpoints and URIs: parsing and printing, no sockets

    Owns their syntax. Resolves no host names, and looks at no file.
*/
#include "address.h"
#include "name.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define MOST_HOST 253  //  bytes of a host's name
#define MOST_PATH 107  //  bytes of a path: sockaddr_un has room for one more

static const char TCP [] = "tcp://";
static const char IPC [] = "ipc://";

typedef struct {
    const char *text;
    size_t size;
} part_t;

static bool part_is (part_t part, const char *text)
{
    return part.size == strlen (text) && memcmp (part.text, text, part.size) == 0;
}

//  Splits HOST:PORT at its last colon; false if it has none behind the brackets.
static bool split_host (part_t text, part_t *host, part_t *port)
{
    size_t at = text.size;
    while (at > 0 && text.text [at - 1] != ':' && text.text [at - 1] != ']')
        at--;
    if (at == 0 || text.text [at - 1] == ']')
        return false;
    *host = (part_t){ text.text, at - 1 };
    *port = (part_t){ text.text + at, text.size - at };
    return true;
}

static const char *check_ipv6 (part_t host)
{
    char address [INET6_ADDRSTRLEN];
    struct in6_addr parsed;
    part_t inner = { host.text + 1, host.size - 2 };
    const char *zone = memchr (inner.text, '%', inner.size);
    size_t size = zone ? (size_t) (zone - inner.text) : inner.size;
    if (size >= sizeof address || (zone && size + 1 == inner.size))
        return "what stands in brackets must be an IPv6 address";
    memcpy (address, inner.text, size);
    address [size] = '\0';
    return inet_pton (AF_INET6, address, &parsed) == 1 ? NULL : "what stands in brackets must be an IPv6 address";
}

static bool is_host_char (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-'
           || c == '_';
}

static const char *check_host (part_t host)
{
    if (host.size == 0)
        return "the host is missing (tcp://HOST:PORT)";
    if (host.size > MOST_HOST)
        return "the host is longer than 253 bytes";
    if (part_is (host, "*"))
        return NULL;
    if (host.text [0] == '[' && host.size > 2 && host.text [host.size - 1] == ']')
        return check_ipv6 (host);
    if (memchr (host.text, ':', host.size))
        return "an IPv6 address must stand in brackets";
    for (size_t i = 0; i < host.size; i++)
        if (!is_host_char (host.text [i]))
            return "a host is a name of letters, digits, '.', '-' and '_', an IP address, or *";
    return NULL;
}

static const char *check_port (part_t port)
{
    const char *problem = "the port must be a number from 1 to 65535, or *";
    unsigned number = 0;
    if (part_is (port, "*"))
        return NULL;
    if (port.size == 0 || port.size > 5 || port.text [0] == '0')
        return problem;
    for (size_t i = 0; i < port.size; i++) {
        if (port.text [i] < '0' || port.text [i] > '9')
            return problem;
        number = number * 10 + (unsigned) (port.text [i] - '0');
    }
    return number <= 65535 ? NULL : problem;
}

static const char *check_tcp (part_t text)
{
    part_t host, port;
    if (memchr (text.text, '/', text.size))
        return "nothing may follow the port of an endpoint (a name may in a URI: hearth://HOST:PORT/NAME)";
    if (!split_host (text, &host, &port))
        return "the port is missing (HOST:PORT)";
    const char *problem = check_host (host);
    return problem ? problem : check_port (port);
}

static const char *check_ipc (part_t path)
{
    if (path.size == 0)
        return "the path is missing (ipc:///PATH)";
    if (path.size > MOST_PATH)
        return "the path is longer than the 107 bytes that a socket's may have";
    if (part_is (path, "*"))
        return "the path must be named (* would be another one each time)";
    for (size_t i = 0; i < path.size; i++)
        if ((unsigned char) path.text [i] < ' ' || path.text [i] == 0x7f)
            return "the path holds a control character";
    return NULL;
}

static const char *check_name (part_t name)
{
    if (name_is_valid (name.text, name.size) || name_is_unique (name.text, name.size, NULL, NULL))
        return NULL;
    return "a name is 1 to 255 letters, digits, '_' and '-', in parts with dots between them";
}

//  What only endpoints may have: they are also bound to, but a URI says where somebody is.
static const char *check_uri_host (part_t text)
{
    part_t host, port;
    if (split_host (text, &host, &port) && (part_is (host, "*") || part_is (port, "*")))
        return "a URI needs a host and a port, not *";
    return NULL;
}

static const char *check_uri_path (part_t path)
{
    return path.size > 0 && path.text [0] == '/' ? NULL : "the path of a URI must begin with a slash";
}

typedef const char *check_fn (part_t text);

//  The schemes of endpoints and URIs.
typedef struct {
    const char *scheme;
    const char *transport;
    char mark;  //  stands before the name
    check_fn *check;
    check_fn *also;
} form_t;

enum { ENDPOINT_TCP, ENDPOINT_IPC, URI_TCP, URI_IPC, FORMS };

static const form_t forms [FORMS] = {
    [ENDPOINT_TCP] = { TCP, TCP, '\0', check_tcp, NULL },
    [ENDPOINT_IPC] = { IPC, IPC, '\0', check_ipc, NULL },
    [URI_TCP] = { "hearth://", TCP, '/', check_tcp, check_uri_host },
    [URI_IPC] = { "hearth+ipc://", IPC, '#', check_ipc, check_uri_path },
};

static const form_t *find_form (const char *text)
{
    for (size_t i = 0; i < FORMS; i++)
        if (strncmp (text, forms [i].scheme, strlen (forms [i].scheme)) == 0)
            return &forms [i];
    return NULL;
}

static const char *parse_form (address_t *self, const form_t *form, const char *text)
{
    const char *mark = form->mark ? strchr (text, form->mark) : NULL;
    part_t where = { text, mark ? (size_t) (mark - text) : strlen (text) };
    part_t name = { mark ? mark + 1 : "", mark ? strlen (mark + 1) : 0 };
    const char *problem = form->also ? form->also (where) : NULL;
    if (!problem)
        problem = form->check (where);
    if (!problem && mark)
        problem = check_name (name);
    if (problem)
        return problem;

    snprintf (self->endpoint, sizeof self->endpoint, "%s%.*s", form->transport, (int) where.size, where.text);
    snprintf (self->name, sizeof self->name, "%s", name.text);
    return NULL;
}

const char *address_parse (address_t *self, const char *text, bool bare_name)
{
    *self = (address_t){ .endpoint = "" };
    const form_t *form = find_form (text);
    if (form)
        return parse_form (self, form, text + strlen (form->scheme));
    if (!bare_name || strstr (text, "://"))
        return "an address begins with tcp://, ipc://, hearth:// or hearth+ipc://";

    const char *problem = check_name ((part_t){ text, strlen (text) });
    if (!problem)
        snprintf (self->name, sizeof self->name, "%s", text);
    return problem;
}

//  The form of an endpoint (not of a URI) that is as it should be, or NULL.
static const form_t *form_of_endpoint (const char *endpoint)
{
    const form_t *form = find_form (endpoint);
    if (!form || form->mark)
        return NULL;
    const char *rest = endpoint + strlen (form->scheme);
    return form->check ((part_t){ rest, strlen (rest) }) ? NULL : form;
}

int address_write_uri (char *out, size_t size, const char *endpoint, const char *name)
{
    const form_t *form = form_of_endpoint (endpoint);
    if (!form)
        return -1;
    const form_t *uri = form->transport == TCP ? &forms [URI_TCP] : &forms [URI_IPC];
    const char *where = endpoint + strlen (form->scheme);
    bool has_name = name && *name;
    int length =
        snprintf (out, size, "%s%s%.*s%s", uri->scheme, where, (int) has_name, &uri->mark, has_name ? name : "");
    if (length < 0 || (size_t) length >= size)
        return -1;

    address_t read_back;
    bool is_same = !address_parse (&read_back, out, false) && strcmp (read_back.endpoint, endpoint) == 0;
    return is_same ? 0 : -1;
}

static bool split_tcp (const char *endpoint, part_t *host, part_t *port)
{
    const char *rest = endpoint + strlen (TCP);
    return split_host ((part_t){ rest, strlen (rest) }, host, port);
}

//  Hosts that stand for all interfaces of a machine.
static bool is_any_host (part_t host)
{
    return part_is (host, "*") || part_is (host, "0.0.0.0") || part_is (host, "[::]");
}

bool address_resolve (char out [ADDRESS_MAX], const char *published, const char *dialled)
{
    const form_t *form = form_of_endpoint (published);
    if (!form || form != form_of_endpoint (dialled))
        return false;
    if (form->transport == IPC) {
        snprintf (out, ADDRESS_MAX, "%s", published);
        return true;
    }
    part_t host, port, dialled_port;
    if (!split_tcp (published, &host, &port) || (is_any_host (host) && !split_tcp (dialled, &host, &dialled_port))
        || part_is (host, "*") || part_is (port, "*"))
        return false;
    snprintf (out, ADDRESS_MAX, "%s%.*s:%s", TCP, (int) host.size, host.text, port.text);
    return true;
}

bool address_may_overlap (const char *one, const char *other)
{
    const form_t *form = form_of_endpoint (one);
    part_t host, port, other_host, other_port;
    if (!form || form != form_of_endpoint (other))
        return false;
    if (form->transport == IPC)
        return strcmp (one, other) == 0;
    if (!split_tcp (one, &host, &port) || !split_tcp (other, &other_host, &other_port))
        return false;
    bool is_same_port = port.size == other_port.size && memcmp (port.text, other_port.text, port.size) == 0;
    bool is_same_host = host.size == other_host.size && memcmp (host.text, other_host.text, host.size) == 0;
    return is_same_port && !part_is (port, "*") && (is_same_host || is_any_host (host) || is_any_host (other_host));
}

bool address_is_local (const char *endpoint)
{
    const form_t *form = form_of_endpoint (endpoint);
    if (!form || form->transport == IPC)
        return form != NULL;
    part_t host, port;
    char text [INET_ADDRSTRLEN];
    struct in_addr address;
    if (!split_tcp (endpoint, &host, &port))
        return false;
    if (part_is (host, "localhost") || part_is (host, "[::1]"))
        return true;
    if (host.size >= sizeof text)
        return false;
    memcpy (text, host.text, host.size);
    text [host.size] = '\0';
    return inet_pton (AF_INET, text, &address) == 1 && ntohl (address.s_addr) >> 24 == 127;
}
