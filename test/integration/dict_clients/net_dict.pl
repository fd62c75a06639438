# Perl's Net::Dict as a program uses it: net_dict.pl PORT. Prints what its methods return, parted by bars.
use strict;
use warnings;
use Net::Dict;

my $dict = Net::Dict->new('127.0.0.1', Port => $ARGV[0], Timeout => 20) or die "no connection: $@";
my %databases = $dict->dbs;
print "database $_|$databases{$_}\n" for sort keys %databases;
print 'define ', join('|', @$_), "\n" for @{$dict->define('apple')};
print 'match ', join('|', @$_), "\n" for @{$dict->match('app', 'prefix')};
print 'misses ', scalar @{$dict->define('zzzz')}, ' ', scalar @{$dict->match('zzzz', 'exact')}, "\n";
print 'message id ', $dict->msg_id =~ /^<[^<> ]+@[^<> ]+>$/ ? 'as in RFC 822' : $dict->msg_id, "\n";
$dict->quit;
