/*
 * ascii.h - what kind of character a byte of ASCII is, whatever the locale.
 * Bytes from 0x80 on are of no kind.
 */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>

static inline bool
ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool
ascii_is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool
ascii_is_letter(char c)
{
	return ascii_is_upper(c) || ascii_is_lower(c);
}

/* Return true for what a terminal does not print: 0x00 to 0x1f, and 0x7f. */
static inline bool
ascii_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Return the value of a hexadecimal digit in either case, or -1. */
static inline int
ascii_hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
