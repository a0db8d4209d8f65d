#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

// Swift cannot import EVP_PKEY_PUBLIC_KEY: the macro is an expression, not a literal.
static inline int EVP_PKEY_fromdata_public(EVP_PKEY_CTX *context, EVP_PKEY **key, OSSL_PARAM *parameters) {
  return EVP_PKEY_fromdata(context, key, EVP_PKEY_PUBLIC_KEY, parameters);
}

// OSSL_PARAM_BLD stores pointers to the parameter names, so the names must be C constants: the pointer that Swift
// passes for a string is valid only during the call.
static inline int OSSL_PARAM_BLD_push_RSA_public(OSSL_PARAM_BLD *builder, const BIGNUM *modulus,
                                                 const BIGNUM *exponent) {
  return OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) &&
         OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent);
}
