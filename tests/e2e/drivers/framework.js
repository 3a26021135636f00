// A client made of irc-framework (npm), driven by lines on stdin: see
// test_libraries.py. framework.js PORT NICK
'use strict';

const IRC = require('irc-framework');
const readline = require('readline');

const [port, nick] = process.argv.slice(2);
const client = new IRC.Client();
const channels = {};
const out = (...words) => console.log(words.join(' '));

client.on('registered', e => out('welcome', e.nick));
client.on('join', e => out('join', e.nick, e.channel));
client.on('part', e => out('part', e.nick, e.channel, e.message));
client.on('kick', e => out('kick', e.nick, e.channel, e.kicked, e.message));
client.on('nick', e => out('nick', e.nick, e.new_nick));
client.on('quit', e => out('quit', e.nick, '-', e.message));
client.on('topic', e => { if (e.nick) out('topic', e.nick, e.channel, e.topic); });
client.on('mode', e => out('mode', e.nick, e.target, e.raw_modes, ...e.raw_params));
client.on('privmsg', e => out(e.target[0] === '#' ? 'pubmsg' : 'privmsg',
	e.nick, e.target, e.message));
client.on('notice', e => { if (e.nick) out('notice', e.nick, e.target, e.message); });
client.on('action', e => out('action', e.nick, e.target, e.message));
client.on('userlist', e => out('synced', e.channel));
client.on('whois', e => {
	if (e.error)
		out('nosuchnick', e.nick);
	else
		out('whois', `nick=${e.nick}`, `user=${e.ident}`,
			`server=${e.server}`, `real=${e.real_name}`);
});
client.on('irc error', e => {
	if (e.error === 'chanop_privs_needed')
		out('chanoprivsneeded', e.channel);
	else if (e.error === 'no_such_nick')
		out('nosuchnick', e.nick);
});
client.on('close', () => process.exit(0));

const acts = {
	join: (c, key) => client.join(c, key),
	part: (c, ...text) => client.part(c, text.join(' ')),
	kick: (c, n, ...text) => client.raw('KICK', c, n, text.join(' ')),
	privmsg: (t, ...text) => client.say(t, text.join(' ')),
	topic: (c, ...text) => client.setTopic(c, text.join(' ')),
	nick: n => client.changeNick(n),
	away: (...text) => client.raw('AWAY', text.join(' ')),
	mode: (t, ...words) => client.raw('MODE', t, ...words),
	whois: n => client.whois(n),
	quit: (...text) => client.quit(text.join(' ')),
	isupport: () => {
		const o = client.network.options;
		out('isupport', o.CHANTYPES.join(''), o.PREFIX.map(
			p => p.mode + p.symbol).sort().join(','), o.NICKLEN);
	},
	members: c => {
		channels[c] = channels[c] || client.channel(c);
		channels[c].updateUsers(() => out('members', ...channels[c].users.map(
			u => (u.modes.includes('o') ? '@' :
				u.modes.includes('v') ? '+' : '') + u.nick).sort()));
	},
};

readline.createInterface({ input: process.stdin })
	.on('line', line => {
		const [name, ...words] = line.split(' ');
		acts[name](...words);
	})
	.on('close', () => process.exit(0));
client.connect({ host: '127.0.0.1', port: Number(port), nick, username: 'js',
	gecos: 'irc-framework', auto_reconnect: false });
