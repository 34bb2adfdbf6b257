/* Preloaded, it refuses RSA signatures with SHA-1 to whoever in the process asks for one, libcrypto itself included, and
   says so on standard error: what OpenSSL does on RHEL 9 and Fedora 41. */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <strings.h>

static int refuses(const EVP_MD *type, const char *name, int nid, const char *asked) {
    if (type) name = EVP_MD_get0_name(type);
    if (nid != NID_sha1 && !(name && (!strcasecmp(name, "SHA1") || !strcasecmp(name, "SHA-1")))) return 0;
    fprintf(stderr, "SHA-1 refused: %s\n", asked);
    ERR_raise(ERR_LIB_EVP, EVP_R_INVALID_DIGEST);
    return 1;
}

#define GUARD(function, type, name, nid, parameters, arguments)                                                        \
    int function parameters {                                                                                          \
        if (refuses(type, name, nid, #function)) return 0;                                                             \
        return ((int(*) parameters)dlsym(RTLD_NEXT, #function)) arguments;                                             \
    }

#define BY_TYPE (EVP_MD_CTX * context, EVP_PKEY_CTX * *keyContext, const EVP_MD *type, ENGINE *engine, EVP_PKEY *key)
#define BY_NAME                                                                                                        \
    (EVP_MD_CTX * context, EVP_PKEY_CTX * *keyContext, const char *name, OSSL_LIB_CTX *library, const char *query,     \
     EVP_PKEY *key, const OSSL_PARAM parameters[])

GUARD(EVP_DigestSignInit, type, NULL, 0, BY_TYPE, (context, keyContext, type, engine, key))
GUARD(EVP_DigestVerifyInit, type, NULL, 0, BY_TYPE, (context, keyContext, type, engine, key))
GUARD(EVP_DigestSignInit_ex, NULL, name, 0, BY_NAME, (context, keyContext, name, library, query, key, parameters))
GUARD(EVP_DigestVerifyInit_ex, NULL, name, 0, BY_NAME, (context, keyContext, name, library, query, key, parameters))
GUARD(EVP_PKEY_CTX_set_signature_md, type, NULL, 0, (EVP_PKEY_CTX * context, const EVP_MD *type), (context, type))
GUARD(RSA_sign, NULL, NULL, type,
      (int type, const unsigned char *digest, unsigned int length, unsigned char *signature, unsigned int *size, RSA *key),
      (type, digest, length, signature, size, key))
GUARD(RSA_verify, NULL, NULL, type,
      (int type, const unsigned char *digest, unsigned int length, const unsigned char *signature, unsigned int size,
       RSA *key),
      (type, digest, length, signature, size, key))
