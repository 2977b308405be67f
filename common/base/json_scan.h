/* json_scan.h: how far the inside of a JSON string needs no care. Many bytes are looked at at
 * once, in loops that the compiler makes vectors of. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>

/** Returns the first byte in p..end that must be escaped in a string (a quote, a backslash or
 * a control character), or end. *ascii becomes whether all bytes before it are ASCII. */
const char *json_special(const char *p, const char *end, bool *ascii);

/**
 * For text that nobody wants: skip ASCII and escapes \uXXXX that are well-formed and no
 * surrogates, as far as they fill whole blocks. Returns where the next block has anything else;
 * p where the first has. The place may lie among the digits of an escape, which then were
 * looked at.
 */
const char *json_pass_units(const char *p, const char *end);

#endif
