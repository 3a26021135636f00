# A client made of POE::Component::IRC, driven by lines on stdin: see
# test_libraries.py. poe.pl PORT NICK
use strict;
use warnings;
use POE qw(Component::IRC::State Wheel::ReadWrite);

$| = 1;
my ($port, $nick) = @ARGV;
my $irc = POE::Component::IRC::State->spawn(
	server => '127.0.0.1', port => $port, nick => $nick,
	username => 'poe', ircname => 'POE', flood => 1) or die $!;

sub out {
	print join(' ', map { ref ? join(',', @$_) : $_ // '-' } @_), "\n";
}
sub name { (split /!/, $_[0])[0] }

sub obey {
	my ($name, @words) = split / /, $_[ARG0];
	if ($name eq 'members') {
		my $channel = $words[0];
		out 'members', sort map {
			($irc->is_channel_operator($channel, $_) ? '@' :
			$irc->has_channel_voice($channel, $_) ? '+' : '') . $_
		} $irc->channel_list($channel);
	} elsif ($name eq 'isupport') {
		my $prefix = $irc->isupport('PREFIX');
		out 'isupport', @{$irc->isupport('CHANTYPES')},
		    join(',', map { "$_$prefix->{$_}" } sort keys %$prefix),
		    $irc->isupport('NICKLEN');
	} elsif ($name =~ /^(away|quit)$/) {
		$irc->yield($name => @words ? "@words" : ());
	} elsif ($name =~ /^(privmsg|notice|topic|part)$/) {
		$irc->yield($name, shift @words, @words ? "@words" : ());
	} else {
		$irc->yield($name, @words);
	}
}

my %events = (
	irc_join => sub { out 'join', name($_[ARG0]), $_[ARG1] },
	irc_part => sub { out 'part', name($_[ARG0]), @_[ARG1, ARG2] },
	irc_kick => sub { out 'kick', name($_[ARG0]), @_[ARG1 .. ARG3] },
	irc_nick => sub { out 'nick', name($_[ARG0]), $_[ARG1] },
	irc_quit => sub { out 'quit', name($_[ARG0]), '-', $_[ARG1] },
	irc_mode => sub { out 'mode', name($_[ARG0]), @_[ARG1 .. $#_ ] },
	irc_topic => sub { out 'topic', name($_[ARG0]), @_[ARG1, ARG2] },
	irc_invite => sub { out 'invite', name($_[ARG0]), '-', $_[ARG1] },
	irc_public => sub { out 'pubmsg', name($_[ARG0]), @_[ARG1, ARG2] },
	irc_msg => sub { out 'privmsg', name($_[ARG0]), @_[ARG1, ARG2] },
	irc_ctcp_action => sub { out 'action', name($_[ARG0]), @_[ARG1, ARG2] },
	irc_notice => sub { out 'notice', name($_[ARG0]), @_[ARG1, ARG2] },
	irc_whois => sub {
		my $w = $_[ARG0];
		out 'whois', map { "$_=$w->{$_}" }
		    grep { defined $w->{$_} } qw(nick user server real);
	},
	irc_401 => sub { out 'nosuchnick', $_[ARG1] },
	irc_482 => sub { out 'chanoprivsneeded', $_[ARG1] },
	irc_chan_sync => sub { out 'synced', $_[ARG0] },
	irc_001 => sub { out 'welcome', $irc->nick_name },
);
POE::Session->create(inline_states => {
	_start => sub {
		$_[HEAP]{in} = POE::Wheel::ReadWrite->new(
			InputHandle => \*STDIN, OutputHandle => \*STDOUT,
			InputEvent => 'obey', ErrorEvent => 'end');
		$irc->yield(register => 'all');
		$irc->yield(connect => {});
	},
	obey => \&obey,
	end => sub { $irc->yield('shutdown'); delete $_[HEAP]{in} },
	irc_disconnected => sub { exit 0 },
	%events,
});
POE::Kernel->run();
