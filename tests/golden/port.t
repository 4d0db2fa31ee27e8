# Ports and protocols.
allow any to any port 80 ; ok ; =
allow any to any port 0 ; ok ; =
allow any to any port 65535 ; ok ; =
allow any to any port 65536 ; 1:23: '65536' is no port: a number from 0 to 65535, or a range of two
allow any to any port 99999999999999999999 ; 1:23: '99999999999999999999' is no port: a number from 0 to 65535, or a range of two
allow any to any port 080 ; 1:23: '080' is no port: a number from 0 to 65535, or a range of two, without leading zeros
allow any to any port 80,443 ; ok ; allow any to any port 80, 443
allow any to any port 80, 443, 8000-8080 ; ok ; =
allow any to any port 80-80 ; ok ; allow any to any port 80
allow any to any port 0-65535 ; ok ; =
allow any to any port 81-80 ; 1:23: port range 81-80 is the wrong way round; write 80-81
allow any to any port 80- ; 1:23: '80-' is no port: a number from 0 to 65535, or a range of two
allow any to any port -80 ; 1:23: '-80' is no port: a number from 0 to 65535, or a range of two
allow any to any port - ; 1:23: '-' is no port: a number from 0 to 65535, or a range of two
allow any to any port 1-2-3 ; 1:23: '1-2-3' is no port: a number from 0 to 65535, or a range of two
allow any to any port 80 - 90 ; 1:26: expected a comma, a clause or the end of the statement, not '-'
allow any to any port 80 443 ; 1:26: expected a comma, a clause or the end of the statement, not '443'
allow any to any port ; 1:22: expected a port: a number, a range, a service or @SET, but the statement ends here
allow any to any port , ; 1:23: expected a port: a number, a range, a service or @SET, not ','
allow any to any port 80, ; 1:26: expected a port: a number, a range, a service or @SET, but the statement ends here
allow any to any port *  ; 1:23: unknown service '*'
allow any to any port any ; 1:23: expected a port: a number, a range, a service or @SET, not 'any'
allow any to any port "80" ; 1:23: expected a port: a number, a range, a service or @SET, not '"80"'; only paths, names and labels go in quotes
allow any to any port http ; ok ; allow any to any port 80
allow any to any port https, domain, ssh ; ok ; allow any to any port 443, 53, 22
allow any to any port htpp ; 1:23: unknown service 'htpp'; did you mean 'http'?
allow any to any port HTTP ; 1:23: unknown service 'HTTP'; did you mean 'http'?
allow any to any port http proto tcp ; ok ; allow any to any port 80 proto tcp
allow any to any port domain proto udp ; ok ; allow any to any port 53 proto udp
allow any to any port http-https ; 1:23: unknown service 'http-https'
allow any to any port exec ; ok ; allow any to any port 512
allow any to any port exec proto tcp ; ok ; allow any to any port 512 proto tcp
allow any to any port biff proto udp ; ok ; allow any to any port 512 proto udp
allow any to any port 0x50 ; 1:23: unknown service '0x50'
allow any to any port 8.0 ; 1:23: unknown service '8.0'
allow any to any port 80 port 443 ; 1:26: second 'port' in one rule
allow any to any proto tcp ; ok ; =
allow any to any proto udp, tcp ; ok ; allow any to any proto tcp, udp
allow any to any proto tcp,udp,sctp,icmp,raw,packet ; ok ; allow any to any proto tcp, udp, sctp, icmp, raw, packet
allow any to any proto packet, raw, icmp, sctp, udp, tcp ; ok ; allow any to any proto tcp, udp, sctp, icmp, raw, packet
allow any to any proto icmp ; ok ; =
allow any to any proto raw ; ok ; =
allow any to any proto packet ; ok ; =
allow any to any proto tcp, tcp ; 1:29: protocol 'tcp' twice
allow any to any proto ; 1:23: expected a protocol: tcp, udp, sctp, icmp, raw or packet, but the statement ends here
allow any to any proto tcp, ; 1:28: expected a protocol: tcp, udp, sctp, icmp, raw or packet, but the statement ends here
allow any to any proto any ; 1:24: expected a protocol: tcp, udp, sctp, icmp, raw or packet, not 'any'
allow any to any proto all ; 1:24: expected a protocol: tcp, udp, sctp, icmp, raw or packet, not 'all'
allow any to any proto TCP ; 1:24: unknown word 'TCP'; did you mean 'tcp'?
allow any to any proto tpc ; 1:24: unknown word 'tpc'; did you mean 'tcp'?
allow any to any proto 6 ; 1:24: expected a protocol: tcp, udp, sctp, icmp, raw or packet, not '6'
allow any to any proto tcp udp ; 1:28: expected a comma, a clause or the end of the statement, not 'udp'
allow any to any proto tcp proto udp ; 1:28: second 'proto' in one rule
allow any to any proto tcp port 80 ; ok ; allow any to any port 80 proto tcp
allow any to any proto icmp port 80 ; 1:24: protocol 'icmp' has no ports
allow any to any port 80 proto icmp ; 1:32: protocol 'icmp' has no ports
allow any to any port 80 proto tcp, raw ; 1:37: protocol 'raw' has no ports
allow any to any port 80 proto packet ; 1:32: protocol 'packet' has no ports
allow any to any port @web ; 1:23: unknown set @web
set @web = 80, 443\nallow any to any port @web ; ok ; =
set @web = 80, 443\nallow any to any port @web, 8080 proto tcp ; ok ; =
allow any to any port @loopback ; 1:23: set @loopback holds addresses, here ports are wanted
allow any to any prot tcp ; 1:18: unknown word 'prot'; did you mean 'proto'?
allow any to any ports 80 ; 1:18: unknown word 'ports'; did you mean 'port'?
allow any to any prt 80 ; 1:18: unknown word 'prt'; did you mean 'port'?
allow any port 80 to any ; 1:11: expected a condition or 'to', not 'port'; the order is 'to' DESTINATION, 'port', 'from port', 'proto'
allow any proto tcp to any ; 1:11: expected a condition or 'to', not 'proto'; the order is 'to' DESTINATION, 'port', 'from port', 'proto'
allow any to 10.0.0.1 port ssh, 10.0.0.2 ; 1:33: unknown service '10.0.0.2'
allow any to any tcp ; 1:18: a protocol is written 'proto tcp'
# Local ports.
allow any to any from port 53 ; ok ; =
allow any to any from port 53 proto udp ; ok ; =
allow any to any proto udp from port 53 port 1024-65535 ; ok ; allow any to any port 1024-65535 from port 53 proto udp
allow any to any from port domain, 5060-5061, ntp ; ok ; allow any to any from port 53, 5060-5061, 123
set @dns = 53, 853\nallow any to any from port @dns, 80 ; ok ; =
allow any to any from port 1-65535 ; ok ; =
allow any to any from port 53 from port 54 ; 1:31: second 'from' in one rule
allow any to any from 53 ; 1:23: expected 'port' after 'from'; the address that packets come from cannot be asked for, not '53'
allow any to any from 10.0.0.1 ; 1:23: expected 'port' after 'from'; the address that packets come from cannot be asked for, not '10.0.0.1'
allow any to any from prot 53 ; 1:23: unknown word 'prot'; did you mean 'port'?
allow any to any from ; 1:22: expected 'port' after 'from'; the address that packets come from cannot be asked for, but the statement ends here
allow any to any from port ; 1:27: expected a port: a number, a range, a service or @SET, but the statement ends here
allow any to any from port any ; 1:28: expected a port: a number, a range, a service or @SET, not 'any'
allow any to any from port 0 ; 1:28: no socket has the local port 0
allow any to any from port 53, 0-10 ; 1:32: no socket has the local port 0
set @p = 0-10\nset @q = 53, @p\nallow any to any from port 53, @q ; 3:32: no socket has the local port 0, which set @q holds
allow any to any from port 65536 ; 1:28: '65536' is no port: a number from 0 to 65535, or a range of two
allow any to any from port htpp ; 1:28: unknown service 'htpp'; did you mean 'http'?
allow any to any from port @loopback ; 1:28: set @loopback holds addresses, here ports are wanted
allow any to any from port 53 proto icmp ; 1:37: protocol 'icmp' has no ports
allow any to any from port 53 proto udp, packet ; 1:42: protocol 'packet' has no ports
allow any from port 53 to any ; 1:11: expected a condition or 'to', not 'from'; the order is 'to' DESTINATION, 'port', 'from port', 'proto'
allow kernel to any from port 51820 ; ok ; =
allow any to any form port 53 ; 1:18: unknown word 'form'; did you mean 'from'?
# What people call services.
allow any to any port dns ; 1:23: unknown service 'dns'; did you mean 'domain' (port 53)?
allow any to any port DNS ; 1:23: unknown service 'DNS'; did you mean 'domain' (port 53)?
allow any to any port postgres ; ok ; allow any to any port 5432
allow any to any port rdp ; 1:23: unknown service 'rdp'; did you mean 'ms-wbt-server' (port 3389)?
allow any to any port quic ; 1:23: unknown service 'quic'; did you mean 'https' (port 443)?
allow any to any port mariadb ; 1:23: unknown service 'mariadb'; did you mean 'mysql' (port 3306)?
allow any to any port smb ; 1:23: unknown service 'smb'; did you mean 'microsoft-ds' (port 445)?
allow any to any port wireguard ; 1:23: unknown service 'wireguard'; this host has no name for it, write 51820
allow any to any port htps ; 1:23: unknown service 'htps'; did you mean 'https'?
allow any to any port tls, dot ; 1:23: unknown service 'tls'; did you mean 'https' (port 443)? | 1:28: unknown service 'dot'; did you mean 'domain-s' (port 853)?
set @p = 22, dhcp ; 1:14: unknown service 'dhcp'; did you mean 'bootps' (port 67)?
# One rule for all numbers.
allow any to any port 0 ; ok ; =
allow any to any port 00 ; 1:23: '00' is no port: a number from 0 to 65535, or a range of two, without leading zeros
allow any to any port 1-08 ; 1:23: '1-08' is no port: a number from 0 to 65535, or a range of two, without leading zeros
allow any to any port 01-8 ; 1:23: '01-8' is no port: a number from 0 to 65535, or a range of two, without leading zeros
allow any to any port 8-7 ; 1:23: port range 8-7 is the wrong way round; write 7-8
allow any to any port 0080 ; 1:23: '0080' is no port: a number from 0 to 65535, or a range of two, without leading zeros
allow any group 007 to any ; 1:11: group id '007' begins with a zero
allow any user 0 to any ; ok ; =
allow any to 2001:db8::/032 ; 1:14: prefix length '032' is no number from 0 to 128 without leading zeros
allow any to 10.0.0.0/08 ; 1:14: prefix length '08' is no number from 0 to 32 without leading zeros
allow any to 010.0.0.1 ; 1:14: '010.0.0.1' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to 10.0.0.1-10.0.0.08 ; 1:14: '10.0.0.08' is no IPv4 address: four numbers from 0 to 255, without leading zeros
allow any to ::ffff:10.0.0.01 ; 1:14: '::ffff:10.0.0.01' is no IPv6 address
allow any to 2001:0db8::1 ; ok ; allow any to 2001:db8::1
