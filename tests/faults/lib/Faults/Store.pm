# SPDX-License-Identifier: Apache-2.0
# The database behind the server. What every kind has: new(folder, user: of the
# server's children), start, stop, parameters (of InsightsUsedDBD, for each
# httpd that is to be), databases (for the judge), disorder and run (SQL, as
# another program would).
package Faults::Store;
use strict;
use warnings;

# All rows that a connection finds, for the judge.
sub rows_of {
    my ($self, $connection) = @_;
    return $connection->selectall_arrayref(
        'SELECT invitation_id AS invitation, id, version, document'
            . ' FROM used_insight',
        {Slice => {}}
    );
}

1;
