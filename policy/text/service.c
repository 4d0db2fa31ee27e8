// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of services that nobody knows: what they may have been meant for.
 */
#include <netdb.h>
#include <stdlib.h>
#include <strings.h>

#include "passes.h"

/* What people call a service, its name at IANA, and its port. */
static const struct synonym {
	const char *word, *name;
	u16 port;
} synonyms[] = {
	{ "amq", "amqp", 5672 }, { "bootp", "bootps", 67 },
	{ "cassandra", NULL, 9042 }, { "cifs", "microsoft-ds", 445 },
	{ "dhcp", "bootps", 67 }, { "dhcp6", "dhcpv6-server", 547 },
	{ "dhcpv6", "dhcpv6-server", 547 }, { "dns", "domain", 53 },
	{ "dns-over-tls", "domain-s", 853 }, { "docker", NULL, 2376 },
	{ "doh", "https", 443 }, { "dot", "domain-s", 853 },
	{ "elastic", NULL, 9200 }, { "elasticsearch", NULL, 9200 },
	{ "etcd", NULL, 2379 }, { "h2", "https", 443 },
	{ "h3", "https", 443 }, { "http2", "https", 443 },
	{ "http3", "https", 443 }, { "ike", "isakmp", 500 },
	{ "ipp-usb", "ipp", 631 }, { "ipsec", "isakmp", 500 },
	{ "iscsi", "iscsi-target", 3260 }, { "k8s", NULL, 6443 },
	{ "kafka", NULL, 9092 }, { "krb", "kerberos", 88 },
	{ "krb5", "kerberos", 88 }, { "kubernetes", NULL, 6443 },
	{ "mail", "smtp", 25 }, { "mariadb", "mysql", 3306 },
	{ "memcache", "memcached", 11211 }, { "memcached", NULL, 11211 },
	{ "mongo", "mongodb", 27017 }, { "mongodb", NULL, 27017 },
	{ "mqtts", "secure-mqtt", 8883 }, { "mssql", "ms-sql-s", 1433 },
	{ "nat-t", "ipsec-nat-t", 4500 }, { "netbios", "netbios-ssn", 139 },
	{ "nfs4", "nfs", 2049 }, { "node-exporter", NULL, 9100 },
	{ "oracle", NULL, 1521 }, { "pg", "postgresql", 5432 },
	{ "pgsql", "postgresql", 5432 }, { "pop", "pop3", 110 },
	{ "portmap", "sunrpc", 111 }, { "postgres", "postgresql", 5432 },
	{ "prometheus", NULL, 9090 }, { "proxy", NULL, 3128 },
	{ "psql", "postgresql", 5432 }, { "quic", "https", 443 },
	{ "rabbitmq", "amqp", 5672 }, { "rdp", "ms-wbt-server", 3389 },
	{ "redis-server", "redis", 6379 }, { "redis", NULL, 6379 },
	{ "rpcbind", "sunrpc", 111 }, { "samba", "microsoft-ds", 445 },
	{ "scp", "ssh", 22 }, { "sftp", "ssh", 22 },
	{ "sips", "sip-tls", 5061 }, { "smb", "microsoft-ds", 445 },
	{ "smtps", "submissions", 465 }, { "sqlserver", "ms-sql-s", 1433 },
	{ "squid", NULL, 3128 }, { "ssdp", NULL, 1900 },
	{ "ssl", "https", 443 }, { "syslog-tls", NULL, 6514 },
	{ "tls", "https", 443 }, { "vnc", NULL, 5900 },
	{ "vxlan", NULL, 4789 }, { "web", "http", 80 },
	{ "winrm", NULL, 5985 }, { "wireguard", NULL, 51820 },
	{ "www", "http", 80 }, { "xmpp", "xmpp-client", 5222 },
	{ "zabbix", "zabbix-agent", 10050 },
};

static const struct synonym *find_synonym(const char *service)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(synonyms); i++)
		if (!strcasecmp(service, synonyms[i].word))
			return &synonyms[i];
	return NULL;
}

/* A minimal host has no /etc/services. */
static bool has_services(void)
{
	bool has;

	setservent(0);
	has = getservent();
	endservent();
	return has;
}

static bool is_known(const char *name, u16 port)
{
	struct servent *entry;
	bool is_found = false;

	setservent(1);
	while (!is_found && (entry = getservent()))
		is_found = !strcmp(entry->s_name, name) &&
			   entry->s_port == (port >> 8 | (port & 0xff) << 8);
	endservent();
	return is_found;
}

/* A name that is spelt much like @service.  Reads all of them. */
static bool find_similar(const char *service, char name[CW_SERVICE_MAX])
{
	u32 best = strlen(service) <= 3 ? 1 : 2, distance;
	struct servent *entry;
	bool is_found = false;

	setservent(1);
	while ((entry = getservent())) {
		distance = cw_word_distance(service, strlen(service),
					   entry->s_name,
					   strlen(entry->s_name), best);
		if (distance > best || (is_found && distance == best) ||
		    strlen(entry->s_name) >= CW_SERVICE_MAX)
			continue;
		strcpy(name, entry->s_name);
		best = distance;
		is_found = true;
	}
	endservent();
	return is_found;
}

int cw_service_mistake(const char *service, char message[CW_MESSAGE_MAX])
{
	const struct synonym *synonym = find_synonym(service);
	char similar[CW_SERVICE_MAX];

	if (synonym && synonym->name && is_known(synonym->name, synonym->port))
		return cw_word_refuse(message, "unknown service '%.60s'; did "
				      "you mean '%s' (port %u)?", service,
				      synonym->name, synonym->port);
	if (synonym)
		return cw_word_refuse(message, "unknown service '%.60s'; this "
				      "host has no name for it, write %u",
				      service, synonym->port);
	if (!has_services())
		return cw_word_refuse(message, "unknown service '%.60s': this "
				      "host knows no names of services (see "
				      "/etc/services); write the number",
				      service);
	if (find_similar(service, similar))
		return cw_word_refuse(message, "unknown service '%.60s'; did "
				      "you mean '%s'?", service, similar);
	return cw_word_refuse(message, "unknown service '%.60s'", service);
}
