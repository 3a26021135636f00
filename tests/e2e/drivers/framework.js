// A client made of irc-framework (npm), driven by lines on stdin: see
// test_libraries.py. framework.js PORT NICK
'use strict';

const IRC = require('irc-framework');
const readline = require('readline');
const bot = require('./framework_bot');

const [port, nick] = process.argv.slice(2);
const client = new IRC.Client();
const acts = bot(client, line => console.log(line));

client.on('close', () => process.exit(0));
readline.createInterface({ input: process.stdin })
	.on('line', line => {
		const [name, ...words] = line.split(' ');
		acts[name](...words);
	})
	.on('close', () => process.exit(0));
client.connect({ host: '127.0.0.1', port: Number(port), nick, username: 'js',
	gecos: 'irc-framework', auto_reconnect: false });
