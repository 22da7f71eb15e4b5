# SPDX-License-Identifier: Apache-2.0
# The SQLite file: its state, and a trigger in it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;

is create(new_invitation())->status, 201, 'a record';
is database()->value('PRAGMA journal_mode'), 'wal', 'WAL';
ok database()->is_in_order, 'intact';
my $mode = (stat state_file('db/used_insight.db'))[2] & 07777;
is $mode & 02, 0, 'not world-writable';

# A change that loses to another one on each retry is given up at the timeout.
my $inv   = new_invitation();
my $one   = set_of($inv) . '/one';
my @vhost = (vhost => 'other'); # waits for one second
my $made  = create($inv, minimal(id => 'one'), @vhost);
database('other')->rows(
    'CREATE TRIGGER first BEFORE UPDATE ON used_insight BEGIN'
        . ' SELECT raise(IGNORE); END');
for my $headers ([], ['If-Match: ' . $made->field('ETag')]) {
    refused(
        "other changes win: @$headers",
        call(PATCH => $one, body => '{}', headers => $headers, @vhost),
        'IU0055',
        message => "Other requests changed the resource 'one' at the same"
            . ' time, again and again. The request had no effect and can be'
            . ' repeated.'
    );
}
database('other')->rows('DROP TRIGGER first');
is call(GET => $one, @vhost)->body, $made->body, 'it had no effect';
is call(PATCH => $one, body => '{}', @vhost)->status, 200, 'succeeds later';
expect_log('IU0055');

finish();
