/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks for the requests of a batch, which are subrequests. Some modules treat
 * these otherwise than requests that come alone; r->main is hidden from them:
 *
 * - mod_rewrite does not run rules that redirect or set a status ([R], [R=404])
 *   or have [NS].
 * - mod_oauth2 and mod_auth_openidc give them the user and the claims of their
 *   parent: without checking the token by the rules of their own section, and
 *   before authentication, so that Require may be satisfied without a user.
 *
 * It is not hidden from others, which may expect that requests of their own
 * have passed all hooks (mod_auth_digest) or will be logged (mod_qos). So
 * mod_setenvif, which httpd does not run for subrequests, is run apart. All
 * hooks return DECLINED.
 */
#ifndef IU_HTTPD_BATCH_HOOKS_H
#define IU_HTTPD_BATCH_HOOKS_H

#include "module.h"

/* translate_name, before mod_rewrite: hides r->main, and sets the variables of
 * SetEnvIf outside of sections. */
int iu_batch_hooks_begin(request_rec *r);

/* post_perdir_config: sets r->main again, and the variables of SetEnvIf in
 * sections. */
int iu_batch_hooks_configure(request_rec *r);

/* access_checker_ex, before mod_authz_core: hides r->main if a token will
 * authenticate the request. Removes the claims of the batch, unless another
 * module authenticates it. */
int iu_batch_hooks_authorize(request_rec *r);

/* fixups, before mod_rewrite: hides r->main. */
int iu_batch_hooks_hide(request_rec *r);

/* fixups, after mod_rewrite: sets r->main again if it is hidden. To be called
 * also after the subrequest, of which any hook may be the last. */
int iu_batch_hooks_show(request_rec *r);

#endif
