/*
 * json - jansson beside PostgreSQL
 *
 * Both have a function json_object(), and at run time the server's wins. So
 * ours is out of sight: an empty object is json_pack("{}"). To be included
 * before jansson's own header.
 */
#ifndef ZDB_PG_EXT_JSON_H
#define ZDB_PG_EXT_JSON_H

#include "postgres.h"

#include "utils/fmgrprotos.h"

#define json_object zdbpg_hidden_json_object
#include <jansson.h>
#undef json_object

#endif
