/*  number.c - numbers and bytes as text
*/
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

//  ---- the C locale ----

//  The program's locale may write 0.5 as 0,5. Only this thread is switched, and only while a number is converted; "C" is
//  built into the C library and costs nothing to get.
typedef struct {
    locale_t c;
    locale_t before;
} scope_t;

static scope_t enter_c_locale (void)
{
    locale_t c = newlocale (LC_ALL_MASK, "C", (locale_t) 0);
    return (scope_t){ .c = c, .before = uselocale (c) };
}

static void leave_c_locale (scope_t *scope)
{
    uselocale (scope->before);
    if (scope->c)
        freelocale (scope->c);
}

#define C_LOCALE(scope) __attribute__ ((cleanup (leave_c_locale), unused)) scope_t scope = enter_c_locale ()

//  ---- writing ----

void number_write_float (double value, char text [NUMBER_SIZE])
{
    if (isnan (value) || isinf (value)) {
        strcpy (text, isnan (value) ? "nan" : value < 0 ? "-inf" : "inf");
        return;
    }
    C_LOCALE (scope);
    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf (text, NUMBER_SIZE, "%.*g", digits, value);
        if (strtod (text, NULL) == value)
            break;
    }
    if (!strpbrk (text, ".e"))
        strcat (text, ".0");
}

//  ---- reading ----

static bool is_digit (char c)
{
    return c >= '0' && c <= '9';
}

static size_t count_digits (const char *text, size_t size)
{
    size_t count = 0;
    while (count < size && is_digit (text [count]))
        count++;
    return count;
}

//  Bytes of the int at the start of text: RFC 8259, section 6, `[ minus ] int`. 0 if there is none.
static size_t int_size (const char *text, size_t size)
{
    size_t sign = size && text [0] == '-';
    size_t digits = count_digits (text + sign, size - sign);
    if (digits == 0 || (digits > 1 && text [sign] == '0'))
        return 0;
    return sign + digits;
}

bool number_read_int (const char *text, size_t size, uint64_t *value, bool *is_negative)
{
    if (size == 0 || int_size (text, size) != size)
        return false;
    bool negative = text [0] == '-';
    uint64_t number = 0;
    for (size_t i = negative; i < size; i++)
        if (__builtin_mul_overflow (number, UINT64_C (10), &number)
            || __builtin_add_overflow (number, (uint64_t) (text [i] - '0'), &number))
            return false;
    if (negative && number > (uint64_t) INT64_MAX + 1)
        return false;
    *value = negative ? 0 - number : number;
    *is_negative = negative && number;
    return true;
}

//  RFC 8259, section 6: `[ minus ] int [ frac ] [ exp ]`.
static bool is_json_number (const char *text, size_t size)
{
    size_t at = int_size (text, size);
    if (at == 0)
        return false;
    if (at < size && text [at] == '.') {
        size_t digits = count_digits (text + at + 1, size - at - 1);
        if (digits == 0)
            return false;
        at += 1 + digits;
    }
    if (at < size && (text [at] == 'e' || text [at] == 'E')) {
        at++;
        if (at < size && (text [at] == '+' || text [at] == '-'))
            at++;
        size_t digits = count_digits (text + at, size - at);
        if (digits == 0)
            return false;
        at += digits;
    }
    return at == size;
}

bool number_read_float (const char *text, size_t size, double *value)
{
    static const struct {
        const char *text;
        double value;
    } words [] = { { "nan", NAN }, { "inf", INFINITY }, { "-inf", -INFINITY } };
    for (size_t i = 0; i < sizeof words / sizeof words [0]; i++)
        if (strlen (words [i].text) == size && !memcmp (text, words [i].text, size)) {
            *value = words [i].value;
            return true;
        }
    if (!is_json_number (text, size))
        return false;
    C_LOCALE (scope);
    char *end;
    *value = strtod (text, &end);
    return end == text + size && isfinite (*value);
}

//  ---- hexadecimal ----

int number_hex_digit (char c)
{
    static const char digits [] = "0123456789abcdef";
    const char *found = c ? strchr (digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
    return found ? (int) (found - digits) : -1;
}

bool number_read_bytes (const char *digits, size_t size, uint8_t *bytes)
{
    if (size % 2)
        return false;
    for (size_t i = 0; i < size; i += 2) {
        int high = number_hex_digit (digits [i]);
        int low = number_hex_digit (digits [i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes [i / 2] = (uint8_t) (high << 4 | low);
    }
    return true;
}
