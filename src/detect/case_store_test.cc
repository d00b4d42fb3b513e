#include "detect/case_store.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "detect/detect_fixture_internal.h"
#include "state/test_database.h"

namespace bullion::detect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Cases : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    database_ = std::make_unique<state::TestDatabase>(GetParam());
    store_ = open();
    ASSERT_NE(store_, nullptr);
  }

  /// As another process has it.
  std::unique_ptr<CaseStore> open(const std::string& project = "spend") {
    auto opened = CaseStore::open(database_->location(), project, clock_);
    EXPECT_THAT(opened, IsOk());
    return opened ? *std::move(opened) : nullptr;
  }

  SyncOutcome sync(int64_t release, const std::vector<Finding>& findings) {
    const auto outcome = store_->sync(release, findings, "ann");
    EXPECT_THAT(outcome, IsOk());
    return outcome ? *outcome : SyncOutcome{};
  }
  Result<Case> act(int64_t id, ActionKind kind, Action more = {}) {
    more.case_id = id;
    more.kind = kind;
    if (more.user.empty()) more.user = "bob";
    if (more.note.empty()) more.note = "because";
    if (kind == ActionKind::Assign && more.owner.empty()) more.owner = "bob";
    return store_->act(more);
  }
  std::vector<Case> all() {
    const auto listed = store_->list({.all = true}, "EUR");
    EXPECT_THAT(listed, IsOk());
    return listed ? *listed : std::vector<Case>{};
  }
  /// "1 new 0.5000 10.00EUR" by id.
  std::vector<std::string> shapes() {
    std::vector<Case> cases = all();
    std::ranges::sort(cases, {}, &Case::id);
    std::vector<std::string> out;
    for (const Case& item : cases) {
      std::string text = fmt::format("{} {}{}{} {}", item.id, to_string(item.state),
                                     item.cleared ? " cleared" : "", item.grown ? " grown" : "",
                                     to_string(item.score));
      for (const CaseMoney& money : item.money) {
        text += " " + shown_amount(money.at_risk) + money.currency;
      }
      out.push_back(text);
    }
    return out;
  }
  std::vector<std::string> history(int64_t id) {
    const auto detail = store_->get(id);
    EXPECT_THAT(detail, IsOk());
    std::vector<std::string> out;
    for (const Event& event : detail->events) {
      out.push_back(event.user + " " + event.action +
                    (event.before == event.after ? "" : " " + std::string(to_string(event.after))));
    }
    return out;
  }

  std::unique_ptr<state::TestDatabase> database_;
  StepClock clock_;
  std::unique_ptr<CaseStore> store_;
};
INSTANTIATE_TEST_SUITE_P(Stores, Cases, testing::ValuesIn(state::tested_kinds()),
                         [](const auto& test) { return test.param; });

const Finding kFirst = finding("dup", "a", "V1", "l1", 10'000);
const Finding kOther = finding("dup", "b", "V2", "l2", 500);

TEST_P(Cases, AreNotOpenedByFindingsThatProveLittleAlone) {
  Finding weak = finding("round", "a", "V1", "l1", 100);
  weak.opens_cases = false;
  EXPECT_EQ(sync(1, {weak}).opened, 0);
  EXPECT_THAT(all(), IsEmpty());
  EXPECT_EQ(sync(2, {weak, finding("dup", "b", "V1", "l2", 100)}).opened, 1);
  EXPECT_EQ(all().at(0).findings, 2);
  // What joined stays, also alone.
  EXPECT_EQ(sync(3, {weak}).cleared, 0);
  EXPECT_EQ(all().at(0).findings, 1);
}

TEST_P(Cases, TellWhatPeopleDecidedOfEachFinding) {
  sync(1, {finding("dup", "a", "V1", "l1", 100, 7000), finding("dup", "b", "V2", "l2", 100),
           finding("dup", "c", "V3", "l3", 100)});
  EXPECT_TRUE(store_->verdicts()->empty());
  ASSERT_THAT(act(1, ActionKind::Confirm), IsOk());
  ASSERT_THAT(act(2, ActionKind::Dismiss), IsOk());
  const auto verdicts = store_->verdicts();
  ASSERT_THAT(verdicts, IsOk());
  ASSERT_EQ(verdicts->size(), 2U);
  EXPECT_EQ(verdicts->at(0).strength.units, 7000);
  EXPECT_TRUE(verdicts->at(0).is_true);
  EXPECT_FALSE(verdicts->at(1).is_true);
}

TEST_P(Cases, AreMadeOnceHoweverOftenAReleaseIsSynced) {
  const SyncOutcome first = sync(1, {kFirst, kOther});
  EXPECT_EQ(first.opened, 2);
  EXPECT_THAT(shapes(), ElementsAre("1 new 0.5000 100.00EUR", "2 new 0.5000 5.00EUR"));
  EXPECT_FALSE(sync(1, {kOther, kFirst}).changed());
  EXPECT_FALSE(sync(2, {kOther, kFirst}).changed());
  EXPECT_THAT(history(1), ElementsAre("ann opened"));
  EXPECT_EQ(*store_->synced_release(), 2);
}

TEST_P(Cases, RefuseAnOlderReleaseAndAnotherProject) {
  sync(5, {kFirst});
  EXPECT_THAT(store_->sync(4, {}, "ann"), HasMessage("follow release 5 already"));
  EXPECT_THAT(CaseStore::open(database_->location(), "other", clock_),
              HasMessage("holds the cases of project `spend`"));
}

TEST_P(Cases, TwoProcessesThatSyncAtOnceMakeEachCaseOnce) {
  std::vector<Finding> findings;
  for (int i = 0; i < 200; ++i) {
    findings.push_back(finding("dup", fmt::format("k{}", i), fmt::format("V{}", i % 50),
                               fmt::format("l{}", i), 100 + i));
  }
  std::vector<std::thread> threads;
  std::atomic<int64_t> opened = 0;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      const auto mine = open();
      const auto outcome = mine->sync(1, findings, "ann");
      outcome ? opened += outcome->opened : failures += 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(opened, 50);
  EXPECT_EQ(all().size(), 50U);
}

TEST_P(Cases, GoThroughTheirStatesWithAHistoryOfWhoAndWhen) {
  sync(1, {kFirst});
  ASSERT_THAT(act(1, ActionKind::Assign), IsOk());
  ASSERT_THAT(act(1, ActionKind::Comment), IsOk());
  const auto confirmed = act(1, ActionKind::Confirm, {.amount = cents(8000)});
  ASSERT_THAT(confirmed, IsOk());
  EXPECT_EQ(shown_amount(*confirmed->money[0].confirmed), "80.00");
  const auto part = act(1, ActionKind::Recover, {.amount = cents(3000)});
  ASSERT_THAT(part, IsOk());
  EXPECT_EQ(part->state, CaseState::Confirmed);
  const auto rest = act(1, ActionKind::Recover);
  ASSERT_THAT(rest, IsOk());
  EXPECT_EQ(rest->state, CaseState::Recovered);
  EXPECT_EQ(shown_amount(rest->money[0].recovered), "80.00");
  EXPECT_THAT(history(1),
              ElementsAre("ann opened", "bob assign assigned", "bob comment",
                          "bob confirm confirmed", "bob recover", "bob recover recovered"));
  const auto detail = store_->get(1);
  EXPECT_EQ(detail->events[5].amount, "50.000000");
  EXPECT_TRUE(std::ranges::is_sorted(detail->events, {}, &Event::at_us));
}

TEST_P(Cases, ForbidMoneyBeyondWhatIsThereWithoutConsent) {
  sync(1, {kFirst});
  const Action beyond{.case_id = 1,
                      .kind = ActionKind::Confirm,
                      .user = "bob",
                      .amount = cents(10'001),
                      .note = {}};
  Refusal refusal = Refusal::Final;
  EXPECT_THAT(store_->act(beyond, &refusal), HasMessage("more than the 100.00 at risk"));
  EXPECT_EQ(refusal, Refusal::Force);
  ASSERT_THAT(act(1, ActionKind::Confirm, {.amount = cents(10'001), .force = true}), IsOk());
  EXPECT_THAT(act(1, ActionKind::Recover, {.amount = cents(10'002)}),
              HasMessage("more than the 100.01 confirmed"));
  EXPECT_THAT(act(1, ActionKind::Recover, {.amount = cents(100), .currency = "USD"}),
              HasMessage("no money in `USD`; it has EUR"));
  ASSERT_THAT(act(1, ActionKind::Recover, {.amount = cents(10'002), .force = true}), IsOk());
  EXPECT_THAT(act(1, ActionKind::Dismiss), HasMessage("reopen it first"));
}

TEST_P(Cases, TakeAmountsOfAsManyPlacesAsMoneyHas) {
  Finding fine = finding("dup", "c", "V3", "l3", 0);
  fine.evidence[0].amount_at_risk = {123'456, kMoneyScale};
  sync(1, {kFirst, fine});
  const auto confirm = [&](int64_t id, Int128 units) {
    return act(id, ActionKind::Confirm, {.amount = Decimal{units, kMoneyScale}});
  };
  EXPECT_THAT(confirm(1, 1'234'000), HasMessage("1.234 EUR has more places than money has here"));
  EXPECT_THAT(confirm(1, 0), HasMessage("more than zero"));
  EXPECT_THAT(confirm(1, 1'230'000), IsOk());
  const int64_t other = store_->get(1)->item.subject_id == "V1" ? 2 : 1;
  EXPECT_THAT(confirm(other, 123'400), IsOk());
}

TEST_P(Cases, AreNotChangedByWhoSawThemOtherwise) {
  sync(1, {kFirst, kOther});
  const auto version = [&](int64_t id) { return store_->get(id)->item.version; };
  const int64_t seen = version(1);
  Refusal refusal = Refusal::Force;
  ASSERT_THAT(store_->act({.case_id = 1,
                           .kind = ActionKind::Confirm,
                           .user = "ann",
                           .amount = cents(1000),
                           .note = {},
                           .version = seen},
                          &refusal),
              IsOk());
  const Action late{.case_id = 1,
                    .kind = ActionKind::Confirm,
                    .user = "bob",
                    .amount = cents(9000),
                    .note = {},
                    .version = seen};
  EXPECT_THAT(store_->act(late, &refusal),
              HasMessage("case 1 was changed meanwhile, so nothing was done; the last line of its "
                         "history is `confirm` by ann"));
  EXPECT_EQ(refusal, Refusal::Stale);
  EXPECT_EQ(shown_amount(*store_->get(1)->item.money[0].confirmed), "10.00");
  // Comments, findings and patterns move it, too; a sync without news does not.
  int64_t last = version(1);
  ASSERT_THAT(act(1, ActionKind::Comment), IsOk());
  EXPECT_GT(version(1), last);
  last = version(2);
  sync(2, {kFirst, kOther});
  EXPECT_EQ(version(2), last);
  Finding dearer = kOther;
  dearer.evidence[0].amount_at_risk = cents(900);
  sync(3, {kFirst, dearer});
  EXPECT_GT(version(2), last);
  last = version(2);
  ASSERT_THAT(store_->teach({.detector = "dup", .finding_key = "b", .created_by = "ann"}), IsOk());
  EXPECT_GT(version(2), last);
}

TEST_P(Cases, OfTwoAtOnceWithOneVersionOneIsDone) {
  sync(1, {kFirst});
  ASSERT_THAT(act(1, ActionKind::Confirm), IsOk());
  const Action tenth{.case_id = 1,
                     .kind = ActionKind::Recover,
                     .user = "ann",
                     .amount = cents(1000),
                     .note = {},
                     .version = store_->get(1)->item.version};
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { done += open()->act(tenth) ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(shown_amount(store_->get(1)->item.money[0].recovered), "10.00");
}

TEST_P(Cases, HaveOwnersWithoutBlanksAround) {
  sync(1, {kFirst});
  ASSERT_THAT(act(1, ActionKind::Assign, {.owner = " ann b\t"}), IsOk());
  EXPECT_EQ(store_->list({.owner = "ann b"}, "EUR")->size(), 1U);
  EXPECT_EQ(store_->get(1)->events.back().note, "to ann b: because");
  EXPECT_THAT(act(1, ActionKind::Assign, {.owner = " \t"}), HasMessage("name the person"));
}

TEST_P(Cases, TakeBackRecoveredMoneyThatNeverCameWithATrace) {
  sync(1, {kFirst});
  ASSERT_THAT(act(1, ActionKind::Confirm), IsOk());
  ASSERT_THAT(act(1, ActionKind::Recover), IsOk());
  const Action wrong{
      .case_id = 1, .kind = ActionKind::Recover, .user = "bob", .amount = cents(-4000), .note = {}};
  EXPECT_THAT(store_->act(wrong), HasMessage("recover: say why"));
  EXPECT_THAT(act(1, ActionKind::Recover, {.amount = cents(-10'001), .force = true}),
              HasMessage("takes back more than the 100.00 recovered"));
  EXPECT_THAT(act(1, ActionKind::Recover, {.amount = cents(0)}), HasMessage("more than zero"));
  const auto part = act(1, ActionKind::Recover, {.amount = cents(-4000)});
  ASSERT_THAT(part, IsOk());
  EXPECT_EQ(part->state, CaseState::Confirmed);
  EXPECT_EQ(shown_amount(part->money[0].recovered), "60.00");
  EXPECT_EQ(shown_amount(*part->money[0].confirmed), "100.00");
  // Money is no decision: it outlives one, and can be taken back without one.
  ASSERT_THAT(act(1, ActionKind::Reopen), IsOk());
  EXPECT_EQ(shown_amount(store_->get(1)->item.money[0].recovered), "60.00");
  const auto rest = act(1, ActionKind::Recover, {.amount = cents(-6000), .note = "wrong case"});
  ASSERT_THAT(rest, IsOk());
  EXPECT_EQ(rest->state, CaseState::New);
  EXPECT_EQ(shown_amount(rest->money[0].recovered), "0.00");
  EXPECT_THAT(history(1),
              ElementsAre("ann opened", "bob confirm confirmed", "bob recover recovered",
                          "bob recover confirmed", "bob reopen new", "bob recover"));
  const Event last = store_->get(1)->events.back();
  EXPECT_EQ(last.amount, "-60.000000");
  EXPECT_EQ(last.note, "wrong case");
  EXPECT_THAT(act(1, ActionKind::Confirm, {.amount = cents(-1)}), HasMessage("less than zero"));
  ASSERT_THAT(act(1, ActionKind::Dismiss), IsOk());
}

TEST_P(Cases, SayThatScoresAndMoneyMovedWithoutNewFindings) {
  sync(1, {kFirst, kOther});
  Finding heavier = kFirst;
  heavier.strength.units /= 2;
  Finding dearer = kOther;
  dearer.evidence[0].amount_at_risk = cents(900);
  const SyncOutcome moved = sync(1, {heavier, dearer});
  EXPECT_EQ(moved.rescored, 1);
  EXPECT_EQ(moved.updated, 1);
  EXPECT_THAT(shapes(), ElementsAre("1 new 0.2500 100.00EUR", "2 new 0.5000 9.00EUR"));
  EXPECT_FALSE(sync(1, {heavier, dearer}).changed());
  const auto found = store_->findings_of("dup");
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->size(), 2U);
  EXPECT_THAT(*store_->findings_of("weekend"), IsEmpty());
}

TEST_P(Cases, KeepTheirDispositionsOverRuns) {
  sync(1, {kFirst, kOther});
  ASSERT_THAT(act(1, ActionKind::Dismiss), IsOk());
  ASSERT_THAT(act(2, ActionKind::Confirm), IsOk());
  sync(2, {kFirst});
  EXPECT_THAT(shapes(),
              ElementsAre("1 dismissed 0.5000 100.00EUR", "2 confirmed cleared 0.5000 5.00EUR"));
  const SyncOutcome back = sync(3, {kFirst, kOther});
  EXPECT_EQ(back.returned, 1);
  EXPECT_THAT(shapes(), ElementsAre("1 dismissed 0.5000 100.00EUR", "2 confirmed 0.5000 5.00EUR"));
  EXPECT_THAT(history(2),
              ElementsAre("ann opened", "bob confirm confirmed", "ann cleared", "ann returned"));
}

TEST_P(Cases, OpenACaseForNewMoneyOfADecidedSubjectAndNoneForTheSameMoney) {
  sync(1, {kFirst});
  ASSERT_THAT(act(1, ActionKind::Dismiss), IsOk());
  sync(2,
       {kFirst, finding("weekend", "w", "V1", "l1", 10'000), finding("dup", "c", "V1", "l7", 700)});
  EXPECT_THAT(shapes(), ElementsAre("1 dismissed 0.7500 100.00EUR", "2 new 0.5000 7.00EUR"));
}

TEST_P(Cases, ShowDecidedOnesAgainWhenTheyGrow) {
  sync(1, {kFirst});
  ASSERT_THAT(act(1, ActionKind::Dismiss), IsOk());
  EXPECT_THAT(*store_->list({}, "EUR"), IsEmpty());
  Finding grown = kFirst;
  also_flags(grown, "l8", 2500);
  EXPECT_EQ(sync(2, {grown}).grown, 1);
  EXPECT_THAT(shapes(), ElementsAre("1 dismissed grown 0.5000 125.00EUR"));
  EXPECT_EQ(store_->list({}, "EUR")->size(), 1U);
  EXPECT_EQ(sync(3, {grown}).grown, 0);
  ASSERT_THAT(act(1, ActionKind::Dismiss), IsOk());
  EXPECT_THAT(shapes(), ElementsAre("1 dismissed 0.5000 125.00EUR"));
}

TEST_P(Cases, JoinIntoTheOlderOneAndKeepBothHistories) {
  sync(1, {kFirst, kOther});
  ASSERT_THAT(act(2, ActionKind::Assign), IsOk());
  Finding bridge = finding("card", "x", "V9", "l1", 10'000);
  also_flags(bridge, "l2", 500);
  EXPECT_EQ(sync(2, {kFirst, kOther, bridge}).merged, 1);
  EXPECT_THAT(shapes(), ElementsAre("1 assigned 0.8750 105.00EUR", "2 merged 0.5000"));
  EXPECT_EQ(store_->get(1)->item.owner, "bob");
  EXPECT_EQ(store_->get(1)->findings.size(), 3U);
  EXPECT_THAT(act(2, ActionKind::Comment), HasMessage("case 2 joined case 1"));
  EXPECT_THAT(history(2), ElementsAre("ann opened", "bob assign assigned", "ann merged merged"));
  // Once joined they stay one case, also when what joined them is gone.
  sync(3, {kFirst, kOther});
  EXPECT_THAT(shapes(), ElementsAre("1 assigned 0.7500 105.00EUR", "2 merged 0.5000"));
}

TEST_P(Cases, LearnFromADismissalVisiblyAndReversibly) {
  sync(1, {kFirst, kOther});
  ASSERT_THAT(act(1, ActionKind::Dismiss, {.teach = Teach::Subject}), IsOk());
  const Finding again = finding("dup", "c", "V1", "l7", 700);
  EXPECT_EQ(sync(2, {kFirst, kOther, again}).suppressed, 1);
  EXPECT_THAT(shapes(), ElementsAre("1 dismissed 0.5000 100.00EUR", "2 new 0.5000 5.00EUR",
                                    "3 suppressed 0.5000 7.00EUR"));
  EXPECT_EQ(store_->list({}, "EUR")->size(), 1U);
  const auto patterns = store_->patterns(false);
  ASSERT_THAT(patterns, IsOk());
  ASSERT_EQ(patterns->size(), 1U);
  EXPECT_EQ(patterns->front().subject_id, "V1");
  EXPECT_EQ(patterns->front().case_id, 1);
  // A finding of another detector is news again.
  sync(3, {kFirst, kOther, again, finding("weekend", "w", "V1", "l7", 700)});
  EXPECT_EQ(store_->get(3)->item.state, CaseState::New);
  sync(4, {kFirst, kOther, again});
  EXPECT_EQ(store_->get(3)->item.state, CaseState::Suppressed);
  ASSERT_THAT(store_->revoke(1, "ann"), IsOk());
  EXPECT_EQ(store_->get(3)->item.state, CaseState::New);
  EXPECT_THAT(store_->revoke(1, "ann"), HasMessage("revoked by ann already"));
  EXPECT_EQ(store_->patterns(true)->front().revoked_by, "ann");
}

TEST_P(Cases, ForgetWhatADismissalTaughtWhenItIsReopened) {
  sync(1, {kFirst});
  ASSERT_THAT(act(1, ActionKind::Dismiss, {.teach = Teach::Finding}), IsOk());
  ASSERT_THAT(act(1, ActionKind::Reopen), IsOk());
  EXPECT_THAT(*store_->patterns(false), IsEmpty());
  EXPECT_EQ(store_->get(1)->item.state, CaseState::New);
}

TEST_P(Cases, AreRankedByScoreOrByScoreTimesMoneyWithinACurrency) {
  sync(1,
       {finding("dup", "a", "V1", "l1", 1000, 9000), finding("dup", "b", "V2", "l2", 10'000, 2000),
        finding("dup", "c", "V3", "l3", 9'999'999, 9000, "JPY"),
        finding("dup", "d", "V4", "l4", 100'000, 1)});
  const auto ranked = [&](CaseOrder order) {
    std::vector<std::string> subjects;
    const auto items = store_->list({.order = order}, "EUR");
    EXPECT_THAT(items, IsOk());
    for (const Case& item : *items) subjects.push_back(item.subject_id);
    return subjects;
  };
  EXPECT_THAT(ranked(CaseOrder::Expected), ElementsAre("V2", "V1", "V4", "V3"));
  EXPECT_THAT(ranked(CaseOrder::Score), ElementsAre("V1", "V3", "V2", "V4"));
  EXPECT_THAT(parse_case_order("money"), IsErrorOf(ErrorKind::Invalid));
  EXPECT_EQ(store_->list({.currency = "JPY"}, "EUR")->size(), 1U);
  EXPECT_EQ(store_->list({.currency = "EUR", .money_min = cents(10'000)}, "EUR")->size(), 2U);
  EXPECT_EQ(store_->list({.detector = "weekend"}, "EUR")->size(), 0U);
}

TEST_P(Cases, SayWhatIsMissing) {
  EXPECT_THAT(store_->get(1), HasMessage("no cases yet"));
  sync(1, {kFirst});
  EXPECT_THAT(store_->get(9), HasMessage("there is no case 9; the newest is 1"));
  EXPECT_THAT(act(1, ActionKind::Recover), HasMessage("confirm it first"));
  EXPECT_THAT(store_->act({.case_id = 1, .kind = ActionKind::Dismiss, .user = "bob"}),
              HasMessage("say why"));
  EXPECT_THAT(store_->teach({.detector = "dup"}), HasMessage("lower its weight"));
}

TEST(CaseStates, AllowWhatTheyAllow) {
  const CaseState states[] = {CaseState::New,       CaseState::Suppressed, CaseState::Assigned,
                              CaseState::Confirmed, CaseState::Dismissed,  CaseState::Recovered,
                              CaseState::Merged};
  const ActionKind kinds[] = {ActionKind::Assign,  ActionKind::Confirm, ActionKind::Dismiss,
                              ActionKind::Recover, ActionKind::Comment, ActionKind::Reopen};
  // One letter for each state above: the action is possible.
  const std::string allowed[] = {"yyyy...", "yyyy...", "yyyyy..", "...y.y.", "yyyyyy.", "...yyy."};
  for (size_t kind = 0; kind < std::size(kinds); ++kind) {
    for (size_t state = 0; state < std::size(states); ++state) {
      EXPECT_EQ(next_state(states[state], kinds[kind], false).has_value(),
                allowed[kind][state] == 'y')
          << to_string(kinds[kind]) << " " << to_string(states[state]);
    }
  }
}

TEST(Amounts, AreReadAndShownExactly) {
  EXPECT_EQ(shown_amount(*parse_amount("1200")), "1200.00");
  EXPECT_EQ(shown_amount(*parse_amount("0.125")), "0.125");
  EXPECT_EQ(shown_amount(*parse_signed_amount("-500.00")), "-500.00");
  EXPECT_THAT(parse_signed_amount("--5"), HasMessage("expected digits with a point"));
  for (const char* wrong : {"", "1,200.00", "-5", "1e3", "0.0000001", "12 EUR"}) {
    EXPECT_THAT(parse_amount(wrong), HasMessage("expected digits with a point")) << wrong;
  }
}

}  // namespace
}  // namespace bullion::detect
