#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/support/mariadb.h"

namespace support {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Schema, AppliesAgainWithoutHarm) {
  const auto database = shared_database();
  run_sql(database, "INSERT INTO user VALUES (1, 'ann', 'hash', 0, 0)");
  shared_mariadb().apply_schema(database.name);
  EXPECT_EQ(run_sql(database, "SELECT name FROM user"), "ann\n");
}

TEST(Schema, ExplainsEachTableAndColumn) {
  const auto database = shared_database();
  EXPECT_EQ(run_sql(database,
                    "SELECT table_name FROM information_schema.tables"
                    " WHERE table_schema = DATABASE() AND table_comment = ''"),
            "");
  EXPECT_EQ(run_sql(database,
                    "SELECT table_name, column_name FROM information_schema.columns"
                    " WHERE table_schema = DATABASE() AND column_comment = ''"),
            "");
}

TEST(Schema, HasNoHotSpots) {
  const auto database = shared_database();
  EXPECT_EQ(run_sql(database,
                    "SELECT table_name FROM information_schema.tables"
                    " WHERE table_schema = DATABASE() AND (auto_increment IS NOT NULL OR engine <> 'InnoDB')"),
            "");
}

TEST(Schema, NewestOfOneUserAreReadWithoutASort) {
  const auto database = shared_database();
  run_sql(database,
          "INSERT INTO hist SELECT seq % 10, seq, seq, 'word' FROM seq_1_to_10000; ANALYZE TABLE hist;"
          "INSERT INTO user VALUES (3, 'ann', 'hash', 0, 0)");
  const std::string plan =
      run_sql(database,
              "EXPLAIN SELECT event, time, word FROM hist WHERE user_id = 3 AND event < 9000"
              " AND event > (SELECT forgotten_through FROM user WHERE id = 3) ORDER BY event DESC LIMIT 10");
  EXPECT_THAT(plan, HasSubstr("PRIMARY"));
  EXPECT_THAT(plan, Not(HasSubstr("filesort")));
  EXPECT_THAT(plan, Not(HasSubstr("temporary")));
}

TEST(Schema, DeletedUsersLoseTheirSessionsButHoldUpNoHistory) {
  const auto database = shared_database();
  run_sql(database,
          "INSERT INTO user VALUES (1, 'ann', 'hash', 0, 0);"
          "INSERT INTO session VALUES (REPEAT('x', 32), 1, 0, 0, 0);"
          "DELETE FROM user; INSERT INTO hist VALUES (1, 1, 0, 'late')");
  EXPECT_EQ(run_sql(database, "SELECT COUNT(*) FROM session"), "0\n");
}

}  // namespace
}  // namespace support
