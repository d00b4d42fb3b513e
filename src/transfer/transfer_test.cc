#include "transfer/transfer.h"

#include "base/result_matchers.h"

namespace bullion::transfer {
namespace {

std::optional<std::string> none(const std::string& /*name*/) { return std::nullopt; }

// What servers answer is tested where notices are sent (schedule/delivery_test.cc).

TEST(Transfer, TellsWhyNobodyWasReached) {
  auto transfer = Transfer::open({"http://127.0.0.1:9/hook", "http,https", 5'000'000}, none);
  ASSERT_THAT(transfer, IsOk());
  transfer->add_header("Content-Type: application/json");
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Status posted = transfer->post("{}");
    EXPECT_THAT(posted, IsErrorOf(ErrorKind::Io));
    EXPECT_THAT(posted, HasMessage("127.0.0.1 port 9"));
  }
}

TEST(Transfer, RefusesAProtocolThatWasNotAskedFor) {
  auto transfer = Transfer::open({"ftp://127.0.0.1:9/hook", "http,https", 5'000'000}, none);
  ASSERT_THAT(transfer, IsOk());
  EXPECT_THAT(transfer->post("{}"), HasMessage("rotocol \"ftp\" not supported"));
}

TEST(Transfer, TrustsTheRootsOfTheEnvironment) {
  std::string asked;
  const auto variables = [&](const std::string& name) {
    asked += name;
    return std::optional<std::string>();
  };
  ASSERT_THAT(Transfer::open({"https://127.0.0.1:9", "https", 5'000'000}, variables), IsOk());
  EXPECT_EQ(asked, "SSL_CERT_FILE");
}

}  // namespace
}  // namespace bullion::transfer
