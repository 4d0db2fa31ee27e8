# SPDX-License-Identifier: GPL-2.0-only
# Benches.  The files that decide are compiled as the kernel compiles them.

ENGINE_KERNEL := $(call sources,policy/engine)
BENCH_HISTORY := $(HISTORY) $(LIB) policy/engine/glob policy/engine/cgroup tests/unit/stream tests/bench/history
BENCH_ACL     := $(shell pkg-config --exists libdpdk 2>/dev/null && echo acl || echo acl_none)
$(ENGINE_KERNEL:%=build/bench/%.o): BENCH_FLAGS := \
	-mgeneral-regs-only -fno-strict-aliasing -fno-PIE
build/bench/tests/bench/acl.o: BENCH_FLAGS = $(shell pkg-config --cflags libdpdk)

build/bench/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BENCH_FLAGS) -c -o $@ $<

build/bench/engine: $(POLICY:%=build/bench/%.o) $(LIB:%=build/bench/%.o) \
                    build/bench/tests/bench/engine.o \
                    build/bench/tests/bench/load.o \
                    build/bench/tests/bench/$(BENCH_ACL).o
	$(call say,LD,$@)
	$(Q)$(CC) -no-pie -o $@ $^ $(POLICY_LIBS) \
		$(if $(filter acl,$(BENCH_ACL)),-lrte_acl -lrte_eal)

.PHONY: bench-engine
bench-engine: build/bench/engine  ## ns a look-up at 10 to 1M rules
	$(Q)build/bench/engine

build/bench/bench-history: $(BENCH_HISTORY:%=build/bench/%.o)
	$(call say,LD,$@)
	$(Q)$(CC) -no-pie -o $@ $^ -lsqlite3 -lm -lunistring

# The file lies on the disk that build/ is on.
.PHONY: bench-history
bench-history: build/bench/bench-history  ## connections stored a second, and found
	$(Q)build/bench/bench-history build/bench

-include $(shell find build/bench -name '*.d' 2>/dev/null)
