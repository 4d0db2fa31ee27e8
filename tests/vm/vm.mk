# SPDX-License-Identifier: GPL-2.0-only
# Everything that boots a VM.  Images and kernels stay in build/ and survive
# `make clean`; names carry a hash of what they are made from.

VM_HASH    = $(shell cat $(1) | sha256sum | cut -c 1-12)
VM_ROOT   := build/vm/root-$(KVER)-$(call VM_HASH,tests/vm/packages tests/vm/rootfs*.sh).sqfs
VM_KERNEL := build/vm/kernel-$(KVER)-$(call VM_HASH,tests/vm/kernel.sh tests/vm/initrd*)
VM_SOURCE := $(shell dpkg-query -W -f '$${Version}' linux-headers-$(KVER) 2>/dev/null)
VM_DEBUG  := build/debug/$(VM_SOURCE)-$(call VM_HASH,tests/vm/debug* tests/vm/initrd*)
VM_BIN    := $(patsubst tests/vm/bin/%.c,build/vm/bin/%,$(wildcard tests/vm/bin/*.c)) \
             $(patsubst tests/vm/bypass/%.c,build/vm/bin/%,$(wildcard tests/vm/bypass/*.c)) \
             build/vm/bin/door build/vm/bin/move build/vm/bin/preload.so

# T="word ..." picks the tests whose names contain a word.
T         ?=
VM_TESTS   = $(sort $(wildcard $(if $(T),$(foreach t,$(T),tests/vm/t/*$(t)*.sh),tests/vm/t/*.sh)))

# The parts of `make check`; each leaves its count.
CHECKS    := style analyze unit page vm boot
# check-unit runs cli as well.
COUNTS    := $(CHECKS:%=build/%.count) build/cli.count

# What must be built before a boot; VM_PARTS=module tries a module alone.
VM_PARTS  ?= all


.PHONY: deps deps-build deps-demo demo demo-vm vm bench-table bench-hooks check check-vm check-boot check-debug check-debug-vm check-kernels check-harness check-harness-debug

deps:  ## installs the Debian packages that everything here needs
	$(Q)tests/deps.sh

deps-build:  ## only those that building needs
	$(Q)tests/deps.sh build

deps-demo:
	$(Q)tests/deps.sh demo

# ---- images -------------------------------------------------------------

$(VM_ROOT):
	$(call say,ROOTFS,$@)
	@mkdir -p $(@D)
	$(Q)tests/vm/rootfs.sh $@ $(KVER)

$(VM_KERNEL)/vmlinuz:
	$(call say,KERNEL,$(@D))
	$(Q)tests/vm/kernel.sh $(KVER) $(@D)

$(VM_DEBUG)/vmlinuz:
	$(call say,KERNEL,$(@D))
	$(Q)tests/vm/debug-kernel.sh $(VM_SOURCE) $(@D)

build/vm/bin/%: tests/vm/bin/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) -static -o $@ $<

# For the host, not for the guest
build/vm/tsc: tests/vm/tsc.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) -o $@ $<

# Modules that stand in the way of ours, for the kernel that is tested.
.PHONY: test-modules
VM_MODULES := $(wildcard tests/vm/module/*) lsm/compat.h $(wildcard lsm/probe.*)
test-modules: $(VM_MODULES)
	$(call say,KBUILD,$@)
	@mkdir -p build/module/$(KVER)-test
	$(Q)cp -u $(VM_MODULES) build/module/$(KVER)-test
	$(Q)$(MAKE) -s -C $(KDIR) M=$(abspath build/module/$(KVER)-test) modules

build/vm/bin/%: tests/vm/bypass/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) -static -o $@ $<

VM_DOOR   := $(wildcard tests/vm/bypass/door/*.c)
build/vm/bin/door: $(VM_DOOR) tests/vm/bypass/door/door.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) -static -o $@ $(VM_DOOR)

VM_MOVE   := $(wildcard tests/vm/move/*.c)
build/vm/bin/move: $(VM_MOVE) tests/vm/move/move.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) -static -o $@ $(VM_MOVE)

build/vm/bin/preload.so: tests/vm/bypass/preload/preload.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CFLAGS)) -shared -fPIC -o $@ $<

# ---- boots --------------------------------------------------------------

VM_READY  := $(VM_BIN) build/vm/tsc $(VM_ROOT) $(VM_KERNEL)/vmlinuz
VM_WITH    = -k $(VM_KERNEL) -r $(VM_ROOT) -m build/module/$(KVER)/connwarden.ko

demo: deps-demo  ## shows the main job in a VM; installs what it needs
	$(Q)$(MAKE) demo-vm

demo-vm: all $(VM_READY)
	$(Q)tests/vm/vm.sh demo $(VM_WITH)

vm: $(VM_PARTS) $(VM_READY)  ## a root shell in the VM, module and tools at hand
	$(Q)tests/vm/vm.sh shell $(VM_WITH)

bench-table: all $(VM_READY)  ## the table of connections with a million entries, in the VM
	$(Q)tests/vm/vm.sh bench $(VM_WITH) -t 3000 tests/bench/table.sh

bench-hooks: all $(VM_READY)  ## what the hooks cost, in instructions, in the VM
	$(Q)tests/vm/vm.sh bench $(VM_WITH) -i -M 4096 -t 3000 tests/bench/hooks.sh

# LONG=1 gives tests the time to do all that they could.
VM_LONG    = $(if $(LONG),-s 50 -t 6000)

check-vm: $(VM_PARTS) $(VM_READY) test-modules  ## the VM tests; T=WORD runs only those named so
	$(if $(VM_TESTS),,$(error no VM test is named like "$(T)"))
	$(Q)tests/vm/pair.sh build/vm.count $(VM_WITH) $(VM_LONG) -- $(VM_TESTS)

check-boot: $(VM_PARTS) $(VM_READY)  ## a host that systemd boots, with policyd enabled
	$(Q)tests/vm/vm.sh suite $(VM_WITH) -b -c build/boot.count $(sort $(wildcard tests/vm/boot/*.sh))

check: deps  ## all tests: style, analyze, check-unit, check-page, check-vm, check-boot; installs what they need
	@mkdir -p build; rm -f $(COUNTS)
	$(Q)$(foreach check,$(CHECKS),$(MAKE) check-$(check);) tests/total.sh $(COUNTS)

# The debug kernel is slow: limits of time are stretched.
VM_SLOW   ?= 4
check-debug:  ## the VM tests on a debug kernel: KASAN, lockdep, kmemleak
	$(Q)$(MAKE) check-debug-vm

check-debug-vm: daemon $(VM_BIN) build/vm/tsc $(VM_ROOT) $(VM_DEBUG)/vmlinuz
	$(if $(VM_TESTS),,$(error no VM test is named like "$(T)"))
	$(Q)release=$$(cat $(VM_DEBUG)/release) && \
	$(MAKE) module test-modules KVER=$$release KDIR=$(abspath $(VM_DEBUG)/linux) && \
	tests/vm/pair.sh build/vm-debug.count -k $(VM_DEBUG) -r $(VM_ROOT) \
		-s $(VM_SLOW) -t 3000 -m build/module/$$release/connwarden.ko -- $(VM_TESTS)

# KERNELS="6.12. 7." picks some of them, T=WORD some of the tests.
check-kernels: daemon $(VM_BIN) build/vm/tsc $(VM_ROOT)  ## the VM tests on other Debian kernels
	$(Q)tests/kernels/check.sh $(VM_ROOT) $(VM_TESTS)

check-harness: $(VM_READY)  ## proves that a bad run is called bad
	$(Q)tests/vm/harness.sh each -k $(VM_KERNEL) -r $(VM_ROOT) -t 30

check-harness-debug: $(VM_READY) $(VM_DEBUG)/vmlinuz  ## the same for the debug kernel
	@mkdir -p build/vm/broken
	@cp -u tests/vm/sabotage/debug/broken.c tests/vm/sabotage/debug/Kbuild build/vm/broken
	$(Q)$(MAKE) -s -C $(abspath $(VM_DEBUG)/linux) M=$(abspath build/vm/broken) modules
	$(Q)tests/vm/harness.sh debug -k $(VM_DEBUG) -r $(VM_ROOT) -s $(VM_SLOW) \
		-t 600 -m build/vm/broken/broken.ko
