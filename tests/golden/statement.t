# Statements, comments, lines.
 ; ok
default deny ; ok
default allow ; ok ; =
default ; 1:8: expected 'allow' or 'deny', but the statement ends here
default dney ; 1:9: unknown word 'dney'; did you mean 'deny'?
default deny allow ; 1:14: expected the end of the statement, not 'allow'
default log ; 1:9: expected 'allow' or 'deny', not 'log'
default "deny" ; 1:9: expected 'allow' or 'deny', not '"deny"'; only paths, names and labels go in quotes
default deny\ndefault deny ; 2:1: second 'default' statement
default deny\ndefault allow ; 2:1: second 'default' statement
log none ; ok ; =
log deny ; ok
log all ; ok ; =
log ; 1:4: expected 'none', 'deny' or 'all', but the statement ends here
log any ; 1:5: expected 'none', 'deny' or 'all', not 'any'
log none, deny ; 1:9: expected the end of the statement, not ','
log all\nlog none ; 2:1: second 'log' statement
log all # with a comment ; ok ; log all
# nothing but a comment ; ok
#allow any to any ; ok
   # indented comment ; ok
\t\t ; ok
\n\n\nallow any to 10.0.0.1\n\n ; ok ; allow any to 10.0.0.1
allow any to 10.0.0.1 # comment ; ok ; allow any to 10.0.0.1
allow any to 10.0.0.1# no comment ; 1:14: '10.0.0.1#' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to 10.0.0.1 #comment \\\n, 10.0.0.2 ; 2:1: expected a statement: allow, deny, set, default, log or include, not ','
allow any to any\nallow any to any ; ok ; =
allow any \\\n to any ; ok ; allow any to any
allow any \\\n\\\n\\\nto any ; ok ; allow any to any
allow \\\n\\\n ; 1:6: expected a subject: any, kernel or an absolute path, but the statement ends here
allow any to 10.0.0.1,\\\n\t10.0.0.2,\\\n\t10.0.0.3 ; ok ; allow any to 10.0.0.1, 10.0.0.2, 10.0.0.3
allow any to 10.0.0.1, \\\n # comment\n ; 1:23: expected a destination: any, an address, a prefix, a range, @SET or host NAME, but the statement ends here
allow any to any \\ ; ok ; allow any to any
allow any to any \\  ; 1:18: backslash that is not the last character of its line
allow any to any \\ x ; 1:18: backslash that is not the last character of its line
allow any to any \\ # comment ; 1:18: backslash that is not the last character of its line
default deny\r\nallow any to any\r\n ; ok ; allow any to any
allow any \\\r\n to any\r\n ; ok ; allow any to any
allow any\r to any ; 1:10: carriage return inside a line
default deny\r\nallow any tp any\r\n ; 2:11: unknown word 'tp'; did you mean 'to'?
\xef\xbb\xbfallow any to any ; ok ; allow any to any
allow any to any\n\xef\xbb\xbfallow any to any ; 2:1: character U+FEFF is invisible or changes the order of the line
ALLOW any to any ; 1:1: unknown word 'ALLOW'; did you mean 'allow'?
Allow any to any ; 1:1: unknown word 'Allow'; did you mean 'allow'?
alow any to any ; 1:1: unknown word 'alow'; did you mean 'allow'?
alllow any to any ; 1:1: unknown word 'alllow'; did you mean 'allow'?
permit any to any ; 1:1: unknown word 'permit'; did you mean 'allow'?
drop any to any ; 1:1: unknown word 'drop'; did you mean 'deny'?
al ; 1:1: expected a statement: allow, deny, set, default, log or include, not 'al'
allow ; 1:6: expected a subject: any, kernel or an absolute path, but the statement ends here
deny ; 1:5: expected a subject: any, kernel or an absolute path, but the statement ends here
set ; 1:4: expected @NAME after 'set', but the statement ends here
include ; 1:8: expected a file or a pattern, but the statement ends here
include x ; 1:9: include in a text that comes from no directory
include "/etc/hosts.conf.d/*.conf" ; 1:9: include in a text that comes from no directory
include "a" "b" ; 1:13: expected the end of the statement, not '"b"'; only paths, names and labels go in quotes
include , ; 1:9: expected a file or a pattern, not ','
 allow\tany\tto\tany  ; ok ; allow any to any
allow any to any extra ; 1:18: expected a comma, port, proto, an option or the end of the statement, not 'extra'
, ; 1:1: expected a statement: allow, deny, set, default, log or include, not ','
= ; 1:1: expected a statement: allow, deny, set, default, log or include, not '='
@x ; 1:1: expected a statement: allow, deny, set, default, log or include, not '@x'
@x = 10.0.0.1 ; 1:1: expected a statement: allow, deny, set, default, log or include, not '@x'
"allow" any to any ; 1:1: expected a statement: allow, deny, set, default, log or include, not '"allow"'; only paths, names and labels go in quotes
10.0.0.1 ; 1:1: expected a statement: allow, deny, set, default, log or include, not '10.0.0.1'
/usr/bin/curl to any ; 1:1: expected a statement: allow, deny, set, default, log or include, not '/usr/bin/curl'
default deny\nlog all\nset @a = 10.0.0.1\nallow any to @a ; ok ; log all\nset @a = 10.0.0.1\nallow any to @a
allow any to any\nset @a = 10.0.0.1\nlog all\ndefault allow ; ok ; default allow\nlog all\nset @a = 10.0.0.1\nallow any to any
alow any to any\ndny any to any\nallow any to any\nstet @x = 1 ; 1:1: unknown word 'alow'; did you mean 'allow'? | 2:1: unknown word 'dny'; did you mean 'deny'? | 4:1: unknown word 'stet'; did you mean 'set'?
allow \x01any to any ; 1:7: control character 0x01; in a quoted string write \x01
allow any to any \x00 ; 1:18: NUL byte; this is not a text file
allow any to any # \x00 ; 1:20: NUL byte; this is not a text file
allow any to any # \x1b[2J ; 1:20: control character 0x1b; in a quoted string write \x1b
allow any to any # caf\xc3\xa9 ; ok ; allow any to any
allow any to any # caf\xe9 ; 1:23: byte 0xe9 is not UTF-8; in a quoted string write \xe9
allow any to any # \xe2\x80\xae reversed ; 1:20: character U+202E is invisible or changes the order of the line
allow any to any # \xe2\x80\x8b zero width ; 1:20: character U+200B is invisible or changes the order of the line
allow /usr/bin/cu\xe2\x80\x8brl to any ; 1:18: character U+200B is invisible or changes the order of the line
allow any to any # \xc2\x85 next line ; 1:20: control character 0x85; in a quoted string write \x85
allow any to any # \xed\xa0\x80 surrogate ; 1:20: byte 0xed is not UTF-8; in a quoted string write \xed
allow any to any # \xc0\x80 overlong ; 1:20: byte 0xc0 is not UTF-8; in a quoted string write \xc0
allow any to any # \xf4\x90\x80\x80 too large ; 1:20: byte 0xf4 is not UTF-8; in a quoted string write \xf4
allow any to any # \xf0\x9f\x98\x80 ; ok ; allow any to any
allow any to any # \xe2\x82 ; 1:20: byte 0xe2 is not UTF-8; in a quoted string write \xe2
allow any to any\x7f ; 1:17: control character 0x7f; in a quoted string write \x7f
\x00\x00\x00\x00 ; 1:1: NUL byte; this is not a text file
allow any to any\x0c ; 1:17: control character 0x0c; in a quoted string write \x0c
include "" ; 1:9: include of no file
