/*
 * xml - the answers of S3 and Azure, element by element
 *
 * Enough of XML 1.0 for what object stores send: elements, text, CDATA,
 * entities, comments; attributes and prefixes of namespaces are passed over.
 * A document type, deep nesting and unknown entities are refused.
 */
#ifndef ZDB_CORE_NET_XML_H
#define ZDB_CORE_NET_XML_H

#include <stddef.h>

#include "core/base/err.h"

/* Told of each element where it ends: its name, its parent's ("": none), and
 * its text since the last tag, which is all of it for one without children.
 * Setting *err ends the reading. */
typedef void (*zdb_xml_visit)(void *arg, const char *parent, const char *name,
							  const char *text, zdb_err *err);

/* Read a whole document. What is not well formed is ZDB_FORMAT, after the
 * elements before it were visited. */
zdb_rc zdb_xml_each(const void *bytes, size_t len, zdb_xml_visit visit,
					void *arg, zdb_err *err);

#endif
