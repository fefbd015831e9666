#include "live/server/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "live/server/answer_text.h"
#include "live/server/answerer.h"
#include "live/server/status.h"

namespace source_sentry {
namespace {

using boost::system::error_code;
using std::chrono::steady_clock;

const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// How long a new connection may be silent once the server is ending.
constexpr std::chrono::milliseconds kNewcomers{250};

}  // namespace

Connection::Connection(std::shared_ptr<boost::asio::io_context> context,
                       std::unique_ptr<Channel> channel, std::string peer, ConnectionHost& host)
    : context_(std::move(context)),
      channel_(std::move(channel)),
      peer_(std::move(peer)),
      host_(host),
      timer_(channel_->socket().get_executor()),
      since_(steady_clock::now()) {}

void Connection::start() { post(&Connection::greet); }
void Connection::wind_down() { post(&Connection::do_wind_down); }
void Connection::close() { post(&Connection::do_close); }

void Connection::bring(std::uint64_t request, HttpAnswer answer) {
  // The weak pointer travels: where nobody runs the context any more, it would keep itself alive.
  boost::asio::post(channel_->socket().get_executor(),
                    [weak = weak_from_this(), request, answer = std::move(answer)] {
                      if (const auto alive = weak.lock()) alive->on_answer(request, answer);
                    });
}

std::optional<Connection::Turn> Connection::turn_to_go() const {
  switch (phase_.load()) {
    case Phase::kHandling:
    case Phase::kWriting:
    case Phase::kClosed:
      return std::nullopt;
    case Phase::kIdle:
      return Turn{false, since_};
    default:
      return Turn{true, since_};
  }
}

void Connection::post(Step step) {
  boost::asio::post(channel_->socket().get_executor(),
                    [self = shared_from_this(), step] { self->run(step, 0); });
}

Channel::Done Connection::then(Step step) {
  return [self = shared_from_this(), step](error_code error, std::size_t size) {
    self->run(error ? &Connection::do_close : step, size);
  };
}

void Connection::run(Step step, std::size_t size) {
  if (phase_ == Phase::kClosed) return;
  try {
    (this->*step)(size);
  } catch (...) {  // such as no memory: this client is lost, and no other
    do_close(0);
  }
}

void Connection::enter(Phase phase, Time deadline) {
  phase_ = phase;
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this(), number = ++deadline_](error_code error) {
    if (!error && number == self->deadline_) self->on_deadline();
  });
}

void Connection::on_deadline() {
  const Phase phase = phase_;
  if (phase == Phase::kClosed) return;
  do_close(0);
  if (phase == Phase::kHead || phase == Phase::kBody)
    host_.handler.refused(peer_, status::kTooSlow);
}

void Connection::greet(std::size_t) {
  enter(Phase::kGreeting, steady_clock::now() + host_.limits.head_time);
  channel_->handshake(then(&Connection::next_request));
}

void Connection::next_request(std::size_t) {
  ++request_;
  head_ = {};
  head_only_ = false;
  since_ = steady_clock::now();
  if (!input_.empty()) return begin_head();
  enter(Phase::kIdle, since_.load() + host_.limits.idle_time);
  read();
}

void Connection::read() { channel_->read_some(piece_, then(&Connection::on_read)); }

void Connection::on_read(std::size_t size) {
  input_.append(piece_.data(), size);
  if (phase_ == Phase::kBody) return take_body(0);
  if (phase_ == Phase::kHead) return look_for_head();
  since_ = steady_clock::now();
  begin_head();
}

void Connection::begin_head() {
  scanned_ = 0;
  enter(Phase::kHead, since_.load() + host_.limits.head_time);
  look_for_head();
}

void Connection::look_for_head() {
  const HeadEnd end = find_head_end(input_, std::exchange(scanned_, input_.size()));
  const std::size_t most = host_.limits.head_bytes;
  if (end.state == HeadEnd::State::kBad) return refuse(status::kBadRequest);
  if (end.state == HeadEnd::State::kMore && input_.size() < most) return read();
  if (end.state == HeadEnd::State::kMore || end.size > most) return refuse(status::kHeadTooLarge);
  const std::string raw = input_.substr(0, end.size);
  input_.erase(0, end.size);
  on_head(raw);
}

void Connection::on_head(const std::string& raw) {
  auto checked = check_head(raw, host_.limits.headers);
  if (const int* status = std::get_if<int>(&checked)) return refuse(*status);
  head_ = std::get<CheckedHead>(std::move(checked));
  head_.head.peer = peer_;
  head_only_ = head_.head.method == "HEAD";
  const Framing& framing = head_.framing;
  last_ = last_ || !framing.keep_alive;
  const RequestHandler::Admission admission = host_.handler.admit(head_.head);
  if (admission.refusal) {
    last_ = last_ || framing.has_body();  // nobody reads it
    return write(*admission.refusal);
  }
  if (framing.length.value_or(0) > admission.most_body) return refuse(status::kBodyTooLarge);
  body_ = std::make_unique<RequestBody>(framing, admission.most_body);
  enter(Phase::kBody, since_.load() + host_.limits.request_time);
  if (framing.expects_continue && input_.empty()) {
    channel_->write(kContinue, then(&Connection::take_body));
  } else {
    take_body(0);
  }
}

void Connection::take_body(std::size_t) {
  if (!input_.empty()) input_.erase(0, body_->put(input_));
  switch (body_->state()) {
    case RequestBody::State::kWhole:
      return handle();
    case RequestBody::State::kTooLarge:
      return refuse(status::kBodyTooLarge);
    case RequestBody::State::kBad:
      return refuse(status::kBadRequest);
    case RequestBody::State::kMore:
      break;
  }
  if (!within_budget()) return refuse(status::kUnavailable);
  read();
}

bool Connection::within_budget() {
  const std::size_t now = body_->text().capacity();
  const std::size_t more = now - std::exchange(held_, now);
  return (host_.body_bytes += more) <= host_.limits.body_bytes;
}

void Connection::handle() {
  enter(Phase::kHandling, steady_clock::now() + host_.limits.answer_time);
  HttpRequest request;
  static_cast<RequestHead&>(request) = std::move(head_.head);
  request.body = std::move(body_->text());
  const auto answerer = std::make_shared<Answerer>(weak_from_this(), request_);
  try {
    host_.handler.handle(std::move(request),
                         [answerer](HttpAnswer answer) { answerer->answer(std::move(answer)); });
  } catch (...) {
    answerer->answer(plain_answer(status::kFailed));
  }
}

void Connection::on_answer(std::uint64_t request, const HttpAnswer& answer) {
  if (phase_ != Phase::kHandling || request != request_) return;
  try {
    release_body();
    write(answer);
  } catch (...) {
    do_close(0);
  }
}

void Connection::write(const HttpAnswer& answer) {
  enter(Phase::kWriting, steady_clock::now() + host_.limits.write_time);
  output_ = to_wire(answer, !head_only_, !last_);
  channel_->write(output_, then(&Connection::on_written));
}

void Connection::on_written(std::size_t) {
  std::string().swap(output_);
  if (!last_) return next_request(0);
  enter(Phase::kLingering, steady_clock::now() + host_.limits.linger_time);
  channel_->end_output(then(&Connection::linger));
}

void Connection::linger(std::size_t) {
  // Were the socket closed now, what the client still sends would be answered by a reset, which may
  // take the answer away before the client has read it.
  channel_->read_rest(piece_, then(&Connection::linger));
}

void Connection::refuse(int status) {
  last_ = true;
  release_body();
  host_.handler.refused(peer_, status);
  write(plain_answer(status));
}

void Connection::do_wind_down(std::size_t) {
  last_ = true;
  const bool had_request = request_ > 1;
  if (phase_ == Phase::kIdle && had_request) return do_close(0);
  // Whoever has just come is about to send a request.
  if (phase_ == Phase::kIdle || phase_ == Phase::kGreeting) {
    enter(phase_, std::min(timer_.expiry(), steady_clock::now() + kNewcomers));
  }
}

void Connection::do_close(std::size_t) {
  if (phase_.exchange(Phase::kClosed) == Phase::kClosed) return;
  timer_.cancel();
  error_code ignored;
  channel_->socket().close(ignored);
  release_body();
  host_.ended(*this);
}

void Connection::release_body() {
  host_.body_bytes -= std::exchange(held_, 0);
  body_.reset();
}

}  // namespace source_sentry
