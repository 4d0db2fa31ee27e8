// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the cases of tests/golden/ (all files *.t, or those named), one check
 * each.  `golden_test -p FILE` prints the file with what really comes out, for
 * a person to read before it replaces the expectation.
 *
 * A case is one line:   RULES ; EXPECTED [| EXPECTED]... [; CANONICAL]
 *
 * RULES        source text; \n \r \t \\ and \xHH stand for what they do in C;
 *              `< FILE`: what the file has
 * EXPECTED     ok                      compiles
 *              LINE:COL: MESSAGE       an error; all of them, in order
 *              lint LINE:COL: MESSAGE [CHECK]   likewise; `lint none`
 *              without FEATURE...      compile for a module without these
 *              EXE [WORD VALUE]... to ADDR [WORD VALUE]... -> VERDICT
 *                                      a request; EXE may be `kernel`,
 *                                      `unknown` or `-`, ADDR `-`;
 *                                      VERDICT: allow|deny RULE|default
 *                                      [monitor] [log]; rules count from 1
 * CANONICAL    what the printer gives, without `default deny` and `log deny`
 *              lines; `=` when that is RULES
 */
#include <err.h>
#include <glob.h>

#include "policy/lint/lint.h"
#include "question.h"

#define FIELD	16384

static char **lines;		/* cases, with their place in front */
static int line_count;
static bool is_printing;	/* cases instead of running them */

/* ---- text --------------------------------------------------------------- */

static size_t decode(const char *text, size_t size, char *out)
{
	size_t used = 0, i;
	unsigned int byte;

	for (i = 0; i < size; i++) {
		if (text[i] != '\\') {
			out[used++] = text[i];
			continue;
		}
		i++;
		if (text[i] == 'x' && sscanf(text + i + 1, "%2x", &byte) == 1) {
			out[used++] = byte;
			i += 2;
		} else {
			out[used++] = text[i] == 'n' ? '\n' :
				      text[i] == 'r' ? '\r' :
				      text[i] == 't' ? '\t' : text[i];
		}
	}
	out[used] = 0;
	return used;
}

/* The field that starts at *@at, up to @separator; moves behind that. */
static char *field(char **at, const char *separator)
{
	char *from = *at, *to = from ? strstr(from, separator) : NULL;

	*at = NULL;
	if (to) {
		*to = 0;
		*at = to + strlen(separator);
	}
	return from;
}

static void append(char *out, const char *text)
{
	if (*out)
		strncat(out, " | ", FIELD - strlen(out) - 1);
	strncat(out, text, FIELD - strlen(out) - 1);
}

/* Every message as an expectation: file, source lines and notes left out. */
static void gather(struct cw_diag *diag, const char *prefix, char *out)
{
	char *text = NULL, *line, *rest, item[1024];
	const char *at;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	cw_diag_print(diag, memory);
	fclose(memory);
	for (rest = text; (line = strsep(&rest, "\n"));) {
		at = strstr(line, ": error: ");
		if (!at)
			at = strstr(line, ": warning: ");
		if (!at && strchr(line, '['))
			at = strstr(line, ": note: ");
		if (!at || !strchr(line, ':'))
			continue;
		line = strchr(line, ':');
		if (line == at)	/* about the file as a whole */
			snprintf(item, sizeof(item), "%sfile%s", prefix,
				 strstr(at + 2, ": "));
		else
			snprintf(item, sizeof(item), "%s%.*s%s", prefix,
				 (int)(at - line - 1), line + 1,
				 strstr(at + 2, ": "));
		append(out, item);
	}
	free(text);
}

/* ---- requests ----------------------------------------------------------- */

static void print_verdict(const struct cw_verdict *verdict, char out[64])
{
	char rule[16] = "default";

	if (verdict->rule != CW_RULE_DEFAULT)
		snprintf(rule, sizeof(rule), "%u", verdict->rule + 1);
	snprintf(out, 64, "%s %s%s%s", verdict->allow ? "allow" : "deny", rule,
		 verdict->monitor ? " monitor" : "",
		 verdict->log ? " log" : "");
}

/* Both ways to decide must say the same. */
static void judge(const struct cw_ruleset *ruleset, const struct cw_blob *blob,
		  char *text, char *out)
{
	struct cw_explanation explanation;
	struct cw_subjects subjects;
	struct cw_verdict verdict;
	struct question question;
	char slow[64], fast[64];

	question_read(&question, text);
	cw_ruleset_explain(ruleset, &question.ident, &question.request,
			   &explanation);
	cw_match_subjects(blob, &question.ident, &subjects);
	verdict = cw_match(blob, &subjects, &question.ident,
			   &question.request);
	print_verdict(&explanation.verdict, slow);
	print_verdict(&verdict, fast);
	ck_assert_str_eq(slow, fast);
	append(out, slow);
}

/* ---- one case ----------------------------------------------------------- */

struct outcome {
	char expected[FIELD];	/* as field 2 */
	char canonical[FIELD];
};

static u32 read_features(char *text)
{
	static const char *const name[] = {
		"exe", "glob", "kernel", "script", "user", "group", "cgroup",
		"unit", "container", "parent", "ancestor", "sha256", "host",
		"until", "monitor", "sha256_any",
	};
	u32 features = UINT32_MAX, i;
	char *word;

	while ((word = strsep(&text, " ")))
		for (i = 0; i < ARRAY_SIZE(name); i++)
			if (!strcmp(word, name[i]))
				features &= ~(1u << i);
	return features;
}

/* Printing what was printed, and what went through a blob, changes nothing. */
static void check_stable(const struct cw_ruleset *ruleset,
			 const char *canonical)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *again;
	char *text;

	again = cw_ruleset_parse("again", canonical, strlen(canonical),
				 UINT32_MAX, diag);
	ck_assert_msg(again != NULL, "canonical form refused: %s", canonical);
	text = text_print(again);
	ck_assert_str_eq(text, canonical);
	ck_assert_uint_eq(again->rule_count, ruleset->rule_count);
	free(text);
	cw_ruleset_free(again);
	cw_diag_free(diag);
}

static void check_decoded(const struct cw_blob *blob, const char *canonical)
{
	struct cw_ruleset *decoded = cw_ruleset_decode(blob);
	char *text = text_print(decoded);

	ck_assert_str_eq(text, canonical);
	free(text);
	cw_ruleset_free(decoded);
}

static void ask(const struct cw_ruleset *ruleset, char **item, int items,
		const char *canonical, char *out)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_blob blob;
	void *data = NULL;
	size_t size;
	char *arrow;
	int i, error = cw_ruleset_emit(ruleset, &data, &size, diag);

	if (!error) {
		ck_assert_int_eq(cw_blob_open(&blob, data, size), 0);
		check_decoded(&blob, canonical);
	}
	for (i = 0; i < items; i++) {
		char request[1024];

		arrow = strstr(item[i], " -> ");
		if (!arrow)
			continue;
		ck_assert_int_eq(error, 0);
		snprintf(request, sizeof(request), "%.*s",
			 (int)(arrow - item[i]), item[i]);
		append(out, request);
		strcat(out, " -> ");
		out += strlen(out);
		judge(ruleset, &blob, request, out);
	}
	free(data);
	cw_diag_free(diag);
}

/* Without the statements that every canonical form begins with. */
static void shorten(const char *text, char *out)
{
	const char *next;

	for (*out = 0; *text; text = next) {
		next = strchr(text, '\n') + 1;
		if (strncmp(text, "default deny\n", next - text) &&
		    strncmp(text, "log deny\n", next - text))
			strncat(out, text, next - text);
	}
	if (*out)
		out[strlen(out) - 1] = 0;
}

static void run(const char *rules, size_t size, char **item, int items,
		struct outcome *outcome)
{
	struct cw_diag *diag = cw_diag_new();
	struct cw_ruleset *ruleset;
	u32 features = UINT32_MAX;
	bool lint = false;
	char *text;
	int i;

	memset(outcome, 0, sizeof(*outcome));
	for (i = 0; i < items; i++) {
		if (!strncmp(item[i], "without ", 8)) {
			append(outcome->expected, item[i]);
			features = read_features(item[i]);
		}
		lint |= !strncmp(item[i], "lint ", 5);
	}
	if (!strncmp(rules, "< ", 2))
		ruleset = cw_ruleset_read(rules + 2, features, diag);
	else
		ruleset = cw_ruleset_parse("golden", rules, size, features,
					   diag);
	if (!ruleset) {
		gather(diag, "", outcome->expected);
		goto out;
	}
	text = text_print(ruleset);
	shorten(text, outcome->canonical);
	check_stable(ruleset, text);
	if (lint) {
		ck_assert(cw_lint_rules(ruleset, diag));
		gather(diag, "lint ", outcome->expected);
		if (!*outcome->expected)
			append(outcome->expected, "lint none");
	}
	ask(ruleset, item, items, text, outcome->expected);
	if (!*outcome->expected)
		append(outcome->expected, "ok");
	free(text);
out:
	cw_ruleset_free(ruleset);
	cw_diag_free(diag);
}

/* ---- files -------------------------------------------------------------- */

static int split_items(char *text, char **item)
{
	int items = 0;

	while (text && items < 64)
		item[items++] = field(&text, " | ");
	return items;
}

START_TEST(golden_case)
{
	static struct outcome outcome;
	static char rules[FIELD], canonical[FIELD];
	char *line = strdup(lines[_i]), *at = line, *item[64];
	char *place = field(&at, "\t"), *expected, *copy;
	size_t size;
	int items;

	expected = field(&at, " ; ");
	size = decode(expected, strlen(expected), rules);
	expected = field(&at, " ; ");
	ck_assert_msg(expected != NULL, "%s: no second field", place);
	copy = strdup(expected);
	items = split_items(copy, item);
	run(rules, size, item, items, &outcome);
	ck_assert_msg(!strcmp(outcome.expected, expected),
		      "%s:\n got      %s\n expected %s", place,
		      outcome.expected, expected);
	if (at) {
		decode(strcmp(at, "=") ? at : rules, strlen(strcmp(at, "=") ?
		       at : rules), canonical);
		ck_assert_msg(!strcmp(outcome.canonical, strcmp(at, "=") ?
				      canonical : rules),
			      "%s: canonical form is\n%s", place,
			      outcome.canonical);
	}
	free(copy);
	free(line);
}
END_TEST

static void read_cases(const char *name)
{
	FILE *file = fopen(name, "r");
	char *line = NULL;
	size_t room = 0;
	int number = 0;
	ssize_t size;

	if (!file)
		err(1, "%s", name);
	while ((size = getline(&line, &room, file)) > 0) {
		number++;
		if (line[size - 1] == '\n')
			line[size - 1] = 0;
		if (!is_printing && (!*line || *line == '#'))
			continue;
		lines = realloc(lines, (line_count + 1) * sizeof(*lines));
		if (asprintf(&lines[line_count++], "%s:%d\t%s", name, number,
			     line) < 0)
			err(1, "%s", name);
	}
	free(line);
	fclose(file);
}

static void print_encoded(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", stdout);
		else if (*text == '\t')
			fputs("\\t", stdout);
		else if (*text == '\\')
			fputs("\\\\", stdout);
		else
			putchar(*text);
	}
}

/* The case with what really comes out; comments and blank lines as they are. */
START_TEST(print_case)
{
	static struct outcome outcome;
	static char rules[FIELD];
	char *line = strdup(lines[_i]), *at = line, *text, *item[64];
	size_t size;
	int items;

	field(&at, "\t");
	text = at;
	if (*text && *text != '#') {
		text = field(&at, " ; ");
		size = decode(text, strlen(text), rules);
		items = split_items(field(&at, " ; "), item);
		run(rules, size, item, items, &outcome);
		printf("%s ; %s", text, outcome.expected);
		if (*outcome.canonical) {
			fputs(" ; ", stdout);
			print_encoded(strcmp(outcome.canonical, rules) ?
				      outcome.canonical : "=");
		}
		putchar('\n');
	} else {
		printf("%s\n", text);
	}
	free(line);
}
END_TEST

static void read_all(int names, char **name)
{
	glob_t found = { 0 };
	size_t i;

	while (names--)
		read_cases(*name++);
	if (!line_count && !glob("tests/golden/*.t", 0, NULL, &found))
		for (i = 0; i < found.gl_pathc; i++)
			read_cases(found.gl_pathv[i]);
	globfree(&found);
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("golden");
	TCase *tests = tcase_create("golden");
	SRunner *runner = srunner_create(suite);
	int failed;

	is_printing = argc > 1 && !strcmp(argv[1], "-p");
	read_all(argc - 1 - is_printing, argv + 1 + is_printing);
	tcase_add_loop_test(tests, is_printing ? print_case : golden_case, 0,
			    line_count);
	suite_add_tcase(suite, tests);
	/* A process for each of hundreds of cases would take a minute. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, is_printing ? CK_SILENT : CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	while (line_count)
		free(lines[--line_count]);
	free(lines);
	return failed != 0;
}
