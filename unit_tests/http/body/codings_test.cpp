#include "http/body/codings.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(CodingsTest, ReadsWhatServersWrite) {
  using enum Coding;
  const struct {
    const char* field;
    std::vector<Coding> applied;
    const char* unknown = "";
  } cases[] = {
      {"", {}},
      {" , ", {}},
      {"identity", {}},
      {"none", {}},
      {"gzip", {kGzip}},
      {" GZip ", {kGzip}},
      {"x-gzip", {kGzip}},
      {"deflate", {kDeflate}},
      {"identity, gzip", {kGzip}},
      {"deflate,gzip", {kDeflate, kGzip}},
      {"gzip, gzip, gzip, gzip, gzip", {kGzip, kGzip, kGzip, kGzip, kGzip}},
      {"gzip, gzip, gzip, gzip, gzip, gzip", {kGzip, kGzip, kGzip, kGzip, kGzip}, "gzip"},
      {"br", {}, "br"},
      {"gzip, ZSTD, gzip", {kGzip}, "zstd"},
      {"gzip; q=1", {}, "gzip; q=1"},
  };
  for (const auto& [field, applied, unknown] : cases) {
    const Codings codings = parse_codings(field);
    EXPECT_EQ(codings.applied, applied) << field;
    EXPECT_EQ(codings.unknown, unknown) << field;
  }
}

}  // namespace
}  // namespace source_sentry
