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
allow any to 10.0.0.1, \\\n # comment\n ; 1:23: expected a destination: any, an address, a prefix, a range or @SET, but the statement ends here
allow any to any \\ ; ok ; allow any to any
allow any to any \\  ; 1:18: backslash that is not the last character of its line
allow any to any \\ x ; 1:18: backslash that is not the last character of its line
allow any to any \\ # comment ; 1:18: backslash that is not the last character of its line
default deny\r\nallow any to any\r\n ; ok ; allow any to any
allow any \\\r\n to any\r\n ; ok ; allow any to any
allow any\r to any ; 1:10: carriage return inside a line
default deny\r\nallow any tp any\r\n ; 2:11: unknown word 'tp'; did you mean 'to'?
\xef\xbb\xbfallow any to any ; ok ; allow any to any
allow any to any\n\xef\xbb\xbfallow any to any ; 2:1: character U+FEFF ZERO WIDTH NO-BREAK SPACE is invisible; in a quoted string write \xef\xbb\xbf
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
allow \x01any to any ; 1:7: character U+0001 is a control character; in a quoted string write \x01
allow any to any \x00 ; 1:18: NUL byte; this is not a text file
allow any to any # \x00 ; 1:20: NUL byte; this is not a text file
allow any to any # \x1b[2J ; 1:20: character U+001B is a control character; in a quoted string write \x1b
allow any to any # caf\xc3\xa9 ; ok ; allow any to any
allow any to any # caf\xe9 ; 1:23: byte 0xe9 is not UTF-8; in a quoted string write \xe9
allow any to any # \xe2\x80\xae reversed ; 1:20: character U+202E RIGHT-TO-LEFT OVERRIDE changes the order of the text; in a quoted string write \xe2\x80\xae
allow any to any # \xe2\x80\x8b zero width ; 1:20: character U+200B ZERO WIDTH SPACE is invisible; in a quoted string write \xe2\x80\x8b
allow /usr/bin/cu\xe2\x80\x8brl to any ; 1:18: character U+200B ZERO WIDTH SPACE is invisible; in a quoted string write \xe2\x80\x8b
allow any to any # \xc2\x85 next line ; 1:20: character U+0085 is a control character; in a quoted string write \xc2\x85
allow any to any # \xed\xa0\x80 surrogate ; 1:20: byte 0xed is not UTF-8; in a quoted string write \xed
allow any to any # \xc0\x80 overlong ; 1:20: byte 0xc0 is not UTF-8; in a quoted string write \xc0
allow any to any # \xf4\x90\x80\x80 too large ; 1:20: byte 0xf4 is not UTF-8; in a quoted string write \xf4
allow any to any # \xf0\x9f\x98\x80 ; ok ; allow any to any
allow any to any # \xe2\x82 ; 1:20: byte 0xe2 is not UTF-8; in a quoted string write \xe2
allow any to any\x7f ; 1:17: character U+007F is a control character; in a quoted string write \x7f
\x00\x00\x00\x00 ; 1:1: NUL byte; this is not a text file
allow any to any\x0c ; 1:17: character U+000C is a control character; in a quoted string write \x0c
include "" ; 1:9: include of no file
# What nobody sees, by Unicode's properties: bidi controls, white space, default ignorables, formats.
allow /usr/bin/cu\xd8\x9crl to any ; 1:18: character U+061C ARABIC LETTER MARK changes the order of the text; in a quoted string write \xd8\x9c
allow any to any # \xe2\x81\xa6 isolate ; 1:20: character U+2066 LEFT-TO-RIGHT ISOLATE changes the order of the text; in a quoted string write \xe2\x81\xa6
allow any to any # \xe2\x80\x8f mark ; 1:20: character U+200F RIGHT-TO-LEFT MARK changes the order of the text; in a quoted string write \xe2\x80\x8f
allow\xc2\xa0any to any ; 1:6: character U+00A0 NO-BREAK SPACE looks like a blank and is none; write a blank; in a quoted string write \xc2\xa0
allow any\xe3\x80\x80to any ; 1:10: character U+3000 IDEOGRAPHIC SPACE looks like a blank and is none; write a blank; in a quoted string write \xe3\x80\x80
allow any to any # \xe2\x80\xaf narrow ; 1:20: character U+202F NARROW NO-BREAK SPACE looks like a blank and is none; write a blank; in a quoted string write \xe2\x80\xaf
allow any to any # a\xe2\x80\xa8allow any to 10.0.0.1 ; 1:21: character U+2028 LINE SEPARATOR looks like a blank and is none; write a blank; in a quoted string write \xe2\x80\xa8
allow any to any\xe2\x80\xa9 ; 1:17: character U+2029 PARAGRAPH SEPARATOR looks like a blank and is none; write a blank; in a quoted string write \xe2\x80\xa9
allow /usr/bin/cu\xc2\xadrl to any ; 1:18: character U+00AD SOFT HYPHEN is invisible; in a quoted string write \xc2\xad
allow /usr/bin/cu\xef\xb8\x8frl to any ; 1:18: character U+FE0F VARIATION SELECTOR-16 is invisible; in a quoted string write \xef\xb8\x8f
allow /usr/bin/cu\xe3\x85\xa4rl to any ; 1:18: character U+3164 HANGUL FILLER is invisible; in a quoted string write \xe3\x85\xa4
allow /usr/bin/cu\xcd\x8frl to any ; 1:18: character U+034F COMBINING GRAPHEME JOINER is invisible; in a quoted string write \xcd\x8f
allow /usr/bin/cu\xe1\xa0\x8erl to any ; 1:18: character U+180E MONGOLIAN VOWEL SEPARATOR is invisible; in a quoted string write \xe1\xa0\x8e
allow /usr/bin/cu\xf3\xa0\x81\xa1rl to any ; 1:18: character U+E0061 TAG LATIN SMALL LETTER A is invisible; in a quoted string write \xf3\xa0\x81\xa1
allow /usr/bin/cu\xe2\xa0\x80rl to any ; 1:18: character U+2800 BRAILLE PATTERN BLANK is invisible; in a quoted string write \xe2\xa0\x80
allow /usr/bin/cu\xe2\x81\xa5rl to any ; 1:18: character U+2065 is invisible; in a quoted string write \xe2\x81\xa5
allow /usr/bin/cu\xee\x80\x80rl to any ; 1:18: character U+E000 is unassigned or for private use; in a quoted string write \xee\x80\x80
allow /usr/bin/cu\xef\xbf\xberl to any ; 1:18: character U+FFFE is unassigned or for private use; in a quoted string write \xef\xbf\xbe
allow /usr/bin/cu\xc0\xafrl to any ; 1:18: byte 0xc0 is not UTF-8; in a quoted string write \xc0
allow any\x0bto any ; 1:10: character U+000B is a control character; in a quoted string write \x0b
allow any to any\x85 ; 1:17: byte 0x85 is not UTF-8; in a quoted string write \x85
allow any \xef\xbb\xbfto any ; 1:11: character U+FEFF ZERO WIDTH NO-BREAK SPACE is invisible; in a quoted string write \xef\xbb\xbf
allow "/opt/\xe2\x80\x8b" to any ; 1:13: character U+200B ZERO WIDTH SPACE is invisible; in a quoted string write \xe2\x80\x8b
allow "/opt/\\xe2\\x80\\x8b" to any ; ok ; =
allow "/opt/a\\xc2\\xa0b" to any ; ok ; =
allow /opt/caf\xc3\xa9/\xe6\x97\xa5\xe6\x9c\xac/\xd0\xb6/\xd7\x90 to any ; ok ; =
allow any to any as "a\\xe2\\x80\\xaeb" ; 1:21: a label has no such characters: character U+202E RIGHT-TO-LEFT OVERRIDE changes the order of the text
allow any to any as "a\\x09b" ; 1:21: a label has no such characters: character U+0009 is a control character
allow any container "a\\xe2\\x80\\x8bb" to any ; 1:21: a container name has no such characters: character U+200B ZERO WIDTH SPACE is invisible
