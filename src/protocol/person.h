#pragma once

#include <string_view>

#include "protocol/messages.h"

namespace source_sentry {

/// A person who runs the program and is told in words what the protocol says in messages. All texts
/// are free of secrets and of controls already. Implementations are safe to use from several
/// threads.
class Person {
 public:
  virtual ~Person() = default;

  /// What is logged; an implementation may leave out what is not important.
  virtual void log(LogLevel level, std::string_view message) = 0;

  /// Something failed: the stream, or the whole run where `stream` is empty.
  virtual void error(const ConnectorError& error, std::string_view stream) = 0;

  /// What the command has to say: never left out.
  virtual void say(LogLevel level, std::string_view message) = 0;
};

}  // namespace source_sentry
