#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  // What is logged would stand between the results; tests of the log set a logger of their own.
  spdlog::set_level(spdlog::level::off);
  return RUN_ALL_TESTS();
}
