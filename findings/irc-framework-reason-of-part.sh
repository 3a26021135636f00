#!/usr/bin/env bash
# irc-framework 4.14.0 (npm; under The Lounge and others): a PART without a
# reason is told with the name of the channel as its message, and a KICK without
# a reason with the nick that was kicked, since the last parameter is taken for
# the reason whatever it is. An empty reason (PART #c :) is told as empty. A
# colon before the last parameter changes nothing. Guess before: no reason, no
# message. A bot that shows "X left (message)" shows "X left (#c)".
# Exit status: 0 if it is still so, 1 if not.
set -euo pipefail
version=4.14.0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
    "irc-framework@$version" >/dev/null
cat >look.js <<'J'
const net = require('net');
const IRC = require('irc-framework');
const lines = [
	':a!b@c PART #c', ':a!b@c PART :#c', ':a!b@c PART #c :bye',
	':a!b@c PART #c :', ':a!b@c KICK #c d', ':a!b@c KICK #c d :go'];
const server = net.createServer(s => {
	let welcomed = false;
	s.on('data', d => {
		if (/CAP LS/.test(d))
			s.write(':s.test CAP * LS :\r\n');
		if (welcomed || !/^USER /m.test(d.toString()))
			return;
		welcomed = true;
		s.write(':s.test 001 me :Welcome\r\n' + lines.join('\r\n') +
			'\r\n:s.test PING :end\r\n');
		setTimeout(() => { s.end(); server.close(); }, 500);
	});
});
server.listen(0, '127.0.0.1', () => {
	const c = new IRC.Client();
	let n = 0;
	const tell = e => console.log(`${lines[n++].slice(7)} -> message ` +
		JSON.stringify(e.message));
	c.on('part', tell);
	c.on('kick', tell);
	c.connect({ host: '127.0.0.1', port: server.address().port,
		nick: 'me', auto_reconnect: false });
});
J
timeout 20 node look.js >seen
cat >expected <<'T'
PART #c -> message "#c"
PART :#c -> message "#c"
PART #c :bye -> message "bye"
PART #c : -> message ""
KICK #c d -> message "d"
KICK #c d :go -> message "go"
T
echo "irc-framework $version:"
cat seen
cmp -s expected seen || { echo "this has changed" >&2; exit 1; }
