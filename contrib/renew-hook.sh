#!/bin/sh
# A deploy hook for certbot (--deploy-hook, or a file in renewal-hooks/deploy):
# copies a renewed certificate to where banyand reads it, and lets banyand read it
# again. Nobody is disconnected, and the key of links is left alone.
#
#	BANYAN_FOLDER	where cert.pem and key.pem are (/etc/banyan)
#	BANYAN_USER	the user who must be able to read them (banyan)
#	BANYAN_SOCKET	the control socket (/var/lib/banyan/control)
#	BANYANCTL	the program (banyanctl)
set -eu

: "${RENEWED_LINEAGE:?certbot sets it: the folder with the new certificate}"
folder=${BANYAN_FOLDER:-/etc/banyan}
user=${BANYAN_USER:-banyan}
socket=${BANYAN_SOCKET:-/var/lib/banyan/control}

# Both files are whole before the first of them is in its place.
umask 077
for pair in fullchain.pem:cert.pem privkey.pem:key.pem; do
	new=$folder/.${pair#*:}.new
	cat "$RENEWED_LINEAGE/${pair%:*}" >"$new"
	if [ "$(id -u)" = 0 ]; then
		chown "$user" "$new"
	fi
done
mv "$folder/.cert.pem.new" "$folder/cert.pem"
mv "$folder/.key.pem.new" "$folder/key.pem"
exec "${BANYANCTL:-banyanctl}" -s "$socket" reload
