#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "http/curl_client.h"
#include "live/notion/bridge.h"
#include "live/notion/follow.h"
#include "live/notion/settings.h"

namespace source_sentry {

/// How Notion is reached: its address and token, and the proxy that the environment names for it.
ConnectionOptions notion_connection(const NotionSettings& settings, const std::string& user_agent,
                                    const Variable& variable);

/// All of the Notion bridge, for the program that serves it.
class NotionService {
 public:
  struct Options {
    ConnectionOptions connection;
    std::filesystem::path folder{};  ///< for what survives a restart; empty: nothing does
    std::string prefix{};            ///< of the four paths, "/notion"
    std::chrono::milliseconds answer_time = BridgeOptions().answer_time;
  };

  /// The clock outlives it. Throws a ConnectorError where the prefix is none.
  NotionService(NotionSettings settings, Options options, NotionBridge::IsSigned is_signed,
                Clock& clock);
  /// Stops; requests that wait are answered first.
  ~NotionService();

  /// Asks Notion whether all is as the configuration says: throws a ConnectorError that says what
  /// is wrong. Where Notion cannot tell now, that is logged, and it may still answer later.
  void check();

  /// Of the four paths, see NotionBridge::answers.
  NotionBridge& handler();

  /// Lets the page of an issue follow it; returns at once. Nothing where no column is for it.
  void follow(IssueChange change);
  /// Waits until all pages have followed.
  void wait_for_pages();

  /// Gives up what is being asked of Notion.
  void stop();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace source_sentry
