# Destinations: addresses, prefixes, ranges, names.
allow any to 10.0.0.1 ; ok ; =
allow any to 10.0.0.1, 10.0.0.2 ; ok ; =
allow any to 10.0.0.1,10.0.0.2 ; ok ; allow any to 10.0.0.1, 10.0.0.2
allow any to 10.0.0.1 ,10.0.0.2 ; ok ; allow any to 10.0.0.1, 10.0.0.2
allow any to 10.0.0.1 , 10.0.0.2 ; ok ; allow any to 10.0.0.1, 10.0.0.2
allow any to 0.0.0.0 ; ok ; =
allow any to 255.255.255.255 ; ok ; =
allow any to 0.0.0.0/0 ; ok ; =
allow any to 10.0.0.0/8 ; ok ; =
allow any to 10.0.0.0/32 ; ok ; allow any to 10.0.0.0
allow any to 10.0.0.0/31 ; ok ; =
allow any to 10.0.0.0/33 ; 1:14: prefix length '33' is no number from 0 to 32
allow any to 10.0.0.0/ ; 1:14: prefix length '' is no number from 0 to 32
allow any to 10.0.0.0/x ; 1:14: prefix length 'x' is no number from 0 to 32
allow any to 10.0.0.0/-1 ; 1:14: prefix length '-1' is no number from 0 to 32
allow any to 10.0.0.0/8/8 ; 1:14: prefix length '8/8' is no number from 0 to 32
allow any to 10.0.0.0/255.0.0.0 ; 1:14: '255.0.0.0' is a mask; write 10.0.0.0/8
allow any to 10.0.0.0/008 ; 1:14: prefix length '008' is no number from 0 to 32 without leading zeros
allow any to 10.0.0.0/4294967304 ; 1:14: prefix length '4294967304' is no number from 0 to 32
allow any to 10.0.0.1/8 ; 1:14: '10.0.0.1/8' has bits set behind the prefix; write 10.0.0.0/8 for the network, or leave out /8 for the address
allow any to 10.1.2.3/31 ; 1:14: '10.1.2.3/31' has bits set behind the prefix; write 10.1.2.2/31 for the network, or leave out /31 for the address
allow any to 192.168.1.1/24 ; 1:14: '192.168.1.1/24' has bits set behind the prefix; write 192.168.1.0/24 for the network, or leave out /24 for the address
allow any to /8 ; 1:14: '/8' is no address; names of hosts cannot be used yet, and a set is written '@NAME'
allow any to 256.0.0.1 ; 1:14: '256.0.0.1' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to 1.2.3 ; 1:14: '1.2.3' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to 1.2.3.4.5 ; 1:14: '1.2.3.4.5' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to 01.2.3.4 ; 1:14: '01.2.3.4' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to 1.2.3.4: ; 1:14: '1.2.3.4:' is no address; write it bare, and the port behind 'port'
allow any to 1.2.3.4:80 ; 1:14: '1.2.3.4:80' is no address; write it bare, and the port behind 'port'
allow any to 1 ; 1:14: '1' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to 0x7f000001 ; 1:14: '0x7f000001' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to 10.0.0.0-10.0.0.255 ; ok ; allow any to 10.0.0.0/24
allow any to 10.0.0.1-10.0.0.254 ; ok ; =
allow any to 10.0.0.1-10.0.0.1 ; ok ; allow any to 10.0.0.1
allow any to 10.0.0.0-10.0.1.255 ; ok ; allow any to 10.0.0.0/23
allow any to 10.0.0.1-10.0.0.2 ; ok ; =
allow any to 0.0.0.0-255.255.255.255 ; ok ; allow any to 0.0.0.0/0
allow any to 10.0.0.2-10.0.0.1 ; 1:14: range '10.0.0.2-10.0.0.1' is the wrong way round; write 10.0.0.1-10.0.0.2
allow any to 10.0.0.1- ; 1:14: the range has only one end
allow any to 10.0.0.1-5 ; 1:14: '5' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to -10.0.0.1 ; 1:14: '-10.0.0.1' is no address; names of hosts cannot be used yet, and a set is written '@NAME'
allow any to 10.0.0.1 - 10.0.0.2 ; 1:23: expected a comma, port, proto, an option or the end of the statement, not '-'
allow any to 10.0.0.0/8-11.0.0.0/8 ; 1:14: prefix length '8-11.0.0.0/8' is no number from 0 to 32
allow any to 10.0.0.1-2001:db8::1 ; 1:14: range '10.0.0.1-2001:db8::1' mixes IPv4 and IPv6
allow any to 2001:db8::1-10.0.0.1 ; 1:14: range '2001:db8::1-10.0.0.1' mixes IPv4 and IPv6
allow any to ::1 ; ok ; =
allow any to :: ; ok ; =
allow any to ::/0 ; ok ; =
allow any to 2001:db8::/32 ; ok ; =
allow any to 2001:DB8::1 ; ok ; allow any to 2001:db8::1
allow any to 2001:0db8:0000:0000:0000:0000:0000:0001 ; ok ; allow any to 2001:db8::1
allow any to 2001:db8::1/32 ; 1:14: '2001:db8::1/32' has bits set behind the prefix; write 2001:db8::/32 for the network, or leave out /32 for the address
allow any to 2001:db8::/129 ; 1:14: prefix length '129' is no number from 0 to 128
allow any to 2001:db8::-2001:db8::ffff ; ok ; allow any to 2001:db8::/112
allow any to 2001:db8::1-2001:db8::fffe ; ok ; =
allow any to 2001:db8::2-2001:db8::1 ; 1:14: range '2001:db8::2-2001:db8::1' is the wrong way round; write 2001:db8::1-2001:db8::2
allow any to fe80::1%eth0 ; ok ; =
allow any to fe80::%2/64 ; 1:14: zone '2' is a number, which another boot gives to another interface; write its name
allow any to 2001:::1 ; 1:14: '2001:::1' is no IPv6 address
allow any to 2001:db8::g ; 1:14: '2001:db8::g' is no IPv6 address
allow any to [2001:db8::1] ; 1:14: '[2001:db8::1]' is no address; write it bare, and the port behind 'port'
allow any to [2001:db8::1]:80 ; 1:14: '[2001:db8::1]:80' is no address; write it bare, and the port behind 'port'
allow any to ::ffff:10.0.0.1 ; ok ; allow any to 10.0.0.1
allow any to ::ffff:a00:1 ; ok ; allow any to 10.0.0.1
allow any to ::ffff:10.0.0.0/104 ; ok ; allow any to 10.0.0.0/8
allow any to ::ffff:0:0/96 ; ok ; allow any to 0.0.0.0/0
allow any to ::ffff:10.0.0.1/104 ; 1:14: '::ffff:10.0.0.1/104' has bits set behind the prefix; write ::ffff:10.0.0.0/104 for the network, or leave out /104 for the address
allow any to ::ffff:0:0/95 ; 1:14: '::ffff:0:0/95' has bits set behind the prefix; write ::fffe:0:0/95 for the network, or leave out /95 for the address
allow any to ::fffe:0:0/95 ; ok ; =
allow any to ::ffff:10.0.0.1-::ffff:10.0.0.9 ; ok ; allow any to 10.0.0.1-10.0.0.9
allow any to ::1-::ffff:10.0.0.9 ; 1:14: range '::1-::ffff:10.0.0.9' mixes IPv4 and IPv6
allow any to ::ffff:10.0.0.9-1:: ; 1:14: range '::ffff:10.0.0.9-1::' mixes IPv4 and IPv6
allow any to ::10.0.0.1 ; ok ; =
allow any to 64:ff9b::10.0.0.1 ; ok ; allow any to 64:ff9b::a00:1
allow any to any ; ok ; =
allow any to any, 10.0.0.1 ; ok ; =
allow any to 10.0.0.1, any ; ok ; =
allow any to ; 1:13: expected a destination: any, an address, a prefix, a range or @SET, but the statement ends here
allow any to , ; 1:14: expected a destination: any, an address, a prefix, a range or @SET, not ','
allow any to 10.0.0.1, ; 1:23: expected a destination: any, an address, a prefix, a range or @SET, but the statement ends here
allow any to 10.0.0.1,, 10.0.0.2 ; 1:23: expected a destination: any, an address, a prefix, a range or @SET, not ','
allow any to 10.0.0.1 10.0.0.2 ; 1:23: expected a comma, port, proto, an option or the end of the statement, not '10.0.0.2'
allow any to "10.0.0.1" ; 1:14: expected a destination: any, an address, a prefix, a range or @SET, not '"10.0.0.1"'; only paths, names and labels go in quotes
allow any to example.com ; 1:14: 'example.com' is no address; names of hosts cannot be used yet, and a set is written '@NAME'
allow any to localhost ; 1:14: 'localhost' is no address; names of hosts cannot be used yet, and a set is written '@NAME'
allow any to port 80 ; 1:14: expected a destination: any, an address, a prefix, a range or @SET, not 'port'
allow any to host ; 1:18: expected a name after 'host', but the statement ends here
allow any to host example.com ; ok ; =
allow any to host example.com, 10.0.0.1, host b.example.com ; ok ; =
allow any to host Example.COM. ; ok ; allow any to host example.com
allow any to host EXAMPLE ; ok ; allow any to host example
allow any to host 10.0.0.1 ; 1:19: '10.0.0.1' is an address, no name; leave out 'host'
allow any to host 2001:db8::1 ; 1:19: '2001:db8::1' is an address, no name; leave out 'host'
allow any to host exa_mple.com ; ok ; =
allow any to host *.example.com ; 1:19: '*.example.com' is no host name
allow any to host -a.example.com ; 1:19: '-a.example.com' is no host name
allow any to host a..b ; 1:19: 'a..b' is no host name
allow any to host . ; 1:19: '.' is no host name
allow any to host "example.com" ; ok ; allow any to host example.com
allow any to host "a b" ; 1:19: 'a b' is no host name
allow any to host caf\xc3\xa9.example ; 1:19: 'café.example' is no host name
allow any to host xn--caf-dma.example ; ok ; =
allow any to host aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example ; 1:19: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is no host name
allow any to host aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example ; ok ; =
allow any to host , 10.0.0.1 ; 1:19: expected a name after 'host', not ','
allow any to host host ; ok ; =
allow any to @loopback ; ok ; =
allow any to @private, @linklocal, @multicast, @internet ; ok ; =
allow any to @nosuch ; 1:14: unknown set @nosuch
allow any to @lopback ; 1:14: unknown set @lopback; did you mean @loopback?
allow any to @ ; 1:14: '@' is no name for a set: a letter or _, then letters, digits, _ - and dots, 63 in all
allow any to @1 ; 1:14: '@1' is no name for a set: a letter or _, then letters, digits, _ - and dots, 63 in all
allow any to @a/8 ; 1:14: '@a/8' is no name for a set: a letter or _, then letters, digits, _ - and dots, 63 in all
allow any to @a=1 ; 1:16: expected a comma, port, proto, an option or the end of the statement, not '='
allow any to 10.0.0.0/255.0.255.0 ; 1:14: prefix length '255.0.255.0' is no number from 0 to 32
allow any to 2001:db8::/255.0.0.0 ; 1:14: prefix length '255.0.0.0' is no number from 0 to 128
allow any to https://example.com/ ; 1:14: 'https://example.com/' is a URL; rules know addresses and 'port'
allow any to !10.0.0.0/8 ; 1:14: '!10.0.0.0/8' negates; instead, write the exception as a rule of its own before this one
allow any to 10.0.0.* ; 1:14: '10.0.0.*' has a wildcard; write a prefix, as in 10.0.0.0/24
allow any to any; ; 1:14: 'any;' ends with ';'; a statement ends with its line
allow any to anyy ; 1:14: 'anyy' is no address; did you mean 'any'?
# Zones.
allow any to fe80::/10%eth0 ; ok ; =
allow any to fe80::%eth0/64 ; ok ; allow any to fe80::/64%eth0
allow any to fe80::1-fe80::9%br-lan ; ok ; =
allow any to ff02::fb%eth0.10, fe80::1%lo, fe80::1 ; ok ; =
allow any to ff32::1%eth0 ; ok ; =
set @dns = 10.0.0.53, fe80::53%eth0\nset @more = @dns, fe80::54%eth1\nallow any to @more port 53 ; ok ; =
allow any to 2001:db8::1%eth0 ; 1:14: '2001:db8::1' is the same on every interface; only fe80::/10 and multicast of scope 1 and 2 (as ff02::1) have zones
allow any to 10.0.0.1%eth0 ; 1:14: '10.0.0.1%eth0' has a zone; only IPv6 addresses have one
allow any to ::ffff:10.0.0.1%eth0 ; 1:14: '::ffff:10.0.0.1' is the same on every interface; only fe80::/10 and multicast of scope 1 and 2 (as ff02::1) have zones
allow any to ff0e::1%eth0 ; 1:14: 'ff0e::1' is the same on every interface; only fe80::/10 and multicast of scope 1 and 2 (as ff02::1) have zones
allow any to ff05::2%eth0 ; 1:14: 'ff05::2' is the same on every interface; only fe80::/10 and multicast of scope 1 and 2 (as ff02::1) have zones
allow any to fe00::/8%eth0 ; 1:14: 'fe00::/8' is the same on every interface; only fe80::/10 and multicast of scope 1 and 2 (as ff02::1) have zones
allow any to ff02::-ff12::%eth0 ; 1:14: 'ff02::-ff12::' is the same on every interface; only fe80::/10 and multicast of scope 1 and 2 (as ff02::1) have zones
allow any to ::/0%eth0 ; 1:14: '::/0' is the same on every interface; only fe80::/10 and multicast of scope 1 and 2 (as ff02::1) have zones
allow any to fe80::1% ; 1:14: '' is no name of an interface; a zone is written at the end, as in fe80::1%eth0
allow any to fe80::1%abcdefghijklmnop ; 1:14: 'abcdefghijklmnop' is no name of an interface; a zone is written at the end, as in fe80::1%eth0
allow any to fe80::1%eth* ; 1:14: 'eth*' is no name of an interface; a zone is written at the end, as in fe80::1%eth0
allow any to fe80::1%.. ; 1:14: '..' is no name of an interface; a zone is written at the end, as in fe80::1%eth0
allow any to fe80::1%eth0-fe80::9%eth0 ; 1:14: 'eth0-fe80::9%eth0' is no name of an interface; a zone is written at the end, as in fe80::1%eth0
allow any to fe80::g%eth0 ; 1:14: 'fe80::g' is no IPv6 address
allow any to fe80::1%eth0/64 ; 1:14: 'fe80::1/64' has bits set behind the prefix; write fe80::/64 for the network, or leave out /64 for the address
