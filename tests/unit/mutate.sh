#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Mutation check: turns round one comparison at a time in a copy of the engine
# and says which of them the property test does not notice.
#   tests/unit/mutate.sh [-e] [FILE...]	default: cell.h match.c verdict.c walk.c trait.c place.c subject.c glob.c
# -e moves the edge instead (< to <=); some of these change cost, not verdicts.
# Survivors are listed; exit status 1 if there are any.
set -u
turn='"<=" => ">", ">=" => "<", "==" => "!=", "!=" => "==", "<" => ">=", ">" => "<="'
if [[ ${1-} == -e ]]; then
	turn='"<=" => "<", ">=" => ">", "<" => "<=", ">" => ">="'
	shift
fi
cd "$(dirname "$0")/../.." || exit 2
files=("$@")
((${#files[@]})) || files=(policy/engine/cell.h policy/engine/{match,verdict,walk,trait,place,subject,glob}.c)
build=build/mutate
flags=(-std=gnu11 -O1 -D_GNU_SOURCE -iquote "$build/tree" -w)
tests=(tests/unit/model.c tests/unit/random_policy.c tests/unit/property_test.c)
mkdir -p "$build/objects" "$build/tree/tests"
cp -r include lib policy "$build/tree/"
cp -r tests/unit "$build/tree/tests/"

object() { echo "$build/objects/$(echo "${1%.c}" | tr / _).o"; }
# Only match.c includes cell.h.
unit_of() { [[ $1 == *.h ]] && echo policy/engine/match.c || echo "$1"; }
compile() { gcc "${flags[@]}" -c -o "$(object "$1")" "$build/tree/$1"; }
objects=()
for source in lib/*.c policy/*/*.c "${tests[@]}"; do
	compile "$source" || exit 2
	objects+=("$(object "$source")")
done
link_test() {
	gcc -o "$build/property_test" "${objects[@]}" \
		-lcheck -lsubunit -lm -lrt -lpthread -lnettle -lunistring
}
# A mutant may loop for ever: then it has been noticed.
noticed() {
	# the inner shell keeps quiet about the signals that mutants die of
	! bash -c 'ulimit -v 8000000; CK_FORK=no timeout 60 "$0"; exit $?' \
		"$build/property_test" >"$build/output" 2>&1
}
link_test || exit 2
if noticed; then
	echo "the property test fails without any mutation:"
	cat "$build/output"
	exit 2
fi

# Lines LINE:OFFSET:OLD:NEW for every comparison outside comments; `->`, `<<`
# and `>>` are not comparisons.
mutations() {
	perl -ne '
		$in = 1 if m{^\s*/\*};
		unless ($in || m{^\s*(//|#)}) {
			my %turn = ('"$turn"');
			while (m{(?<![-<>=!&|])(<=|>=|==|!=|<|>)(?![<>=])}g) {
				print "$.:$-[1]:$1:$turn{$1}\n" if $turn{$1};
			}
		}
		$in = 0 if m{\*/};' "$1"
}
total=0 survivors=0
for file in "${files[@]}"; do
	while IFS=: read -r line offset old new; do
		total=$((total + 1))
		perl -pe "substr(\$_, $offset, length '$old') = '$new' if \$. == $line" \
			"$file" >"$build/tree/$file"
		if compile "$(unit_of "$file")" 2>"$build/output" && link_test && ! noticed; then
			survivors=$((survivors + 1))
			echo "$file:$line: $old -> $new survives:" \
				"$(sed -n "${line}s/^[[:space:]]*//p" "$file")"
		fi
	done < <(mutations "$file")
	cp "$file" "$build/tree/$file"
	compile "$(unit_of "$file")"
done
echo "mutate: $total mutations, $survivors survivors"
((survivors == 0))
