// SPDX-License-Identifier: GPL-2.0-only
/*
 * A graph as one page that works without a network.  Its parts are files that
 * the build puts into the program; a line @word@ of graph.html stands for the
 * part of that name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policyctl/rows/flow.h"

/* The assembler reads the file, relative to the top of the source. */
#define PART(name, file)						\
	extern const char part_##name[], part_##name##_end[];		\
	__asm__(".pushsection .rodata\n"				\
		"part_" #name ":\n\t.incbin \"policyctl/graph/" file "\"\n"	\
		"part_" #name "_end:\n\t.byte 0\n\t.popsection")

PART(page, "graph.html");
PART(style, "graph.css");
PART(layout, "graph_layout.js");
PART(details, "graph_details.js");
PART(script, "graph_page.js");

/* Within JSON these occur in strings only, where an escape means the same:
 * neither "</script>" nor "<!--" is left, nor a line end of Unicode. */
static void print_escaped(FILE *out, const char *text, size_t size)
{
	static const char line[] = "\342\200\250", paragraph[] = "\342\200\251";
	const char *end = text + size;

	while (text < end) {
		bool is_line = !strncmp(text, line, 3);

		if (is_line || !strncmp(text, paragraph, 3)) {
			fputs(is_line ? "\\u2028" : "\\u2029", out);
			text += 3;
		} else if (*text == '<' || *text == '>' || *text == '&') {
			fprintf(out, "\\u%04x", *text++);
		} else {
			fputc(*text++, out);
		}
	}
}

static int print_data(FILE *out, const struct cw_graph *graph)
{
	char *text = NULL;
	size_t size = 0;
	FILE *buffer = open_memstream(&text, &size);
	int ret;

	if (!buffer)
		return -ENOMEM;
	cw_graph_print_json(buffer, graph);
	ret = ferror(buffer) ? -ENOMEM : 0;
	if (fclose(buffer))
		ret = -ENOMEM;
	if (!ret)
		print_escaped(out, text, size);
	free(text);
	return ret;
}

static const struct {
	const char *word, *start, *end;
} parts[] = {
	{ "@style@\n", part_style, part_style_end },
	{ "@layout@\n", part_layout, part_layout_end },
	{ "@details@\n", part_details, part_details_end },
	{ "@script@\n", part_script, part_script_end },
};

static int print_line(FILE *out, const struct cw_graph *graph,
		      const char *line, size_t size)
{
	if (!strncmp(line, "@data@\n", size))
		return print_data(out, graph);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strncmp(line, parts[i].word, size))
			continue;
		fwrite(parts[i].start, 1, parts[i].end - parts[i].start, out);
		return 0;
	}
	fwrite(line, 1, size, out);
	return 0;
}

int cw_graph_print_html(FILE *out, const struct cw_graph *graph)
{
	const char *line = part_page;
	int ret = 0;

	while (!ret && line < part_page_end) {
		size_t size = strcspn(line, "\n") + 1;

		ret = print_line(out, graph, line, size);
		line += size;
	}
	return ret;
}
