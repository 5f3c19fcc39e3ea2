/*
 * objects - which objects a statement of a script creates
 */
#ifndef ZDB_PG_EXT_OBJECTS_H
#define ZDB_PG_EXT_OBJECTS_H

#include "postgres.h"

#include "catalog/objectaddress.h"
#include "nodes/parsenodes.h"

/* Find the object that stmt would create and that exists already: *found.
 * Returns false when there is none, or it goes with another (an index with
 * its table). */
extern bool zdbpg_object_of(Node *stmt, ObjectAddress *found);

/* Does it create what stays when it exists (schemas, extensions,
 * subscriptions)? */
extern bool zdbpg_object_stays(Node *stmt);

/* Call take with the name of every role that stmt needs. */
extern void zdbpg_roles_of(Node *stmt,
						   void (*take)(void *arg, const char *role),
						   void *arg);

#endif
