#include "sandbox/api/answer.h"

#include "sandbox/render/json_writer.h"
#include "sandbox/world/event_ids.h"
#include "sandbox/world/random.h"

namespace sandbox {

Answer detail_answer(int status, std::string_view detail) {
  return {status, "{\"detail\":" + json_text(detail) + "}", "application/json", {}, {}};
}

Answer nothing_here() { return {404, "", "text/html; charset=utf-8", {}, {}}; }

Answer no_such_resource() { return detail_answer(404, "The requested resource does not exist"); }

Answer forbidden() {
  return detail_answer(403, "You do not have permission to perform this action.");
}

Answer internal_error(std::string_view what) {
  const std::string id = EventId{hash_text(what), mix(hash_text(what))}.text();
  return {
      500, R"({"detail":"Internal Error","errorId":")" + id + "\"}", "application/json", {}, {}};
}

Answer login_page() {
  return {
      200,
      "<!doctype html>\n<html lang=\"en\">\n<head><title>Login | Sentry</title></head>\n<body>\n"
      "<form action=\"/auth/login/acme/\" method=\"post\">\n"
      "<label>Account <input name=\"username\"></label>\n"
      "<label>Password <input type=\"password\" name=\"password\"></label>\n"
      "<button>Continue</button>\n</form>\n</body>\n</html>\n",
      "text/html; charset=utf-8",
      {},
      {}};
}

}  // namespace sandbox
