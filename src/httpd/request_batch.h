/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a $batch request of httpd. */
#ifndef IU_HTTPD_REQUEST_BATCH_H
#define IU_HTTPD_REQUEST_BATCH_H

#include "module.h"

#include "../service/answer.h"

/* Reads the batch in the body of r, which may access the service, and runs its
 * requests. Each is authorized as if it had come alone with the batch's header
 * fields: by a subrequest, for which httpd runs the hooks and the operator's
 * rules of its own path and method. Its own header fields are not shown to
 * these hooks, since whatever filters header fields in front of httpd has not
 * seen them. *answer is as for iu_service_run. Sets the notes of the batch.
 * Returns NULL, or a problem of the batch as a whole. */
iu_problem *iu_request_batch_run(request_rec *r, iu_answer *answer);

/*
 * Hooks, which both return DECLINED. The first hides r->main if that is a
 * batch, and the second sets it again, so that other modules take the requests
 * of a batch for requests of their own:
 *
 * - mod_rewrite does not run rules that redirect or set a status ([R], [R=404])
 *   or have [NS] for subrequests.
 * - Authentication modules give a subrequest the claims of its parent before it
 *   is authenticated. Require would then be satisfied without a user.
 *
 * Not hidden while httpd runs the hook header_parser, where modules such as
 * mod_qos count requests that they expect to be logged.
 */
int iu_request_batch_hide(request_rec *r);
int iu_request_batch_show(request_rec *r);

#endif
