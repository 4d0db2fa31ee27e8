// SPDX-License-Identifier: GPL-2.0-only
/*
 * Variables of the environment that make a program load or run what whoever
 * started it has chosen.
 *
 * The list has the dynamic loader, interpreters by the manuals of their
 * versions of the last ten years, and libraries that many programs load and
 * that load modules of their own.  Variables that only make a program start
 * another one (PAGER, GIT_SSH) are not in it: what is started is judged as
 * what it is.  Neither are HOME and PATH, without which little works.
 */
#include "engine.h"

#define EACH_LETTER	20

/* The second bytes that the names of a row have, as a set; some bytes share a bit. */
#define S(byte) (1u << ((byte) & 31))

/*
 * By first letter; the last row is for all that are no capitals.  With * at the
 * end: every name that begins so, but for those with - before it in the row.
 */
static const struct row {
	u32 second;
	const char *name[EACH_LETTER];
} rows[27] = {
	['A' - 'A'] = { S('W'), {
		"AWKLIBPATH", "AWKPATH" } },
	['B' - 'A'] = { S('A') | S('U'), {
		"BASHOPTS", "BASH_*", "BUNDLE_*", "BUN_OPTIONS" } },
	['C' - 'A'] = { S('A') | S('D') | S('L') | S('O'), {
		"CAML_LD_LIBRARY_PATH", "CDPATH", "CLASSPATH", "CORECLR_*",
		"COR_*" } },
	['D' - 'A'] = { S('E') | S('O'), {
		"DENO_DIR", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE",
		"DOTNET_STARTUP_HOOKS" } },
	['E' - 'A'] = { S('L') | S('M') | S('N') | S('R') | S('X'), {
		"ELIXIR_ERL_OPTIONS", "EMACSLOADPATH", "ENV", "ERL_AFLAGS",
		"ERL_COMPILER_OPTIONS", "ERL_FLAGS", "ERL_LIBS", "ERL_ZFLAGS",
		"EXINIT" } },
	['F' - 'A'] = { S('P'), {
		"FPATH" } },
	['G' - 'A'] = { S('A') | S('C') | S('D') | S('E') | S('H') | S('I') |
		S('L') | S('S') | S('T') | S('U'), {
		"GAWK_PERSIST_FILE", "GCONV_PATH", "GDK_PIXBUF_MODULEDIR",
		"GDK_PIXBUF_MODULE_FILE", "GEM_*", "GHCRTS", "GHC_PACKAGE_PATH",
		"GIO_EXTRA_MODULES", "GIO_MODULE_DIR", "GI_TYPELIB_PATH",
		"GLIBC_TUNABLES", "GSS_MECH_CONFIG", "GST_PLUGIN_*",
		"GTK3_MODULES", "GTK_MODULES", "GTK_PATH",
		"GUILE_EXTENSIONS_PATH", "GUILE_LOAD_*", "GUILE_SYSTEM_*" } },
	['I' - 'A'] = { S('B') | S('F'), {
		"IBM_JAVA_OPTIONS", "IFS" } },
	['J' - 'A'] = { S('A') | S('D') | S('U'), {
		"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JULIA_DEPOT_PATH",
		"JULIA_LOAD_PATH", "JULIA_PROJECT" } },
	['K' - 'A'] = { S('R'), {
		"KRB5_CONFIG" } },
	['L' - 'A'] = { S('D') | S('I') | S('O') | S('U'), {
		"LD_*", "LIBGL_DRIVERS_PATH", "LIBMYSQL_*", "LOCPATH",
		"LUA_CPATH*", "LUA_INIT*", "LUA_PATH*" } },
	['M' - 'A'] = { S('A') | S('O') | S('U'), {
		"MAGICK_CODER_MODULE_PATH", "MAGICK_CONFIGURE_PATH",
		"MAGICK_FILTER_MODULE_PATH", "MONO_*", "MUSL_LOCPATH" } },
	['N' - 'A'] = { S('L') | S('O') | S('P'), {
		"NLSPATH", "NODE_OPTIONS", "NODE_PATH",
		"NODE_REPL_EXTERNAL_MODULE", "NPM_CONFIG_*" } },
	['O' - 'A'] = { S('C') | S('D') | S('P'), {
		"OCAMLLIB", "OCAMLPATH", "ODBC*", "OPENJ9_JAVA_OPTIONS",
		"OPENSSL_CONF", "OPENSSL_ENGINES", "OPENSSL_MODULES" } },
	['P' - 'A'] = { S('E') | S('H') | S('R') | S('S') | S('Y'), {
		"PERL5*", "PERLDB_OPTS", "PERLIO*", "PERLLIB", "PHPRC",
		"PHP_INI_SCAN_DIR", "PROMPT_COMMAND", "PS4", "PSModulePath",
		"-PYTHONCOERCECLOCALE", "-PYTHONDONTWRITEBYTECODE",
		"-PYTHONFAULTHANDLER", "-PYTHONHASHSEED", "-PYTHONIOENCODING",
		"-PYTHONNOUSERSITE", "-PYTHONSAFEPATH", "-PYTHONUNBUFFERED",
		"-PYTHONUTF8", "PYTHON*" } },
	['Q' - 'A'] = { S('T'), {
		"QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH" } },
	['R' - 'A'] = { S('U') | S('_'), {
		"RUBYGEMS_GEMDEPS", "RUBYLIB*", "RUBYOPT", "RUBYPATH",
		"RUBYSHELL", "R_DEFAULT_PACKAGES", "R_ENVIRON*", "R_HOME",
		"R_LIBS*", "R_PROFILE*" } },
	['S' - 'A'] = { S('A') | S('B') | S('H'), {
		"SASL_CONF_PATH", "SASL_PATH", "SBCL_CORE", "SBCL_HOME",
		"SHELLOPTS" } },
	['T' - 'A'] = { S('C') | S('K'), {
		"TCL*", "TK_LIBRARY" } },
	['V' - 'A'] = { S('I'), {
		"VIMINIT", "VIMRUNTIME" } },
	['Z' - 'A'] = { S('D'), {
		"ZDOTDIR" } },
	[26] = { S('J') | S('p'), {
		"_JAVA_OPTIONS", "npm_config_*" } },
};

/* @size bytes from @text on hold the variable, or so much of it. */
static bool is_called(const char *name, const char *text, size_t size)
{
	size_t i;

	for (i = 0; name[i] && name[i] != '*'; i++)
		if (i == size || text[i] != name[i])
			return false;
	return name[i] || (i < size && text[i] == '=');
}

static const struct row *row_of(u8 first)
{
	u32 letter = (u32)first - 'A';

	return &rows[letter < 26 ? letter : 26];
}

bool cw_environ_may_steer(u8 first, u8 second)
{
	return row_of(first)->second & S(second);
}

bool cw_environ_steers(const char *text, size_t size)
{
	const char *const *name = row_of(size ? text[0] : 'A')->name;
	u32 i;

	for (i = 0; size && i < EACH_LETTER && name[i]; i++) {
		if (*name[i] == '-' && is_called(name[i] + 1, text, size))
			return false;
		if (*name[i] != '-' && is_called(name[i], text, size))
			return true;
	}
	return false;
}
