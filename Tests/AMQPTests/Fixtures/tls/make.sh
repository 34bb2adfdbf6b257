#!/bin/sh
# Makes the certificates beside it anew: good for a hundred years, and keys that protect nothing.
set -eu
cd "$(dirname "$0")"
new() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
new client
openssl req -x509 -new -key client.key -subj /CN=client -days 36500 -out client.pem
new other
openssl ec -in client.key -aes256 -passout pass:open-sesame -out encrypted.key
