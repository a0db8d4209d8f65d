#pragma once
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/SAX2.h>
#include <libxml/encoding.h>

// Errors in pages and sitemaps are the web's ordinary state: they are counted by nobody and printed nowhere. What parsers are
// told to keep for themselves is not all: the conversion of encodings prints on its own, once silenced in each thread.
static void cxml_ignore_error(void *context, const char *message, ...) {
  (void)context;
  (void)message;
}

static inline void cxml_silence(void) { xmlSetGenericErrorFunc(NULL, cxml_ignore_error); }
