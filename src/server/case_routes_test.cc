// Cases over the API: a release with findings, asked and changed as the pages do.
#include "server/case_routes.h"

#include "server/api_fixture_internal.h"

namespace bullion::server {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class CaseRoutes : public ApiLake {
 protected:
  void SetUp() override {
    ApiLake::SetUp();
    project_.models.push_back(findings());
    project_.detectors = {{.name = "large",
                           .title = "Large event",
                           .severity = "high",
                           .weight = {9000, 4},
                           .evidence_table = "events",
                           .evidence_key = "event_id"}};
    serve();
    open_desk();
    publish_two_days();
  }

  void open_desk() {
    desk_ = std::make_unique<CaseDesk>(*reader_, folder_.path() + "/state.db", "small");
    add_case_routes(*router_, *desk_);
  }

  /// Every event of 5 or more is a finding about its account.
  static project::Model findings() {
    project::Model model;
    model.contract.name = project::kFindingsTable;
    model.contract.columns = project::findings_columns();
    model.contract.grain = {"detector", "finding_key", "row_id"};
    model.layer = "findings";
    model.sql =
        "SELECT 'large' AS detector, 'high' AS severity, CAST(0.9 AS DECIMAL(5,4)) AS weight, "
        "event_id AS finding_key, 'account' AS subject_type, account_id AS subject_id, "
        "event_id AS row_id, 'flagged' AS role, usage_date AS occurred_on, "
        "CAST(cost_usd AS DECIMAL(28,6)) AS amount_at_risk, currency, "
        "CAST(0.5 AS DECIMAL(5,4)) AS strength, 'Event ' || event_id || ' is large' AS reason "
        "FROM events WHERE cost_usd >= 5";
    model.depends_on = {"events"};
    model.code_hash = "findings-1";
    return model;
  }

  std::unique_ptr<CaseDesk> desk_;
};

TEST_F(CaseRoutes, ListTheCasesOfTheNewestRelease) {
  const auto list = read("/cases");
  EXPECT_EQ(list["release"], 1);
  EXPECT_EQ(list["total"], 2);
  EXPECT_EQ(list["next_cursor"], nullptr);
  const json& first = list["cases"][0];
  EXPECT_EQ(first["subject_id"], "A1");
  EXPECT_EQ(first["state"], "new");
  EXPECT_EQ(first["owner"], nullptr);
  EXPECT_EQ(first["score"], "0.6975");  // 1 - 0.55 * 0.55
  EXPECT_EQ(first["money"],
            json::parse(R"([{"at_risk": {"amount": "15.00", "currency": "USD"}, "confirmed": null,
                             "recovered": {"amount": "0.00", "currency": "USD"}}])"));
  EXPECT_EQ(list["by_state"], json::parse(R"([{"state": "new", "cases": 2,
                             "at_risk": [{"amount": "22.00", "currency": "USD"}],
                             "confirmed": [], "recovered": []}])"));
  EXPECT_EQ(list["open"], 2);
  EXPECT_EQ(list["choices"],
            json::parse(R"({"detectors": ["large"], "owners": [], "currencies": ["USD"]})"));
  const auto page = read("/cases?limit=1");
  const std::string cursor = page["next_cursor"];
  EXPECT_EQ(read("/cases?limit=1&cursor=" + cursor)["cases"][0]["subject_id"], "A2");
  EXPECT_EQ(read("/cases?limit=1&state=new&cursor=" + cursor, 400)["status"], 400);
  EXPECT_EQ(read("/cases?min_money=10")["total"], 1);
  EXPECT_EQ(read("/cases?detector=large")["total"], 2);
  EXPECT_THAT(read("/cases?detector=larg", 400)["detail"].get<std::string>(),
              HasSubstr("did you mean `large`"));
  EXPECT_THAT(read("/cases?currency=USB", 400)["detail"].get<std::string>(),
              HasSubstr("no case has money in `USB`"));
  for (const char* query :
       {"state=old", "min_money=x", "all=maybe", "limit=0", "sort=x", "order=x"}) {
    EXPECT_EQ(read(std::string("/cases?") + query, 400)["status"], 400) << query;
  }
}

TEST_F(CaseRoutes, GoOnWhereThePageBeforeEnded) {
  arrive("2.csv", "e8,1,A2,2025-01-04,70.00,USD,\ne9,1,A3,2025-01-04,80.00,USD,\n");
  publish();
  for (const std::string sort : {"score", "expected"}) {
    const auto all = read("/cases?sort=" + sort)["cases"];
    ASSERT_EQ(all.size(), 3U);
    std::string cursor;
    for (size_t i = 0; i < all.size(); ++i) {
      const auto page = read("/cases?limit=1&sort=" + sort + cursor);
      EXPECT_EQ(page["cases"][0]["id"], all[i]["id"]);
      if (i + 1 == all.size()) {
        EXPECT_EQ(page["next_cursor"], nullptr);
      } else {
        cursor = "&cursor=" + page["next_cursor"].get<std::string>();
      }
    }
  }
  const auto page = read("/cases?limit=2");
  const json next = read("/cases")["cases"][2]["id"];
  for (const json& seen : page["cases"]) {
    posted("/cases/" + seen["id"].dump() + "/actions", {{"action", "dismiss"}, {"note", "x"}});
  }
  const auto rest = read("/cases?limit=2&cursor=" + page["next_cursor"].get<std::string>());
  ASSERT_EQ(rest["cases"].size(), 1U);
  EXPECT_EQ(rest["cases"][0]["id"], next);
  EXPECT_EQ(read("/cases?limit=2&cursor=x", 400)["status"], 400);
}

TEST_F(CaseRoutes, AreAFileForOthers) {
  const auto csv = [&](const std::string& query) {
    return file("/cases/export?format=csv" + query);
  };
  EXPECT_THAT(csv(""), StartsWith("rank,case_id,state,owner,"));
  EXPECT_EQ(std::ranges::count(csv(""), '\n'), 3);
  EXPECT_THAT(csv("&min_money=10"), AllOf(HasSubstr("A1"), Not(HasSubstr("A2"))));
  EXPECT_EQ(header(get("/cases/export?format=csv"), "Content-Disposition"),
            "attachment; filename=\"cases-r1.csv\"");
  EXPECT_THAT(file("/cases/export?format=xlsx"), StartsWith("PK"));
  EXPECT_THAT(file("/cases/export?format=parquet"), StartsWith("PAR1"));
  // Two at a time are two files.
  const Response open = get("/cases/export?format=csv&state=new");
  const std::string id = read("/cases")["cases"][0]["id"].dump();
  posted("/cases/" + id + "/actions", {{"action", "assign"}, {"owner", "ann"}});
  EXPECT_THAT(csv("&owner=ann"), HasSubstr(",assigned,ann,"));
  EXPECT_THAT(bytes_of(open), AllOf(HasSubstr(",new,"), Not(HasSubstr("ann"))));
  EXPECT_THAT(read("/cases/export", 400)["detail"].get<std::string>(),
              HasSubstr("format is missing"));
  EXPECT_EQ(read("/cases/export?format=csv&limit=1", 400)["status"], 400);
  EXPECT_THAT(read("/cases/export?format=csv&detector=larg", 400)["detail"].get<std::string>(),
              HasSubstr("did you mean `large`"));
}

TEST_F(CaseRoutes, SumTheMoneyOfEachState) {
  const std::string path = "/cases/" + read("/cases")["cases"][0]["id"].dump() + "/actions";
  posted(path, {{"action", "confirm"}});
  posted(path, {{"action", "recover"}, {"amount", {{"amount", "5"}, {"currency", "USD"}}}});
  EXPECT_EQ(read("/cases")["by_state"][0], json::parse(R"({"state": "confirmed", "cases": 1,
                            "at_risk": [{"amount": "15.00", "currency": "USD"}],
                            "confirmed": [{"amount": "15.00", "currency": "USD"}],
                            "recovered": [{"amount": "5.00", "currency": "USD"}]})"));
}

TEST_F(CaseRoutes, ShowACaseWithTheRowsBehindIt) {
  const auto detail = read("/cases/" + read("/cases")["cases"][0]["id"].dump());
  EXPECT_EQ(detail["case"]["subject_id"], "A1");
  ASSERT_EQ(detail["findings"].size(), 2U);
  EXPECT_EQ(detail["findings"][0]["title"], "Large event");
  EXPECT_EQ(detail["findings"][0]["last_release"], nullptr);
  ASSERT_EQ(detail["evidence"].size(), 2U);
  const json& evidence = detail["evidence"][0];
  EXPECT_EQ(evidence["table"], "events");
  EXPECT_EQ(evidence["key"], "event_id");
  EXPECT_EQ(evidence["row_count"], 1);
  const json& row = evidence["rows"][0];
  EXPECT_EQ(row["role"], "flagged");
  EXPECT_EQ(row["cells"].size(), evidence["columns"].size());
  EXPECT_EQ(row["cells"][0], row["row_id"]);
  EXPECT_EQ(detail["history"][0]["action"], "opened");
  EXPECT_EQ(read("/cases/77", 404)["status"], 404);
  EXPECT_EQ(read("/cases/x", 404)["status"], 404);
  EXPECT_EQ(read("/cases/99999999999999999999", 404)["status"], 404);
}

TEST_F(CaseRoutes, ChangeACaseAsItsStateAllows) {
  const std::string path = "/cases/" + read("/cases")["cases"][0]["id"].dump();
  const auto act = [&](const json& body, int status = 200) {
    return posted(path + "/actions", body, status);
  };
  EXPECT_EQ(act({{"action", "assign"}, {"owner", "ana"}})["owner"], "ana");
  const json twelve = {{"amount", "12.00"}, {"currency", "USD"}};
  EXPECT_EQ(act({{"action", "confirm"}, {"amount", twelve}})["money"][0]["confirmed"], twelve);
  EXPECT_EQ(act({{"action", "recover"}})["state"], "recovered");
  EXPECT_THAT(act({{"action", "confirm"}}, 409)["detail"], HasSubstr("recovered"));
  EXPECT_EQ(act({{"action", "reopen"}, {"note", "not all of it"}})["state"], "assigned");
  const auto history = read(path)["history"];
  EXPECT_EQ(history.back()["action"], "reopen");
  EXPECT_EQ(history.back()["user"], "tester");
  EXPECT_EQ(history.back()["note"], "not all of it");
  for (const char* body :
       {"[]", "{}", R"({"action":"close"})", R"({"action":"assign","owner":1})",
        R"({"action":"assign","name":"ana"})", R"({"action":"confirm","amount":"12"})",
        R"({"action":"confirm","amount":{"amount":"x","currency":"USD"}})",
        R"({"action":"dismiss","teach":"all","note":"x"})", R"({"action":"dismiss"})"}) {
    act(json::parse(body), 422);
  }
  EXPECT_EQ(ask("POST", path + "/actions", "{", {{"content-type", "application/json"}}).status,
            400);
  EXPECT_EQ(posted("/cases/77/actions", {{"action", "reopen"}, {"note", "x"}}, 404)["status"], 404);
}

TEST_F(CaseRoutes, SayWhatWouldLetAnActionThrough) {
  const std::string path = "/cases/" + read("/cases")["cases"][0]["id"].dump();
  const auto seen = read(path)["case"]["version"];
  const json much = {{"amount", "99.00"}, {"currency", "USD"}};
  json body = {{"action", "confirm"}, {"amount", much}, {"version", seen}};
  const json refused = posted(path + "/actions", body, 422);
  EXPECT_EQ(refused["type"], "/problems/needs-force");
  EXPECT_THAT(refused["detail"], Not(HasSubstr("--force")));
  body["force"] = true;
  EXPECT_GT(posted(path + "/actions", body)["version"], seen);
  const json stale = posted(path + "/actions", body, 409);
  EXPECT_EQ(stale["type"], "/problems/case-changed");
  EXPECT_THAT(stale["detail"], HasSubstr("`confirm` by tester"));
  EXPECT_EQ(read(path)["history"].back()["amount"], much);
  posted(path + "/actions",
         {{"action", "recover"}, {"amount", {{"amount", "9"}, {"currency", "USD"}}}});
  EXPECT_EQ(posted(path + "/actions", {{"action", "dismiss"}, {"note", "x"}}, 409)["type"],
            "/problems/needs-force");
}

TEST_F(CaseRoutes, SayWhatIsWrongWithABody) {
  const std::string path = "/cases/" + read("/cases")["cases"][0]["id"].dump();
  const auto fault = [&](const json& body) {
    const json problem = posted(path + "/actions", body, 422);
    return problem["detail"].get<std::string>() + " | " +
           problem.value("errors", json::array()).dump();
  };
  const json fine = {{"amount", "1.234"}, {"currency", "USD"}};
  EXPECT_THAT(fault({{"action", "confirm"}, {"amount", fine}}), HasSubstr("expected at most 2"));
  const json comma = {{"amount", "120,50"}, {"currency", "USD"}};
  const std::string told = fault({{"action", "confirm"}, {"amount", comma}});
  EXPECT_THAT(told, StartsWith("amount: amount `120,50`: expected digits with a point"));
  EXPECT_THAT(told, HasSubstr(R"("field":"amount","message":"amount `120,50`)"));
  EXPECT_EQ(fault({{"action", "assign"}, {"owner", "ana"}, {"version", "1"}}),
            "version: expected the version of the case, a number | "
            R"([{"field":"version","message":"expected the version of the case, a number"}])");
  for (const auto& [action, member] :
       std::vector<std::pair<const char*, json>>{{"confirm", {{"teach", "subject"}}},
                                                 {"comment", {{"owner", "ana"}}},
                                                 {"reopen", {{"force", true}}},
                                                 {"assign", {{"amount", nullptr}}}}) {
    json body = member;
    body["action"] = action;
    body["note"] = "x";
    EXPECT_THAT(fault(body), HasSubstr(std::string("does not belong to ") + action));
  }
  EXPECT_THAT(posted("/cases/patterns/1/revoke", {{"note", "x"}}, 422)["detail"],
              HasSubstr("note: is not known"));
}

TEST_F(CaseRoutes, KeepDecisionsAndPatternsOverReleases) {
  const std::string path = "/cases/" + read("/cases")["cases"][1]["id"].dump();
  EXPECT_EQ(posted(path + "/actions",
                   {{"action", "dismiss"}, {"note", "known"}, {"teach", "subject"}})["state"],
            "dismissed");
  arrive("2.csv", "e8,1,A2,2025-01-04,70.00,USD,\ne9,1,A3,2025-01-04,80.00,USD,\n");
  publish();
  const auto list = read("/cases");
  EXPECT_EQ(list["release"], 2);
  EXPECT_EQ(list["cases"][1]["subject_id"], "A3");
  EXPECT_EQ(read("/cases?sort=expected")["cases"][0]["subject_id"], "A3");
  EXPECT_EQ(list["total"], 2);
  EXPECT_EQ(read("/cases?all=true")["total"], 4);
  const auto patterns = read("/cases/patterns")["patterns"];
  ASSERT_EQ(patterns.size(), 1U);
  EXPECT_EQ(patterns[0]["subject_id"], "A2");
  const auto revoke = "/cases/patterns/" + patterns[0]["id"].dump() + "/revoke";
  EXPECT_EQ(posted(revoke, json::object())["revoked_by"], "tester");
  EXPECT_EQ(posted(revoke, json::object(), 409)["status"], 409);
  // What the pattern held back is for people now.
  EXPECT_EQ(read("/cases")["total"], 3);
  // A server that starts later finds it all.
  serve();
  open_desk();
  EXPECT_EQ(read("/cases?all=true")["total"], 4);
}

TEST_F(CaseRoutes, AreNoneWithoutDetectors) {
  project_.detectors.clear();
  serve();
  open_desk();
  EXPECT_EQ(read("/cases")["cases"], json::array());
  EXPECT_EQ(read("/cases")["release"], nullptr);
  EXPECT_EQ(read("/cases/1", 404)["status"], 404);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/state.db"));
}

}  // namespace
}  // namespace bullion::server
