#include "schedule/alerts.h"

#include "base/result_matchers.h"
#include "schedule/schedule_fixture_internal.h"

namespace bullion::schedule {
namespace {

class AlertsTest : public testing::Test {
 protected:
  Alerts alerts(const std::string& token = "a") { return {*lake_, clock_, this_process(token)}; }

  Notice notice(Event event) {
    return {.event = event,
            .subject = {.kind = Subject::Kind::Job, .name = "daily"},
            .project = "shop",
            .at_us = clock_.now_us(),
            .message = "disk full"};
  }

  /// Delivers with a sender that fails when told to.
  void deliver(bool works = true) {
    const auto tried = alerts().deliver(channels_, [&](const Channel& channel, const Notice& what) {
      sent_.push_back(channel.name + " " + to_string(what.event));
      return works ? ok() : Status(io_error("refused"));
    });
    EXPECT_THAT(tried, IsOk());
  }

  std::unique_ptr<storage::FileSystem> lake_ = storage::memory_file_system();
  FakeClock clock_{"2026-05-01T06:00:00Z"};
  std::vector<Channel> channels_{{.name = "log"}};
  std::vector<std::string> sent_;
};

using testing::ElementsAre;

TEST_F(AlertsTest, EachEventIsToldOncePerIncidentAndTheEndOnce) {
  EXPECT_EQ(*alerts().raise(notice(Event::Failure)), true);
  EXPECT_EQ(*alerts().raise(notice(Event::Failure)), false);
  EXPECT_EQ(*alerts().raise(notice(Event::Blocked)), true);
  deliver();
  deliver();
  EXPECT_EQ(*alerts("restarted").raise(notice(Event::Blocked)), false);
  EXPECT_EQ(*alerts().recover(notice(Event::Recovered)), true);
  EXPECT_EQ(*alerts().recover(notice(Event::Recovered)), false);
  deliver();
  EXPECT_THAT(sent_, ElementsAre("log failure", "log blocked", "log recovered"));
  clock_.advance_seconds(60);
  EXPECT_EQ(*alerts().raise(notice(Event::Failure)), true);
  EXPECT_EQ(*alerts().open_incident({.kind = Subject::Kind::Job, .name = "daily"}), 2);
}

TEST_F(AlertsTest, AFailedDeliveryIsTriedAgainLater) {
  ASSERT_THAT(alerts().raise(notice(Event::Failure)), IsOk());
  deliver(false);
  deliver(false);
  EXPECT_THAT(sent_, ElementsAre("log failure"));
  EXPECT_EQ((*alerts().deliveries(channels_))[0].message, "refused");
  clock_.advance_seconds(31);
  deliver(false);
  clock_.advance_seconds(31);
  deliver();
  EXPECT_THAT(sent_, ElementsAre("log failure", "log failure"));
  clock_.advance_seconds(30);
  deliver();
  deliver();
  EXPECT_THAT(sent_, ElementsAre("log failure", "log failure", "log failure"));
  EXPECT_EQ((*alerts().deliveries(channels_))[0].state, "sent");
}

TEST_F(AlertsTest, AChannelGetsOnlyTheEventsItWants) {
  channels_ = {{.name = "late_only", .events = {Event::Late}}, {.name = "all"}};
  ASSERT_THAT(alerts().raise(notice(Event::Failure)), IsOk());
  deliver();
  EXPECT_THAT(sent_, ElementsAre("all failure"));
}

TEST_F(AlertsTest, ACrashBetweenSendingAndRecordingRepeatsAtMostOnce) {
  ASSERT_THAT(alerts().raise(notice(Event::Failure)), IsOk());
  // The process of this owner is gone: its start lies in another life of the process id.
  Owner gone = this_process("gone");
  gone.started = "1";
  const Claims tries(*lake_, "schedule/incidents/job-daily/000001/failure.log", clock_, gone);
  ASSERT_TRUE(tries.claim(0, {})->has_value());
  EXPECT_EQ((*alerts().deliveries(channels_))[0].state, "waiting");
  ASSERT_TRUE(
      Claims(*lake_, "schedule/incidents/job-daily/000001/failure.log", clock_, this_process("b"))
          .take_over()
          ->has_value());
  ASSERT_TRUE(tries.claim(1, {})->has_value());
  deliver();
  EXPECT_TRUE(sent_.empty());
  EXPECT_EQ((*alerts().deliveries(channels_))[0].state, "unknown");
}

TEST_F(AlertsTest, AfterADayADeliveryIsGivenUp) {
  ASSERT_THAT(alerts().raise(notice(Event::Failure)), IsOk());
  for (int i = 0; i < 40; ++i) {
    deliver(false);
    clock_.advance_seconds(3'600);
  }
  EXPECT_LT(sent_.size(), 33U);
  EXPECT_GT(sent_.size(), 20U);
}

TEST_F(AlertsTest, ANoticeIsReadBackAsItWas) {
  Notice before = notice(Event::Blocked);
  before.scheduled = seconds_at("2026-05-01T05:00:00Z");
  before.release = 7;
  before.run_id = "r";
  EXPECT_EQ(to_json(notice_of(to_json(before))), to_json(before));
  EXPECT_EQ(headline(before), "blocked: job daily of shop (2026-05-01T05:00Z): disk full");
}

}  // namespace
}  // namespace bullion::schedule
