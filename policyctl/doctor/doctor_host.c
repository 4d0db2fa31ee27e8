// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor: the kernel, what it permits, and what happens at the next boot.
 * BPF trampolines on the hooked functions cannot be seen from here; the module
 * says so in its status if it could not have a function.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor.h"

/* Whether a file below root has a line that begins with @word. */
static bool has_line(const char *path, const char *word)
{
	FILE *file = fopen(path, "re");
	char line[1024];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		const char *start = line + strspn(line, " \t");
		size_t length = strcspn(start, " \t\n");

		found = length == strlen(word) && !strncmp(start, word, length);
	}
	if (file)
		fclose(file);
	return found;
}

/* The paths below root that match; free with globfree(). */
static size_t match(const struct cw_host *host, const char *pattern,
		    glob_t *found)
{
	char whole[CW_PATH_MAX];

	memset(found, 0, sizeof(*found));
	snprintf(whole, sizeof(whole), "%s%s", host->root, pattern);
	return glob(whole, 0, NULL, found) ? 0 : found->gl_pathc;
}

static bool is_any(const struct cw_host *host, const char *pattern)
{
	glob_t found;
	bool is_one = match(host, pattern, &found);

	globfree(&found);
	return is_one;
}

/* ---- how the module is called -------------------------------------------- */

void cw_check_ftrace(const struct cw_host *host, struct cw_finding *finding)
{
	char value[16];

	if (!cw_host_read(host, "/proc/sys/kernel/ftrace_enabled", value,
			  sizeof(value)))
		cw_finding_set(finding, CW_CHECK_PROBLEM, "boot a kernel with "
			       "CONFIG_FUNCTION_TRACER",
			       "this kernel has no kernel.ftrace_enabled");
	else if (!strcmp(value, "0"))
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       "sysctl kernel.ftrace_enabled=1",
			       "kernel.ftrace_enabled is 0: the module %s",
			       host->status ? "cannot be loaded anew"
					    : "cannot be loaded");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "kernel.ftrace_enabled is on");
}

/* Names of @count paths, as many as fit. */
static void list_names(const glob_t *found, char *text, size_t size)
{
	size_t used = 0;

	text[0] = 0;
	for (size_t i = 0; i < found->gl_pathc && used < size; i++)
		used += snprintf(text + used, size - used, "%s%s",
				 i ? ", " : "",
				 strrchr(found->gl_pathv[i], '/') + 1);
}

void cw_check_livepatch(const struct cw_host *host, struct cw_finding *finding)
{
	char names[256];
	glob_t found;

	if (!match(host, "/sys/kernel/livepatch/*", &found)) {
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "no livepatch is loaded");
	} else {
		list_names(&found, names, sizeof(names));
		cw_finding_set(finding, CW_CHECK_WARNING, "see that the checks "
			       "`module' and `working' are ok after a reboot as "
			       "well", "livepatches are loaded: %s; with one of "
			       "a hooked function the module does not load",
			       names);
	}
	globfree(&found);
}

/* ---- what the kernel permits --------------------------------------------- */

/* "none [integrity] confidentiality": what is in brackets. */
static bool read_lockdown(const struct cw_host *host, char word[32])
{
	char line[128], *start;

	strcpy(word, "");
	if (!cw_host_read(host, "/sys/kernel/security/lockdown", line,
			  sizeof(line)) || !(start = strchr(line, '[')))
		return false;
	snprintf(word, 32, "%.*s", (int)strcspn(start + 1, "]"), start + 1);
	return true;
}

static bool needs_signature(const struct cw_host *host)
{
	char enforce[16], lockdown[32];

	return (cw_host_read(host, "/sys/module/module/parameters/sig_enforce",
			     enforce, sizeof(enforce)) && enforce[0] == 'Y') ||
	       (read_lockdown(host, lockdown) && strcmp(lockdown, "none"));
}

void cw_check_signature(const struct cw_host *host, struct cw_finding *finding)
{
	char taint[32];
	bool needed = needs_signature(host), has_none;

	if (!cw_host_read(host, "/sys/module/" CW_NAME "/taint", taint,
			  sizeof(taint))) {
		cw_finding_set(finding, needed ? CW_CHECK_WARNING
					       : CW_CHECK_OK,
			       needed ? "sign it with a key that this kernel "
					"trusts" : NULL, needed
			       ? "this kernel loads signed modules only"
			       : "this kernel loads modules without a "
			         "signature");
		return;
	}
	has_none = strchr(taint, 'E');
	if (has_none && needed)
		cw_finding_set(finding, CW_CHECK_PROBLEM, "sign it with a key "
			       "that this kernel trusts", "the module is not "
			       "signed, and this kernel loads signed modules "
			       "only: it is not loaded again");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "the module is %s "
			       "(it taints the kernel as %s)", has_none
			       ? "not signed, which this kernel permits"
			       : "signed", taint[0] ? taint : "nothing");
}

void cw_check_lockdown(const struct cw_host *host, struct cw_finding *finding)
{
	char lockdown[32];

	if (!read_lockdown(host, lockdown) || !strcmp(lockdown, "none"))
		cw_finding_set(finding, CW_CHECK_OK, NULL, "lockdown is off: "
			       "root can change the kernel, as the threat "
			       "model says");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "lockdown is %s",
			       lockdown);
}

/* ---- the next boot ------------------------------------------------------- */

static bool is_listed(const struct cw_host *host, const char *pattern)
{
	bool listed = false;
	glob_t found;

	match(host, pattern, &found);
	for (size_t i = 0; i < found.gl_pathc && !listed; i++)
		listed = has_line(found.gl_pathv[i], CW_NAME);
	globfree(&found);
	return listed;
}

/* As systemd-modules-load reads it; policyd.service loads it as well. */
static bool is_loaded_at_boot(const struct cw_host *host)
{
	return is_listed(host, "/etc/modules-load.d/*.conf") ||
	       is_listed(host, "/usr/lib/modules-load.d/*.conf") ||
	       is_listed(host, "/lib/modules-load.d/*.conf") ||
	       is_listed(host, "/etc/modules") ||
	       is_any(host, "/etc/systemd/system/*.wants/policyd.service");
}

void cw_check_boot_module(const struct cw_host *host,
			  struct cw_finding *finding)
{
	char pattern[256], advice[200];
	bool is_wanted = is_loaded_at_boot(host);
	struct utsname name;

	uname(&name);
	snprintf(pattern, sizeof(pattern), "/lib/modules/%.64s/*/" CW_NAME
		 ".ko*", name.release);
	snprintf(advice, sizeof(advice), "make install KVER=%s", name.release);
	if (!is_any(host, pattern))
		cw_finding_set(finding, is_wanted ? CW_CHECK_PROBLEM
						  : CW_CHECK_WARNING, advice,
			       "the module is not installed for kernel %s%s",
			       name.release, is_wanted ? ": the next boot "
			       "cannot load it, and refuses nothing" : "");
	else if (!is_wanted)
		cw_finding_set(finding, CW_CHECK_WARNING, "echo " CW_NAME
			       " >/etc/modules-load.d/" CW_NAME ".conf",
			       "nothing loads the module at the next boot");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "the module is loaded at boot");
}

/* What `systemctl is-enabled' looks at, and needs no systemd to run. */
void cw_check_boot_policyd(const struct cw_host *host,
			   struct cw_finding *finding)
{
	if (!cw_host_has(host, "/run/systemd/system"))
		cw_finding_set(finding, CW_CHECK_WARNING, "see that something "
			       "starts policyd before the network is up",
			       "this host is not run by systemd");
	else if (is_any(host, "/etc/systemd/system/*.wants/policyd.service") ||
		 is_any(host, "/etc/systemd/system/*.requires/policyd.service"))
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "policyd.service is enabled");
	else
		cw_finding_set(finding, CW_CHECK_PROBLEM,
			       "systemctl enable policyd", "policyd.service is "
			       "not enabled: after a reboot no policy is in "
			       "force");
}

/* ---- what else decides and identifies ------------------------------------ */

void cw_check_cgroup(const struct cw_host *host, struct cw_finding *finding)
{
	if (cw_host_has(host, "/sys/fs/cgroup/cgroup.controllers") ||
	    cw_host_has(host, "/sys/fs/cgroup/unified/cgroup.procs"))
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "units and containers are known by cgroup");
	else
		cw_finding_set(finding, CW_CHECK_WARNING, "boot with "
			       "systemd.unified_cgroup_hierarchy=1",
			       "cgroup version 2 is not mounted: rules by "
			       "unit, cgroup and container do not match");
}

void cw_check_user_namespaces(const struct cw_host *host,
			      struct cw_finding *finding)
{
	char most[32], clone[16];

	if (!cw_host_read(host, "/proc/sys/user/max_user_namespaces", most,
			  sizeof(most)))
		strcpy(most, "0");
	if (!cw_host_read(host, "/proc/sys/kernel/unprivileged_userns_clone",
			  clone, sizeof(clone)))
		strcpy(clone, "1");
	if (!strcmp(most, "0") || !strcmp(clone, "0"))
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "users cannot make user namespaces");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "users can make "
			       "user namespaces; path rules do not match "
			       "what runs with other mounts there");
}

void cw_check_lsm(const struct cw_host *host, struct cw_finding *finding)
{
	char names[256];

	if (cw_host_read(host, "/sys/kernel/security/lsm", names,
			 sizeof(names)))
		cw_finding_set(finding, CW_CHECK_OK, NULL, "also active: %s; "
			       "they may refuse what the policy allows",
			       names);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "which other "
			       "security modules are active is not known");
}

void cw_check_ipv6(const struct cw_host *host, struct cw_finding *finding)
{
	char line[256];

	if (cw_host_read(host, "/proc/net/if_inet6", line, sizeof(line)) &&
	    line[0])
		cw_finding_set(finding, CW_CHECK_OK, NULL, "IPv6 is in use and "
			       "governed: rules by address need both "
			       "families");
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "IPv6 is not in use");
}

void cw_check_containers(const struct cw_host *host,
			 struct cw_finding *finding)
{
	static const struct {
		const char *path, *name;
	} engines[] = {
		{ "/run/docker.sock", "docker" },
		{ "/run/containerd/containerd.sock", "containerd" },
		{ "/run/crio/crio.sock", "cri-o" },
		{ "/run/podman", "podman" },
		{ "/run/k3s/containerd/containerd.sock", "k3s" },
	};
	char names[128] = "";

	for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		if (!cw_host_has(host, engines[i].path))
			continue;
		if (names[0])
			strcat(names, ", ");
		strcat(names, engines[i].name);
	}
	if (names[0])
		cw_finding_set(finding, CW_CHECK_OK, NULL, "%s: path rules do "
			       "not match programs in containers; use "
			       "container or cgroup", names);
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL,
			       "no container engine is running");
}
