# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Sourced by scripts that make a Debian: from where, and with which settings of apt.

# sources: one "deb" line for each Debian suite that apt knows here.
# shellcheck disable=SC2016 # apt's variables, not ours
sources() {
	apt-get indextargets \
		--format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Architecture: amd64' |
		awk '$1 == "Debian" {
			suite = $2 " " $3
			components[suite] = components[suite] " " $4
		} END {
			for (suite in components)
				print "deb " suite components[suite]
		}'
}

# suite: the Debian release of this machine.
suite() {
	# shellcheck source=/dev/null
	(. /etc/os-release && echo "$VERSION_CODENAME")
}

# apt_settings: proxy and checks of this machine's apt.
apt_settings() {
	apt-config dump Acquire | grep -Ei '^Acquire::([a-z]+::Proxy|Check-)' || true
}
