// SPDX-License-Identifier: GPL-2.0-only
/* Which variables of the environment steer a program. */
#include "text.h"

/* The quick look must never spare a variable the exact one. */
static bool steers(const char *variable)
{
	bool steers = cw_environ_steers(variable, strlen(variable));

	if (steers)
		ck_assert_msg(cw_environ_may_steer(variable[0], variable[1]),
			      "%s", variable);
	return steers;
}

START_TEST(what_steers)
{
	static const char *const variables[] = {
		"LD_PRELOAD=/tmp/x.so", "LD_LIBRARY_PATH=.", "LD_AUDIT=x",
		"LD_PRELOAD=", "GLIBC_TUNABLES=x", "GCONV_PATH=/tmp",
		"BASH_ENV=/tmp/x", "ENV=x", "SHELLOPTS=xtrace", "PS4=$(id)",
		"BASH_FUNC_ls%%=() { id; }", "BASHOPTS=extdebug", "CDPATH=/",
		"ZDOTDIR=/tmp", "FPATH=/tmp", "PYTHONPATH=/tmp",
		"PYTHONHOME=/tmp", "PYTHONSTARTUP=x", "PYTHONINSPECT=1",
		"PYTHONUSERBASE=/tmp", "PYTHONBREAKPOINT=a.b",
		"PYTHONWARNINGS=x", "PYTHONUTF8X=1", "PERL5LIB=/tmp",
		"PERL5OPT=-Mx", "PERL5DB=x", "PERLLIB=/tmp", "RUBYOPT=-rx",
		"RUBYLIB=/tmp", "GEM_HOME=/tmp", "BUNDLE_GEMFILE=x",
		"NODE_OPTIONS=--require=x", "NODE_PATH=/tmp",
		"npm_config_prefix=/tmp", "NPM_CONFIG_PREFIX=/tmp",
		"PHPRC=/tmp", "PHP_INI_SCAN_DIR=/tmp",
		"JAVA_TOOL_OPTIONS=-javaagent:x", "_JAVA_OPTIONS=x",
		"JDK_JAVA_OPTIONS=x", "CLASSPATH=x", "LUA_INIT=x",
		"LUA_INIT_5_4=x", "LUA_PATH_5_3=x", "LUA_CPATH=x",
		"R_PROFILE_USER=x", "R_LIBS=x", "TCLLIBPATH=x",
		"TCL8_6_TM_PATH=x", "GUILE_LOAD_PATH=x", "AWKPATH=x",
		"AWKLIBPATH=x", "EMACSLOADPATH=x", "OPENSSL_CONF=x",
		"OPENSSL_MODULES=x", "MONO_PATH=x", "PSModulePath=x",
		"DOTNET_STARTUP_HOOKS=x", "QT_QPA_PLATFORM_PLUGIN_PATH=x",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(variables); i++)
		ck_assert_msg(steers(variables[i]), "%s", variables[i]);
}
END_TEST

START_TEST(what_does_not)
{
	static const char *const variables[] = {
		"", "=", "A", "A=1", "PATH=/bin", "HOME=/root", "LANG=C",
		"LC_ALL=C", "TERM=vt100", "USER=root", "LOGNAME=root",
		"SHELL=/bin/sh", "SHLVL=1", "PWD=/", "OLDPWD=/", "MAIL=x",
		"_=/bin/env", "TZ=UTC", "LISTEN_FDS=1", "LISTEN_PID=1",
		"NOTIFY_SOCKET=x", "INVOCATION_ID=x", "JOURNAL_STREAM=1:2",
		"SYSTEMD_EXEC_PID=1", "XDG_RUNTIME_DIR=/run/user/0",
		"NODE_ENV=production", "JAVA_HOME=/usr", "PYTHONUNBUFFERED=1",
		"PYTHONDONTWRITEBYTECODE=1", "PYTHONNOUSERSITE=1",
		"PYTHONIOENCODING=utf-8", "PYTHONUTF8=1", "PYTHONHASHSEED=0",
		/* The names as values, beginnings and ends of names. */
		"X=LD_PRELOAD=", "XLD_PRELOAD=", "LD", "LD=", "ld_preload=x",
		"BASH", "BASH=/bin/bash", "ENVIRONMENT=x",
		"MYENV=x", "IFSX=x", "PS4", "AWKPATHX=", "HTTP_PROXY=x",
		"\xff=1", "[=1", "@=1", "0LD_=1",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(variables); i++)
		ck_assert_msg(!steers(variables[i]), "%s", variables[i]);
}
END_TEST

/* What the kernel reads is cut off behind a name of the greatest length. */
START_TEST(cut_off_means_the_same)
{
	static const char *const variables[] = {
		"QT_QPA_PLATFORM_PLUGIN_PATH=/tmp/a/long/path", "LD_A=b",
		"BASH_FUNC_a_very_long_name_of_a_function%%=() { id; }",
		"PYTHONDONTWRITEBYTECODE=and more than that", "HOME=/root",
	};
	char copy[CW_ENVIRON_NAME];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(variables); i++) {
		size_t size = strlen(variables[i]);

		size = size < sizeof(copy) ? size : sizeof(copy);
		memcpy(copy, variables[i], size);
		ck_assert_msg(cw_environ_steers(copy, size) ==
			      steers(variables[i]), "%s", variables[i]);
	}
}
END_TEST

/* What nearly every program has is not looked at for long. */
START_TEST(quick_look_passes_by)
{
	static const char *const variables[] = {
		"PATH", "HOME", "LANG", "LC_ALL", "TERM", "USER", "PWD",
		"OLDPWD", "SSH_TTY", "XDG_RUNTIME_DIR", "DISPLAY", "TZ", "_",
		"LS_COLORS", "HOSTNAME", "JOBS",
	};
	u32 i, passed = 0;

	for (i = 0; i < ARRAY_SIZE(variables); i++)
		passed += !cw_environ_may_steer(variables[i][0],
						variables[i][1]);
	ck_assert_uint_eq(passed, ARRAY_SIZE(variables));
}
END_TEST

/* The manual's list, up to the first paragraph behind it. */
START_TEST(manual_names_what_steers)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_*";
	FILE *manual = fopen("docs/rules.conf.5", "r");
	bool inside = false, harmless = false;
	char line[1024], *rest, *word, variable[64];
	u32 count = 0;

	ck_assert_ptr_nonnull(manual);
	while (fgets(line, sizeof(line), manual)) {
		if (!strncmp(line, ".SS Steering", 12))
			inside = true;
		else if (inside && !strncmp(line, ".PP", 3))
			break;
		if (!strncmp(line, ".TP", 3))
			harmless = false;
		rest = *line == '.' || !inside ? NULL : line;
		while ((word = strsep(&rest, " ,;\n"))) {
			harmless |= !strcmp(word, "but");
			if (word[strspn(word, letters)] || strlen(word) < 3 ||
			    !strcmp(word, "PHP"))
				continue;
			if (strchr(word, '*') && !harmless)
				*strchr(word, '*') = 'x';
			snprintf(variable, sizeof(variable), "%s=1", word);
			ck_assert_msg(steers(variable) != harmless, "%s", word);
			count++;
		}
	}
	fclose(manual);
	ck_assert_uint_gt(count, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("environ");
	TCase *tests = tcase_create("environ");

	tcase_add_test(tests, what_steers);
	tcase_add_test(tests, what_does_not);
	tcase_add_test(tests, cut_off_means_the_same);
	tcase_add_test(tests, quick_look_passes_by);
	tcase_add_test(tests, manual_names_what_steers);
	suite_add_tcase(suite, tests);
	return text_main(suite);
}
