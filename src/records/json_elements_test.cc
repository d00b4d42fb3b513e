#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "records/json_elements_internal.h"

namespace bullion::records {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// "line:text" of each element, then why there are no more.
std::vector<std::string> elements(std::string_view json, std::string_view path = "",
                                  size_t block = 3) {
  JsonElements reader(memory_byte_source(json), path, block);
  auto fault = reader.find_array();
  EXPECT_THAT(fault, IsOk());
  if (*fault) return {(*fault)->code + ": " + (*fault)->reason};
  std::vector<std::string> all;
  Line line;
  for (;;) {
    const auto more = reader.next(line);
    if (!more) {
      EXPECT_THAT(more, IsErrorOf(ErrorKind::Corrupt));
      all.push_back(more.error().message());
      return all;
    }
    if (!*more) return all;
    all.push_back(std::to_string(line.number) + ":" +
                  (line.too_long ? "long" : std::string(line.text)));
  }
}

TEST(JsonElements, AreThoseOfTheArrayWithTheLinesWhereTheyBegin) {
  for (const size_t block : {1, 2, 3, 5, 1000}) {
    EXPECT_THAT(
        elements("[ {\"a\": 1},\n\n {\"b\": \"]}\\\"\",\n \"c\": [{}, []]}, 3]\n", "", block),
        ElementsAre("1:{\"a\": 1}", "3:{\"b\": \"]}\\\"\",\n \"c\": [{}, []]}", "4:3"));
  }
  EXPECT_THAT(elements("[]"), ElementsAre());
}

TEST(JsonElements, AreAtAPathOfNames) {
  const std::string json = R"({"x": {"rows": 1}, "d\u0061ta": {"n": [1, {}], "rows": [{}, {"y":2}]
    , "more": "]"}, "end": true})";
  for (const size_t block : {1, 2, 1000}) {
    EXPECT_THAT(elements(json, "data.rows", block), ElementsAre("1:{}", "1:{\"y\":2}"));
  }
  EXPECT_THAT(elements(json, "data.row"),
              ElementsAre(HasSubstr("json-path: `json_path` names `row`, but at `data` there are "
                                    "only: n, rows, more")));
  EXPECT_THAT(elements(json, "x.rows"), ElementsAre(HasSubstr("at `x.rows` there is a number")));
  EXPECT_THAT(elements("[1]", "a"), ElementsAre(HasSubstr("there is an array, not an object")));
}

TEST(JsonElements, OfAnObjectIsTheObject) {
  EXPECT_THAT(elements("{\"a\":\n1}\n"), ElementsAre("1:{\"a\":\n1}"));
  EXPECT_THAT(elements("{\"a\":1}\n{\"a\":2}\n"),
              ElementsAre("1:{\"a\":1}", HasSubstr("line 2: this is no valid JSON: another "
                                                   "document follows the first; for one object")));
}

TEST(JsonElements, EndWithAReasonWhenTheDocumentIsCutOff) {
  const std::string json = R"({"d": [{"a": 1}, {"b": "x\""}], "e": [2]})";
  for (size_t size = 1; size < json.size(); ++size) {
    const auto all = elements(json.substr(0, size), "d");
    ASSERT_FALSE(all.empty()) << size;
    EXPECT_THAT(all.back(), HasSubstr("ends in the middle")) << size;
  }
  EXPECT_THAT(elements(""), ElementsAre("empty-file: the file holds no value"));
}

TEST(JsonElements, RefuseWhatIsNoJsonBetweenThem) {
  EXPECT_THAT(elements("[1 2]"), ElementsAre("1:1", HasSubstr("a comma or the end")));
  EXPECT_THAT(elements("[1,]"), ElementsAre("1:1", HasSubstr("behind the comma")));
  EXPECT_THAT(elements("[,1]"), ElementsAre(HasSubstr("a value was expected, there is `,`")));
  EXPECT_THAT(elements("[{]}"), ElementsAre(HasSubstr("`]` closes what is not open")));
  EXPECT_THAT(elements("[] x"), ElementsAre(HasSubstr("nothing was expected")));
  EXPECT_THAT(elements("{\"d\" []}", "d"), ElementsAre(HasSubstr("bad-json: line 1:")));
  EXPECT_THAT(elements("{d: []}", "d"), ElementsAre(HasSubstr("quoted name")));
  EXPECT_THAT(elements("12"), ElementsAre(HasSubstr("there is a number; expected an array")));
  EXPECT_THAT(elements("[" + std::string(2000, '[')), ElementsAre(HasSubstr("1000 deep")));
}

TEST(JsonElements, ThatAreTooLongArePassedOverAlone) {
  const std::string big(kRecordBytesMax, 'x');
  EXPECT_THAT(elements("[\"" + big + "\", 2]", "", size_t{1} << 16), ElementsAre("1:long", "1:2"));
}

}  // namespace
}  // namespace bullion::records
