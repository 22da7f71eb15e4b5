# SPDX-License-Identifier: Apache-2.0
# The database behind the server. Each class has new(folder, user: of the
# server's children), start, stop, parameters (of InsightsUsedDBD, one for each
# httpd to run), databases (for the judge), disorder, and run (SQL from another
# program).
package Faults::Store;
use strict;
use warnings;

# All rows visible to a connection, for the judge.
sub rows_of {
    my ($self, $connection) = @_;
    return $connection->selectall_arrayref(
        'SELECT invitation_id AS invitation, id, version, document'
            . ' FROM used_insight',
        {Slice => {}}
    );
}

1;
