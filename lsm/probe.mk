# SPDX-License-Identifier: GPL-2.0-only
# Kbuild, included with $(probe) as the folder of this file: makes probed.h
# before anything is compiled.  A kernel that was configured anew is asked anew.
quiet_cmd_cw_probe = PROBE   $@
      cmd_cw_probe = sh $< $@ $(CC) $(filter-out -Wp$(comma)-M%,$(NOSTDINC_FLAGS) $(LINUXINCLUDE) \
                     $(KBUILD_CPPFLAGS) $(KBUILD_CFLAGS) $(KBUILD_CFLAGS_MODULE)) \
                     -DKBUILD_MODNAME='"probe"' -DKBUILD_BASENAME='"probe"'

$(obj)/$(probe)probed.h: $(src)/$(probe)probe.sh $(src)/$(probe)probe.mk $(objtree)/include/config/auto.conf
	$(call cmd,cw_probe)
