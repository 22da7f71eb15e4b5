/* SPDX-License-Identifier: Apache-2.0 */
/* Linked with tests that count leaks: keeps all libraries loaded. When the
 * process ends, apr_dbd unloads its drivers and with them libmariadb. Memory
 * that libmariadb allocates once would then count as a leak, because the
 * pointers to it are gone. */

int dlclose(void *library);

int dlclose(void *library)
{
    (void)library;
    return 0;
}
