// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor: packet filters that send packets of this host elsewhere after they
 * were judged.  A rule that allows one address then allows another.
 */
#include <errno.h>
#include <jansson.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor.h"

#define CHAINS_MAX	1024	/* looked at; others are not followed */

/* Chains through which packets of this host go. */
struct chains {
	const json_t *objects;
	const json_t *chain[CHAINS_MAX];
	size_t count;
};

static const char *text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* ---- chains ------------------------------------------------------------- */

static void add_chain(struct chains *chains, const json_t *chain)
{
	for (size_t i = 0; i < chains->count; i++)
		if (chains->chain[i] == chain)
			return;
	if (chains->count < CHAINS_MAX)
		chains->chain[chains->count++] = chain;
}

static bool is_in_table(const json_t *object, const json_t *of)
{
	return !strcmp(text(object, "family"), text(of, "family")) &&
	       !strcmp(text(object, "table"), text(of, "table"));
}

static void add_chain_named(struct chains *chains, const json_t *rule,
			    const char *name)
{
	const json_t *object, *chain;
	size_t i;

	json_array_foreach(chains->objects, i, object) {
		chain = json_object_get(object, "chain");
		if (chain && is_in_table(chain, rule) &&
		    !strcmp(text(chain, "name"), name))
			add_chain(chains, chain);
	}
}

static bool is_rule_of(const json_t *rule, const json_t *chain)
{
	return rule && is_in_table(rule, chain) &&
	       !strcmp(text(rule, "chain"), text(chain, "name"));
}

/* ---- statements --------------------------------------------------------- */

static bool is_daddr(const json_t *mangle)
{
	const json_t *payload = json_object_get(json_object_get(mangle, "key"),
						"payload");

	return !strcmp(text(payload, "field"), "daddr");
}

/*
 * Rules of iptables: libnftables 1.0 does not say what they do.  A match is
 * followed by a statement, so the last one is a target.
 */
static bool is_xt_nat(const json_t *xt, const json_t *chain, bool is_last)
{
	const char *name = text(xt, "name");

	if (!*name)
		return is_last && (!strcmp(text(chain, "type"), "nat") ||
				   !strcmp(text(chain, "table"), "nat"));
	return !strcmp(name, "DNAT") || !strcmp(name, "REDIRECT") ||
	       !strcmp(name, "NETMAP");
}

static bool changes_address(const json_t *statement, const json_t *chain,
			    bool is_last)
{
	const json_t *xt = json_object_get(statement, "xt");

	return json_object_get(statement, "dnat") ||
	       json_object_get(statement, "redirect") ||
	       is_daddr(json_object_get(statement, "mangle")) ||
	       (xt && is_xt_nat(xt, chain, is_last));
}

/* Follows jumps; true when a statement changes the destination. */
static bool rule_changes_address(struct chains *chains, const json_t *rule,
				 const json_t *chain)
{
	const json_t *statements = json_object_get(rule, "expr"), *statement;
	const size_t count = json_array_size(statements);
	bool changes = false;
	const json_t *jump;
	size_t i;

	json_array_foreach(statements, i, statement) {
		jump = json_object_get(statement, "jump")
			?: json_object_get(statement, "goto");
		if (jump)
			add_chain_named(chains, rule, text(jump, "target"));
		changes |= changes_address(statement, chain, i + 1 == count);
	}
	return changes;
}

static void look_through(struct chains *chains, struct cw_nat *nat)
{
	const json_t *object, *rule, *chain;
	size_t i, j;

	for (i = 0; i < chains->count; i++) {
		chain = chains->chain[i];
		json_array_foreach(chains->objects, j, object) {
			rule = json_object_get(object, "rule");
			if (!is_rule_of(rule, chain) ||
			    !rule_changes_address(chains, rule, chain))
				continue;
			if (!nat->rules++)
				snprintf(nat->first, sizeof(nat->first),
					 "%.20s %.80s %.80s",
					 text(chain, "family"),
					 text(chain, "table"),
					 text(chain, "name"));
		}
	}
}

void cw_nat_read(struct cw_nat *nat, const char *ruleset)
{
	json_t *root = json_loads(ruleset, 0, NULL);
	struct chains *chains = calloc(1, sizeof(*chains));
	const json_t *object, *chain;
	size_t i;

	if (!root || !chains)
		nat->error = root ? -ENOMEM : -EPROTO;
	if (!nat->error) {
		chains->objects = json_object_get(root, "nftables");
		json_array_foreach(chains->objects, i, object) {
			chain = json_object_get(object, "chain");
			if (!strcmp(text(chain, "hook"), "output"))
				add_chain(chains, chain);
		}
		look_through(chains, nat);
	}
	free(chains);
	json_decref(root);
}

/* ---- gathering ---------------------------------------------------------- */

/* libnftables ends the whole program when the kernel has no such sockets. */
static bool has_netfilter(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Of the network namespace that policyctl runs in.  A kernel without netfilter's
 * sockets has no nftables, and so no rules. */
void cw_nat_gather(struct cw_nat *nat)
{
	struct nft_ctx *nft;

	if (!has_netfilter()) {
		nat->error = errno == EPROTONOSUPPORT ? 0 : -errno;
		return;
	}
	nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft) {
		nat->error = -ENOMEM;
		return;
	}
	nft_ctx_output_set_flags(nft, NFT_CTX_OUTPUT_JSON);
	if (nft_ctx_buffer_output(nft) || nft_ctx_buffer_error(nft))
		nat->error = -ENOMEM;
	else if (nft_run_cmd_from_buffer(nft, "list ruleset"))
		nat->error = -EPERM;
	else
		cw_nat_read(nat, nft_ctx_get_output_buffer(nft));
	nft_ctx_free(nft);
}

/* ---- the check ---------------------------------------------------------- */

#define ADVICE	"policyctl test says what a rule decides about the address " \
		"that programs name; the filter decides where it goes"

/* Tables of the iptables before nftables can only be seen to be there. */
static bool has_legacy_nat(const struct cw_host *host)
{
	static const char *const files[] = {
		"/proc/net/ip_tables_names", "/proc/net/ip6_tables_names",
	};
	char whole[CW_PATH_MAX], line[64];
	bool is_found = false;
	FILE *file;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(whole, sizeof(whole), "%s%s", host->root, files[i]);
		file = fopen(whole, "re");
		while (file && fgets(line, sizeof(line), file))
			is_found |= !strcmp(line, "nat\n");
		if (file)
			fclose(file);
	}
	return is_found;
}

void cw_check_nat(const struct cw_host *host, struct cw_finding *finding)
{
	const struct cw_nat *nat = &host->nat;

	if (nat->rules)
		cw_finding_set(finding, CW_CHECK_WARNING, ADVICE, "%u rule%s "
			       "of the packet filter change%s the destination "
			       "of what this host sends, after it was judged: "
			       "%s", nat->rules, nat->rules == 1 ? "" : "s",
			       nat->rules == 1 ? "s" : "", nat->first);
	else if (has_legacy_nat(host))
		cw_finding_set(finding, CW_CHECK_WARNING, "iptables-legacy -t "
			       "nat -S OUTPUT", "the table nat of iptables is "
			       "there: it may change the destination of what "
			       "this host sends, after it was judged");
	else if (nat->error)
		cw_finding_set(finding, CW_CHECK_WARNING, "run it as root",
			       "the rules of the packet filter cannot be read "
			       "(%s): they may change the destination of what "
			       "was judged", strerror(-nat->error));
	else
		cw_finding_set(finding, CW_CHECK_OK, NULL, "no packet filter "
			       "changes the destination of what this host "
			       "sends");
}
