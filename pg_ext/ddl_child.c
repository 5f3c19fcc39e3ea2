/*
 * ddl_child - pg_dump as a child process that can talk to nobody but us
 */
#include "pg_ext/ddl_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/file_perm.h"
#include "miscadmin.h"
#include "storage/fd.h"

#include "pg_ext/zdbpg.h"

#define SOCKET_NAME ".s.PGSQL.5432"

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
remove_socket(zdbpg_child *child)
{
	close_fd(&child->listener);
	if (*child->socket)
		unlink(child->socket);
	if (*child->dir)
		rmdir(child->dir);
	*child->socket = '\0';
	*child->dir = '\0';
}

void
zdbpg_child_end(zdbpg_child *child)
{
	if (child->pid > 0)
	{
		kill(child->pid, SIGKILL);
		while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
			;
		child->pid = 0;
	}
	close_fd(&child->connection);
	close_fd(&child->out);
	close_fd(&child->err);
	remove_socket(child);
}

static void
release_child(void *child)
{
	if (child)
		zdbpg_child_end(child);
}

static void
raise_system(const char *what)
{
	ereport(ERROR, (errcode_for_file_access(),
					errmsg("could not %s for pg_dump: %m", what)));
}

static void
listen_on_socket(zdbpg_child *child)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char dir[MAXPGPATH], name[sizeof address.sun_path];

	snprintf(dir, sizeof dir, "base/%s", PG_TEMP_FILES_DIR);
	if (mkdir(dir, pg_dir_create_mode) != 0 && errno != EEXIST)
		raise_system("create the temporary directory");
	snprintf(dir, sizeof dir, "base/%s/%s_zdb.%d", PG_TEMP_FILES_DIR,
			 PG_TEMP_FILE_PREFIX, MyProcPid);
	snprintf(name, sizeof name, "%s/%s", dir, SOCKET_NAME);
	unlink(name); /* of a killed process that had our number */
	if (mkdir(dir, S_IRWXU) != 0 && errno != EEXIST)
		raise_system("create a socket directory");
	strlcpy(child->dir, dir, sizeof child->dir);
	child->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (child->listener < 0)
		raise_system("create a socket");
	strlcpy(address.sun_path, name, sizeof address.sun_path);
	if (bind(child->listener, (struct sockaddr *) &address, sizeof address) !=
		0)
		raise_system("bind a socket");
	strlcpy(child->socket, name, sizeof child->socket);
	if (listen(child->listener, 1) != 0)
		raise_system("listen on a socket");
}

static void
open_pipe(int ends[2], const char *what)
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		raise_system(what);
}

/* The pg_dump of this very server, unless a superuser chose another. */
static char *
program(void)
{
	char path[MAXPGPATH];

	if (*zdbpg_setting_pg_dump)
		return pstrdup(zdbpg_setting_pg_dump);
	strlcpy(path, my_exec_path, sizeof path);
	get_parent_directory(path);
	return psprintf("%s/pg_dump", path);
}

/* In the child, between fork and exec: only async-signal-safe calls. */
static void
become(const char *path, char **argv, char **envp, int out, int err,
	   pid_t parent)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &standard, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0 || dup2(null, 0) < 0 ||
		dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(127);
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	execve(path, argv, envp);
	_exit(127);
}

static char **
argument_vector(const zdbpg_child *child, const char *path, List *arguments)
{
	char **argv = palloc0(sizeof *argv * (Size) (list_length(arguments) + 8));
	int count = 0;
	ListCell *cell;

	argv[count++] = pstrdup(path);
	/* relative to the data directory, because a name of a socket is short */
	argv[count++] = psprintf("--host=/proc/self/cwd/%s", child->dir);
	argv[count++] = "--port=5432";
	argv[count++] = "--username=zdbackup";
	argv[count++] = "--dbname=zdbackup";
	argv[count++] = "--no-password";
	foreach(cell, arguments) argv[count++] = lfirst(cell);
	return argv;
}

static void
spawn(zdbpg_child *child, const char *path, char **argv)
{
	static char *envp[] = {"LC_ALL=C", "PGSSLMODE=disable",
						   "PGGSSENCMODE=disable", "PATH=/usr/bin:/bin", NULL};
	int out[2], err[2];
	pid_t parent = getpid();
	sigset_t all, before;

	open_pipe(out, "open a pipe");
	child->out = out[0];
	if (pipe2(err, O_CLOEXEC) != 0)
	{
		close(out[1]);
		raise_system("open a pipe");
	}
	child->err = err[0];
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	child->pid = fork();
	if (child->pid == 0)
		become(path, argv, envp, out[1], err[1], parent);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(out[1]);
	close(err[1]);
	if (child->pid < 0)
		raise_system("start a process");
	fcntl(child->out, F_SETFL, O_NONBLOCK);
	fcntl(child->err, F_SETFL, O_NONBLOCK);
}

zdbpg_child *
zdbpg_child_start(List *arguments)
{
	zdbpg_child *child = palloc0(sizeof *child);
	char *path = program();
	zdbpg_child **slot = palloc0(sizeof *slot);

	child->listener = child->connection = child->out = child->err = -1;
	*slot = child;
	zdbpg_own((void **) slot, release_child);
	if (access(path, X_OK) != 0)
		ereport(ERROR, (errcode_for_file_access(),
						errmsg("could not find pg_dump at \"%s\": %m", path),
						errhint("Install the server's client programs, or set "
								"zdbackup.pg_dump.")));
	listen_on_socket(child);
	spawn(child, path, argument_vector(child, path, arguments));
	return child;
}

/* Only the process we started may speak as pg_dump. */
static void
check_peer(const zdbpg_child *child)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(child->connection, SOL_SOCKET, SO_PEERCRED, &peer, &len) !=
		0)
		raise_system("identify the peer");
	if (peer.pid != child->pid)
		ereport(ERROR, (errcode(ERRCODE_CONNECTION_FAILURE),
						errmsg("process %d connected in the place of pg_dump",
							   (int) peer.pid)));
}

void
zdbpg_child_accept(zdbpg_child *child)
{
	child->connection =
		accept4(child->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (child->connection < 0)
		raise_system("accept a connection");
	check_peer(child);
	remove_socket(child);
}

void
zdbpg_child_wait(zdbpg_child *child)
{
	pid_t ended;

	while ((ended = waitpid(child->pid, &child->status, WNOHANG)) == 0)
	{
		CHECK_FOR_INTERRUPTS();
		pg_usleep(1000);
	}
	if (ended < 0)
		raise_system("wait");
	child->pid = 0;
}
