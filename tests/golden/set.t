# Sets.
set @a = 10.0.0.1 ; ok ; =
set @a=10.0.0.1 ; ok ; set @a = 10.0.0.1
set @a = 10.0.0.1, 10.0.0.0/8, 2001:db8::1, ::1-::5 ; ok ; =
set @a = 80 ; ok ; =
set @a = 80, 443, 8000-8080, https ; ok ; set @a = 80, 443, 8000-8080, 443
set @a = http, https ; ok ; set @a = 80, 443
set @a = host a.example, 10.0.0.1 ; ok ; =
set @a = host a.example ; ok ; =
set @a = 10.0.0.1 \\\n, 10.0.0.2 ; ok ; set @a = 10.0.0.1, 10.0.0.2
set @a = ; 1:9: set @a has no elements
set @a ; 1:7: expected '=', but the statement ends here
set a = 10.0.0.1 ; 1:5: expected @NAME after 'set', not 'a'
set @ = 10.0.0.1 ; 1:5: '@' is no name for a set: a letter or _, then letters, digits, _ - and dots, 63 in all
set @1a = 10.0.0.1 ; 1:5: '@1a' is no name for a set: a letter or _, then letters, digits, _ - and dots, 63 in all
set @-a = 10.0.0.1 ; 1:5: '@-a' is no name for a set: a letter or _, then letters, digits, _ - and dots, 63 in all
set @a-b_c.d2 = 10.0.0.1 ; ok ; =
set @_ = 10.0.0.1 ; ok ; =
set @A = 10.0.0.1 ; ok ; =
set @caf\xc3\xa9 = 10.0.0.1 ; 1:5: '@café' is no name for a set: a letter or _, then letters, digits, _ - and dots, 63 in all
set @aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 80 ; ok ; =
set @aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 80 ; 1:5: '@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is no name for a set: a letter or _, then letters, digits, _ - and dots, 63 in all
set @a 10.0.0.1 ; 1:8: expected '=', not '10.0.0.1'
set @a = 10.0.0.1 10.0.0.2 ; 1:19: expected a comma or the end of the statement, not '10.0.0.2'
set @a = 10.0.0.1, ; 1:19: expected a destination: any, an address, a prefix, a range or @SET, but the statement ends here
set @a = , ; 1:10: expected a destination: any, an address, a prefix, a range or @SET, not ','
set @a = 10.0.0.1,,10.0.0.2 ; 1:19: expected a destination: any, an address, a prefix, a range or @SET, not ','
set @a = any ; 1:10: 'any' in a set; write 'to any' in the rule
set @a = 10.0.0.1, any ; 1:20: 'any' in a set of addresses
set @a = 80, any ; 1:14: expected a port: a number, a range, a service or @SET, not 'any'
set @a = 10.0.0.1, 80 ; 1:20: '80' in a set of addresses
set @a = 80, 10.0.0.1 ; 1:14: '10.0.0.1' in a set of ports
set @a = https, 2001:db8::1 ; 1:17: '2001:db8::1' in a set of ports
set @a = host b.example, 80 ; 1:26: '80' in a set of addresses
set @a = 80, host b.example ; 1:14: 'host' in a set of ports
set @a = nosuchservice ; 1:10: unknown service 'nosuchservice'
set @a = "10.0.0.1" ; 1:10: expected a destination: any, an address, a prefix, a range or @SET, not '"10.0.0.1"'; only paths, names and labels go in quotes
set @a = /usr/bin/curl ; 1:10: '/usr/bin/curl' is no address; names of hosts cannot be used yet, and a set is written '@NAME'
set @a = 10.0.0.1/8 ; 1:10: '10.0.0.1/8' has bits set behind the prefix; write 10.0.0.0/8 for the network, or leave out /8 for the address
set @a = 70000 ; 1:10: '70000' is no port: a number from 0 to 65535, or a range of two
set @a = 10.0.0.1\nset @a = 10.0.0.2 ; 2:5: second definition of set @a
set @a = 10.0.0.1\nset @a = 80 ; 2:5: second definition of set @a
set @loopback = 10.0.0.1 ; 1:5: set @loopback is built in
set @internet = 80 ; 1:5: set @internet is built in
set @a = 10.0.0.1\nset @b = @a ; ok ; =
set @a = 10.0.0.1\nset @b = @a, 10.0.0.2\nallow any to @b ; ok ; =
set @a = 80\nset @b = @a, 443\nallow any to any port @b ; ok ; =
set @a = 80\nset @b = @a\nallow any to any port @b ; ok ; =
set @a = 80\nset @b = @a\nset @c = @b, @a\nallow any to any port @c ; ok ; =
set @a = @private, @loopback ; ok ; =
set @a = @nosuch ; 1:10: unknown set @nosuch
set @a = @a ; 1:10: set @a is used before it is defined
set @a = @b\nset @b = 10.0.0.1 ; 1:10: set @b is used before it is defined
set @a = @b\nset @b = @a ; 1:10: set @b is used before it is defined
set @a = 80\nset @b = 10.0.0.1, @a ; 2:20: set @a holds ports, here addresses are wanted
set @a = 80\nset @b = @a, 10.0.0.1 ; 2:10: set @a holds ports, here addresses are wanted
set @a = 80\nset @b = @a, @loopback ; 2:14: set @loopback holds addresses, here ports are wanted
set @a = 80\nset @b = @loopback, @a ; 2:21: set @a holds ports, here addresses are wanted
set @a = 10.0.0.1\nset @b = 80, @a ; 2:14: set @a holds addresses, here ports are wanted
allow any to @a\nset @a = 10.0.0.1 ; 1:14: set @a is used before it is defined
allow any to any port @a\nset @a = 80 ; 1:23: set @a is used before it is defined
set @a = 80\nallow any to @a ; 2:14: set @a holds ports, here addresses are wanted
set @a = 10.0.0.1\nallow any to any port @a ; 2:23: set @a holds addresses, here ports are wanted
set @web = 80\nallow any to any port @wbe ; 2:23: unknown set @wbe; did you mean @web?
set @a = 10.0.0.300\nallow any to @a ; 1:10: '10.0.0.300' is no IPv4 address: four numbers from 0 to 255, without leading zeros
set @a = 10.0.0.300\nset @b = @a\nallow any to @b, @c ; 1:10: '10.0.0.300' is no IPv4 address: four numbers from 0 to 255, without leading zeros | 3:18: unknown set @c; did you mean @b?
set @a = 10.0.0.300\nset @a = 10.0.0.3\nallow any to @a ; 1:10: '10.0.0.300' is no IPv4 address: four numbers from 0 to 255, without leading zeros
set @a = 80\nallow any to @loopback, @a port @a, @loopback ; 2:25: set @a holds ports, here addresses are wanted | 2:37: set @loopback holds addresses, here ports are wanted
set @a = 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10 ; ok ; set @a = 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, 10.0.0.7, \\\n\t10.0.0.8, 10.0.0.9, 10.0.0.10
set @a1 = 80\nset @a2 = @a1\nset @a3 = @a2\nset @a4 = @a3\nset @a5 = @a4\nset @a6 = @a5\nset @a7 = @a6\nset @a8 = @a7\nset @a9 = @a8\nset @a10 = @a9\nset @a11 = @a10\nset @a12 = @a11\nset @a13 = @a12\nset @a14 = @a13\nset @a15 = @a14\nset @a16 = @a15 ; ok ; =
set @a1 = 80\nset @a2 = @a1\nset @a3 = @a2\nset @a4 = @a3\nset @a5 = @a4\nset @a6 = @a5\nset @a7 = @a6\nset @a8 = @a7\nset @a9 = @a8\nset @a10 = @a9\nset @a11 = @a10\nset @a12 = @a11\nset @a13 = @a12\nset @a14 = @a13\nset @a15 = @a14\nset @a16 = @a15\nset @a17 = @a16 ; 17:5: sets nested deeper than 16
set @a1 = 1,2,3,4,5,6,7,8\nset @a2 = @a1,@a1,@a1,@a1,@a1,@a1,@a1,@a1\nset @a3 = @a2,@a2,@a2,@a2,@a2,@a2,@a2,@a2\nset @a4 = @a3,@a3,@a3,@a3,@a3,@a3,@a3,@a3\nset @a5 = @a4,@a4,@a4,@a4,@a4,@a4,@a4,@a4\nset @a6 = @a5,@a5,@a5,@a5,@a5,@a5,@a5,@a5\nset @a7 = @a6,@a6,@a6,@a6,@a6,@a6,@a6,@a6 ; 7:5: set @a7 has 2097152 elements, more than 1048576
