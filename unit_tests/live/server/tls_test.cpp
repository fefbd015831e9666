#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

#include "fake_handler.h"
#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"
#include "raw_client.h"
#include "self_made_certificate.h"

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

const std::string kRequest = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

/// A client that trusts everyone.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int most_version = TLS1_3_VERSION)
      : client_(port),
        context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
        ssl_(nullptr, &SSL_free) {
    SSL_CTX_set_min_proto_version(context_.get(), 0);
    SSL_CTX_set_max_proto_version(context_.get(), most_version);
    SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), client_.fd());
    is_open_ = SSL_connect(ssl_.get()) == 1;
  }

  bool is_open() const { return is_open_; }

  std::string name() {
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl_.get()),
                                                            &X509_free);
    std::array<char, 64> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
    return name.data();
  }

  void send(const std::string& text) {
    SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
  }

  /// What comes until `end`, or until the other end says that nothing more does.
  std::string until(const std::string& end) {
    std::string received;
    std::array<char, 4096> piece{};
    while (!received.ends_with(end)) {
      const int n = SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()));
      if (n <= 0) return received + (is_properly_over(n) ? "" : "(cut off)");
      received.append(piece.data(), static_cast<std::size_t>(n));
    }
    return received;
  }

 private:
  bool is_properly_over(int n) const {
    return SSL_get_error(ssl_.get(), n) == SSL_ERROR_ZERO_RETURN;
  }

  RawClient client_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool is_open_ = false;
};

class ServerTlsTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  ServerTls files_ = self_made_certificate(folder_.path(), "one");
};

TEST_F(ServerTlsTest, Answers) {
  ServerUnderTest test({}, files_);
  TlsClient client(test.server.port());
  ASSERT_TRUE(client.is_open());
  client.send(kRequest);
  EXPECT_TRUE(client.until("GET /a  ").starts_with("HTTP/1.1 200 OK"));
  client.send(post("/b", std::string(100'000, 'x'), "Connection: close\r\n"));
  const std::string answer = client.until("never");
  EXPECT_TRUE(answer.ends_with("xxx")) << answer.substr(answer.size() - 20);
}

TEST_F(ServerTlsTest, RefusesLargeBodiesBeforeTheyAreSent) {
  ServerUnderTest test({}, files_);
  TlsClient client(test.server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2147483648\r\n\r\n");
  EXPECT_TRUE(client.until("never").starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerTlsTest, ShowsANewCertificateOnceItIsReadAgain) {
  ServerUnderTest test({}, files_);
  TlsClient before(test.server.port());
  EXPECT_EQ(before.name(), "one");
  self_made_certificate(folder_.path(), "two");
  EXPECT_EQ(TlsClient(test.server.port()).name(), "one");
  test.server.reload_tls();
  EXPECT_EQ(TlsClient(test.server.port()).name(), "two");
  before.send(kRequest);
  EXPECT_TRUE(before.until("GET /a  ").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerTlsTest, KeepsItsCertificateWhereTheNewOneIsNotUsable) {
  ServerUnderTest test({}, files_);
  put(files_.certificate_file, "nonsense");
  EXPECT_EQ(message_of([&] { test.server.reload_tls(); }),
            "The TLS certificate " + files_.certificate_file +
                " cannot be used. Give a PEM file with the certificate and those of its chain.");
  EXPECT_EQ(TlsClient(test.server.port()).name(), "one");
}

TEST_F(ServerTlsTest, SaysWhichFileIsNotUsable) {
  TemporaryFolder other;
  const ServerTls others = self_made_certificate(other.path(), "two");
  FakeHandler handler;
  for (const std::string& key : {others.key_file, files_.certificate_file, std::string("/none")}) {
    const ServerTls files{.certificate_file = files_.certificate_file, .key_file = key};
    EXPECT_EQ(message_of([&] { HttpServer("127.0.0.1", 0, {}, files, handler); }),
              "The TLS key " + key +
                  " cannot be used. Give a PEM file with the key of the certificate, without a "
                  "passphrase.");
  }
}

TEST_F(ServerTlsTest, SpeaksNoOldVersion) {
  ServerUnderTest test({}, files_);
  EXPECT_FALSE(TlsClient(test.server.port(), TLS1_1_VERSION).is_open());
  EXPECT_TRUE(TlsClient(test.server.port(), TLS1_2_VERSION).is_open());
}

TEST_F(ServerTlsTest, EndsClientsThatNeverGreet) {
  ServerUnderTest test({.head_time = milliseconds(50)}, files_);
  RawClient silent(test.server.port());
  EXPECT_EQ(silent.rest(), "");
  RawClient plain(test.server.port());
  plain.send(kRequest);
  EXPECT_EQ(plain.rest().find("HTTP"), std::string::npos);
}

TEST_F(ServerTlsTest, EndsSlowClients) {
  ServerUnderTest test({.head_time = milliseconds(200), .head_bytes = 1 << 30}, files_);
  TlsClient client(test.server.port());
  client.send("GET /");
  EXPECT_EQ(client.until("never"), "(cut off)");
}

}  // namespace
}  // namespace source_sentry
