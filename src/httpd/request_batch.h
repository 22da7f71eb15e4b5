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

#endif
