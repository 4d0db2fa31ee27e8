/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flow of a socket that was used lately (recent.c).
 */
#ifndef CW_RECENT_H
#define CW_RECENT_H

struct conn;
struct cw_request;

/* The flow of the socket @key that was used lately, if current, which is not the
 * kernel, has begun it with the other end of @request; else NULL.  Under
 * rcu_read_lock() or with preemption off. */
struct conn *cw_recent_find(const void *key, const struct cw_request *request);
/* @conn was used.  Likewise. */
void cw_recent_set(struct conn *conn);

#endif
