/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of policyd and policyctl share: a directory that stands in
 * for securityfs, a daemon in a child process, policyctl with its output. */
#ifndef CW_FIXTURE_H
#define CW_FIXTURE_H

#include <check.h>
#include <stdbool.h>
#include <sys/types.h>

/* All below one directory, which fixture_exit() removes. */
struct fixture {
	char dir[64];		/* the directory, and the module's files */
	char socket[80];
	char rules[80];		/* what the daemon loads at the start */
	char state[80];		/* the daemon's state directory */
	char audit[80];		/* where records go instead of to audit */
	bool enforce;		/* the daemon's --enforce */
	/* Of policyctl; NULL = captured, nothing to read, root: */
	const char *output;	/* a file, "" = standard output is closed */
	const char *input;	/* text on standard input */
	bool is_nobody;		/* without rights */
	pid_t daemon;
};

struct ran {
	int status;		/* what it exited with, -1 = killed */
	char out[65536], err[65536];
};

void fixture_init(struct fixture *fixture);
/* Not in /tmp but in @dir, if it is there: one without a disk, for tests that
 * sync a lot. */
void fixture_init_at(struct fixture *fixture, const char *dir);
void fixture_exit(struct fixture *fixture);
/* @name is below the directory. */
void fixture_write(const struct fixture *fixture, const char *name,
		   const char *text);
/* What the module says of itself; 0 = it has no policy. */
void fixture_set_generation(const struct fixture *fixture, unsigned generation);
/* Returns its size; @text is cut at @size and ends with a NUL. */
size_t fixture_read(const struct fixture *fixture, const char *name, char *text,
		    size_t size);

/* The server of policyd with everything but the drop of privileges; returns
 * when it answers. */
void fixture_start_daemon(struct fixture *fixture);
void fixture_signal_daemon(struct fixture *fixture, int signal);
/* Its exit status. */
int fixture_stop_daemon(struct fixture *fixture, int signal);
/* Until the records hold @text, for at most ten seconds. */
bool fixture_wait_for_record(const struct fixture *fixture, const char *text);

/* policyctl with the words of @line, in a process of its own. */
void fixture_ctl(const struct fixture *fixture, struct ran *ran,
		 const char *line);

/* A SEQPACKET connection to the daemon. */
int fixture_connect(const struct fixture *fixture);

/* main() of a test: also the compiler, when load.c executes it as that.  It does
 * not end for a file of this name. */
#define FIXTURE_HANGS	"/hangs.conf"
int fixture_main(int argc, char **argv, Suite *(*make)(void));

#endif
