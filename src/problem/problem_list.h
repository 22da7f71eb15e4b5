/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All problems: IU_PROBLEM(name, number, status, code, message). A number never
 * changes its meaning and is never reused; docs/errors.md has cause and remedy.
 * The message is a printf format for iu_problem_make. Where Graph has a message
 * for the same error, ours has the same words. No include guard: the file is
 * included once for each table that is generated from it.
 */
/* clang-format off */

/* Path and method */
IU_PROBLEM(IU_KEY_INVALID, "IU0001", 400, "BadRequest",
           "The key of '%s' must be 1 to 255 bytes of UTF-8 without control characters.")
IU_PROBLEM(IU_METHOD_NOT_ALLOWED, "IU0002", 405, "Request_BadRequest",
           "Specified HTTP method is not allowed for the request target.")
IU_PROBLEM(IU_OPTION_UNKNOWN, "IU0003", 400, "BadRequest",
           "The query option '%s' is not known.")
IU_PROBLEM(IU_OPTION_UNSUPPORTED, "IU0004", 501, "NotImplemented",
           "The query option '%s' is not supported on this resource.")
IU_PROBLEM(IU_OPTION_TWICE, "IU0005", 400, "BadRequest",
           "The query option '%s' is given more than once.")
IU_PROBLEM(IU_KEY_UNQUOTED, "IU0006", 400, "BadRequest",
           "The key of '%s' in parentheses must be quoted, as in %s('key') or %s(id='key'), and each quote in it doubled.")
IU_PROBLEM(IU_USER_UNKNOWN, "IU0007", 400, "BadRequest",
           "/me request is only valid with delegated authentication flow.")

/* Authentication and authorization */
IU_PROBLEM(IU_UNVOUCHED, "IU0010", 401, "InvalidAuthenticationToken",
           "%s")
IU_PROBLEM(IU_TOKEN_NOT_YET_VALID, "IU0011", 401, "InvalidAuthenticationToken",
           "Access token validation failure.")
IU_PROBLEM(IU_TOKEN_AUDIENCE, "IU0012", 401, "InvalidAuthenticationToken",
           "Access token validation failure.")
IU_PROBLEM(IU_SCOPE_MISSING, "IU0013", 403, "Authorization_RequestDenied",
           "Insufficient privileges to complete the operation. API requires one of '%s'. Scopes on the request '%s'.")

/* Header fields */
IU_PROBLEM(IU_CONTENT_TYPE, "IU0020", 415, "UnsupportedMediaType",
           "The request body must have the Content-Type application/json, in UTF-8.")
IU_PROBLEM(IU_CONTENT_ENCODING, "IU0021", 415, "UnsupportedMediaType",
           "The Content-Encoding of the request body is not supported.")
IU_PROBLEM(IU_TRANSFER_ENCODING, "IU0022", 501, "NotImplemented",
           "The Transfer-Encoding of the request is not supported; 'chunked' alone is.")
IU_PROBLEM(IU_NOT_ACCEPTABLE, "IU0023", 406, "NotAcceptable",
           "The resource can be represented as %s only, which the %s rules out.")
IU_PROBLEM(IU_ODATA_MAX_VERSION, "IU0024", 400, "BadRequest",
           "The OData-MaxVersion header must be 4.0 or higher.")
IU_PROBLEM(IU_ODATA_VERSION, "IU0025", 400, "BadRequest",
           "The OData-Version header must be 4.0 or 4.01.")
IU_PROBLEM(IU_ISOLATION, "IU0026", 412, "PreconditionFailed",
           "The service does not isolate requests from each other, as the %s header asks for.")
IU_PROBLEM(IU_REPEAT_INVALID, "IU0027", 400, "BadRequest",
           "The %s header must be %s.")
IU_PROBLEM(IU_REPEAT_OUTSIDE, "IU0028", 412, "PreconditionFailed",
           "The Repeatability-First-Sent header must be a time within the last %" APR_TIME_T_FMT " seconds.")

/* Reading the body */
IU_PROBLEM(IU_BODY_TOO_LARGE, "IU0030", 413, "RequestEntityTooLarge",
           "The request body is larger than the limit of %" APR_OFF_T_FMT " bytes.")
IU_PROBLEM(IU_BODY_TIMEOUT, "IU0031", 408, "RequestTimeout",
           "The request body did not arrive in time.")
IU_PROBLEM(IU_BODY_BROKEN, "IU0032", 400, "BadRequest",
           "The request body is incomplete or its coding is broken.")
/* An input filter has sent the answer already: this is never rendered. */
IU_PROBLEM(IU_BODY_REFUSED, "IU0033", 0, "",
           "")
IU_PROBLEM(IU_BODY_EMPTY, "IU0034", 400, "BadRequest",
           "Empty Payload. JSON content expected.")
IU_PROBLEM(IU_BODY_NOT_JSON, "IU0035", 400, "BadRequest",
           "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format. Line %u, column %u: %s.")
IU_PROBLEM(IU_JSON_FAILED, "IU0036", 500, "InternalServerError",
           "The server failed to read the JSON of the request.")

/* The properties of the body */
IU_PROBLEM(IU_PROPERTY_UNKNOWN, "IU0040", 400, "BadRequest",
           "The property '%s' does not exist on type '%s'.")
IU_PROBLEM(IU_PROPERTY_REQUIRED, "IU0041", 400, "BadRequest",
           "The '%s' property is required to create a usedInsight.")
IU_PROBLEM(IU_LITERAL_INVALID, "IU0042", 400, "BadRequest",
           "Cannot convert the literal '%s' to the expected type '%s'.")
IU_PROBLEM(IU_NODE_UNEXPECTED, "IU0043", 400, "BadRequest",
           "An unexpected '%s' node was found when reading from the JSON reader. A '%s' node was expected.")
IU_PROBLEM(IU_TYPE_MISMATCH, "IU0044", 400, "BadRequest",
           "A value with the type '%s' is not assignable to the expected type '%s'.")
IU_PROBLEM(IU_ID_INVALID, "IU0045", 400, "BadRequest",
           "The property 'id' must be 1 to 255 bytes of UTF-8 without control characters.")
IU_PROBLEM(IU_ID_DIFFERS, "IU0046", 400, "BadRequest",
           "The property 'id' cannot be changed: it must be the key of the URL, or absent.")
IU_PROBLEM(IU_PROPERTY_NOT_NULLABLE, "IU0047", 400, "BadRequest",
           "The '%s' property is required and cannot be set to null.")
IU_PROBLEM(IU_MERGED_TOO_LARGE, "IU0048", 413, "RequestEntityTooLarge",
           "The record as changed would be larger than the limit of %" APR_INT64_T_FMT " bytes.")
IU_PROBLEM(IU_NAVIGATION_SET, "IU0049", 400, "BadRequest",
           "The navigation property 'resource' follows 'resourceReference': it must be null or absent.")

/* Records and preconditions */
IU_PROBLEM(IU_ALREADY_EXISTS, "IU0050", 409, "Request_MultipleObjectsWithSameKeyValue",
           "A usedInsight with the id '%s' already exists.")
IU_PROBLEM(IU_NOT_FOUND, "IU0051", 404, "Request_ResourceNotFound",
           "Resource '%s' does not exist or one of its queried reference-property objects are not present.")
IU_PROBLEM(IU_PRECONDITION_FAILED, "IU0052", 412, "PreconditionFailed",
           "The condition in the %s header does not hold for the resource as it is now.")
IU_PROBLEM(IU_PRECONDITION_REQUIRED, "IU0053", 428, "PreconditionRequired",
           "The request must have an If-Match header with the ETag of the resource.")
IU_PROBLEM(IU_PRECONDITION_INVALID, "IU0054", 400, "BadRequest",
           "The %s header must be '*' or a list of entity tags.")
IU_PROBLEM(IU_VERSION_CONFLICT, "IU0055", 503, "ServiceUnavailable",
           "Other requests changed the resource '%s' at the same time, again and again. The request had no effect and can be repeated.")
IU_PROBLEM(IU_CHANGE_UNKNOWN, "IU0056", 503, "ServiceUnavailable",
           "It is not known whether the resource '%s' was changed. To find out, read it; repeated with the If-Match of before, the request is not done twice.")

IU_PROBLEM(IU_GROUP_FAILED, "IU0057", 424, "FailedDependency",
           "The request was not done, because another one of its atomicityGroup failed.")
IU_PROBLEM(IU_GROUP_TWICE, "IU0058", 400, "BadRequest",
           "The atomicityGroup has another request that writes the resource '%s'.")
IU_PROBLEM(IU_REPEAT_DIFFERS, "IU0059", 422, "UnprocessableEntity",
           "The %s header has the key of an earlier request, whose body was another one. A new request needs a new key.")

/* The database */
IU_PROBLEM(IU_DATABASE_DOWN, "IU0060", 503, "ServiceUnavailable",
           "The database cannot be reached. The request had no effect and can be repeated.")
IU_PROBLEM(IU_DATABASE_REFUSED, "IU0061", 503, "ServiceUnavailable",
           "The database cannot be used as it is set up. The request had no effect and can be repeated.")
IU_PROBLEM(IU_DATABASE_FULL, "IU0062", 503, "ServiceUnavailable",
           "The database has no room left. The request had no effect and can be repeated.")
IU_PROBLEM(IU_DATABASE_READ_ONLY, "IU0063", 503, "ServiceUnavailable",
           "The database takes no changes at present. The request had no effect and can be repeated.")
IU_PROBLEM(IU_DATABASE_BUSY, "IU0064", 503, "ServiceUnavailable",
           "The database is busy. The request had no effect and can be repeated.")
IU_PROBLEM(IU_QUEUE_FULL, "IU0065", 503, "ServiceUnavailable",
           "Too many requests are waiting for the database. The request had no effect and can be repeated.")
IU_PROBLEM(IU_COMMIT_TIMEOUT, "IU0066", 503, "ServiceUnavailable",
           "The database did not get to the request in time. The request had no effect and can be repeated.")
IU_PROBLEM(IU_COMMIT_UNKNOWN, "IU0067", 503, "ServiceUnavailable",
           "It is not known whether the record was stored. It is safe to repeat the request with the id '%s': it will be stored once, or is found there already.")
IU_PROBLEM(IU_STATEMENT_FAILED, "IU0068", 500, "InternalServerError",
           "The database refused the record.")
IU_PROBLEM(IU_READ_TIMEOUT, "IU0069", 503, "ServiceUnavailable",
           "No connection to the database became free in time. The request can be repeated.")
IU_PROBLEM(IU_READ_FAILED, "IU0070", 500, "InternalServerError",
           "The database could not answer the query.")
IU_PROBLEM(IU_READ_STOPPED, "IU0071", 503, "ServiceUnavailable",
           "The database took too long over the query, which was stopped and had no effect. Ask for less, as by fewer functions in $filter or fewer properties in $orderby.")
IU_PROBLEM(IU_CLIENT_GONE, "IU0072", 503, "ServiceUnavailable",
           "The client closed its connection, and the query was stopped.")

IU_PROBLEM(IU_CHECK_LATE, "IU0073", 503, "ServiceUnavailable",
           "The database did not answer in time.")
IU_PROBLEM(IU_NO_DATABASE, "IU0074", 503, "ServiceUnavailable",
           "The virtual host has no database.")

/* Errors that httpd or another module reported by status: see
 * iu_problem_kind_of_status */
IU_PROBLEM(IU_HTTP_BAD_REQUEST, "IU0080", 400, "BadRequest",
           "The request is malformed.")
IU_PROBLEM(IU_HTTP_UNAUTHORIZED, "IU0081", 401, "InvalidAuthenticationToken",
           "Access token validation failure.")
IU_PROBLEM(IU_HTTP_TOKEN_EMPTY, "IU0082", 401, "InvalidAuthenticationToken",
           "Access token is empty.")
IU_PROBLEM(IU_HTTP_FORBIDDEN, "IU0083", 403, "Authorization_RequestDenied",
           "Insufficient privileges to complete the operation.")
IU_PROBLEM(IU_HTTP_NOT_FOUND, "IU0084", 404, "Request_ResourceNotFound",
           "Resource '%s' does not exist or one of its queried reference-property objects are not present.")
IU_PROBLEM(IU_HTTP_METHOD, "IU0085", 405, "Request_BadRequest",
           "Specified HTTP method is not allowed for the request target.")
IU_PROBLEM(IU_HTTP_NOT_ACCEPTABLE, "IU0086", 406, "NotAcceptable",
           "The resource cannot be represented as the Accept header asks.")
IU_PROBLEM(IU_HTTP_TIMEOUT, "IU0087", 408, "RequestTimeout",
           "The request did not arrive in time.")
IU_PROBLEM(IU_HTTP_TOO_LARGE, "IU0088", 413, "RequestEntityTooLarge",
           "The request body is larger than this server allows.")
IU_PROBLEM(IU_HTTP_URI_TOO_LONG, "IU0089", 414, "RequestUriTooLong",
           "The request target is longer than this server allows.")
IU_PROBLEM(IU_HTTP_MEDIA_TYPE, "IU0090", 415, "UnsupportedMediaType",
           "The media type of the request is not supported.")
IU_PROBLEM(IU_HTTP_EXPECTATION, "IU0091", 417, "ExpectationFailed",
           "The expectation in the Expect header cannot be met.")
IU_PROBLEM(IU_HTTP_TOO_MANY, "IU0092", 429, "TooManyRequests",
           "Too many requests. Please try again later.")
IU_PROBLEM(IU_HTTP_FIELDS_TOO_LARGE, "IU0093", 431, "RequestHeaderFieldsTooLarge",
           "The header fields of the request are larger than this server allows.")
IU_PROBLEM(IU_HTTP_CLIENT, "IU0094", 400, "BadRequest",
           "The request cannot be answered.")
IU_PROBLEM(IU_HTTP_INTERNAL, "IU0095", 500, "InternalServerError",
           "The server failed to answer the request.")
IU_PROBLEM(IU_HTTP_NOT_IMPLEMENTED, "IU0096", 501, "NotImplemented",
           "The server does not implement what the request asks for.")
IU_PROBLEM(IU_HTTP_UNAVAILABLE, "IU0097", 503, "ServiceUnavailable",
           "The service is not available at present.")
IU_PROBLEM(IU_HTTP_SERVER, "IU0098", 500, "InternalServerError",
           "The server failed to answer the request.")

/* Query options */
IU_PROBLEM(IU_OPTION_ENCODING, "IU0110", 400, "BadRequest",
           "The query '%s' is not percent-encoded UTF-8 text.")
IU_PROBLEM(IU_OPTION_VALUE, "IU0111", 400, "BadRequest",
           "The value '%s' of the query option '%s' must be %s.")
IU_PROBLEM(IU_OPTION_PART_UNSUPPORTED, "IU0112", 501, "NotImplemented",
           "'%s' at character %d of the query option '%s' is not supported.")
IU_PROBLEM(IU_FILTER_INVALID, "IU0113", 400, "BadRequest",
           "Invalid filter clause at character %d: %s")
IU_PROBLEM(IU_FILTER_TOO_DEEP, "IU0114", 400, "BadRequest",
           "The filter clause is nested deeper than the limit of %d levels at character %d.")
IU_PROBLEM(IU_FILTER_TOO_LARGE, "IU0115", 400, "BadRequest",
           "The filter clause has more than the limit of %d operators, functions, properties and literals at character %d.")
IU_PROBLEM(IU_ORDER_INVALID, "IU0116", 400, "BadRequest",
           "Invalid order by clause at character %d: %s")
IU_PROBLEM(IU_SELECT_INVALID, "IU0117", 400, "BadRequest",
           "Invalid select clause at character %d: %s")
IU_PROBLEM(IU_EXPAND_INVALID, "IU0118", 400, "BadRequest",
           "Invalid expand clause at character %d: %s")
IU_PROBLEM(IU_SKIP_TOKEN_INVALID, "IU0119", 400, "BadRequest",
           "The skip token is not valid for this request.")
IU_PROBLEM(IU_LINK_TOO_LONG, "IU0120", 400, "BadRequest",
           "The link to the next page would be longer than this server takes, %d bytes: order by fewer or shorter properties, or shorten the query.")

/* $batch */
IU_PROBLEM(IU_BATCH_INVALID, "IU0180", 400, "BadRequest",
           "Invalid batch payload format. %s")
IU_PROBLEM(IU_BATCH_ANSWER_TOO_LARGE, "IU0181", 413, "RequestEntityTooLarge",
           "The answer to this request does not fit into the answer of the batch, which is limited to %" APR_SIZE_T_FMT " bytes. Send it alone, or in a smaller batch.")
IU_PROBLEM(IU_DEPENDENCY_FAILED, "IU0182", 424, "FailedDependency",
           "The request was not done, because a request that it depends on failed.")
IU_PROBLEM(IU_BATCH_CREDENTIALS, "IU0183", 400, "BadRequest",
           "A request in a batch must not have credentials of its own (Authorization, Proxy-Authorization or Cookie): those of the batch apply to all its requests.")
IU_PROBLEM(IU_BATCH_MULTIPART, "IU0184", 415, "UnsupportedMediaType",
           "A batch in the multipart format is not supported: send it as JSON, with the Content-Type application/json.")
/* clang-format on */
