# SPDX-License-Identifier: Apache-2.0
# SQLite's file: how the module keeps it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use InsightsUsed::Test;
use Test::More;
use InsightsUsed::Database;

is create(new_invitation())->status, 201, 'there is a record';
is database()->value('PRAGMA journal_mode'), 'wal', 'WAL';
ok database()->is_in_order, 'in order';
my $mode = (stat state_file('db/used_insight.db'))[2] & 07777;
is $mode & 02, 0, 'not for all to write';

finish();
