#!/usr/bin/env bash
# ircv3 0.33.1 (npm; under the Twitch library twurple): over WebSocket it reads no
# message that does not end with CR LF, although each message is one line, and the
# specification forbids the end. It sends the end itself. So it never registers at
# a server that follows the specification. Guess before: a message is a line.
# Exit status: 0 if it is still so, 1 if not.
set -euo pipefail
version=0.33.1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
    "ircv3@$version" ws@8.18.0 >/dev/null
cat >look.js <<'J'
const { WebSocketServer } = require('ws');
const { IrcClient } = require('ircv3');
const end = process.argv[2] === 'end' ? '\r\n' : '';
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => {
	const client = new IrcClient({
		connection: { hostName: '127.0.0.1', port: server.address().port,
			secure: false, reconnect: true },
		credentials: { nick: 'me' }, webSocket: true,
		logger: { minLevel: 'critical' } });
	client.onAnyMessage(m => {
		console.log('told ' + m.command);
		process.exit(0);
	});
	client.connect();
	setTimeout(() => process.exit(0), 3000);
});
server.on('connection', s => s.once('message', data => {
	console.log('sent ' + JSON.stringify(data.toString()));
	s.send(':s.test CAP * LS :batch' + end);
}));
J
for kind in bare end; do
	echo "$kind:"
	timeout 20 node look.js "$kind"
done >seen
cat seen
cat >expected <<'T'
bare:
sent "CAP LS 302\r\n"
end:
sent "CAP LS 302\r\n"
told CAP
T
cmp -s seen expected || {
	echo "ircv3 behaves differently now" >&2
	exit 1
}
