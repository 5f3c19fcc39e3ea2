/*
 * compat - every difference between PostgreSQL 13 and 18, and only here
 */
#ifndef ZDB_PG_EXT_COMPAT_H
#define ZDB_PG_EXT_COMPAT_H

#include "postgres.h"

#include "access/heapam.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "catalog/pg_class.h"
#include "commands/copy.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* 15 moved what standbys do into a header of its own. */
#if PG_VERSION_NUM >= 150000
#include "access/xlogrecovery.h"
#endif

#if PG_VERSION_NUM < 130000 || PG_VERSION_NUM >= 190000
#error "zdbackup is for PostgreSQL 13 to 18"
#endif

/* 14 renamed the predefined roles and added multiranges. */
#if PG_VERSION_NUM < 140000
#define ROLE_PG_READ_SERVER_FILES DEFAULT_ROLE_READ_SERVER_FILES
#define ROLE_PG_WRITE_SERVER_FILES DEFAULT_ROLE_WRITE_SERVER_FILES
#define ROLE_PG_READ_ALL_STATS DEFAULT_ROLE_READ_ALL_STATS
#define zdbpg_is_multirange(type) false
#define zdbpg_multirange_subtype(type) InvalidOid
#else
#define zdbpg_is_multirange(type) type_is_multirange(type)
#define zdbpg_multirange_subtype(type) \
	get_range_subtype(get_multirange_range(type))
#endif

/* 15 has one function for the usual beginning of a set-returning one. */
#if PG_VERSION_NUM < 150000
extern void zdbpg_materialize(FunctionCallInfo fcinfo);
#else
#define zdbpg_materialize(fcinfo) InitMaterializedSRF(fcinfo, 0)
#endif

/* 15 split pg_analyze_and_rewrite() by kind of parameters. */
#if PG_VERSION_NUM < 150000
#define zdbpg_analyze(raw, text) \
	pg_analyze_and_rewrite(raw, text, NULL, 0, NULL)
#else
#define zdbpg_analyze(raw, text) \
	pg_analyze_and_rewrite_fixedparams(raw, text, NULL, 0, NULL)
#endif

/* 14 added a WHERE clause to COPY FROM's beginning, and its own header. */
#if PG_VERSION_NUM < 140000
typedef CopyState CopyFromState;
#define zdbpg_begin_copy(state, rel, source, columns, options) \
	BeginCopyFrom(state, rel, NULL, false, source, columns, options)
#else
#define zdbpg_begin_copy(state, rel, source, columns, options) \
	BeginCopyFrom(state, rel, NULL, NULL, false, source, columns, options)
#endif

/* 15 has values of their own kind in A_Const. */
#if PG_VERSION_NUM < 150000
#define zdbpg_const_string(constant) \
	(IsA(&(constant)->val, String) ? strVal(&(constant)->val) : NULL)
#define zdbpg_const_integer(constant) \
	(IsA(&(constant)->val, Integer) ? intVal(&(constant)->val) : 0)
#else
#define zdbpg_const_string(constant)                      \
	(!(constant)->isnull && IsA(&(constant)->val, String) \
		 ? strVal(&(constant)->val)                       \
		 : NULL)
#define zdbpg_const_integer(constant)                      \
	(!(constant)->isnull && IsA(&(constant)->val, Integer) \
		 ? intVal(&(constant)->val)                        \
		 : 0)
#endif

/* 16 made one function of the many that ask for an owner. */
#if PG_VERSION_NUM < 160000
#define zdbpg_owns_relation(relid, role) pg_class_ownercheck(relid, role)
#else
#define zdbpg_owns_relation(relid, role) \
	object_ownercheck(RelationRelationId, relid, role)
#endif

/* 14 added readOnlyTree. */
#if PG_VERSION_NUM < 140000
#define zdbpg_utility(stmt, text, dest) \
	ProcessUtility(stmt, text, PROCESS_UTILITY_QUERY, NULL, NULL, dest, NULL)
#else
#define zdbpg_utility(stmt, text, dest)                                  \
	ProcessUtility(stmt, text, false, PROCESS_UTILITY_QUERY, NULL, NULL, \
				   dest, NULL)
#endif

/* 15 lets a sender say when to wake the receiver. */
#if PG_VERSION_NUM < 150000
#define zdbpg_mq_sendv(queue, parts, count) \
	shm_mq_sendv(queue, parts, count, false)
#else
#define zdbpg_mq_sendv(queue, parts, count) \
	shm_mq_sendv(queue, parts, count, false, true)
#endif

#if PG_VERSION_NUM < 140000
#define zdbpg_utility_toplevel(stmt, text, dest)                           \
	ProcessUtility(stmt, text, PROCESS_UTILITY_TOPLEVEL, NULL, NULL, dest, \
				   NULL)
#else
#define zdbpg_utility_toplevel(stmt, text, dest)                            \
	ProcessUtility(stmt, text, false, PROCESS_UTILITY_TOPLEVEL, NULL, NULL, \
				   dest, NULL)
#endif

/* 18 took execute_once away. */
#if PG_VERSION_NUM < 180000
#define zdbpg_executor_run(desc, count) \
	ExecutorRun(desc, ForwardScanDirection, count, true)
#else
#define zdbpg_executor_run(desc, count) \
	ExecutorRun(desc, ForwardScanDirection, count)
#endif

/* 15 asks for the timeline that is written, which had been a variable. */
#if PG_VERSION_NUM < 150000
#define zdbpg_timeline() ThisTimeLineID
#else
#define zdbpg_timeline() GetWALInsertionTimeLine()
#endif

/* 17 did away with snapshots that expire. */
#if PG_VERSION_NUM < 170000
#define zdbpg_snapshots_expire() OldSnapshotThresholdActive()
#else
#define zdbpg_snapshots_expire() false
#endif

#endif
