#include "schedule/delivery.h"

#include <array>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/result_matchers.h"
#include "schedule/schedule_fixture_internal.h"

namespace bullion::schedule {
namespace {

/// Accepts one HTTP request on a port of its own, answers, and keeps what it was sent.
class OneRequestServer {
 public:
  explicit OneRequestServer(std::string answer) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] { serve(answer); });
  }
  OneRequestServer(const OneRequestServer&) = delete;
  OneRequestServer& operator=(const OneRequestServer&) = delete;
  ~OneRequestServer() { ::close(socket_); }

  std::string url() const { return fmt::format("http://127.0.0.1:{}/hook", port_); }
  std::string request() {
    thread_.join();
    return request_;
  }

 private:
  void serve(const std::string& answer) {
    const int peer = ::accept(socket_, nullptr, nullptr);
    std::array<char, 4096> buffer{};
    while (request_.find('}') == std::string::npos) {
      const ssize_t got = ::read(peer, buffer.data(), buffer.size());
      if (got <= 0) break;
      request_.append(buffer.data(), static_cast<size_t>(got));
    }
    static_cast<void>(::write(peer, answer.data(), answer.size()) + 0);
    ::close(peer);
  }

  int socket_;
  int port_ = 0;
  std::string request_;
  std::thread thread_;
};

Notice notice() {
  return {.event = Event::Failure,
          .subject = {.kind = Subject::Kind::Job, .name = "daily"},
          .project = "shop",
          .incident = 3,
          .at_us = *parse_timestamp("2026-05-01T06:00:00Z"),
          .message = "disk full"};
}

std::optional<std::string> variables(const std::string& name) {
  if (name == "TOKEN") return "s3cret";
  return std::nullopt;
}

TEST(Delivery, AWebhookGetsTheNoticeAsJsonWithItsHeaders) {
  OneRequestServer server("HTTP/1.1 204 No Content\r\n\r\n");
  const Channel channel{.name = "hook",
                        .kind = ChannelKind::Webhook,
                        .url = server.url(),
                        .headers = {{"Authorization", "Bearer ${TOKEN}"}}};
  EXPECT_THAT(send_notice(channel, notice(), variables), IsOk());
  const std::string request = server.request();
  EXPECT_THAT(request, testing::HasSubstr("POST /hook HTTP/1.1"));
  EXPECT_THAT(request, testing::HasSubstr("Authorization: Bearer s3cret"));
  EXPECT_THAT(request, testing::HasSubstr(R"("event":"failure")"));
}

TEST(Delivery, AnAnswerOtherThan2xxIsAFailure) {
  OneRequestServer server("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
  const Channel channel{.name = "hook", .kind = ChannelKind::Slack, .url = server.url()};
  EXPECT_THAT(send_notice(channel, notice(), variables),
              HasMessage("alert channel hook: the server answered 500 instead of 2xx"));
  EXPECT_THAT(server.request(),
              testing::HasSubstr(R"({"text":"Bullion failure: job daily of shop: disk full"})"));
}

TEST(Delivery, SecretsDoNotReachTheError) {
  const Channel channel{
      .name = "hook", .kind = ChannelKind::Webhook, .url = "http://${TOKEN}.invalid/x"};
  const Status sent = send_notice(channel, notice(), variables);
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message(), testing::HasSubstr("${TOKEN}"));
  EXPECT_THAT(sent.error().message(), testing::Not(testing::HasSubstr("s3cret")));
}

TEST(Delivery, AVariableThatIsNotSetIsNamed) {
  const Channel channel{.name = "hook", .kind = ChannelKind::Webhook, .url = "${MISSING}"};
  EXPECT_THAT(send_notice(channel, notice(), variables),
              HasMessage("the environment variable `MISSING` is not set"));
}

TEST(Delivery, AFileGetsOneJsonLinePerNotice) {
  const storage::TemporaryFolder folder;
  const Channel channel{
      .name = "log", .kind = ChannelKind::File, .path = folder.path() + "/new/alerts.jsonl"};
  EXPECT_THAT(send_notice(channel, notice(), variables), IsOk());
  EXPECT_THAT(send_notice(channel, notice(), variables), IsOk());
  std::ifstream file(channel.path);
  std::string line;
  int lines = 0;
  while (std::getline(file, line)) {
    ++lines;
    EXPECT_EQ(nlohmann::json::parse(line).at("incident"), 3);
  }
  EXPECT_EQ(lines, 2);
}

}  // namespace
}  // namespace bullion::schedule
