// What reading costs at least: fetches the pages whose addresses stand in a file, one after the
// other on one connection, and either drops them ("receive"), writes them as they are ("copy"), or
// writes a RECORD line for each element that simdjson's On-Demand interface finds ("ondemand"),
// without a state, a limit, a retry or a check of what is inside a record. hot_path_bench.py
// compares the connector with it.
//
//   read_peer receive|copy|ondemand FILE TOKEN [CA-FILE]
#include <curl/curl.h>
#include <simdjson.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace {

std::size_t append(const char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// The page's elements as RECORD lines. Throws simdjson_error.
void write_records(simdjson::ondemand::parser& parser, std::string& body, std::string& lines) {
  lines.clear();
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  auto page = parser.iterate(body);
  for (auto element : page.get_array()) {
    const std::string_view raw = simdjson::to_json_string(element.get_object());
    lines += R"({"type":"RECORD","record":{"stream":"events","data":)";
    lines += raw;
    lines += R"(,"emitted_at":1700000000000}})";
    lines += '\n';
  }
  write(lines);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string_view mode = argv[1];
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  const std::string authorization = std::string("Authorization: Bearer ") + argv[3];
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(
      curl_slist_append(nullptr, authorization.c_str()), curl_slist_free_all);
  std::string body;
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(curl.get(), CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  if (argc > 4) curl_easy_setopt(curl.get(), CURLOPT_CAINFO, argv[4]);

  simdjson::ondemand::parser parser;
  std::string lines;
  std::ifstream pages(argv[2]);
  for (std::string url; std::getline(pages, url);) {
    body.clear();
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    if (const CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK) {
      std::fprintf(stderr, "%s: %s\n", url.c_str(), curl_easy_strerror(code));
      return 1;
    }
    if (mode == "copy") write(body);
    if (mode != "ondemand") continue;
    try {
      write_records(parser, body, lines);
    } catch (const simdjson::simdjson_error& error) {
      std::fprintf(stderr, "%s: %s\n", url.c_str(), error.what());
      return 1;
    }
  }
  return 0;
}
