/*  number.h - numbers and bytes as text: exact, and the same in every locale
*/
#ifndef NUMBER_H_INCLUDED
#define NUMBER_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUMBER_SIZE 32  //  room for any number that is written here

//  Writes a float so that reading it gives the same float, with 15 digits where they do and 17 where they must, and so
//  that it cannot be taken for an int: "2.0", "0.1", "1e+22", "nan", "-inf".
void number_write_float (double value, char text [NUMBER_SIZE]);

//  An int as JSON writes it, -2^63 to 2^64-1; a negative one is in *value as int64_t.
bool number_read_int (const char *text, size_t size, uint64_t *value, bool *is_negative);

//  A number as JSON writes it, or nan, inf, -inf. Too large a number is none. text goes on, or is zero-terminated.
bool number_read_float (const char *text, size_t size, double *value);

//  The value of a hexadecimal digit, or -1.
int number_hex_digit (char c);

//  Pairs of hexadecimal digits as bytes, size / 2 of them.
bool number_read_bytes (const char *digits, size_t size, uint8_t *bytes);

#endif
