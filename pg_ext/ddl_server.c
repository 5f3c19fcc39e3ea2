/*
 * ddl_server - pg_dump, served by our own backend
 */
#include "pg_ext/ddl_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/prepare.h"
#include "libpq/pqcomm.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "storage/ipc.h"
#include "storage/pmsignal.h"
#include "utils/guc.h"

#include "core/base/bytes.h"
#include "pg_ext/ddl_query.h"

#define POLL_MS 100
#define SEND_FROM_BYTES (64 * 1024)
#define NOTES_MAX (64 * 1024)
#define MESSAGE_MAX (16 * 1024 * 1024)
#define TRAILER "PostgreSQL database dump complete"
#define TRAILER_WITHIN 256

static void
raise_protocol(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
					errmsg("pg_dump does not speak as expected: %s", what)));
}

/* Read what a pipe holds. Returns false at its end. */
static bool
drain(int *fd, void (*take)(zdbpg_ddl *, const char *, size_t), zdbpg_ddl *ddl)
{
	char piece[16384];
	ssize_t got;

	while ((got = read(*fd, piece, sizeof piece)) > 0)
		take(ddl, piece, (size_t) got);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	close(*fd);
	*fd = -1;
	return false;
}

static void
take_script(zdbpg_ddl *ddl, const char *bytes, size_t len)
{
	zdbpg_spool_append(ddl->script, bytes, len);
}

static void
take_note(zdbpg_ddl *ddl, const char *bytes, size_t len)
{
	if ((size_t) ddl->notes.len + len < NOTES_MAX)
		appendBinaryStringInfo(&ddl->notes, bytes, (int) len);
}

static void
receive(zdbpg_ddl *ddl)
{
	char piece[16384];
	ssize_t got = recv(ddl->child->connection, piece, sizeof piece, 0);

	if (got > 0)
		appendBinaryStringInfo(&ddl->in, piece, (int) got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
	{
		close(ddl->child->connection);
		ddl->child->connection = -1;
	}
}

static void
transmit(zdbpg_ddl *ddl)
{
	ssize_t sent = send(ddl->child->connection, ddl->out.data,
						(size_t) ddl->out.len, MSG_NOSIGNAL);

	if (sent < 0)
	{
		if (errno != EAGAIN && errno != EINTR)
			resetStringInfo(&ddl->out); /* it went; its exit code tells */
		return;
	}
	ddl->out.len -= (int) sent;
	memmove(ddl->out.data, ddl->out.data + sent, (size_t) ddl->out.len);
}

/* Wait until something can be done, and do it; queries are left in ddl->in. */
static void
pump(zdbpg_ddl *ddl)
{
	zdbpg_child *child = ddl->child;
	struct pollfd fds[4] = {
		{.fd = child->listener, .events = POLLIN},
		{.fd = child->connection,
		 .events = ddl->out.len > 0 ? POLLIN | POLLOUT : POLLIN},
		{.fd = child->out, .events = POLLIN},
		{.fd = child->err, .events = POLLIN},
	};

	CHECK_FOR_INTERRUPTS();
	if (!PostmasterIsAlive())
		proc_exit(1);
	if (poll(fds, lengthof(fds), POLL_MS) <= 0)
		return;
	if (fds[2].revents)
		drain(&child->out, take_script, ddl);
	if (fds[3].revents)
		drain(&child->err, take_note, ddl);
	if (fds[0].revents)
		zdbpg_child_accept(child);
	if (fds[1].revents & POLLOUT)
		transmit(ddl);
	if (fds[1].revents & (POLLIN | POLLHUP | POLLERR))
		receive(ddl);
}

void
zdbpg_ddl_begin(zdbpg_ddl *ddl, StringInfo message, char type)
{
	initStringInfo(message);
	appendStringInfoChar(message, type);
	pq_sendint32(message, 0); /* the length, once known */
}

void
zdbpg_ddl_send(zdbpg_ddl *ddl, StringInfo message)
{
	uint32 len = pg_hton32((uint32) message->len - 1);

	memcpy(message->data + 1, &len, sizeof len);
	appendBinaryStringInfo(&ddl->out, message->data, message->len);
	pfree(message->data);
	while (ddl->out.len > SEND_FROM_BYTES && ddl->child->connection >= 0)
		pump(ddl);
}

static void
send_parameter(zdbpg_ddl *ddl, const char *name, const char *value)
{
	StringInfoData message;

	zdbpg_ddl_begin(ddl, &message, 'S');
	appendBinaryStringInfo(&message, name, (int) strlen(name) + 1);
	appendBinaryStringInfo(&message, value, (int) strlen(value) + 1);
	zdbpg_ddl_send(ddl, &message);
}

static void
send_ready(zdbpg_ddl *ddl)
{
	StringInfoData message;

	zdbpg_ddl_begin(ddl, &message, 'Z');
	appendStringInfoChar(&message, ddl->in_transaction ? 'T' : 'I');
	zdbpg_ddl_send(ddl, &message);
}

/* AuthenticationOk, what a client wants to know, BackendKeyData. */
static void
greet(zdbpg_ddl *ddl)
{
	const char *encoding = GetDatabaseEncodingName();
	StringInfoData message;

	zdbpg_ddl_begin(ddl, &message, 'R');
	pq_sendint32(&message, 0);
	zdbpg_ddl_send(ddl, &message);
	send_parameter(ddl, "server_version",
				   GetConfigOption("server_version", false, false));
	send_parameter(ddl, "server_encoding", encoding);
	send_parameter(ddl, "client_encoding", encoding); /* never converted */
	send_parameter(ddl, "standard_conforming_strings", "on");
	send_parameter(ddl, "integer_datetimes", "on");
	send_parameter(ddl, "DateStyle", "ISO, MDY");
	send_parameter(ddl, "TimeZone", "UTC");
	send_parameter(ddl, "is_superuser", superuser() ? "on" : "off");
	zdbpg_ddl_begin(ddl, &message, 'K');
	pq_sendint32(&message, (uint32) MyProcPid);
	pq_sendint32(&message, 0);
	zdbpg_ddl_send(ddl, &message);
	send_ready(ddl);
	ddl->greeted = true;
}

static uint32
peek32(const zdbpg_ddl *ddl, int at)
{
	uint32 value;

	memcpy(&value, ddl->in.data + at, sizeof value);
	return pg_ntoh32(value);
}

static void
consume(zdbpg_ddl *ddl, int len)
{
	ddl->in.len -= len;
	memmove(ddl->in.data, ddl->in.data + len, (size_t) ddl->in.len + 1);
}

/* The startup packet, or a question for encryption that gets a no. */
static bool
take_startup(zdbpg_ddl *ddl)
{
	uint32 len, code;

	if (ddl->in.len < 8)
		return false;
	len = peek32(ddl, 0);
	code = peek32(ddl, 4);
	if (len < 8 || len > MAX_STARTUP_PACKET_LENGTH)
		raise_protocol("a startup packet of a wrong length");
	if ((uint32) ddl->in.len < len)
		return false;
	if (code == NEGOTIATE_SSL_CODE || code == NEGOTIATE_GSS_CODE)
		appendStringInfoChar(&ddl->out, 'N');
	else if (PG_PROTOCOL_MAJOR(code) == 3)
		greet(ddl);
	else
		raise_protocol("not protocol version 3");
	consume(ddl, (int) len);
	return true;
}

/* One whole message, if there is one. */
static bool
take_message(zdbpg_ddl *ddl)
{
	StringInfoData message;
	uint32 len;
	char type;

	if (!ddl->greeted)
		return take_startup(ddl);
	if (ddl->in.len < 5)
		return false;
	type = ddl->in.data[0];
	len = peek32(ddl, 1);
	if (len < 4 || len > MESSAGE_MAX)
		raise_protocol("a message of a wrong length");
	if ((uint32) ddl->in.len < len + 1)
		return false;
	initStringInfo(&message);
	appendBinaryStringInfo(&message, ddl->in.data + 5, (int) len - 4);
	consume(ddl, (int) len + 1);
	switch (type)
	{
		case 'Q':
			zdbpg_ddl_query(ddl, message.data);
			send_ready(ddl);
			break;
		case 'F':
			zdbpg_ddl_function(ddl, &message);
			send_ready(ddl);
			break;
		case 'X':
			ddl->said_goodbye = true;
			break;
		default:
			raise_protocol("an unexpected message");
	}
	pfree(message.data);
	return true;
}

static bool
has_trailer(zdbpg_ddl *ddl)
{
	char tail[TRAILER_WITHIN + 1] = "";
	uint64 len = Min(ddl->script->bytes, TRAILER_WITHIN);

	zdbpg_spool_read(ddl->script, ddl->script->bytes - len, tail, len);
	return strstr(tail, TRAILER) != NULL;
}

/* It must have come to a good end, and said so in every way it has. */
static void
check_end(zdbpg_ddl *ddl)
{
	zdbpg_child_wait(ddl->child);
	if (WIFEXITED(ddl->child->status) &&
		WEXITSTATUS(ddl->child->status) == 0 && ddl->said_goodbye &&
		has_trailer(ddl))
		return;
	/* whoever cancels us signals the programs that we started, too */
	CHECK_FOR_INTERRUPTS();
	ereport(ERROR,
			(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
			 errmsg("pg_dump did not complete"),
			 ddl->notes.len > 0
				 ? errdetail_internal("%s", ddl->notes.data)
				 : errdetail("It ended with status %d.", ddl->child->status),
			 WIFEXITED(ddl->child->status)
				 ? errhint("It must be the server's own, version %s.",
						   GetConfigOption("server_version", false, false))
				 : errhint("Something ended the process; try again.")));
}

static void
in_pg_dump(void *arg)
{
	errcontext("definitions for a backup, as pg_dump asks for them");
}

static void
serve(zdbpg_ddl *ddl)
{
	ErrorContextCallback context = {error_context_stack, in_pg_dump, NULL};

	error_context_stack = &context;
	for (;;)
	{
		if (take_message(ddl))
			continue;
		if (ddl->child->out < 0 && ddl->child->err < 0 &&
			ddl->child->connection < 0)
			break;
		pump(ddl);
	}
	check_end(ddl);
	error_context_stack = context.previous;
}

zdbpg_ddl *
zdbpg_ddl_run(List *arguments, Snapshot snapshot, bool ordered)
{
	zdbpg_ddl *ddl = palloc0(sizeof *ddl);

	ddl->snapshot = snapshot;
	ddl->ordered = ordered;
	if (!pg_strong_random(ddl->marker, sizeof ddl->marker))
		ereport(ERROR, (errmsg("could not get random bytes")));
	zdb_hex(ddl->marker, sizeof ddl->marker, ddl->marker_text);
	initStringInfo(&ddl->in);
	initStringInfo(&ddl->out);
	initStringInfo(&ddl->notes);
	ddl->script = zdbpg_spool_new();
	ddl->child = zdbpg_child_start(arguments);
	PG_TRY();
	{
		serve(ddl);
	}
	PG_FINALLY();
	{
		zdbpg_child_end(ddl->child);
		zdbpg_ddl_forget(ddl);
	}
	PG_END_TRY();
	return ddl;
}
