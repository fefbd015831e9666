#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "live/server/http_server.h"

namespace source_sentry {

/// Writes a certificate for that name and its key into the folder.
inline ServerTls self_made_certificate(const std::filesystem::path& folder,
                                       const std::string& name) {
  const ServerTls files{.certificate_file = folder / "certificate.pem",
                        .key_file = folder / "key.pem"};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509* const x509 = certificate.get();
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -60);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3'600);
  X509_set_pubkey(x509, key.get());
  X509_NAME* const subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, subject);
  X509_sign(x509, key.get(), EVP_sha256());

  const auto write = [](const std::string& path, const auto& act) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    act(file);
    std::fclose(file);
  };
  write(files.certificate_file, [&](std::FILE* file) { PEM_write_X509(file, x509); });
  write(files.key_file, [&](std::FILE* file) {
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace source_sentry
