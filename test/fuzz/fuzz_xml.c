/*
 * fuzz_xml - any answer of a server is read to its end or refused
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/net/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void
visit(void *arg, const char *parent, const char *name, const char *text,
	  zdb_err *err)
{
	size_t *elements = arg;

	if (!*name || strlen(parent) > 64 || strlen(name) > 64)
		abort();
	*elements += 1 + strlen(text);
	(void) err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	size_t seen = 0;
	zdb_err err = {0};

	/* no element and no text that the bytes do not hold */
	zdb_xml_each(bytes, len, visit, &seen, &err);
	if (seen > len)
		abort();
	return 0;
}
