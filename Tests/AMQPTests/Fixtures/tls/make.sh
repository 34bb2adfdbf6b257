#!/bin/sh
# Makes the certificates beside it anew: good for a hundred years, and keys that protect nothing.
set -eu
cd "$(dirname "$0")"
new() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
new client
openssl req -x509 -new -key client.key -subj /CN=client -days 36500 -out client.pem
new other
self_signed() { openssl req -x509 "$@" -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 36500; }
self_signed -newkey ec -pkeyopt ec_paramgen_curve:secp521r1 -keyout p521.key -out p521.pem
self_signed -newkey ed25519 -keyout ed25519.key -out ed25519.pem
openssl ec -in client.key -aes256 -passout pass:open-sesame -out encrypted.key
