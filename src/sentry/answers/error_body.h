#pragma once

#include <string>
#include <string_view>

#include "http/http.h"

namespace source_sentry {

/// A server's own words for use in one of our sentences: short, on one line.
std::string shown(std::string_view words);

/// The human part of an error body, in whatever shape it came: {"detail": "..."}, {"detail":
/// {"code", "message"}}, {"message": ...}, a bare JSON string, or plain text. Short, on one line.
std::string error_detail(const Response& response);

/// The `code` inside an error body's detail ("sso-required", "resource-moved"); empty without one.
std::string error_code(const Response& response);

/// Whether such a text is about a feature that is switched off: "The requested feature is not
/// available.", "You do not have the ... feature enabled". Not something whose name contains the
/// word, such as a project "feature-flags".
bool is_about_feature(std::string_view detail);

/// Whether this is a web page where the API's JSON should be.
bool is_web_page(const Response& response);

/// Whether this begins like JSON that is not a bare word or number.
bool is_json(const Response& response);

/// The slug that a renamed project's redirect names; empty when the answer is not such a redirect.
std::string moved_to_slug(const Response& response);

}  // namespace source_sentry
