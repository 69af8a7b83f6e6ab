/*  test_address.c - endpoints, URIs and names as people write them */
#include "address.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(list) (sizeof (list) / sizeof (list) [0])
#define TEN         "0123456789"
#define PATH        "/" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "12345"  //  106 bytes

Test (address, endpoints_and_uris_are_parsed)
{
    static const struct {
        const char *text;
        const char *endpoint;
        const char *name;
    } cases [] = {
        { "tcp://127.0.0.1:9797", "tcp://127.0.0.1:9797", "" },
        { "tcp://*:*", "tcp://*:*", "" },
        { "tcp://*:1", "tcp://*:1", "" },
        { "tcp://broker_1.example-x.org:65535", "tcp://broker_1.example-x.org:65535", "" },
        { "tcp://[::1]:9797", "tcp://[::1]:9797", "" },
        { "tcp://[::]:*", "tcp://[::]:*", "" },
        { "tcp://[fe80::1%eth0]:80", "tcp://[fe80::1%eth0]:80", "" },
        { "tcp://[::ffff:10.0.0.1]:80", "tcp://[::ffff:10.0.0.1]:80", "" },
        { "ipc:///run/hearth.sock", "ipc:///run/hearth.sock", "" },
        { "ipc://relative/path#1", "ipc://relative/path#1", "" },
        { "ipc://@abstract", "ipc://@abstract", "" },
        { "ipc://" PATH "x", "ipc://" PATH "x", "" },
        { "hearth://127.0.0.1:9797", "tcp://127.0.0.1:9797", "" },
        { "hearth://127.0.0.1:9797/echo.server", "tcp://127.0.0.1:9797", "echo.server" },
        { "hearth://[::1]:9797/:0123456789ab.7", "tcp://[::1]:9797", ":0123456789ab.7" },
        { "hearth+ipc:///run/hearth", "ipc:///run/hearth", "" },
        { "hearth+ipc:///run/hearth#echo.server", "ipc:///run/hearth", "echo.server" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        address_t address;
        const char *problem = address_parse (&address, cases [i].text, false);
        cr_assert_null (problem, "%s: %s", cases [i].text, problem);
        cr_assert_str_eq (address.endpoint, cases [i].endpoint);
        cr_assert_str_eq (address.name, cases [i].name);
    }
}

Test (address, each_mistake_is_named)
{
    static const struct {
        const char *text;
        const char *problem;
    } cases [] = {
        { "", "begins with" },
        { "127.0.0.1:9797", "begins with" },
        { "http://127.0.0.1:80", "begins with" },
        { "inproc://x", "begins with" },
        { "TCP://127.0.0.1:80", "begins with" },
        { "echo.server", "begins with" },
        { " tcp://h:1", "begins with" },
        { "tcp://", "port is missing" },
        { "tcp://host", "port is missing" },
        { "tcp://[::1]", "port is missing" },
        { "tcp://host:", "port must be" },
        { "tcp://host:0", "port must be" },
        { "tcp://host:00080", "port must be" },
        { "tcp://host:65536", "port must be" },
        { "tcp://host:99999", "port must be" },
        { "tcp://host:123456", "port must be" },
        { "tcp://host:80a", "port must be" },
        { "tcp://host:-1", "port must be" },
        { "tcp://host:!", "port must be" },
        { "tcp://host:80 ", "port must be" },
        { "tcp://:80", "host is missing" },
        { "tcp://ho st:80", "a host is" },
        { "tcp://hö:80", "a host is" },
        { "tcp://**:80", "a host is" },
        { "tcp://eth0;host:80", "a host is" },
        { "tcp://user@host:80", "a host is" },
        { "tcp://[]:80", "a host is" },
        { "tcp://host\n:80", "a host is" },
        { "tcp://::1:80", "brackets" },
        { "tcp://[::1:80", "brackets" },
        { "tcp://[host]:80", "IPv6" },
        { "tcp://[127.0.0.1]:80", "IPv6" },
        { "tcp://[::1%]:80", "IPv6" },
        { "tcp://[%eth0]:80", "IPv6" },
        { "tcp://[:::]:80", "IPv6" },
        { "tcp://[" TEN TEN TEN TEN TEN "]:80", "IPv6" },
        { "tcp://host:80/", "may follow" },
        { "tcp://host:80/name", "may follow" },
        { "ipc://", "path is missing" },
        { "ipc://*", "must be named" },
        { "ipc:///a\nb", "control" },
        { "ipc:///a\x7f", "control" },
        { "ipc://" PATH "xy", "longer than" },
        { "hearth://host", "port is missing" },
        { "hearth://*:80", "not *" },
        { "hearth://host:*", "not *" },
        { "hearth://host:80/", "a name is" },
        { "hearth://host:80/a/b", "a name is" },
        { "hearth://host:80/a..b", "a name is" },
        { "hearth://host:80#name", "port must be" },
        { "hearth+ipc://relative", "slash" },
        { "hearth+ipc://", "slash" },
        { "hearth+ipc:///run/hearth#", "a name is" },
        { "hearth+ipc:///run/hearth#a b", "a name is" },
        { "hearth+ipc:///run/hearth#a#b", "a name is" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        address_t address;
        const char *problem = address_parse (&address, cases [i].text, false);
        cr_assert_not_null (problem, "%s", cases [i].text);
        cr_assert_not_null (strstr (problem, cases [i].problem), "%s: %s", cases [i].text, problem);
        cr_assert (!*address.endpoint && !*address.name, "%s", cases [i].text);
    }
}

Test (address, a_long_text_is_refused_whatever_is_long_in_it)
{
    static const char *const starts [] = { "",         "tcp://",        "tcp://host:",    "tcp://[::",
                                           "ipc:///",  "hearth://h:1/", "hearth+ipc:///", "hearth+ipc:///p#",
                                           "hearth://" };
    static char text [100000];
    for (size_t i = 0; i < COUNT (starts); i++) {
        address_t address;
        memset (text, '1', sizeof text - 1);
        memcpy (text, starts [i], strlen (starts [i]));
        cr_assert_not_null (address_parse (&address, text, true), "%s", starts [i]);
        memcpy (text + sizeof text - 4, ":80", 3);
        cr_assert_not_null (address_parse (&address, text, true), "%s", starts [i]);
    }
}

Test (address, a_host_has_at_most_253_bytes)
{
    for (size_t size = 250; size < 257; size++) {
        char text [300] = "tcp://";
        address_t address;
        memset (text + 6, 'h', size);
        memcpy (text + 6 + size, ":80", 4);
        cr_assert_eq (address_parse (&address, text, false) == NULL, size <= 253);
        cr_assert (size > 253 || strcmp (address.endpoint, text) == 0);
    }
}

Test (address, a_name_stands_alone_where_that_is_asked_for)
{
    static const char *const names [] = { "echo.server", "a", ":0123456789ab.1", "hearth" };
    static const char *const others [] = { "", "a b", "a/b", ".", ":x", "127.0.0.1:80", "a\n" };
    for (size_t i = 0; i < COUNT (names); i++) {
        address_t address;
        cr_assert_null (address_parse (&address, names [i], true));
        cr_assert_str_eq (address.name, names [i]);
        cr_assert_str_empty (address.endpoint);
        cr_assert_not_null (address_parse (&address, names [i], false));
    }
    for (size_t i = 0; i < COUNT (others); i++) {
        address_t address;
        cr_assert_not_null (address_parse (&address, others [i], true), "'%s'", others [i]);
        cr_assert_str_empty (address.name);
    }
    address_t address;
    cr_assert_null (address_parse (&address, "hearth://h:1/n", true));
    cr_assert_str_eq (address.endpoint, "tcp://h:1");
}

Test (address, uris_are_written_and_read_back)
{
    static const struct {
        const char *endpoint;
        const char *name;
        const char *uri;
    } cases [] = {
        { "tcp://127.0.0.1:9797", "echo.server", "hearth://127.0.0.1:9797/echo.server" },
        { "tcp://[::1]:1", ":0123456789ab.7", "hearth://[::1]:1/:0123456789ab.7" },
        { "tcp://h:1", "", "hearth://h:1" },
        { "tcp://h:1", NULL, "hearth://h:1" },
        { "ipc:///run/hearth", "a", "hearth+ipc:///run/hearth#a" },
        { "ipc:///run/hearth", "", "hearth+ipc:///run/hearth" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        char uri [ADDRESS_MAX];
        address_t address;
        cr_assert_eq (address_write_uri (uri, sizeof uri, cases [i].endpoint, cases [i].name), 0);
        cr_assert_str_eq (uri, cases [i].uri);
        cr_assert_null (address_parse (&address, uri, false));
        cr_assert_str_eq (address.endpoint, cases [i].endpoint);
        cr_assert_str_eq (address.name, cases [i].name ? cases [i].name : "");

        for (size_t room = 0; room <= strlen (cases [i].uri); room++)
            cr_assert_eq (address_write_uri (uri, room, cases [i].endpoint, cases [i].name), -1, "room %zu", room);
    }
}

Test (address, what_cannot_be_read_back_is_not_written)
{
    static const struct {
        const char *endpoint;
        const char *name;
    } cases [] = {
        { "", "a" },           { "tcp://*:80", "a" },       { "tcp://h:*", "a" },   { "ipc://relative", "a" },
        { "ipc:///a#b", "a" }, { "hearth://h:1", "a" },     { "tcp://h:1", "a b" }, { "tcp://h:1", "a/b" },
        { "ipc:///a", "b#c" }, { "hearth+ipc:///a", NULL }, { "tcp://h", "a" },     { "name", "a" },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        char uri [ADDRESS_MAX];
        cr_assert_eq (address_write_uri (uri, sizeof uri, cases [i].endpoint, cases [i].name), -1, "%s %s",
                      cases [i].endpoint, cases [i].name);
    }
}

Test (address, a_published_endpoint_is_resolved_by_the_one_that_was_dialled)
{
    static const struct {
        const char *published;
        const char *dialled;
        const char *endpoint;  //  NULL: of no use
    } cases [] = {
        { "tcp://*:9798", "tcp://broker:9797", "tcp://broker:9798" },
        { "tcp://0.0.0.0:9798", "tcp://10.0.0.1:9797", "tcp://10.0.0.1:9798" },
        { "tcp://[::]:9798", "tcp://[::1]:9797", "tcp://[::1]:9798" },
        { "tcp://127.0.0.1:9798", "tcp://broker:9797", "tcp://127.0.0.1:9798" },
        { "tcp://[fe80::1%eth0]:9798", "tcp://broker:9797", "tcp://[fe80::1%eth0]:9798" },
        { "ipc:///run/publish", "ipc:///run/route", "ipc:///run/publish" },
        { "ipc:///run/publish", "tcp://broker:9797", NULL },
        { "tcp://*:9798", "ipc:///run/route", NULL },
        { "tcp://*:9798", "tcp://*:9797", NULL },
        { "tcp://broker:*", "tcp://broker:9797", NULL },
        { "tcp://broker", "tcp://broker:9797", NULL },
        { "tcp://*:9798", "broker:9797", NULL },
        { "tcp://*:9798", "", NULL },
        { "", "tcp://broker:9797", NULL },
        { "hearth://broker:9798", "hearth://broker:9797", NULL },
        { "udp://broker:9798", "tcp://broker:9797", NULL },
    };
    for (size_t i = 0; i < COUNT (cases); i++) {
        char out [ADDRESS_MAX];
        bool is_resolved = address_resolve (out, cases [i].published, cases [i].dialled);
        cr_assert_eq (is_resolved, cases [i].endpoint != NULL, "%s by %s", cases [i].published, cases [i].dialled);
        if (is_resolved)
            cr_assert_str_eq (out, cases [i].endpoint);
    }
}

Test (address, only_loopback_and_ipc_are_local)
{
    static const char *const local [] = { "tcp://127.0.0.1:9797", "tcp://127.255.0.3:*", "tcp://localhost:1",
                                          "tcp://[::1]:9797",     "ipc:///run/hearth",   "ipc://@abstract" };
    static const char *const others [] = { "tcp://*:9797",
                                           "tcp://0.0.0.0:9797",
                                           "tcp://[::]:9797",
                                           "tcp://10.0.0.1:1",
                                           "tcp://128.0.0.1:1",
                                           "tcp://127.evil.org:1",
                                           "tcp://127.1:1",
                                           "tcp://127.0.0.1.x.de:1",
                                           "tcp://localhost.evil.org:1",
                                           "tcp://broker:1",
                                           "tcp://127.0.0.1",
                                           "",
                                           "ipc://",
                                           "tcp://[fe80::1]:1",
                                           "hearth://127.0.0.1:1",
                                           "tcp://1270.0.0.1:1",
                                           "tcp://[::ffff:127.0.0.1]:1" };
    for (size_t i = 0; i < COUNT (local); i++)
        cr_assert (address_is_local (local [i]), "%s", local [i]);
    for (size_t i = 0; i < COUNT (others); i++)
        cr_assert_not (address_is_local (others [i]), "%s", others [i]);
}

Test (address, endpoints_that_only_one_can_have_overlap)
{
    static const char *const same [][2] = { { "tcp://127.0.0.1:1", "tcp://127.0.0.1:1" },
                                            { "tcp://*:1", "tcp://127.0.0.1:1" },
                                            { "tcp://127.0.0.1:1", "tcp://0.0.0.0:1" },
                                            { "tcp://[::]:1", "tcp://[::1]:1" },
                                            { "ipc:///a", "ipc:///a" } };
    static const char *const others [][2] = { { "tcp://127.0.0.1:1", "tcp://127.0.0.1:11" },
                                              { "tcp://127.0.0.1:1", "tcp://127.0.0.2:1" },
                                              { "tcp://127.0.0.1:*", "tcp://127.0.0.1:*" },
                                              { "ipc:///a", "ipc:///b" },
                                              { "ipc:///a", "tcp://*:1" },
                                              { "hearth://h:1", "hearth://h:1" } };
    for (size_t i = 0; i < COUNT (same); i++)
        cr_assert (address_may_overlap (same [i][0], same [i][1]), "%s", same [i][0]);
    for (size_t i = 0; i < COUNT (others); i++)
        cr_assert_not (address_may_overlap (others [i][0], others [i][1]), "%s", others [i][0]);
}
