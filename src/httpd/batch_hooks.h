/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks for the requests of a batch, which are subrequests: other modules take
 * them for requests of their own. For this, r->main is hidden from them:
 *
 * - mod_rewrite does not run rules that redirect or set a status ([R], [R=404])
 *   or have [NS] for subrequests.
 * - Authentication modules give a subrequest the claims of its parent before it
 *   is authenticated. Require would then be satisfied without a user.
 *
 * It is not hidden while httpd runs the hook header_parser, where modules such
 * as mod_qos count requests that they expect to be logged. So mod_setenvif,
 * which uses that hook, is run apart. All functions return DECLINED.
 */
#ifndef IU_HTTPD_BATCH_HOOKS_H
#define IU_HTTPD_BATCH_HOOKS_H

#include "module.h"

/* translate_name, before all other modules: hides r->main, removes the claims
 * of the batch, and sets the variables of SetEnvIf outside of sections. */
int iu_batch_hooks_begin(request_rec *r);

/* post_perdir_config: sets r->main again, and the variables of SetEnvIf in
 * sections. */
int iu_batch_hooks_configure(request_rec *r);

/* access_checker, before all other modules: hides r->main. */
int iu_batch_hooks_hide(request_rec *r);

/* Sets r->main again if it is hidden. To be called after the subrequest, of
 * which any hook may be the last. */
void iu_batch_hooks_show(request_rec *r);

#endif
