/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who called, and may they. The token itself is checked by an authentication
 * module; what those do not check (that anybody checked at all, nbf, aud,
 * scopes in either of their forms) is checked here from the claims that they
 * leave in the environment.
 */
#ifndef IU_HTTPD_ACCESS_H
#define IU_HTTPD_ACCESS_H

#include "module.h"

#include "../problem/problem.h"

typedef enum iu_access { IU_ACCESS_READ, IU_ACCESS_WRITE } iu_access;

/* NULL: r may. Otherwise IU_UNVOUCHED, IU_TOKEN_NOT_YET_VALID,
 * IU_TOKEN_AUDIENCE or IU_SCOPE_MISSING, with the WWW-Authenticate that goes
 * with it set (RFC 6750 section 3). */
iu_problem *iu_access_check(request_rec *r, iu_access access);

#endif
