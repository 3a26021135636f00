// What a client made of irc-framework (npm) tells and does, in Node.js
// (framework.js) and in a page (framework_page.js); see test_libraries.py.
'use strict';

// Let `out` have a line for each thing that the library tells. Return the
// functions by which the client acts.
module.exports = (client, out) => {
	const channels = {};
	const told = (...words) => out(words.join(' '));

	client.on('registered', e => told('welcome', e.nick));
	client.on('join', e => told('join', e.nick, e.channel));
	client.on('part', e => told('part', e.nick, e.channel, e.message));
	client.on('kick', e => told('kick', e.nick, e.channel, e.kicked, e.message));
	client.on('nick', e => told('nick', e.nick, e.new_nick));
	client.on('quit', e => told('quit', e.nick, '-', e.message));
	client.on('topic', e => { if (e.nick) told('topic', e.nick, e.channel, e.topic); });
	client.on('mode', e => told('mode', e.nick, e.target, e.raw_modes, ...e.raw_params));
	client.on('privmsg', e => told(e.target[0] === '#' ? 'pubmsg' : 'privmsg',
		e.nick, e.target, e.message));
	client.on('notice', e => { if (e.nick) told('notice', e.nick, e.target, e.message); });
	client.on('action', e => told('action', e.nick, e.target, e.message));
	client.on('userlist', e => told('synced', e.channel));
	client.on('whois', e => {
		if (e.error)
			told('nosuchnick', e.nick);
		else
			told('whois', `nick=${e.nick}`, `user=${e.ident}`,
				`server=${e.server}`, `real=${e.real_name}`);
	});
	client.on('irc error', e => {
		if (e.error === 'chanop_privs_needed')
			told('chanoprivsneeded', e.channel);
		else if (e.error === 'no_such_nick')
			told('nosuchnick', e.nick);
	});

	return {
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
			told('isupport', o.CHANTYPES.join(''), o.PREFIX.map(
				p => p.mode + p.symbol).sort().join(','), o.NICKLEN);
		},
		members: c => {
			channels[c] = channels[c] || client.channel(c);
			channels[c].updateUsers(() => told('members', ...channels[c].users.map(
				u => (u.modes.includes('o') ? '@' :
					u.modes.includes('v') ? '+' : '') + u.nick).sort()));
		},
	};
};
