#include "delta/log_fixture.h"

namespace bullion::delta {
namespace {

struct FeatureGate {
  const char* feature;
  bool read;
  bool write;
};

TEST(FeatureGate, DecidesByNameForListedFeatures) {
  const std::vector<FeatureGate> both = {
      {"timestampNtz", true, false},           {"vacuumProtocolCheck", true, true},
      {"deletionVectors", false, false},       {"columnMapping", false, false},
      {"v2Checkpoint", false, false},          {"typeWidening", false, false},
      {"variantType", false, false},           {"catalogManaged", false, false},
      {"a-feature-of-tomorrow", false, false},
  };
  for (const FeatureGate& gate : both) {
    const Protocol protocol{3, 7, {gate.feature}, {"appendOnly", "invariants", gate.feature}};
    const Metadata metadata = *creation().metadata;
    EXPECT_EQ(check_readable(protocol, metadata).has_value(), gate.read) << gate.feature;
    EXPECT_EQ(check_writable(protocol, metadata).has_value(), gate.write) << gate.feature;
    if (!gate.read) {
      EXPECT_THAT(check_readable(protocol, metadata),
                  HasMessage("`" + std::string(gate.feature) + "`"));
    }
  }
}

TEST(FeatureGate, ReadsButDoesNotWriteTablesWithWriterFeatures) {
  for (const char* feature :
       {"checkConstraints", "changeDataFeed", "generatedColumns", "identityColumns", "rowTracking",
        "domainMetadata", "inCommitTimestamp", "clustering", "allowColumnDefaults",
        "icebergCompatV1", "icebergCompatV2", "icebergCompatV3", "a-feature-of-tomorrow"}) {
    const Protocol protocol{1, 7, {}, {"appendOnly", "invariants", feature}};
    const Metadata metadata = *creation().metadata;
    EXPECT_THAT(check_readable(protocol, metadata), IsOk()) << feature;
    EXPECT_THAT(check_writable(protocol, metadata), IsErrorOf(ErrorKind::Invalid)) << feature;
    EXPECT_THAT(check_writable(protocol, metadata), HasMessage(feature));
  }
}

TEST(FeatureGate, AllowsOldVersionsWhoseFeaturesAreNotUsed) {
  const Metadata metadata = *creation({{"delta.columnMapping.mode", "none"},
                                       {"delta.enableChangeDataFeed", "false"},
                                       {"delta.appendOnly", "true"}})
                                 .metadata;
  for (int writer = 1; writer <= 6; ++writer) {
    EXPECT_THAT(check_writable(Protocol{writer >= 5 ? 2 : 1, writer, {}, {}}, metadata), IsOk())
        << writer;
  }
  EXPECT_THAT(check_writable(Protocol{1, 7, {}, {"appendOnly", "invariants"}}, metadata), IsOk());
}

TEST(FeatureGate, RefusesVersionsOfTheFuture) {
  const Metadata metadata = *creation().metadata;
  EXPECT_THAT(check_readable(Protocol{4, 7, {}, {}}, metadata), HasMessage("version 4"));
  EXPECT_THAT(check_readable(Protocol{1, 8, {}, {}}, metadata), IsOk());
  EXPECT_THAT(check_writable(Protocol{1, 8, {}, {}}, metadata), HasMessage("version 8"));
}

TEST(FeatureGate, RefusesWhatPropertiesTurnOn) {
  for (const char* key : {"delta.enableChangeDataFeed", "delta.enableRowTracking",
                          "delta.enableInCommitTimestamps", "delta.enableIcebergCompatV2"}) {
    for (const char* value : {"true", "TRUE"}) {
      const Metadata metadata = *creation({{key, value}}).metadata;
      EXPECT_THAT(check_readable(Protocol{}, metadata), IsOk());
      EXPECT_THAT(check_writable(Protocol{}, metadata), IsErrorOf(ErrorKind::Invalid)) << key;
    }
  }
  const Metadata check = *creation({{"delta.constraints.positive", "id > 0"}}).metadata;
  EXPECT_THAT(check_writable(Protocol{1, 3, {}, {}}, check), HasMessage("checkConstraints"));
}

TEST(FeatureGate, RefusesToReadMappedColumns) {
  for (const char* mode : {"name", "id", "tomorrow"}) {
    const Metadata metadata = *creation({{"delta.columnMapping.mode", mode}}).metadata;
    EXPECT_THAT(check_readable(Protocol{2, 5, {}, {}}, metadata), HasMessage("columnMapping"));
  }
}

TEST(FeatureGate, RefusesToWriteColumnsWithRulesOfTheirOwn) {
  const std::vector<std::pair<std::string, std::string>> rules = {
      {R"({"delta.invariants":"{\"expression\":{\"expression\":\"id > 3\"}}"})", "invariants"},
      {R"({"delta.generationExpression":"id + 1"})", "generatedColumns"},
      {R"({"delta.identity.start":1,"delta.identity.step":1})", "identityColumns"},
  };
  for (const auto& [json, feature] : rules) {
    Metadata metadata = *creation().metadata;
    DataType nested{TypeId::Struct, 0, 0, {{"inner", {}, true, json}}};
    metadata.schema.push_back({"outer", nested, true, R"({"comment":"fine"})"});
    EXPECT_THAT(check_readable(Protocol{}, metadata), IsOk());
    EXPECT_THAT(check_writable(Protocol{}, metadata), HasMessage(feature));
    EXPECT_THAT(check_writable(Protocol{}, metadata), HasMessage("inner"));
  }
}

TEST(FeatureGate, StopsACommitToATableOfAnotherWriter) {
  LogFixture fixture;
  Commit foreign = creation();
  foreign.protocol = Protocol{1, 7, {}, {"appendOnly", "invariants", "rowTracking"}};
  ASSERT_THAT(fixture.files().create(fixture.commit_path(0), commit_to_json(foreign)), IsOk());
  EXPECT_THAT(fixture.log().snapshot(), IsOk());
  EXPECT_THAT(fixture.log().commit(fixture.append({add_of("a")})), HasMessage("`rowTracking`"));
  EXPECT_EQ(fixture.latest(), 0);
}

}  // namespace
}  // namespace bullion::delta
