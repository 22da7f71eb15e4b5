/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version of the module. The Makefile reads it from here, and writes it
 * into the commands, the manual pages and the package.
 */
#ifndef IU_HTTPD_VERSION_H
#define IU_HTTPD_VERSION_H

#define IU_MODULE_VERSION "0.1.0"

#endif
