/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The version of the module. The Makefile reads it from here, and writes it
 * into the commands and their manual pages.
 */
#ifndef IU_TEXT_VERSION_H
#define IU_TEXT_VERSION_H

#define IU_MODULE_VERSION "0.2.0"

#endif
