#pragma once

/// The statuses of HTTP that are answered here.
namespace source_sentry::status {

inline constexpr int kOk = 200;
inline constexpr int kNoContent = 204;
inline constexpr int kBadRequest = 400;
inline constexpr int kUnauthorized = 401;
inline constexpr int kNotFound = 404;
inline constexpr int kMethodNotAllowed = 405;
inline constexpr int kTooSlow = 408;
inline constexpr int kBodyTooLarge = 413;
inline constexpr int kPackedBody = 415;
inline constexpr int kExpectationFailed = 417;
inline constexpr int kTooManyRequests = 429;
inline constexpr int kHeadTooLarge = 431;
inline constexpr int kFailed = 500;
inline constexpr int kBadGateway = 502;
inline constexpr int kUnavailable = 503;

}  // namespace source_sentry::status
