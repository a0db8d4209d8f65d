#pragma once
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/SAX2.h>
#include <libxml/encoding.h>

// Discards a libxml2 error message. Pages and sitemaps often contain errors; they must not be printed to stderr.
static void cxml_ignore_error(void *context, const char *message, ...) {
  (void)context;
  (void)message;
}

// Turns off error output for the current thread. The parser options NOERROR and NOWARNING are not enough, because the
// encoding converter prints its errors itself. Call this in every thread before it parses.
static inline void cxml_silence(void) { xmlSetGenericErrorFunc(NULL, cxml_ignore_error); }
