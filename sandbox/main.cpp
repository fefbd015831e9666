#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "sandbox/options.h"
#include "sandbox/render/json_writer.h"
#include "sandbox/server/server.h"

namespace sandbox {
namespace {

/// Writes the address file so that a reader sees all of it or nothing.
void announce(const std::string& file, const std::string& url, int port) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.text("url", url);
  json.number("port", port);
  json.number("pid", getpid());
  json.text("token", "sandbox-token");
  json.text("organization", "acme");
  json.text("project", "web");
  json.end_object();
  const std::string draft = file + "." + std::to_string(getpid());
  std::ofstream(draft) << text << '\n';
  if (std::rename(draft.c_str(), file.c_str()) != 0) {
    throw std::runtime_error("cannot write " + file);
  }
}

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

/// Waits for one of the stop signals, which all threads must have blocked, and stops the server.
void stop_on_signal(Server& server, const std::stop_token& done) {
  const sigset_t signals = stop_signals();
  constexpr timespec kLook = {0, 100'000'000};
  while (!done.stop_requested()) {
    if (sigtimedwait(&signals, nullptr, &kLook) < 0) continue;
    // Again until it has ended: httplib forgets a stop that comes before it listens.
    for (; !done.stop_requested(); sleep_for(std::chrono::milliseconds(20), done)) server.stop();
  }
}

int run(Options options) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  SandboxClock clock(options.now);
  options.plan.start = to_second(clock.now());
  LiveWorld world{World(build_world(options.plan))};

  Server server(options);
  const auto port = server.bind();
  if (!port) {
    std::cerr << "sentry-sandbox: cannot listen on " << options.host << ":" << options.port
              << (options.tls() ? " (or the certificate cannot be read)" : "") << '\n';
    return 1;
  }
  const std::string host =
      options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  const std::string url = (options.tls() ? "https://" : "http://") + host + ":" +
                          std::to_string(*port) + options.prefix;

  RateLimiter limiter(options.enforce_limits, options.limits);
  FaultBook faults;
  RequestLog log;
  Control control(world, clock, faults, log, describe(options, url));
  Behaviour behaviour;
  behaviour.settings.quirks = options.quirks;
  behaviour.settings.addresses.public_url = options.public_url.empty() ? url : options.public_url;
  behaviour.settings.event_size = options.event_size;
  behaviour.prefix = options.prefix;
  behaviour.latency_ms = options.latency_ms;
  behaviour.gzip = options.gzip;
  Dispatcher dispatcher(std::move(behaviour), world, clock, limiter, faults, log, control);

  std::jthread stopper([&server](const std::stop_token& done) { stop_on_signal(server, done); });
  if (!options.announce.empty()) announce(options.announce, url, *port);
  std::cout << "sentry-sandbox: listening on " << url << " (Ctrl-C stops)" << std::endl;
  server.run(dispatcher);
  return 0;
}

}  // namespace
}  // namespace sandbox

int main(int argc, char** argv) {
  const sandbox::ParsedOptions parsed = sandbox::parse_options(argc, argv);
  if (!parsed.options) return parsed.exit_code;
  try {
    return sandbox::run(*parsed.options);
  } catch (const std::exception& error) {
    std::cerr << "sentry-sandbox: " << error.what() << '\n';
    return 1;
  }
}
