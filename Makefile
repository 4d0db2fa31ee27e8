# SPDX-License-Identifier: GPL-2.0-only
# connwarden: `make help` lists what can be made.  Everything goes to build/.

KVER     ?= $(shell dpkg-query -W -f '$${Package}\n' 'linux-headers-*-cloud-amd64' 2>/dev/null | \
              sed -n 's/^linux-headers-\([0-9].*\)/\1/p' | sort -V | tail -n 1)
KDIR     ?= /lib/modules/$(KVER)/build
CC       ?= gcc
CLANG    ?= clang
V        ?= 0
Q        := $(if $(filter 1,$(V)),,@)
say       = $(if $(filter 1,$(V)),,@echo "  $(1)	$(2)")

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings -Wvla
CFLAGS   ?= -O2 -g
CFLAGS   += -std=gnu11 $(WARN) -D_GNU_SOURCE -iquote . -MMD -MP
HARDEN   := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SANITIZE := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined \
            -fno-omit-frame-pointer

POLICY_LIBS := -lnettle -lunistring
DAEMON_LIBS := -lsystemd -laudit -lcap-ng -lsqlite3
CTL_LIBS    := -lsmartcols -laudit -lsqlite3 -ljansson -lnftables -lncursesw -ltinfo

sources   = $(basename $(wildcard $(addsuffix /*.c,$(1))))
POLICY   := $(call sources,$(addprefix policy/,engine text index lint ask))
HISTORY  := $(call sources,history)
LIB      := $(call sources,lib)
BELOW    := $(HISTORY) $(POLICY) $(LIB)
DAEMON   := $(call sources,policyd) $(BELOW)
CTL      := $(call sources,policyctl $(addprefix policyctl/,commands rows doctor graph)) $(BELOW)
UNIT     := $(basename $(notdir $(wildcard tests/unit/*_test.c)))

.DELETE_ON_ERROR:
.PHONY: all module daemon check check-unit check-page check-style check-analyze style analyze mutate pictures install clean help

all: module daemon  ## the module, policyd and policyctl

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

# ---- userspace ----------------------------------------------------------

COMPLETIONS := build/completion/policyctl build/completion/_policyctl
daemon: build/policyd build/policyctl $(COMPLETIONS)  ## policyd, policyctl and its completion

build/policyd: $(DAEMON:%=build/user/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ $(DAEMON_LIBS) $(POLICY_LIBS)

build/policyctl: $(CTL:%=build/user/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) -pie -Wl,-z,relro,-z,now -o $@ $^ $(CTL_LIBS) $(POLICY_LIBS)

# For bash and for zsh, by the names that these look for.
$(COMPLETIONS): build/policyctl
	@mkdir -p $(@D)
	$(Q)$< completion $(if $(filter %/_policyctl,$@),zsh,bash) >$@

# The page of policyctl graph is in the program.
PAGE := $(addprefix policyctl/graph/graph,.html .css _layout.js _details.js _page.js)
$(foreach way,user asan coverage,build/$(way)/policyctl/graph/graph_html.o): $(PAGE)

build/user/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) -c -o $@ $<

# ---- the module ---------------------------------------------------------

# Kbuild writes beside its sources, so it gets a copy of the tree for each
# kernel: build/module/VERSION/.
module: build/module/$(KVER)/connwarden.ko  ## connwarden.ko for KVER

# A kernel that is built anew may have the same release and other structures.
MODULE_SOURCES := Kbuild $(wildcard lsm/*.[ch] lsm/probe.* policy/engine/*.[ch] include/*.h)
build/module/%/connwarden.ko: $(MODULE_SOURCES) $(wildcard $(KDIR)/include/config/auto.conf)
	$(call say,KBUILD,$@)
	@mkdir -p $(@D)
	$(Q)cp --parents -u $(MODULE_SOURCES) $(@D)
	$(Q)$(MAKE) -s -C $(if $(filter $*,$(KVER)),$(KDIR),/lib/modules/$*/build) \
		M=$(abspath $(@D)) modules

# ---- tests --------------------------------------------------------------

build/asan/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) -c -o $@ $<

# A test of the module's own files has what they need of the kernel in kernel.h, so
# that the kernel's headers are empty there.
NO_HEADERS := build/asan/no-headers
build/asan/tests/unit/share_test.o: CFLAGS += -isystem $(NO_HEADERS) -Wno-shadow -Wno-unused-parameter
build/asan/tests/unit/share_test.o: $(NO_HEADERS)/made
$(NO_HEADERS)/made: $(wildcard lsm/*.h) lsm/owner.c lsm/share.c lsm/age.c
	@mkdir -p $(@D)/linux
	@cd $(@D) && sed -n 's/^#include <\(linux.*\)>$$/\1/p' $(filter-out %/compat.h,$(abspath $^)) | grep -v errno | xargs touch made

# All but the two main().
UNIT_SOURCES := $(filter-out policyd/policyd policyctl/policyctl,$(sort $(DAEMON) $(CTL))) \
                $(filter-out %_test,$(call sources,tests/unit))
UNIT_OBJECTS := $(UNIT_SOURCES:%=build/asan/%.o)

build/unit/%: build/asan/tests/unit/%.o $(UNIT_OBJECTS)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ -lcheck -lsubunit -lm -lrt -lpthread \
		$(DAEMON_LIBS) $(CTL_LIBS) $(POLICY_LIBS)

# Built by all processors, also when make was not told so.
check-unit: daemon  ## unit, golden and property tests; usage, man page and completion
	$(Q)$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$$(nproc)) $(UNIT:%=build/unit/%)
	$(Q)tests/unit/run.sh $(UNIT:%=build/unit/%)
	$(Q)tests/cli/cli_test.py build/policyctl $(COMPLETIONS) build/cli.count

style: module  ## shellcheck, and what else of the house's rules a program can check
	$(Q)tests/style.sh
	$(Q)tests/lines.py build/module/$(KVER)/connwarden.ko
	$(Q)tests/style_lengths.py
	$(Q)tests/style_tests.py

analyze:  ## cppcheck, gcc -fanalyzer, clang-tidy; sparse for the module
	$(Q)tests/analyze.sh $(KDIR) build

# make check counts each of them as one test.
check-style check-analyze: check-%:
	@mkdir -p build
	$(Q)$(MAKE) $* && echo 1 0 >build/$*.count || { echo 0 1 >build/$*.count; false; }

mutate:  ## turns comparisons of the engine round; says which of them no test notices
	$(Q)tests/unit/mutate.sh

# ---- the page of policyctl graph ----------------------------------------

check-page: build/policyctl  ## the page of policyctl graph in headless Chromium
	$(Q)tests/page/page_test.py $< build/page build/page.count

# From the export of a VM test, or else from an example.
PICTURE_ROWS := $(firstword $(wildcard build/pictures/export.ndjson) build/pictures/example.ndjson)
build/pictures/example.ndjson: tests/page/rows.py
	@mkdir -p $(@D)
	$(Q)$< example >$@

pictures: build/policyctl $(PICTURE_ROWS)  ## docs/graph.png and docs/top.png, from the last VM test
	$(Q)tests/page/pictures.py $< build/pictures docs $(PICTURE_ROWS)

# ---- installing ---------------------------------------------------------

INSTALL  := install -D
MODULES   = $(DESTDIR)/lib/modules/$(KVER)

install: all  ## everything to DESTDIR, the module for KVER
	$(INSTALL) -m 755 build/policyd $(DESTDIR)/usr/sbin/policyd
	$(INSTALL) -m 755 build/policyctl $(DESTDIR)/usr/sbin/policyctl
	$(INSTALL) -m 644 build/module/$(KVER)/connwarden.ko $(MODULES)/extra/connwarden.ko
	$(INSTALL) -m 644 policyd/policyd.service $(DESTDIR)/lib/systemd/system/policyd.service
	$(INSTALL) -m 644 build/completion/policyctl $(DESTDIR)/usr/share/bash-completion/completions/policyctl
	$(INSTALL) -m 644 build/completion/_policyctl $(DESTDIR)/usr/share/zsh/vendor-completions/_policyctl
	$(INSTALL) -m 640 policyd/audit.rules $(DESTDIR)/etc/audit/rules.d/70-connwarden.rules
	for page in docs/*.[58]; do \
		$(INSTALL) -m 644 $$page $(DESTDIR)/usr/share/man/man$${page##*.}/$${page##*/}; \
	done
	cd policy/examples && for file in *.conf programs/*.conf; do \
		$(INSTALL) -m 644 $$file $(abspath $(DESTDIR)/)/usr/share/doc/connwarden/examples/$$file; \
	done
	$(if $(DESTDIR),,depmod $(KVER))

clean:  ## removes what was built, keeps fetched kernels and packages
	$(Q)rm -rf build/user build/asan build/unit build/module build/fuzz build/coverage build/bench build/policyd build/policyctl

-include tests/vm/vm.mk tests/fuzz/fuzz.mk tests/bench/bench.mk
-include $(shell find build/user build/asan -name '*.d' 2>/dev/null)
.SECONDARY:
