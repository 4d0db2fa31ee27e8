# SPDX-License-Identifier: GPL-2.0-only
# Fuzzing with libFuzzer, and line coverage of policy/ by the unit tests.

FUZZ_TIME    ?= 60
FUZZ_FLAGS   := -O1 -g -std=gnu11 -D_GNU_SOURCE -iquote . -MMD -MP \
                -fno-omit-frame-pointer -fno-sanitize-recover=undefined
FUZZ_MAX_LEN_rules := 4096
FUZZ_MAX_LEN_blob  := 16384
FUZZ_MAX_LEN_proto := 25000
FUZZ_MAX_LEN_rows  := 16384
# Each file that is refused is told on standard error.
FUZZ_QUIET_rows    := -close_fd_mask=2

build/fuzz/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<

build/fuzz/fuzz-blob: build/fuzz/tests/unit/hostile.o
build/fuzz/fuzz-rows: $(patsubst %,build/fuzz/%.o,$(filter-out policyctl/policyctl,$(CTL)))
build/fuzz/policyctl/graph/graph_html.o: $(PAGE)
build/fuzz/fuzz-%: build/fuzz/tests/fuzz/%.o $(POLICY:%=build/fuzz/%.o) $(LIB:%=build/fuzz/%.o)
	$(call say,LD,$@)
	$(Q)$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $(sort $(filter %.o,$^)) $(CTL_LIBS) $(POLICY_LIBS)

# What is found new goes to build/fuzz/corpus, what fails to build/fuzz.
FUZZ_RUNS := fuzz-run-rules fuzz-run-blob fuzz-run-proto fuzz-run-rows
.PHONY: fuzz $(FUZZ_RUNS) fuzz-seeds coverage
fuzz: $(FUZZ_RUNS)  ## all fuzz targets, FUZZ_TIME=60 s each
$(FUZZ_RUNS): fuzz-run-%: build/fuzz/fuzz-%
	@mkdir -p build/fuzz/corpus/$*
	$(Q)build/fuzz/fuzz-$* -max_total_time=$(FUZZ_TIME) -timeout=10 \
		-max_len=$(FUZZ_MAX_LEN_$*) $(FUZZ_QUIET_$*) -print_final_stats=1 -verbosity=1 \
		-artifact_prefix=build/fuzz/$*- \
		build/fuzz/corpus/$* tests/fuzz/seeds/$* 2>build/fuzz/$*.log \
		|| { tail -n 40 build/fuzz/$*.log; exit 1; }
	$(Q)echo "fuzz $*: clean," $$(sed -n 's/stat::number_of_executed_units: *//p' \
		build/fuzz/$*.log) "runs in $(FUZZ_TIME) s"

build/fuzz/make-seeds: tests/fuzz/make_seeds.c tests/unit/random_policy.c \
                       $(wildcard lib/*.[ch] policy/*/*.[ch] include/*.h)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MF build/fuzz/make-seeds.d -o $@ $(filter %.c,$^) $(POLICY_LIBS)

fuzz-seeds: build/fuzz/make-seeds  ## writes the binary seeds anew
	@mkdir -p tests/fuzz/seeds/blob tests/fuzz/seeds/proto
	$(Q)build/fuzz/make-seeds tests/fuzz/seeds

# ---- coverage -----------------------------------------------------------

build/coverage/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -O0 $(if $(filter policy/%,$<),--coverage) -c -o $@ $<

build/coverage/unit/%: build/coverage/tests/unit/%.o \
                       $(UNIT_SOURCES:%=build/coverage/%.o)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) --coverage -o $@ $^ -lcheck -lsubunit -lm -lrt -lpthread \
		$(DAEMON_LIBS) $(CTL_LIBS) $(POLICY_LIBS)

coverage: $(UNIT:%=build/coverage/unit/%)  ## lines of policy/ that the unit tests reach
	$(Q)find build/coverage -name '*.gcda' -delete
	$(Q)for program in $^; do $$program >build/coverage/output 2>&1 || \
		{ cat build/coverage/output; exit 1; }; done
	$(Q)lcov --quiet --capture --directory build/coverage/policy \
		--output-file build/coverage/policy.info 2>build/coverage/lcov.log
	$(Q)lcov --list build/coverage/policy.info 2>>build/coverage/lcov.log

-include $(shell find build/fuzz build/coverage -name '*.d' 2>/dev/null)
