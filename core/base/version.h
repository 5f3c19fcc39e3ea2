/*
 * version - which zdbackup this is
 */
#ifndef ZDB_CORE_BASE_VERSION_H
#define ZDB_CORE_BASE_VERSION_H

#define ZDB_VERSION "0.1.0"

#endif
