// libcrypto alone: fedmsg's X.509, CRLs and RSA. TLS is NIOSSL's affair.
// The one-shot digests are deprecated in 3.0 for an interface that allocates for each message.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
