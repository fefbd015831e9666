#include "live/app/listener.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include "app/settings/connection.h"
#include "base/text.h"
#include "http/curl_client.h"
#include "live/app/endpoints.h"
#include "live/app/live_config.h"
#include "live/app/notion.h"
#include "live/doctor/doctor.h"
#include "live/drain/cycles.h"
#include "live/drain/outlet.h"
#include "live/receive/health.h"
#include "live/receive/webhook_receiver.h"
#include "sentry/answers/answers.h"
#include "sentry/limits.h"

namespace source_sentry {
namespace {

/// What requests under way may take at the end.
constexpr std::chrono::seconds kGrace(2);
/// What records may take to leave after that.
constexpr std::chrono::seconds kLastWay(12);
/// A disk that takes longer to sync is not healthy.
constexpr std::chrono::seconds kLongestSync(1);
/// A spool that is fuller is about to refuse webhooks.
constexpr double kNearlyFull = 0.95;

ReceiverLog log_of_receiver() {
  return {[](const std::string& line) { spdlog::info("{}", line); },
          [](const std::string& line) { spdlog::warn("{}", line); }};
}

/// How Sentry is asked.
class Connection {
 public:
  Connection(const Config& config, Emitter& emitter, const std::stop_token& stop)
      : clients_(connection_options(config)),
        judge_(make_judge(config.host)),
        pacer_(starting_limits(), config.max_rate_share),
        context_{{},   emitter.clock(),   [this] { return clients_.make(); }, judge_, pacer_,
                 stop, config.num_workers} {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const SyncContext& context() const { return context_; }

 private:
  CurlClientFactory clients_;
  const Judge judge_;
  Pacer pacer_;
  const SyncContext context_;
};

/// Everything of a listener that runs, in the order in which it is needed.
class Listener {
 public:
  Listener(const ListenOptions& options, Config config, Emitter& emitter,
           const std::stop_token& stdout_ends)
      : options_(options),
        config_(std::move(config)),
        emitter_(emitter),
        stdout_ends_(stdout_ends, [this] { drain_stop_.request_stop(); }),
        endpoints_(endpoints_of(options)),
        source_(
            config_, emitter.clock(), [&emitter](std::string_view secret) { emitter.hide(secret); },
            [this](const std::string&, const std::string& message) { fail(message); }),
        plan_(cycle_plan(options, config_, source_)),
        connection_(config_, emitter, drain_stop_.get_token()),
        spool_(options.spool, options.limits, emitter.clock()),
        notion_(notion_of(options, secrets_of(endpoints_), emitter)),
        receiver_(
            {.endpoints = endpoints_,
             .most_distance = std::chrono::duration_cast<std::chrono::seconds>(options.time_window),
             .proxies = proxies_of(options)},
            {[this](Delivery delivery, SpoolWriter::Done done) {
               follow_in_notion(notion_.get(), delivery);
               spool_.append(std::move(delivery), std::move(done));
             },
             [this] { return spool_.fill(); }},
            metrics_, log_of_receiver(), emitter.clock()),
        paths_(receiver_, notion_.get()),
        health_({.is_healthy = [this] { return is_healthy(); },
                 .why_not_ready = [this] { return why_not_ready(); },
                 .metrics = [this] { return metrics(); }}) {}

  int run(const SignalLoop& signals) {
    if (options_.emit != ListenOptions::Emit::kSpool) start_draining();
    ServerLimits limits;
    limits.proxies = proxies_of(options_);
    HttpServer server(options_.listen.host, options_.listen.port, limits, options_.tls, paths_);
    std::unique_ptr<HttpServer> health;
    if (options_.health) {
      health = std::make_unique<HttpServer>(options_.health->host, options_.health->port,
                                            ServerLimits(), std::nullopt, health_);
    }
    tell_of_start(server, health.get());
    signals.wait(stop_.get_token(), [&] { reload(server); });
    signals.give_back();
    receiver_.shut();
    server.stop(kGrace);
    if (notion_) notion_->stop();
    drain_stop_.request_stop();
    wait_for_the_rest();
    spdlog::info("Ended, with {} stored.",
                 number_of(metrics_->count_of(WebhookResult::kStored), "webhook"));
    return failed_ ? 1 : 0;
  }

 private:
  /// Proxies speak for many clients: those on this machine, and those that are named.
  static std::vector<std::string> proxies_of(const ListenOptions& options) {
    std::vector<std::string> proxies = ReceiverOptions().proxies;
    proxies.insert(proxies.end(), options.proxies.begin(), options.proxies.end());
    return proxies;
  }

  /// Nothing is lost with what does not leave now: it is in the spool.
  void wait_for_the_rest() {
    if (!drain_.joinable()) return;
    if (drained_.wait_for(kLastWay) == std::future_status::ready) return drain_.join();
    spdlog::warn(
        "The records do not leave: who reads them takes nothing. They come when it is "
        "started again.");
    _exit(1);
  }

  void start_draining() {
    const bool is_folder = options_.emit == ListenOptions::Emit::kFolder;
    outlet_.emplace(is_folder ? options_.invocation.output_folder : std::string(),
                    std::filesystem::path(options_.spool) / "stdout.json", config_,
                    source_.streams(), emitter_);
    if (plan_.refetches) {
      // What asks for changed issues knows how to ask for single ones.
      Config config = config_;
      config.issues_refresh = std::chrono::hours(24);
      rows_.emplace(std::move(config), emitter_.clock(),
                    [this](std::string_view secret) { emitter_.hide(secret); });
    }
    cycles_.emplace(plan_, source_, rows_ ? &*rows_ : nullptr, *outlet_, connection_.context());
    std::promise<void> done;
    drained_ = done.get_future();
    drain_ = std::thread([this, done = std::move(done)]() mutable {
      try {
        cycles_->run(drain_stop_.get_token());
      } catch (const std::exception& error) {
        fail(error.what());
      }
      if (emitter_.health() != Emitter::Health::kGood) {
        failed_ = true;
        reader_is_gone_ = true;
        spdlog::error(
            "Nothing takes the records on stdout any more. Webhooks are taken in all the same; "
            "their records come when it is started again.");
      }
      done.set_value();
    });
  }

  /// Ends the process, but for what is under way.
  void fail(const std::string& message) {
    emitter_.error(ConnectorError(FailureKind::kSystem, message));
    failed_ = true;
    stop_.request_stop();
  }

  void reload(HttpServer& server) {
    try {
      auto endpoints = endpoints_of(options_);
      for (const std::string& secret : secrets_of(endpoints)) emitter_.hide(secret);
      receiver_.use(std::move(endpoints));
      if (options_.tls) server.reload_tls();
      spdlog::info("Secrets and certificates were read again.");
    } catch (const ConnectorError& error) {
      spdlog::error("Nothing is changed: {}", error.message());
    }
  }

  void tell_of_start(const HttpServer& server, const HttpServer* health) {
    for (const Endpoint& one : endpoints_) {
      if (one.kind == Delivery::Kind::kUnsigned) {
        spdlog::warn("Webhooks to {} need no signature: anybody can send them.", one.path);
      }
    }
    spdlog::info("Listening on {}:{}; webhooks are kept in {}.", options_.listen.host,
                 server.port(), options_.spool);
    if (health != nullptr) {
      spdlog::info("Health and metrics are shown on {}:{}.", options_.health->host, health->port());
    }
  }

  bool is_healthy() const { return spool_.works() && spool_.sync_time() < kLongestSync; }

  std::optional<std::string> why_not_ready() const {
    if (!is_healthy()) return "the disk of the spool does not keep up";
    if (reader_is_gone_) return "nothing takes the records on stdout";
    if (spool_.fill() >= kNearlyFull) return "the spool is full";
    if (!cycles_ || plan_.resync_every <= Duration::zero()) return std::nullopt;
    if (cycles_->since_resync() > plan_.resync_every * 3) return "no resync has succeeded for long";
    return std::nullopt;
  }

  std::string metrics() const {
    std::string text = metrics_->text();
    const auto gauge = [&](const std::string& name, const std::string& help, double value) {
      text += "# HELP source_sentry_" + name + " " + help + "\n# TYPE source_sentry_" + name +
              " gauge\nsource_sentry_" + name + " " + fmt::format("{}", value) + "\n";
    };
    gauge("spool_bytes", "Bytes of all segments.", static_cast<double>(spool_.bytes()));
    gauge("spool_fill", "The part of the spool's size that is used.", spool_.fill());
    gauge("sync_seconds", "How long the disk took to sync.", as_seconds(spool_.sync_time()));
    if (cycles_) {
      gauge("lag_seconds", "The age of the latest webhook when its record left.",
            as_seconds(cycles_->lag()));
      gauge("resync_age_seconds", "The time since a resync has succeeded.",
            as_seconds(cycles_->since_resync()));
    }
    return text;
  }

  const ListenOptions& options_;
  const Config config_;
  Emitter& emitter_;
  std::stop_source stop_;        // of the whole
  std::stop_source drain_stop_;  // once no webhook comes any more, or stdout is gone
  const std::stop_callback<std::function<void()>> stdout_ends_;
  std::atomic<bool> reader_is_gone_ = false;
  std::atomic<bool> failed_ = false;
  const std::vector<Endpoint> endpoints_;
  Source source_;
  std::optional<Source> rows_;  // for single issues
  const CyclePlan plan_;
  const Connection connection_;
  const std::shared_ptr<ReceiverMetrics> metrics_ = std::make_shared<ReceiverMetrics>();
  SpoolWriter spool_;
  std::optional<Outlet> outlet_;
  std::optional<Cycles> cycles_;
  std::thread drain_;
  std::future<void> drained_;
  const std::unique_ptr<NotionService> notion_;  // null: there is none
  WebhookReceiver receiver_;
  Paths paths_;
  HealthHandler health_;
};

}  // namespace

int run_listener(const ListenOptions& options, const Settings& settings, Emitter& emitter,
                 const SignalLoop& signals, const std::stop_token& stdout_ends) {
  return Listener(options, live_config(settings, options), emitter, stdout_ends).run(signals);
}

int run_doctor(const ListenOptions& options, const Settings& settings, Emitter& emitter,
               const std::stop_token& stop) {
  const Config config = load_config(settings, true);
  Source source(config, emitter.clock(),
                [&emitter](std::string_view secret) { emitter.hide(secret); });
  const Connection connection(config, emitter, stop);
  const DoctorReport report =
      examine(source, options.public_url, options.notion, connection.context());
  std::istringstream lines(report.text);
  for (std::string line; std::getline(lines, line);) emitter.lines(emitter.redact(line) + "\n");
  return report.is_well ? 0 : 1;
}

}  // namespace source_sentry
