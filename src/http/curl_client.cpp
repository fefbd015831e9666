#include "http/curl_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <new>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "http/body/incoming_body.h"
#include "http/transport.h"

namespace source_sentry {
namespace {

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ShareDeleter {
  void operator()(CURLSH* handle) const { curl_share_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void init_curl_once() {
  static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK) {
    throw ConnectorError(FailureKind::kSystem, "The HTTP library could not be started.",
                         curl_easy_strerror(result));
  }
}

/// `connected`: to the server, or to the proxy before it.
TransportProblem classify(CURLcode code, bool connected) {
  switch (code) {
    case CURLE_OK:
      return TransportProblem::kNone;
    case CURLE_OUT_OF_MEMORY:
      return TransportProblem::kOutOfMemory;
    case CURLE_COULDNT_RESOLVE_HOST:
      return TransportProblem::kDnsFailure;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return TransportProblem::kProxyFailure;
    case CURLE_COULDNT_CONNECT:
      return TransportProblem::kConnectFailure;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return TransportProblem::kTlsFailure;
    case CURLE_OPERATION_TIMEDOUT:
      return connected ? TransportProblem::kTimeout : TransportProblem::kConnectFailure;
    default:
      return TransportProblem::kBroken;
  }
}

bool is_https(const ConnectionOptions& options) { return options.base.starts_with("https:"); }

}  // namespace

class CurlClientFactory::Shared {
 public:
  explicit Shared(ConnectionOptions options) : options_(std::move(options)) {
    init_curl_once();
    share_.reset(curl_share_init());
    if (!share_) throw std::bad_alloc();
    // No CURL_LOCK_DATA_CONNECT: libcurl documents a connection cache shared between threads as
    // unsafe.
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_share_setopt(share_.get(), CURLSHOPT_USERDATA, this);
    curl_share_setopt(share_.get(), CURLSHOPT_LOCKFUNC, &Shared::lock);
    curl_share_setopt(share_.get(), CURLSHOPT_UNLOCKFUNC, &Shared::unlock);
  }

  const ConnectionOptions& options() const { return options_; }
  CURLSH* handle() { return share_.get(); }

 private:
  static void lock(CURL*, curl_lock_data data, curl_lock_access, void* self) {
    static_cast<Shared*>(self)->mutexes_[static_cast<std::size_t>(data)].lock();
  }
  static void unlock(CURL*, curl_lock_data data, void* self) {
    static_cast<Shared*>(self)->mutexes_[static_cast<std::size_t>(data)].unlock();
  }

  ConnectionOptions options_;
  std::array<std::mutex, CURL_LOCK_DATA_LAST> mutexes_;
  std::unique_ptr<CURLSH, ShareDeleter> share_;
};

namespace {

/// libcurl's multi interface with a single transfer: a request can be under way while the caller
/// splits the page before it, without a second thread for each worker.
template <typename Shared>
class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)), easy_(curl_easy_init()), multi_(curl_multi_init()) {
    if (!easy_ || !multi_) throw std::bad_alloc();
    const ConnectionOptions& options = shared_->options();
    // The last one is cheapest to unpack (docs/performance.md). As a header of ours, and not as
    // libcurl's option, so that libcurl hands over the body as it comes.
    usual_headers_ = {"Authorization: Bearer " + options.token, "Accept: application/json",
                      "Accept-Encoding: gzip"};
    headers_ = list_of(usual_headers_);
    set(CURLOPT_SHARE, shared_->handle());
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_USERAGENT, options.user_agent.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    // A look-up runs in a thread of its own until the system's resolver gives up. Without this,
    // ending a request, for a signal or because its time is up, would wait for that thread.
    set(CURLOPT_QUICK_EXIT, 1L);
    // A redirect must not carry the token elsewhere; we follow the few that mean
    // something.
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROTOCOLS_STR, is_https(options) ? "https" : "http");
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    // One request at a time per connection gains nothing from HTTP/2, whose framing costs.
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_BUFFERSIZE, 256L * 1024);
    set(CURLOPT_CONNECTTIMEOUT, whole_seconds(options.connect_timeout));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    trust(options);
    // With a proxy or without, the decision is ours, and NOPROXY's would be added to it.
    set(CURLOPT_PROXY, options.proxy ? options.proxy->url.c_str() : "");
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_ERRORBUFFER, error_text_.data());
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_WRITEFUNCTION, &CurlClient::on_body);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_HEADERFUNCTION, &CurlClient::on_header);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_OPENSOCKETFUNCTION, &CurlClient::open_socket);
  }

  ~CurlClient() override { CurlClient::cancel(); }
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  void start(const Request& request) override {
    body_.begin(request.largest > 0 ? request.largest : shared_->options().largest_body,
                answer_.body);
    answer_.clear();
    error_text_[0] = '\0';
    const Duration idle = shared_->options().idle_timeout;
    const Duration longest = request.longest > Duration::zero() ? request.longest : idle;
    set(CURLOPT_LOW_SPEED_TIME, whole_seconds(std::min(longest, idle)));
    out_of_memory_ = false;
    socket_error_ = 0;
    header_ended_ = false;
    const ConnectionOptions& options = shared_->options();
    url_ = (request.control ? options.control_base : options.base) + request.target;
    set(CURLOPT_URL, url_.c_str());
    set_method(request);
    set_headers(request.headers);
    under_way_ = true;
    check(curl_multi_add_handle(multi_.get(), easy_.get()));
    step();  // on an open connection this already sends the request
  }

  void finish(Response& response, std::stop_token stop) override {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
    while (step() && !stop.stop_requested()) {
      curl_multi_poll(multi_.get(), nullptr, 0, 1000, nullptr);
    }
    if (stop.stop_requested()) {
      cancel();
      answer_.problem = TransportProblem::kStopped;
    } else {
      guarded([this] { settle(); });
      if (out_of_memory_) {
        answer_ = {};  // its memory is better used for a message about it
        body_.release();
        answer_.problem = TransportProblem::kOutOfMemory;
      }
    }
    std::swap(response, answer_);
  }

  void cancel() override {
    if (!std::exchange(under_way_, false)) return;
    curl_multi_remove_handle(multi_.get(), easy_.get());
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    // Anything else that it may refuse is the same in every run.
    if (curl_easy_setopt(easy_.get(), option, value) == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  }

  void trust(const ConnectionOptions& options) {
    if (!options.ca_certificates.empty()) {
      curl_blob certificates{const_cast<char*>(options.ca_certificates.data()),
                             options.ca_certificates.size(), CURL_BLOB_COPY};
      set(CURLOPT_CAINFO_BLOB, &certificates);
      set(CURLOPT_PROXY_CAINFO_BLOB, &certificates);
    } else if (!options.ca_file.empty()) {
      set(CURLOPT_CAINFO, options.ca_file.c_str());
      set(CURLOPT_PROXY_CAINFO, options.ca_file.c_str());
    }
  }

  using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

  static HeaderList list_of(const std::vector<std::string>& lines) {
    HeaderList list;
    for (const std::string& line : lines) {
      curl_slist* longer = curl_slist_append(list.get(), line.c_str());
      if (longer == nullptr) throw std::bad_alloc();
      static_cast<void>(list.release());  // it is the head of the longer list, or null
      list.reset(longer);
    }
    return list;
  }

  void set_method(const Request& request) {
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(request.whole);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(whole.count()));
    set(CURLOPT_FRESH_CONNECT, request.once ? 1L : 0L);
    set(CURLOPT_HTTPGET, 1L);
    set(CURLOPT_CUSTOMREQUEST, request.method.empty() ? nullptr : request.method.c_str());
    if (request.method.empty()) return;
    sent_ = request.body;
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent_.size()));
    set(CURLOPT_POSTFIELDS, sent_.c_str());
  }

  void set_headers(const std::vector<std::string>& own) {
    if (own.empty() && !own_headers_) return;
    HeaderList list = own.empty() ? nullptr : list_of(with_own_headers(usual_headers_, own));
    set(CURLOPT_HTTPHEADER, list ? list.get() : headers_.get());
    own_headers_ = std::move(list);
  }

  /// Lets the transfer do what it can without waiting; returns whether it continues.
  bool step() {
    int running = 0;
    return check(curl_multi_perform(multi_.get(), &running)) && running > 0;
  }

  bool check(CURLMcode code) {
    out_of_memory_ = out_of_memory_ || code == CURLM_OUT_OF_MEMORY;
    return code == CURLM_OK;
  }

  /// Does `work` for libcurl; returns whether it was done. No exception may pass through libcurl's
  /// frames: it would leave the handle in the middle of a call, and its shared data locked.
  template <typename Work>
  bool guarded(Work work) noexcept {
    try {
      work();
      return true;
    } catch (const std::exception&) {  // of strings and vectors: std::bad_alloc, or too long
      out_of_memory_ = true;
      return false;
    }
  }

  void settle() {
    CURLcode code = CURLE_RECV_ERROR;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) code = message->data.result;
    }
    if (body_.is_enough()) code = CURLE_OK;
    cancel();
    const ConnectionOptions& options = shared_->options();
    const long tunnel_status = info<long>(CURLINFO_HTTP_CONNECTCODE);
    const bool secured = info<curl_off_t>(CURLINFO_APPCONNECT_TIME_T) > 0;
    const bool connected = secured || info<curl_off_t>(CURLINFO_CONNECT_TIME_T) > 0;
    answer_.status = static_cast<int>(info<long>(CURLINFO_RESPONSE_CODE));
    out_of_memory_ = out_of_memory_ || code == CURLE_OUT_OF_MEMORY;
    if (out_of_memory_) return;
    answer_.problem = classify(code, connected);
    if (code == CURLE_OPERATION_TIMEDOUT && !connected &&
        info<curl_off_t>(CURLINFO_NAMELOOKUP_TIME_T) == 0) {
      answer_.problem = options.proxy ? TransportProblem::kProxyFailure  // no other host's name
                                      : TransportProblem::kDnsFailure;
    }
    if (code == CURLE_OK && !header_ended_) {
      // libcurl takes the end of the connection for the end of the header.
      answer_.problem = TransportProblem::kBroken;
      answer_.problem_text = "closed in the middle of its header";
      return;
    }
    const IncomingBody::Trouble trouble = body_.finish(code == CURLE_OK, answer_.body);
    if (trouble != IncomingBody::Trouble::kNone) {
      answer_.problem = problem_of(trouble);
      answer_.problem_text = body_.why();
      return;
    }
    if (answer_.problem == TransportProblem::kNone) return;
    // It may quote the server's words.
    answer_.problem_text = excerpt(
        error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code), CURL_ERROR_SIZE);
    answer_.local_error =
        local_error(answer_.problem, socket_error_, info<long>(CURLINFO_OS_ERRNO));
    if (answer_.local_error != 0) answer_.problem = TransportProblem::kLocalFailure;
    if (!options.proxy) return;
    const bool through =
        secured || tunnel_status / 100 == 2 || info<long>(CURLINFO_NUM_CONNECTS) == 0;
    answer_.problem = blame(answer_.problem, *options.proxy, is_https(options), through);
    if (is_the_proxys(answer_.problem)) {
      answer_.status = static_cast<int>(tunnel_status);
      answer_.problem_text.insert(0, options.proxy->address + ": ");
    }
  }

  template <typename Value>
  Value info(CURLINFO what) {
    Value value{};
    curl_easy_getinfo(easy_.get(), what, &value);
    return value;
  }

  void open_body() {
    const std::string codings = answer_.list_header("content-encoding").value_or("");
    const auto announced = info<curl_off_t>(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
    body_.open({.codings = codings,
                .refuses = info<long>(CURLINFO_RESPONSE_CODE) / 100 != 2,
                .announced = static_cast<std::size_t>(std::max<curl_off_t>(announced, 0))});
  }

  static std::size_t on_body(const char* data, std::size_t, std::size_t size, void* self) {
    auto& client = *static_cast<CurlClient*>(self);
    std::size_t taken = 0;
    client.guarded([&] {
      if (!client.body_.is_open()) client.open_body();
      taken = client.body_.take({data, size});
    });
    return taken;  // less than `size` ends the transfer
  }

  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    const int file = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (file < 0) static_cast<CurlClient*>(self)->socket_error_ = errno;
    return file;
  }

  static std::size_t on_header(const char* data, std::size_t, std::size_t size, void* self) {
    auto& client = *static_cast<CurlClient*>(self);
    return client.guarded([&] { client.take_header({data, size}); }) ? size : 0;
  }

  void take_header(std::string_view line) {
    if (header_ended_ && (body_.is_open() || !line.starts_with("HTTP/"))) {
      return;  // a trailer: what follows a chunked body is not part of the header
    }
    header_ended_ = trim(line).empty() && !is_folded(line);
    add_header_line(line, answer_);
  }

  std::shared_ptr<Shared> shared_;  // first in, last out: the handles below use it
  std::vector<std::string> usual_headers_;
  HeaderList headers_;
  HeaderList own_headers_;  // of the latest request, where it had some
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  std::unique_ptr<CURL, EasyDeleter> easy_;
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::string url_;
  std::string sent_;  // the request's body, of which libcurl takes no copy
  Response answer_;
  IncomingBody body_;
  bool under_way_ = false;
  int socket_error_ = 0;
  bool out_of_memory_ = false;
  bool header_ended_ = false;
};

}  // namespace

CurlClientFactory::CurlClientFactory(ConnectionOptions options)
    : shared_(std::make_shared<Shared>(std::move(options))) {}
CurlClientFactory::~CurlClientFactory() = default;

std::unique_ptr<HttpClient> CurlClientFactory::make() {
  return std::make_unique<CurlClient<Shared>>(shared_);
}

}  // namespace source_sentry
