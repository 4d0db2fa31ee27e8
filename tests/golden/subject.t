# Who asks: programs.
allow any to any ; ok ; =
allow kernel to any ; ok ; =
deny kernel to 10.0.0.0/8 port 2049 proto tcp ; ok ; =
allow kernal to any ; 1:7: unknown word 'kernal'; did you mean 'kernel'?
allow ay to any ; 1:7: unknown word 'ay'; did you mean 'any'?
allow * to any ; 1:7: unknown word '*'; did you mean 'any'?
allow curl to any ; 1:7: expected a subject: any, kernel or an absolute path, not 'curl'; a program is named by its whole path, as in /usr/bin/curl
allow bin/curl to any ; 1:7: expected a subject: any, kernel or an absolute path, not 'bin/curl'; a program is named by its whole path, as in /usr/bin/curl
allow ./curl to any ; 1:7: expected a subject: any, kernel or an absolute path, not './curl'; a program is named by its whole path, as in /usr/bin/curl
allow ~/curl to any ; 1:7: expected a subject: any, kernel or an absolute path, not '~/curl'; a program is named by its whole path, as in /usr/bin/curl
allow $HOME/curl to any ; 1:7: expected a subject: any, kernel or an absolute path, not '$HOME/curl'; a program is named by its whole path, as in /usr/bin/curl
allow /usr/bin/curl to any ; ok ; =
allow "/usr/bin/curl" to any ; ok ; allow /usr/bin/curl to any
allow /usr/bin/curl, /usr/bin/wget to any ; 1:20: expected a condition or 'to', not ','; only destinations, ports and protocols are lists, write a rule for each
allow /usr/bin/curl /usr/bin/wget to any ; 1:21: expected a condition or 'to', not '/usr/bin/wget'; only destinations, ports and protocols are lists, write a rule for each
allow / to any ; ok ; =
allow /usr/bin/ to any ; 1:7: path '/usr/bin/' is not in its shortest form; write '/usr/bin'
allow //usr/bin/curl to any ; 1:7: path '//usr/bin/curl' is not in its shortest form; write '/usr/bin/curl'
allow /usr//bin/curl to any ; 1:7: path '/usr//bin/curl' is not in its shortest form; write '/usr/bin/curl'
allow /usr/./bin/curl to any ; 1:7: path '/usr/./bin/curl' is not in its shortest form; write '/usr/bin/curl'
allow /usr/../bin/curl to any ; 1:7: path '/usr/../bin/curl' is not in its shortest form; write '/bin/curl'
allow /../usr/bin/curl to any ; 1:7: path '/../usr/bin/curl' is not in its shortest form; write '/usr/bin/curl'
allow /usr/bin/curl/. to any ; 1:7: path '/usr/bin/curl/.' is not in its shortest form; write '/usr/bin/curl'
allow /usr/bin/.. to any ; 1:7: path '/usr/bin/..' is not in its shortest form; write '/usr'
allow /.. to any ; 1:7: path '/..' is not in its shortest form; write '/'
allow /usr/bin/... to any ; ok ; =
allow /usr/bin/.hidden to any ; ok ; =
allow /usr/bin/* to any ; ok ; =
allow /usr/bin/python3.* to any ; ok ; =
allow /usr/lib/** to any ; ok ; =
allow /** to any ; ok ; =
allow /usr/**/bin/?url to any ; ok ; =
allow /usr/lib/*** to any ; 1:7: '***' in a path; '*' stays within a component, '**' crosses them
allow /usr/lib/**** to any ; 1:7: '***' in a path; '*' stays within a component, '**' crosses them
allow /usr/bin/[ to any ; ok ; =
allow /usr/bin/[ab] to any ; ok ; =
allow /usr/bin/{a} to any ; ok ; =
allow /usr/bin/a,b to any ; 1:17: expected a condition or 'to', not ','; only destinations, ports and protocols are lists, write a rule for each
allow "/usr/bin/a,b" to any ; ok ; =
allow "/usr/bin/a b" to any ; ok ; =
allow /usr/bin/a\\ b to any ; 1:17: backslash inside a word; put the word in quotes, there \\ is a backslash and a space needs none
allow /usr/bin/a"b" to any ; 1:17: quote inside a word; put quotes around it all
allow "/usr/bin/a"b to any ; 1:19: blank missing after a string
allow "/usr/bin/a\\"b" to any ; ok ; =
allow "/usr/bin/a\\\\b" to any ; ok ; =
allow "/usr/bin/a\\x20b" to any ; ok ; allow "/usr/bin/a b" to any
allow "/usr/bin/a\\x09b" to any ; ok ; =
allow "/usr/bin/a\\xffb" to any ; ok ; =
allow "/usr/bin/a\\x0ab" to any ; ok ; =
allow "/usr/bin/\\xc3\\xa9" to any ; ok ; allow /usr/bin/é to any
allow /usr/bin/\xc3\xa9 to any ; ok ; =
allow "/usr/bin/\\xe2\\x80\\xae" to any ; ok ; =
allow "/usr/bin/a\\x00b" to any ; 1:18: unknown escape; there are \" \\ and \xHH (not \x00)
allow "/usr/bin/a\\xg0" to any ; 1:18: unknown escape; there are \" \\ and \xHH (not \x00)
allow "/usr/bin/a\\n" to any ; 1:18: unknown escape; there are \" \\ and \xHH (not \x00)
allow "/usr/bin/a\\x4" to any ; 1:18: unknown escape; there are \" \\ and \xHH (not \x00)
allow "/usr/bin/a\\ to any ; 1:7: closing quote missing on this line
allow "/usr/bin/curl to any ; 1:7: closing quote missing on this line
allow "" to any ; 1:7: path '' is not absolute
allow "any" to any ; 1:7: path 'any' is not absolute
allow "curl" to any ; 1:7: path 'curl' is not absolute
allow "/usr/bin/\\x2a" to any ; ok ; allow /usr/bin/* to any
allow /usr/bin/a#b to any ; ok ; =
allow /usr/bin/a=b to any ; ok ; =
allow /usr/bin/@a to any ; ok ; =
allow @loopback to any ; 1:7: expected a subject: any, kernel or an absolute path, not '@loopback'
allow to any ; 1:7: no subject before 'to'; 'any' is for every program
allow any ; 1:10: expected a condition or 'to', but the statement ends here
allow any any ; 1:11: expected a condition or 'to', not 'any'
allow any t any ; 1:11: unknown word 't'; did you mean 'to'?
allow any from any ; 1:11: expected a condition or 'to', not 'from'; the order is 'to' DESTINATION, 'port', 'from port', 'proto'
allow /usr/bin/curl scrpt /x to any ; 1:21: unknown word 'scrpt'; did you mean 'script'?
allow any, kernel to any ; 1:10: expected a condition or 'to', not ','; only destinations, ports and protocols are lists, write a rule for each
