// irc-framework (npm) in a page of a browser, driven by test_web_clients.py:
// begin() once, then act() with each line. Lines that the library tells wait in
// `told` until the test takes them; `sent` has what was sent by WebSocket, and
// `ends` the codes with which connections were closed.
'use strict';

const told = [], sent = [], ends = [];
const Socket = WebSocket;
let acts;

window.WebSocket = class extends Socket {
	constructor(...args) {
		super(...args);
		this.addEventListener('close', e => ends.push(e.code));
	}
	send(data) {
		sent.push(data);
		super.send(data);
	}
};

function begin(options) {
	const client = new window['irc-framework'].Client();

	acts = window.module.exports(client, line => told.push(line));
	acts.again = () => client.connect();
	client.connect({ username: 'js', gecos: 'irc-framework', ...options });
}

function act(line) {
	const [name, ...words] = line.split(' ');

	acts[name](...words);
}
