# Options.
allow any to any monitor ; ok ; =
deny any to any monitor ; ok ; =
allow any to any monitor monitor ; 1:26: second 'monitor' in one rule
allow any to any log ; ok ; =
allow any to any nolog ; ok ; =
allow any to any log nolog ; 1:22: 'log' and 'nolog' in one rule
allow any to any nolog log ; 1:24: 'log' and 'nolog' in one rule
allow any to any log log ; 1:22: second 'log' in one rule
allow any to any as "label" ; ok ; =
allow any to any as label ; ok ; allow any to any as "label"
allow any to any as "cloud metadata" ; ok ; =
allow any to any as "" ; 1:21: a label has 1 to 127 bytes
allow any to any as ; 1:20: expected a label after 'as', but the statement ends here
allow any to any as , ; 1:21: expected a label after 'as', not ','
allow any to any as "a" as "b" ; 1:25: second 'as' in one rule
allow any to any as "caf\xc3\xa9" ; ok ; =
allow any to any as "a\\"b\\\\c" ; ok ; =
allow any to any as "a\\x0ab" ; 1:21: a label has no such characters: character U+000A is a control character
allow any to any as "a\\x1bb" ; 1:21: a label has no such characters: character U+001B is a control character
allow any to any as "a\\xffb" ; 1:21: a label has no such characters: byte 0xff is not UTF-8
allow any to any as "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" ; ok ; =
allow any to any as "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" ; 1:21: a label has 1 to 127 bytes
allow any to any as log ; ok ; allow any to any as "log"
allow any to any as "log" log ; ok ; allow any to any log as "log"
allow any to any until 2026-12-31 ; ok ; allow any to any until 2026-12-31T00:00:00Z
allow any to any until 2026-12-31T23:59:59Z ; ok ; =
allow any to any until 2026-12-31T23:59Z ; ok ; allow any to any until 2026-12-31T23:59:00Z
allow any to any until 2026-12-31T23:59:59+02:00 ; ok ; allow any to any until 2026-12-31T21:59:59Z
allow any to any until 2026-12-31T23:59:59-05:30 ; ok ; allow any to any until 2027-01-01T05:29:59Z
allow any to any until 2026-12-31T23:59:59 ; 1:24: time '2026-12-31T23:59:59' has no zone; write '2026-12-31T23:59:59Z' for UTC
allow any to any until 2026-12-31 23:59:59 ; 1:35: expected a comma, port, proto, an option or the end of the statement, not '23:59:59'
allow any to any until 2026-13-01 ; 1:24: '2026-13-01' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-00-01 ; 1:24: '2026-00-01' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-02-29 ; 1:24: '2026-02-29' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2028-02-29 ; ok ; allow any to any until 2028-02-29T00:00:00Z
allow any to any until 2100-02-29 ; 1:24: '2100-02-29' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2000-02-29 ; ok ; allow any to any until 2000-02-29T00:00:00Z
allow any to any until 2026-04-31 ; 1:24: '2026-04-31' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-12-32 ; 1:24: '2026-12-32' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-1-1 ; 1:24: '2026-1-1' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 26-01-01 ; 1:24: '26-01-01' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-01-01T24:00:00Z ; 1:24: '2026-01-01T24:00:00Z' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-01-01T23:60:00Z ; 1:24: '2026-01-01T23:60:00Z' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-01-01T23:59:60Z ; 1:24: '2026-01-01T23:59:60Z' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-01-01T ; 1:24: '2026-01-01T' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-01-01Z ; 1:24: '2026-01-01Z' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-01-01T00:00:00Zx ; 1:24: '2026-01-01T00:00:00Zx' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 2026-01-01t00:00:00z ; 1:24: '2026-01-01t00:00:00z' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 1970-01-01 ; 1:24: time '1970-01-01' is not after 1970
allow any to any until 1970-01-01T00:00:01Z ; ok ; =
allow any to any until 1969-12-31 ; 1:24: '1969-12-31' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until 9999-12-31T23:59:59Z ; ok ; =
allow any to any until 10000-01-01 ; 1:24: '10000-01-01' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until tomorrow ; 1:24: 'tomorrow' is no time; the forms are 2026-12-31 and 2026-12-31T23:59:59Z
allow any to any until ; 1:23: expected a time after 'until', but the statement ends here
allow any to any until 2026-01-01 until 2027-01-01 ; 1:35: second 'until' in one rule
allow any to any until "2026-01-01" ; ok ; allow any to any until 2026-01-01T00:00:00Z
allow any to any until 2026-12-31 as "x" nolog monitor proto tcp port 80 ; ok ; allow any to any port 80 proto tcp monitor nolog as "x" until 2026-12-31T00:00:00Z
allow any to any untill 2026-12-31 ; 1:18: unknown word 'untill'; did you mean 'until'?
allow any to any moniter ; 1:18: unknown word 'moniter'; did you mean 'monitor'?
allow any to any no-log ; 1:18: unknown word 'no-log'; did you mean 'nolog'?
allow any to any label "x" ; 1:18: unknown word 'label'; did you mean 'as'?
allow any to any expires 2026-01-01 ; 1:18: unknown word 'expires'; did you mean 'until'?
allow any monitor to any ; 1:11: expected a condition or 'to', not 'monitor'
allow any to any, monitor ; 1:19: expected a destination: any, an address, a prefix, a range or @SET, not 'monitor'
