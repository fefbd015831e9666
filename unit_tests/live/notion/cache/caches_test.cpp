#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <latch>
#include <nlohmann/json.hpp>
#include <thread>

#include "fakes/fake_clock.h"
#include "fakes/temporary_folder.h"
#include "live/notion/api/form_error.h"
#include "live/notion/cache/documents.h"
#include "live/notion/cache/memory_cache.h"
#include "live/notion/cache/redis_cache.h"

extern char** environ;

namespace source_sentry {
namespace {

using Json = nlohmann::json;
using std::chrono::seconds;

TEST(MemoryCacheTest, KeepsForAWhileAndSurvivesARestart) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "cache.json";
  FakeClock clock;
  {
    MemoryCache cache(file, seconds(60), clock);
    cache.keep("a", "caf\u00e9");
    cache.keep("b", "gone");
    cache.drop("b");
  }
  struct stat about {};
  ASSERT_EQ(stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  MemoryCache cache(file, seconds(60), clock);
  EXPECT_EQ(cache.find("a"), "caf\u00e9");
  EXPECT_FALSE(cache.find("b"));
  clock.set(kNow + seconds(60));
  EXPECT_FALSE(cache.find("a"));
  clock.set(kNow - seconds(1));
  EXPECT_FALSE(cache.find("a")) << "of the future";
}

TEST(MemoryCacheTest, TakesAnUnreadableFileForNone) {
  const TemporaryFolder folder;
  FakeClock clock;
  for (const char* text : {"", "{", "[]", R"({"v":2,"texts":{}})", R"({"v":1,"texts":[]})"}) {
    put(folder.path() / "cache.json", text);
    MemoryCache cache(folder.path() / "cache.json", seconds(60), clock);
    EXPECT_FALSE(cache.find("a"));
  }
  MemoryCache nowhere(folder.path() / "none" / "cache.json", seconds(60), clock);
  nowhere.keep("a", "x");
  EXPECT_EQ(nowhere.find("a"), "x");
}

class DocumentsTest : public testing::Test {
 protected:
  Json get() {
    return documents.get("k", [this]() -> Json {
      if (broken) throw FormError(503, "Notion is away.");
      return ++reads;
    });
  }

  FakeClock clock;
  MemoryCache cache{{}, seconds(60), clock};
  std::vector<std::function<void()>> later;
  bool takes = true;
  Documents documents{cache, [this](auto work) {
                        if (takes) later.push_back(std::move(work));
                        return takes;
                      }};
  int reads = 0;
  bool broken = false;
};

TEST_F(DocumentsTest, ReadsOnceAndBehindTheBackOfWhoAsks) {
  EXPECT_EQ(get(), 1);
  EXPECT_EQ(get(), 1);
  clock.set(kNow + seconds(61));
  EXPECT_EQ(get(), 1);
  EXPECT_EQ(get(), 1);
  ASSERT_EQ(later.size(), 1U) << "one of them reads it anew";
  later[0]();
  EXPECT_EQ(get(), 2);
}

TEST_F(DocumentsTest, UsesAnExpiredOneWhereNoneCanBeRead) {
  EXPECT_EQ(get(), 1);
  takes = false;
  broken = true;
  clock.set(kNow + seconds(61));
  EXPECT_EQ(get(), 1);
  broken = false;
  EXPECT_EQ(get(), 2);
  documents.drop("k");
  broken = true;
  EXPECT_THROW(get(), FormError);
}

TEST_F(DocumentsTest, TakesAnotherFormatForNone) {
  for (const char* text : {"", "[]", R"({"v":0,"value":7})", R"({"v":1})"}) {
    cache.keep("k", text);
    const int before = reads;
    EXPECT_EQ(get(), before + 1);
    documents.drop("k");
  }
}

TEST_F(DocumentsTest, OneThreadReadsForAll) {
  std::latch inside(1);
  std::latch go(1);
  const auto read = [&]() -> Json {
    inside.count_down();
    go.wait();
    return ++reads;
  };
  std::vector<std::jthread> threads;
  threads.emplace_back([&] { EXPECT_EQ(documents.get("k", read), 1); });
  inside.wait();
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { EXPECT_EQ(documents.get("k", read), 1); });
  go.count_down();
  threads.clear();
  EXPECT_EQ(reads, 1);
}

/// A Redis of our own, on a free port, in a folder of its own.
class RedisTest : public testing::Test {
 protected:
  void SetUp() override {
    if (access("/usr/bin/redis-server", X_OK) != 0) GTEST_SKIP() << "there is no Redis here";
    start(0);
  }
  void TearDown() override { stop(); }

  void start(int port) {
    for (int attempt = 0; attempt < 10 && process_ == 0; ++attempt) {
      port_ = port != 0 ? port : free_port();
      spawn();
      if (!await()) stop();
    }
    ASSERT_NE(process_, 0);
  }
  void stop() {
    if (process_ == 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  RedisSettings settings() const {
    return {"127.0.0.1", static_cast<std::uint16_t>(port_), "", "pass word", 3};
  }

  FakeClock clock;
  MemoryCache meanwhile{{}, seconds(60), clock};

  int port_ = 0;

 private:
  static int free_port() {
    const int file = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(file, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(file, reinterpret_cast<sockaddr*>(&address), &size);
    close(file);
    return ntohs(address.sin_port);
  }
  void spawn() {
    std::filesystem::remove(folder_.path() / "log");
    std::vector<std::string> words = {"redis-server",
                                      "--port",
                                      std::to_string(port_),
                                      "--bind",
                                      "127.0.0.1",
                                      "--save",
                                      "",
                                      "--requirepass",
                                      "pass word",
                                      "--dir",
                                      folder_.path().string(),
                                      "--logfile",
                                      (folder_.path() / "log").string()};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn(&process_, "/usr/bin/redis-server", nullptr, nullptr, arguments.data(), environ);
  }
  /// Until it answers, or has ended.
  bool await() {
    for (;;) {
      if (text_of(folder_.path() / "log").find("Ready to accept") != std::string::npos) return true;
      if (waitpid(process_, nullptr, WNOHANG) != 0) {
        process_ = 0;
        return false;
      }
      std::this_thread::yield();
    }
  }

  TemporaryFolder folder_;
  pid_t process_ = 0;
};

TEST_F(RedisTest, SharesAnyBytes) {
  const std::string key = "a b\r\n%s";
  const std::string text("x\0\r\ny", 5);
  RedisCache cache(settings(), seconds(60), meanwhile, clock);
  EXPECT_FALSE(cache.find(key));
  cache.keep(key, text);
  MemoryCache none({}, seconds(60), clock);
  RedisCache other(settings(), seconds(60), none, clock);
  EXPECT_EQ(other.find(key), text);
  other.drop(key);
  EXPECT_FALSE(cache.find(key)) << "Redis knows better than our own memory";
}

TEST_F(RedisTest, MissesNothingWhileItIsDown) {
  RedisCache cache(settings(), seconds(60), meanwhile, clock);
  cache.keep("a", "x");
  stop();
  EXPECT_EQ(cache.find("a"), "x") << "from our own memory";
  cache.keep("b", "y");
  EXPECT_EQ(cache.find("b"), "y");
  EXPECT_FALSE(cache.find("c"));
  start(port_);
  EXPECT_EQ(cache.find("a"), "x") << "left alone for a while";
  clock.sleep_for(seconds(5), {});
  EXPECT_FALSE(cache.find("a")) << "the new Redis knows nothing";
  cache.keep("a", "z");
  EXPECT_EQ(cache.find("a"), "z");
}

TEST_F(RedisTest, RefusalsAreNoFailure) {
  RedisSettings wrong = settings();
  wrong.password = "wrong";
  RedisCache cache(wrong, seconds(60), meanwhile, clock);
  cache.keep("a", "x");
  EXPECT_EQ(cache.find("a"), "x");
}

TEST_F(RedisTest, ManyThreadsUseIt) {
  RedisCache cache(settings(), seconds(60), meanwhile, clock);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&cache, i] {
      const std::string key = std::to_string(i);
      for (int j = 0; j < 50; ++j) {
        cache.keep(key, std::to_string(j));
        EXPECT_EQ(cache.find(key), std::to_string(j));
      }
    });
  }
}

TEST(RedisCacheTest, AnUnknownHostIsNoFailure) {
  FakeClock clock;
  MemoryCache meanwhile({}, seconds(60), clock);
  RedisCache cache({"127.0.0.1", 1, "", "", 0}, seconds(60), meanwhile, clock);
  EXPECT_FALSE(cache.find("a"));
  cache.keep("a", "x");
  EXPECT_EQ(cache.find("a"), "x");
}

}  // namespace
}  // namespace source_sentry
