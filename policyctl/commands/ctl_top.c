// SPDX-License-Identifier: GPL-2.0-only
/* policyctl top: the screen and its keys. */
#include <errno.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define SECOND	1000000000ll

/* ---- once, as text ------------------------------------------------------ */

static void pause_for(int64_t interval)
{
	struct timespec time = { interval / SECOND, interval % SECOND };

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

/* Rates take two looks. */
static int show_once(const struct cw_ctl *ctl, struct cw_top *top)
{
	int ret = cw_top_look(top, ctl->securityfs);

	if (!ret) {
		pause_for(ctl->interval);
		ret = cw_top_look(top, ctl->securityfs);
	}
	if (ret)
		return cw_ctl_complain(ctl, ret, CW_FILE_CONNECTIONS);
	cw_top_sort(top, 'c');
	cw_top_print_title(stdout, top);
	for (size_t i = 0; i < top->count; i++)
		cw_top_print_row(stdout, top, &top->row[i]);
	return cw_ctl_close_output(ctl);
}

/* ---- the screen --------------------------------------------------------- */

struct screen {
	const struct cw_ctl *ctl;
	struct cw_top *top;
	int key;			/* of the order */
	bool is_paused;
	int64_t next;			/* look, ns since boot */
};

/* Not the time of day, which may be set. */
static int64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static void draw_line(int at, const char *line, int attributes)
{
	attrset(attributes);
	mvaddnstr(at, 0, line, COLS);
	attrset(A_NORMAL);
}

/* @text holds lines; it is cut where the screen ends. */
static void draw_text(char *text)
{
	char *line;

	for (int at = 1; at < LINES && (line = strsep(&text, "\n")); at++)
		draw_line(at, line, at == 1 ? A_REVERSE : A_NORMAL);
}

static void draw_head(const struct screen *screen)
{
	static const char names[][16] = { "connections", "new", "refused",
					  "bytes" };
	const char *keys = "cnrb";
	char now[CW_TIME_ROOM], line[200];

	snprintf(line, sizeof(line), "connwarden top  %.19s  order: %s%s   "
		 "keys: c n r b order, p pause, q quit",
		 cw_time_local(screen->top->time, now),
		 names[strchr(keys, screen->key) - keys],
		 screen->is_paused ? "  PAUSED" : "");
	draw_line(0, line, A_BOLD);
}

static void draw(const struct screen *screen)
{
	const struct cw_top *top = screen->top;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	erase();
	draw_head(screen);
	if (out) {
		cw_top_print_title(out, top);
		for (size_t i = 0; i < top->count && i < (size_t)LINES; i++)
			cw_top_print_row(out, top, &top->row[i]);
		if (!fclose(out))
			draw_text(text);
		free(text);
	}
	refresh();
}

/* false = quit. */
static bool take_key(struct screen *screen, int key)
{
	switch (key) {
	case KEY_RESIZE:
		/* Terminals do with old lines what they like. */
		clearok(stdscr, true);
		break;
	case 'q':
		return false;
	case 'p':
		screen->is_paused = !screen->is_paused;
		break;
	case 'c':
	case 'n':
	case 'r':
	case 'b':
		screen->key = key;
		cw_top_sort(screen->top, key);
		break;
	}
	return true;
}

/* Until a key, the next look, or another size of the screen. */
static int wait_for_key(const struct screen *screen)
{
	int64_t left = (screen->next - clock_now()) / 1000000;

	timeout(left < 0 ? 0 : left);
	return getch();
}

static int look(struct screen *screen)
{
	int ret;

	if (screen->is_paused || clock_now() < screen->next)
		return 0;
	screen->next = clock_now() + screen->ctl->interval;
	ret = cw_top_look(screen->top, screen->ctl->securityfs);
	if (!ret)
		cw_top_sort(screen->top, screen->key);
	return ret;
}

static int run(struct screen *screen)
{
	int ret;

	do {
		ret = look(screen);
		if (ret)
			return ret;
		draw(screen);
		if (screen->is_paused)
			screen->next = clock_now() + screen->ctl->interval;
	} while (take_key(screen, wait_for_key(screen)));
	return 0;
}

/* ncurses puts the terminal back on SIGINT and SIGTERM, we on all else. */
static int show_screen(const struct cw_ctl *ctl, struct cw_top *top)
{
	struct screen screen = { .ctl = ctl, .top = top, .key = 'c' };
	SCREEN *terminal = newterm(NULL, stdout, stdin);
	int ret;

	if (!terminal) {
		log_error("%s: this terminal is not known: use --once",
			  ctl->name);
		return CW_EXIT_FAILED;
	}
	cbreak();
	noecho();
	keypad(stdscr, true);
	curs_set(0);
	ret = run(&screen);
	endwin();
	delscreen(terminal);
	return ret ? cw_ctl_complain(ctl, ret, CW_FILE_CONNECTIONS)
		   : CW_EXIT_OK;
}

int cw_ctl_top(const struct cw_ctl *ctl)
{
	struct cw_top top = { .filter = &ctl->filter };
	bool is_screen = !ctl->once && isatty(STDOUT_FILENO) &&
			 isatty(STDIN_FILENO);
	int ret = is_screen ? show_screen(ctl, &top) : show_once(ctl, &top);

	cw_top_free(&top);
	return ret;
}
