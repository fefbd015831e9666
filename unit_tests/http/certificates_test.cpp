#include "http/certificates.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

const std::string kOne =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIDQTCCAimgAwIBAgITBmyfz5m/jAo54vB4ikPmljZbyjANBgkqhkiG9w0BAQsF\n"
    "ADA5MQ==\n"
    "-----END CERTIFICATE-----\n";

std::string with_line_ends(std::string text, const std::string& end) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += end.size()) {
    text.replace(at, 1, end);
  }
  return text;
}

TEST(Certificates, AreReadWhateverBecameOfTheirLineEnds) {
  for (const char* end : {"\n", "\r\n", " ", "\\n", "\\r\\n", "\n\n"}) {
    EXPECT_EQ(read_certificates(with_line_ends(kOne, end)), kOne) << end;
  }
}

TEST(Certificates, AreTakenOutOfTheTextAround) {
  EXPECT_EQ(read_certificates("# our root\n" + kOne + "# and another\n" + kOne + "\n"),
            kOne + kOne);
}

TEST(Certificates, AreWholeOrNone) {
  EXPECT_FALSE(read_certificates(""));
  EXPECT_FALSE(read_certificates("/etc/ssl/ca.pem"));
  EXPECT_FALSE(read_certificates(kOne.substr(0, 60)));
  EXPECT_FALSE(read_certificates(kOne + kOne.substr(0, 60)));
  EXPECT_FALSE(read_certificates("-----BEGIN CERTIFICATE----------END CERTIFICATE-----"));
  EXPECT_FALSE(read_certificates("-----BEGIN CERTIFICATE-----\n<html>-----END CERTIFICATE-----"));
  EXPECT_FALSE(read_certificates("-----BEGIN PRIVATE KEY-----\nMIID\n-----END PRIVATE KEY-----"));
}

}  // namespace
}  // namespace source_sentry
