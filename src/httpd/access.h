/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access control. An authentication module checks the token and leaves its
 * claims in the environment. This file checks what such modules do not: that
 * one of them has run, nbf, aud, and the scopes in all their forms. It also
 * finds out who "me" is.
 */
#ifndef IU_HTTPD_ACCESS_H
#define IU_HTTPD_ACCESS_H

#include "module.h"

#include "../problem/problem.h"

typedef enum iu_access {
    IU_ACCESS_READ,
    IU_ACCESS_WRITE,
    IU_ACCESS_BATCH /* the scopes are checked for each request of the batch */
} iu_access;

/* Returns NULL if r may proceed. Otherwise IU_UNVOUCHED,
 * IU_TOKEN_NOT_YET_VALID, IU_TOKEN_AUDIENCE or IU_SCOPE_MISSING, in r->pool;
 * sets WWW-Authenticate (RFC 6750 section 3). */
iu_problem *iu_access_check(request_rec *r, iu_access access);

/* The id of the user who calls: the token's claim that InsightsUsedUserClaim
 * names; by default oid, or else sub. NULL: r is not authenticated, or the
 * claim is absent, an array or no valid key. Points into data of r. */
const char *iu_access_user_id(const request_rec *r);

#endif
