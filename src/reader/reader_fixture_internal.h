// A small lake with a reader over it whose engine reaches nothing but its tables. For tests only.
#pragma once

#include <memory>
#include <optional>

#include "pipeline/small_lake_fixture.h"
#include "reader/reader.h"

namespace bullion::reader {

class ReadLake : public pipeline::SmallLake {
 protected:
  void SetUp() override {
    SmallLake::SetUp();
    env_.emplace(env());
    auto engine = reading_engine(*env_, {.threads = 2});
    ASSERT_THAT(engine, IsOk());
    sandbox_ = *std::move(engine);
    reader_ = std::make_unique<Reader>(*env_, project_, *sandbox_);
  }

  /// Six events of three days; one without an account, one without a currency.
  void publish_three_days() {
    arrive("1.csv",
           "e1,1,A1,2025-01-01,10.00,USD,\n"
           "e2,1,A1,2025-01-01,5.00,USD,\n"
           "e3,1,,2025-01-01,7.00,USD,\n"
           "e4,1,A1,2025-01-02,-1.50,USD,\n"
           "e5,1,A2,2025-01-02,2.00,,\n"
           "e6,1,A2,2025-01-03,4.00,EUR,\n");
    publish();
  }

  std::optional<pipeline::Environment> env_;
  std::unique_ptr<engine::Engine> sandbox_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace bullion::reader
